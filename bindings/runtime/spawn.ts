import type * as WorkerThreads from "node:worker_threads";
import { nodeModule } from "./node.js";
import { threadSource, type Assignment } from "./thread-source.js";

/** A worker, seen from outside. */
export interface Helper {
  /** Ends it wherever it is. It may still be writing for a while: until `onEnd`. */
  terminate(): void;
  /** Resolves when it has ended. */
  ended(): Promise<void>;
}

/** Milliseconds after which a worker that was ended is taken to be gone, where nothing tells of it. */
const SURELY_GONE = 3000;

/**
 * Starts a worker, which keeps no process alive. `onEnd` is told once when it has ended, and why if it was not to. Throws where the
 * platform forbids it.
 */
export function spawn(
  assignment: Omit<Assignment, "lock">,
  url: string | URL | undefined,
  onEnd: (why: string | undefined) => void,
): Helper {
  let finish: (why?: string) => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    finish = (why) => {
      finish = () => undefined;
      onEnd(why);
      resolve();
    };
  });
  const ended = (why?: string): void => finish(why);
  const threads = nodeModule("node:worker_threads") as Threads | undefined;
  const terminate = threads ? inNode(threads, assignment, ended) : inBrowser(assignment, url, ended);
  return { terminate: () => terminate(true), ended: () => (terminate(false), end) };
}

type Threads = typeof WorkerThreads;

/** How a worker is ended: at once, or by itself, since it was dismissed. */
type Terminate = (atOnce: boolean) => void;

/** Megabytes of addresses for a worker's compiled JavaScript, of which it has little: where V8 cannot reserve its 128, it ends the process. */
const CODE = 8;

function inNode({ Worker }: Threads, assignment: Omit<Assignment, "lock">, ended: (why?: string) => void): Terminate {
  const worker = new Worker(threadSource, {
    eval: true,
    workerData: assignment,
    execArgv: [],
    env: {},
    resourceLimits: { codeRangeSizeMb: CODE },
  });
  let why: string | undefined;
  worker.on("error", (error) => (why = `a worker failed: ${String(error)}`));
  worker.on("exit", () => ended(why));
  worker.unref();
  return (atOnce) => {
    worker.ref();
    if (atOnce) void worker.terminate();
  };
}

function inBrowser(
  assignment: Omit<Assignment, "lock">,
  given: string | URL | undefined,
  ended: (why?: string) => void,
): Terminate {
  const url = given ?? URL.createObjectURL(new Blob([threadSource], { type: "text/javascript" }));
  const revoke = (): void => {
    if (given === undefined) URL.revokeObjectURL(url as string);
  };
  const worker = new Worker(url);
  // Nothing tells of a worker's end, but that it lets go of a lock, which it has when it says that it has begun.
  const lock = "locks" in navigator ? `wengert ${crypto.randomUUID()}` : undefined;
  const begun = new Promise((resolve) => (worker.onmessage = resolve)).then(revoke);
  worker.onerror = ({ message }) => {
    revoke();
    worker.terminate();
    ended(`a worker failed: ${message || "the page forbids it"}`);
  };
  worker.postMessage({ ...assignment, lock });
  return (atOnce) => {
    if (atOnce) worker.terminate();
    const wait = (): unknown =>
      lock === undefined ? setTimeout(ended, SURELY_GONE) : navigator.locks.request(lock, () => ended());
    // One that is only dismissed has first to begin: until then, the lock is nobody's.
    if (atOnce) wait();
    else void begun.then(wait);
  };
}
