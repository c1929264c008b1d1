import { nodeModule } from "../runtime/node.js";
import { WorkerError } from "./errors.js";

/** One end of the line between a page, or a main thread, and its worker: the same in browsers, Node, Bun and Deno. */
export interface Port {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** From now on, messages go to `receive`. */
  listen(receive: (message: unknown) => void): void;
}

/** The page's end. */
export interface WorkerPort extends Port {
  /** From now on, what ends the worker goes to `fail`. */
  watch(fail: (reason: unknown) => void): void;
  /** Whether the worker keeps the process alive, where there is one. */
  hold(alive: boolean): void;
  terminate(): void;
}

/** A worker of the web, as far as it is used. */
export interface WebWorker {
  /** Sends a message; the buffers in `transfer` go with it, and are no longer here. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Calls `listener` for each event of a type. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Ends the worker at once. */
  terminate(): void;
}

/** A worker of `node:worker_threads`, as far as it is used. */
export interface ThreadWorker {
  /** Sends a message; the buffers in `transfer` go with it, and are no longer here. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Calls `listener` for each event of a type. */
  on(type: string, listener: (value: unknown) => void): unknown;
  /** The worker keeps the process alive. */
  ref(): void;
  /** The worker does not keep the process alive. */
  unref(): void;
  /** Ends the worker at once. */
  terminate(): unknown;
}

/** Node's threads: other than workers of the web, they do not keep a process of Bun or Deno alive when they are told so. */
function threads(): Threads | undefined {
  return nodeModule("node:worker_threads") as Threads | undefined;
}

/** `node:worker_threads`, as far as it is used. */
interface Threads {
  readonly Worker: new (source: string | URL) => ThreadWorker;
  /** Null in the main thread. */
  readonly parentPort: Pick<ThreadWorker, "postMessage" | "on"> | null;
}

/** A new worker that runs a module. What the platform throws where it may not. */
export function startModule(source: string | URL): WorkerPort {
  const Thread = threads()?.Worker;
  if (!Thread) return fromWebWorker(new Worker(source, { type: "module" }));
  const isAddress = typeof source === "string" && /^\w\w+:/.test(source);
  return fromThread(new Thread(isAddress ? new URL(source) : source));
}

/** The page's end of a worker that is there already. */
export function portOf(worker: WebWorker | ThreadWorker): WorkerPort {
  return "on" in worker ? fromThread(worker) : fromWebWorker(worker);
}

function fromWebWorker(worker: WebWorker): WorkerPort {
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen: (receive) => worker.addEventListener("message", (event) => receive((event as MessageEvent).data)),
    watch(fail) {
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        fail("message" in event ? event.message : "a module that cannot be loaded");
      });
      worker.addEventListener("messageerror", () => fail("a message that cannot be read"));
    },
    hold() {},
    terminate: () => worker.terminate(),
  };
}

function fromThread(worker: ThreadWorker): WorkerPort {
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen: (receive) => worker.on("message", receive),
    watch(fail) {
      worker.on("error", fail);
      worker.on("messageerror", fail);
      worker.on("exit", (code) => fail(`exit with code ${String(code)}`));
    },
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

/** The worker's end; an error where this is no worker. */
export function ownPort(): Port {
  const parent = threads()?.parentPort;
  if (parent) {
    return {
      post: (message, transfer) => parent.postMessage(message, [...transfer]),
      listen: (receive) => parent.on("message", receive),
    };
  }
  const scope = globalThis as unknown as WebWorker;
  if (typeof document !== "undefined" || !("postMessage" in scope))
    throw new WorkerError("expose", "to be called in a worker", "a call in the main thread");
  return {
    post: (message, transfer) => scope.postMessage(message, [...transfer]),
    listen: (receive) => scope.addEventListener("message", (event) => receive((event as MessageEvent).data)),
  };
}
