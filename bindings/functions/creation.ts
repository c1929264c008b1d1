import { peek } from "../core/values/access.js";
import { asTensor, checkIntegers, type TensorLike } from "../core/values/create.js";
import { checkDType, defaultDType, dtypes, type DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { optionsOf } from "../core/options.js";
import { checkShape, type Shape } from "../core/shape.js";
import { CaptureError, IndexError, ValueError } from "../errors.js";
import { eq, lt, where } from "../primitives/elementwise/arithmetic.js";
import { asIndex } from "../primitives/define.js";
import { gatherRows } from "../primitives/indexing.js";
import { cast, expand, reshape } from "../primitives/movement.js";
import { fill, iota } from "../primitives/generate.js";
import { pow } from "../primitives/elementwise/powers.js";

/** Options of the functions that make tensors of given values: `zeros`, `full`, `eye`, `arange`, `linspace` and others. */
export interface CreationOptions {
  /** Element type. Default: the default floating-point type. */
  dtype?: DTypeName;
}

/** A tensor of zeros. */
export function zeros(shape: number | Shape, options?: CreationOptions): Tensor {
  return fill(shape, 0, typeFor("zeros", options), "zeros");
}

/** The dtype that is asked for, or another. */
function typeFor(operation: string, options: CreationOptions | undefined, dtype: DTypeName = defaultDType): DTypeName {
  return optionsOf(operation, options, { dtype }).dtype;
}

/** A tensor of ones. */
export function ones(shape: number | Shape, options?: CreationOptions): Tensor {
  return fill(shape, 1, typeFor("ones", options), "ones");
}

/** A tensor of one value everywhere. */
export function full(shape: number | Shape, value: number, options?: CreationOptions): Tensor {
  return filled("full", shape, value, typeFor("full", options));
}

function filled(operation: string, shape: number | Shape, value: number, dtype: DTypeName): Tensor {
  if (typeof value !== "number") throw new ValueError(operation, "a number", typeof value);
  const { float, half } = dtypes[checkDType(operation, dtype)];
  if (!float && !half) checkIntegers(operation, [value], dtype);
  return fill(shape, value, dtype, operation);
}

/** Zeros of the shape and dtype of x. */
export function zerosLike(x: TensorLike, options?: CreationOptions): Tensor {
  return filledLike("zerosLike", x, 0, options);
}

/** Ones of the shape and dtype of x. */
export function onesLike(x: TensorLike, options?: CreationOptions): Tensor {
  return filledLike("onesLike", x, 1, options);
}

/** One value everywhere, of the shape and dtype of x. */
export function fullLike(x: TensorLike, value: number, options?: CreationOptions): Tensor {
  return filledLike("fullLike", x, value, options);
}

function filledLike(operation: string, x: TensorLike, value: number, options?: CreationOptions): Tensor {
  const asked = optionsOf(operation, options, { dtype: undefined }).dtype;
  const { shape, dtype } = asTensor(operation, x);
  return filled(operation, shape, value, asked ?? dtype);
}

/** Another name of `zeros`: there is no memory that was not written. */
export const empty: typeof zeros = zeros;

/** Another name of `zerosLike`: there is no memory that was not written. */
export const emptyLike: typeof zerosLike = zerosLike;

/** The identity matrix [n, n], or the first m columns of one: [n, m]. */
export function eye(n: number, m?: number | CreationOptions, options?: CreationOptions): Tensor {
  const [columns, given] = typeof m === "object" ? [n, m] : [m ?? n, options];
  const dtype = typeFor("eye", given);
  checkShape("eye", [n, columns]);
  return cast(eq(reshape(iota(n, "i32"), [n, 1]), iota(columns, "i32")), dtype);
}

/**
 * Numbers from `start` on, up to but without `end`, `step` apart; `arange(n)` counts from 0. i32 where all are whole numbers. The
 * options may stand in the place of an end or a step that is left out.
 */
export function arange(
  start: number,
  end?: number | CreationOptions,
  step: number | CreationOptions = 1,
  options?: CreationOptions,
): Tensor {
  if (typeof end === "object") return arange(0, start, 1, end);
  if (typeof step === "object") return arange(start, end, 1, step);
  const { dtype } = optionsOf("arange", options, { dtype: undefined });
  const [from, to] = end === undefined ? [0, start] : [start, end];
  if (step === 0 || ![from, to, step].every(Number.isFinite)) {
    throw new ValueError("arange", "finite bounds and a step other than 0", `${from}, ${to}, ${step}`);
  }
  const whole = [from, to, step].every((value) => Number.isInteger(value) && Math.abs(value) <= 2147483647);
  return iota(Math.max(0, Math.ceil((to - from) / step)), dtype ?? (whole ? "i32" : defaultDType), from, step);
}

/** `count` numbers evenly spaced from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number, options?: CreationOptions): Tensor {
  return spaced("linspace", start, end, count, typeFor("linspace", options));
}

function spaced(operation: string, start: number, end: number, count: number, dtype: DTypeName): Tensor {
  checkShape(operation, [count]);
  if (Number.isNaN(end - start))
    throw new ValueError(operation, "numbers to start and end with", `${start} and ${end}`);
  const x = iota(count, dtype, start, count > 1 ? (end - start) / (count - 1) : 0);
  // Rounding may miss the end by a unit in the last place.
  return count > 1 ? where(eq(iota(count, "i32"), count - 1), end, x) : x;
}

/** `count` numbers from base^start to base^end (base 10 by default), each by the same factor greater than the one before. */
export function logspace(
  start: number,
  end: number,
  count: number,
  options?: CreationOptions & { base?: number },
): Tensor {
  const { base, dtype } = optionsOf("logspace", options, { base: 10, dtype: defaultDType });
  return cast(pow(base, spaced("logspace", start, end, count, "f64")), dtype);
}

/**
 * 1 at each index, 0 elsewhere: indices i32 [..] give [.., classes] of the default floating-point type; by default as many as
 * the greatest index needs. An index outside the classes is an error.
 */
export function oneHot(indices: TensorLike, count = -1, options?: CreationOptions): Tensor {
  const dtype = typeFor("oneHot", options);
  const index = asIndex(indices, "oneHot");
  const most = peek("oneHot", index, (list) => {
    const least = count === -1 ? Infinity : count;
    const outside = (list as Int32Array).find((i) => !(i >= 0 && i < least));
    if (outside !== undefined) throw new IndexError("oneHot", `indices from 0 to ${least - 1}`, String(outside));
    return (list as Int32Array).reduce((a, b) => Math.max(a, b), -1);
  });
  if (count === -1 && most === undefined)
    throw new CaptureError("oneHot", "a count of classes", "none, and indices that are not known yet");
  const classes = count === -1 ? most! + 1 : count;
  checkShape("oneHot", [classes]);
  const numbers = iota(classes, "i32");
  // Where they are not known yet, each is looked up, which refuses those outside; negative ones must not count from the end.
  const known = most === undefined ? gatherRows(numbers, where(lt(index, 0), classes, index), "oneHot") : index;
  return cast(eq(expand(reshape(known, [...index.shape, 1]), [...index.shape, classes]), numbers), dtype);
}
