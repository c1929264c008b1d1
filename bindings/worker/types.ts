import type { Tensor } from "../core/graph.js";
import type { TaskContext } from "./expose.js";
import type { SharedTensor } from "./shared-tensor.js";

/** What may stand for a task's input: shared tensors, and this thread's own, for tensors. */
export type Given<T> = unknown extends T
  ? unknown
  : T extends Tensor
    ? Tensor | SharedTensor
    : T extends Leaf
      ? T
      : { [K in keyof T]: Given<T[K]> };

/** What is seen of a task's result or reports: its tensors are shared ones. */
export type Seen<T> = unknown extends T
  ? unknown
  : T extends Tensor
    ? SharedTensor
    : T extends Leaf
      ? T
      : { [K in keyof T]: Seen<T[K]> };

/** What is passed along as it is. */
type Leaf =
  string | number | boolean | bigint | null | undefined | void | ArrayBufferView | ArrayBufferLike | Blob | Date;

/** The input of a task; anything where that is not known. */
export type InputOf<F> = F extends (input: infer I, context: never) => unknown
  ? [I] extends [never]
    ? unknown
    : I
  : never;
export type ProgressOf<F> = F extends (input: never, context: TaskContext<infer P>) => unknown ? P : unknown;
export type ResultOf<F> = F extends (input: never, context: never) => infer R ? Awaited<R> : never;
