import type { DTypeName } from "../dtype.js";
import type { Node, Primitive, Tensor } from "../graph.js";
import type { Shape } from "../shape.js";
import type { Variable } from "../variable.js";

/**
 * What notes down a function's operations instead of running them, while a program is made. Tensors that it makes have a
 * storage without memory, which is owned, saved and freed as any other, so that everything above takes the way that it
 * would take with values.
 */
export interface Recorder {
  /** Notes an operation; its value, dense and of this shape. */
  compute<P>(
    primitive: Primitive<P>,
    inputs: readonly Tensor[],
    params: P,
    result: { readonly shape: Shape; readonly dtype: DTypeName },
  ): Tensor;
  /** Notes that a variable takes a value, which broadcasts to its shape and has its dtype. */
  assign(target: Variable, source: Tensor): void;
  /** Notes that variables take what an operation packs. */
  assignParts<P>(targets: readonly Variable[], primitive: Primitive<P>, inputs: readonly Tensor[], params: P): void;
  /** The gradient of a leaf as it will be when the program comes to this place. */
  gradientOf(leaf: Node): Tensor | null;
  /** Notes that a leaf takes a gradient, or has none any more. */
  setGradient(leaf: Node, gradient: Tensor | null): void;
  /** Notes that the function looked at something that may change between calls, and is captured again if it does. */
  notice(read: () => unknown): void;
  /** A node was made, and will not outlive the capture. */
  made(node: Node): void;
  /** The user named a value. */
  named(x: Tensor, label: string): void;
  /** Runs a body whose operations are repetitions, meant to be computed again. */
  repeating<T>(body: () => T): T;
}

/** What notes operations down at present, if anything does. */
export let recorder: Recorder | null = null;

/** Whether anything does, for the entry points beside the main one. */
export function isRecording(): boolean {
  return recorder !== null;
}

/** Runs a body whose operations are noted down by `by`, or, with null, run as usual. */
export function recording<T>(by: Recorder | null, body: () => T): T {
  const outer = recorder;
  recorder = by;
  try {
    return body();
  } finally {
    recorder = outer;
  }
}

/**
 * Whether the values of x change between the calls of a program: it has no values yet, or they are a variable's or the result
 * of a bound program, or have been overwritten before, as a gradient that a program left.
 */
export function varies(x: Tensor): boolean {
  const storage = x.storage!;
  return storage.address === 0 || storage.holder !== null || storage.version !== 0;
}

/** Whether x has no values, or none that a function may look at while it is captured. */
export function isSymbolic(x: Tensor): boolean {
  return x.version === x.storage!.version && (x.storage!.address === 0 || (recorder !== null && varies(x)));
}

/** `read()`, for something that a program must be captured again for when it changes. */
export function noticed<T>(read: () => T): T {
  recorder?.notice(read);
  return read();
}
