/**
 * Training in a worker of its own: the page, or the main thread, stays free.
 *
 * @module wengert/worker
 */
export { WorkerError } from "./errors.js";
export { expose, type TaskContext, type Tasks, type TasksOf } from "./expose.js";
export type { ThreadWorker, WebWorker } from "./port.js";
export type { TaskRun } from "./run.js";
export { SharedTensor } from "./shared-tensor.js";
export { startWorker, type StartOptions } from "./start.js";
export { TaskWorker, type RunOptions } from "./task-worker.js";
export type { Given, Seen } from "./types.js";
