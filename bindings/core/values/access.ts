import { ShapeError, ValueError } from "../../errors.js";
import { checkUsable, checkValues, inPlaceOf, withTracking } from "../running/apply.js";
import { isSymbolic } from "../running/capturing.js";
import { arrayOf, type NestedArray } from "./create.js";
import type { TypedArray } from "../dtype.js";
import type { Tensor } from "../graph.js";
import { operations } from "../operations.js";
import { showShape } from "../shape.js";
import { WeakNumber } from "./weak.js";

/** x itself if its elements lie densely and JavaScript has their type, else a dense copy; halves as f32. */
function denseValues(operation: string, x: Tensor): Tensor {
  checkValues(operation, x);
  if (x.type.half) return withTracking(false, () => operations.cast(x, "f32"));
  return x.dense ? x : withTracking(false, () => operations.copy(x));
}

/** Calls `use` with a dense view of the elements, and gives back at once what had to be copied for it. */
function withElements<T>(operation: string, x: Tensor, use: (elements: TypedArray) => T): T {
  const values = denseValues(operation, x);
  try {
    return use(arrayOf(values));
  } finally {
    if (values !== x) values.storage!.free(operation);
  }
}

/** What `use` makes of the elements, or undefined where there are none to be looked at yet. */
export function peek<T>(operation: string, x: Tensor, use: (elements: TypedArray) => T): T | undefined {
  return !x.storage || isSymbolic(x) ? undefined : withElements(operation, x, use);
}

/** The number that a tensor of one element holds; truth values are 0 and 1. */
export function item(x: Tensor): number {
  checkUsable("item", x);
  if (x.size !== 1) throw new ShapeError("item", "a tensor of one element", showShape(x.shape));
  if (x.type.half) return withElements("item", x, ([value]) => value!);
  checkValues("item", x);
  return arrayOf(x)[0]!;
}

/**
 * The elements in row-major order, copied into ordinary memory: a typed array of the dtype (bytes for
 * truth values, f32 for f16 and bf16).
 */
export function data(x: Tensor): TypedArray {
  return withElements("data", x, (elements) => elements.slice());
}

/**
 * Calls `use` with the elements in place, without a copy where the tensor is dense. The view is into linear memory: it must
 * not be kept beyond the call, and where memory is shared the platform's own functions may refuse it.
 */
export function read<T>(x: Tensor, use: (elements: TypedArray) => T): T {
  return withElements("read", x, use);
}

/** The elements as nested arrays, or a number for a 0-d tensor; truth values as booleans. */
export function toArray(x: Tensor): number | boolean | NestedArray {
  return withElements("toArray", x, (elements) => {
    const value = x.dtype === "bool" ? (i: number) => elements[i] !== 0 : (i: number) => elements[i]!;
    let next = 0;
    const level = (axis: number): number | boolean | NestedArray =>
      axis === x.rank ? value(next++) : Array.from({ length: x.shape[axis]! }, () => level(axis + 1));
    return level(0);
  });
}

/** The parts of a tensor along its first axis. */
export function* iterate(x: Tensor): Generator<Tensor> {
  if (x.rank === 0) throw new ShapeError("iterate", "a tensor with an axis", "a 0-d tensor; use item()");
  const [length, ...rest] = x.shape as [number, ...number[]];
  for (let i = 0; i < length; i++) {
    const box = { starts: [i, ...rest.map(() => 0)], sizes: [1, ...rest], steps: x.shape.map(() => 1) };
    const part = operations.stridedSlice(x, box);
    yield inPlaceOf(part, operations.reshape(part, rest));
  }
}

/** What a 0-d tensor is where JavaScript wants a number or a string. Others are an error that names what to write. */
export function toPrimitive(x: Tensor, hint: string): number | string {
  if (hint === "string") return x.toString();
  // What stands for a number is meant as one: `n + 1` is asked as `n * 2` is, and refused in the same words.
  if (x instanceof WeakNumber || (hint === "number" && x.rank === 0)) return item(x);
  if (hint === "number") {
    throw new ValueError(
      "conversion to a number",
      "a 0-d tensor",
      `shape ${showShape(x.shape)}; use methods such as x.mul(y) or x.gt(y)`,
    );
  }
  throw new ValueError(
    "+ or ==",
    "numbers",
    `a tensor of shape ${showShape(x.shape)}; write x.add(y) or x.eq(y) for tensors, x.item() for the number`,
  );
}
