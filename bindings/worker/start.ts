import { checkOptions } from "../shared/options.js";
import { WorkerError } from "./errors.js";
import type { Tasks, TasksOf } from "./expose.js";
import { portOf, startModule, type ThreadWorker, type WebWorker, type WorkerPort } from "./port.js";
import { TaskWorker } from "./task-worker.js";

/** Options of `startWorker`. */
export interface StartOptions {
  /** Milliseconds after which a worker that has not called `expose` is given up; Infinity for never. Default 30,000. */
  timeout?: number;
}

/**
 * Starts a worker on a module that calls `expose`, or takes one that has been started, which is what bundlers look for:
 * `startWorker(new Worker(new URL("./train.js", import.meta.url), { type: "module" }))`. Rejects with a `WorkerError` if it
 * cannot start.
 */
export async function startWorker<T extends TasksOf<T> = Tasks>(
  source: URL | string | WebWorker | ThreadWorker,
  options: StartOptions = {},
): Promise<TaskWorker<T>> {
  checkOptions("startWorker", options, { timeout: 0 });
  const { timeout = 30_000 } = options;
  if (!(timeout >= 0)) throw new WorkerError("startWorker", "a timeout of at least 0 milliseconds", String(timeout));
  const worker = new TaskWorker<T>(portFor(source));
  await worker.ready(timeout);
  return worker;
}

function portFor(source: URL | string | WebWorker | ThreadWorker): WorkerPort {
  if (typeof source !== "string" && !(source instanceof URL)) {
    const given: unknown = source;
    if (typeof given !== "object" || given === null || !("postMessage" in given))
      throw new WorkerError("startWorker", "the address of a module, or a worker", String(given));
    return portOf(source);
  }
  try {
    return startModule(source);
  } catch (error) {
    throw new WorkerError("startWorker", "a worker that may be started", String(error), { cause: error });
  }
}
