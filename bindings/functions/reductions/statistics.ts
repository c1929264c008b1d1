import { inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { normalizeAxes, sizeOf } from "../../core/shape.js";
import { div, eq, mul, ne, where } from "../../primitives/elementwise/arithmetic.js";
import { root } from "../norms/distance.js";
import { othersOf } from "../shapes/movement.js";
import { castAs, castTo, float } from "../../primitives/define.js";
import { sqrt } from "../../primitives/elementwise/unary.js";
import { fill } from "../../primitives/generate.js";
import { permute, reshape } from "../../primitives/movement.js";
import {
  type Axes,
  KEEPS,
  keptShape,
  memoryOrder,
  type ReduceOptions,
  reduceOver,
  runsOf,
  SUMS,
  type SumOptions,
} from "../../primitives/reductions/reduce.js";
import { deviation, max, sum } from "../../primitives/reductions/reduction.js";

/**
 * Arithmetic mean over axes, or over all. Integers and truth values are averaged as floats; the mean of nothing is NaN.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function mean(x: TensorLike, axes?: number | readonly number[] | null, options: SumOptions = {}): Tensor {
  checkOptions("mean", options, SUMS);
  const t = castAs(asTensor("mean", x), options.dtype);
  const floating = float(t);
  const count = sizeOf(normalizeAxes("mean", axes, t.rank).map((axis) => t.shape[axis]!));
  return div(sum(floating, axes, options), count);
}

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken from the number of elements in the divisor. Default 1: unbiased, as in PyTorch; NumPy's default is 0. */
  correction?: number;
  /** PyTorch's older name: false for a correction of 0. */
  unbiased?: boolean;
}

/**
 * Variance over axes, or over all: Σ (x - mean)² / (n - correction), in two passes, so that a large mean costs no accuracy.
 * NaN where there are not more elements than `correction`. Integers and truth values count as floats.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function variance(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return varianceOf("variance", x, axes, options);
}

function varianceOf(operation: string, x: TensorLike, axes: Axes | undefined, options: VarianceOptions): Tensor {
  checkOptions(operation, options, { keepDims: false, correction: 0, unbiased: false });
  const t = float(asTensor(operation, x));
  const listed = normalizeAxes(operation, axes, t.rank);
  const count = sizeOf(listed.map((axis) => t.shape[axis]!));
  const divisor = count - (options.correction ?? Number(options.unbiased ?? true));
  const squares = deviationOver(t, listed);
  // Where it is not defined, nor is its derivative, in either mode.
  const y = divisor > 0 ? div(squares, divisor) : mul(squares, NaN);
  return options.keepDims ? inPlaceOf(y, reshape(y, keptShape(t.shape, listed))) : y;
}

/** One run of axes is reduced where it lies; else the axes are brought together at the end. */
function deviationOver(t: Tensor, axes: readonly number[]): Tensor {
  const [run, another] = runsOf(axes);
  if (run && !another && (t.dense || !memoryOrder(t))) return deviation(t, run);
  const kept = othersOf(t, axes);
  const turned = permute(t, [...kept, ...axes]);
  const merged = reshape(turned, [...turned.shape.slice(0, kept.length), sizeOf(turned.shape.slice(kept.length))]);
  const y = deviation(merged, { from: kept.length, to: kept.length + 1 });
  inPlaceOf(turned, t);
  inPlaceOf(merged, t);
  return y;
}

/**
 * Standard deviation over axes, or over all: the square root of the variance, with the same options. Its derivative is
 * taken as 0 where all elements are equal.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function std(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return root(varianceOf("std", x, axes, options), sqrt);
}

/**
 * Sum of the elements that are not NaN, over axes or over all.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function nansum(x: TensorLike, axes?: Axes, options: SumOptions = {}): Tensor {
  checkOptions("nansum", options, SUMS);
  return composed("nansum", x, () => {
    const t = asTensor("nansum", x);
    return sum(where(ne(t, t), 0, t), normalizeAxes("nansum", axes, t.rank), options);
  });
}

/**
 * Mean of the elements that are not NaN, over axes or over all; NaN where there are none.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function nanmean(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("nanmean", options, KEEPS);
  return composed("nanmean", x, () => {
    const t = float(asTensor("nanmean", x));
    const listed = normalizeAxes("nanmean", axes, t.rank);
    return div(nansum(t, listed, options), castTo(sum(eq(t, t), listed, options), t.dtype));
  });
}

/**
 * Whether any element over axes, or over all, is not zero; NaN counts as not zero. Any dtype; false where there are no elements.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function any(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("any", options, KEEPS);
  const t = asTensor("any", x);
  return some("any", t.dtype === "bool" ? t : ne(t, 0), axes, options);
}

/**
 * Whether all elements over axes, or over all, are not zero; NaN counts as not zero. Any dtype; true where there are no elements.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function all(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("all", options, KEEPS);
  return eq(some("all", eq(asTensor("all", x), 0), axes, options), false); // All are not zero where none is zero.
}

/** Whether any truth value over axes is true: their maximum. */
function some(name: string, x: Tensor, axes: Axes | undefined, options: ReduceOptions): Tensor {
  const listed = normalizeAxes(name, axes, x.rank);
  if (listed.every((axis) => x.shape[axis] !== 0)) return reduceOver(max.primitive, x, listed, options);
  return fill(
    options.keepDims ? keptShape(x.shape, listed) : x.shape.filter((_, axis) => !listed.includes(axis)),
    0,
    "bool",
  );
}
