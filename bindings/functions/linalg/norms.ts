import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { normalizePair } from "../../core/shape.js";
import { AxisError, inNameOf, ValueError } from "../../errors.js";
import { div, gt, maximum, mul } from "../../primitives/elementwise/arithmetic.js";
import { castTo, float } from "../../primitives/define.js";
import { abs } from "../../primitives/elementwise/unary.js";
import { reshape } from "../../primitives/movement.js";
import { KEEPS, type Axes, type ReduceOptions } from "../../primitives/reductions/reduce.js";
import { max, min, sum } from "../../primitives/reductions/reduction.js";
import { moveAxis } from "../shapes/arrange.js";
import { normOf } from "../norms/distance.js";
import { matrixOf } from "./arguments.js";
import { leastOf, svdvals, type RankOptions } from "./decompositions.js";
import { inv } from "./systems.js";

/** "fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity. */
export type MatrixOrder = "fro" | "nuc" | number;

/**
 * A norm of matrices, by default of the last two axes: "fro" (default) Σ x² under the root, "nuc" the sum of the singular values, 2 and
 * -2 the largest and the smallest of them, 1 and Infinity the largest sum of |x| in a column and in a row, -1 and -Infinity the smallest.
 */
export function matrixNorm(
  x: TensorLike,
  order: MatrixOrder = "fro",
  axes: readonly [number, number] = [-2, -1],
  options?: ReduceOptions,
): Tensor {
  const { keepDims } = optionsOf("matrixNorm", options, KEEPS);
  const t = float(asTensor("matrixNorm", x));
  const [rows, columns] = normalizePair("matrixNorm", axes, t.rank);
  if (order === "fro") return normOf("matrixNorm", t, 2, [rows, columns], { keepDims });
  const kept = t.shape.map((length, axis) => (axis === rows || axis === columns ? 1 : length));
  const shape = keepDims ? kept : kept.filter((_, axis) => axis !== rows && axis !== columns);
  const size = typeof order === "number" ? Math.abs(order) : NaN;
  if (order === "nuc" || size === 2) {
    const values = svdvals(moveAxis(t, [rows, columns], [-2, -1]));
    return reshape(order === "nuc" ? sum(values, -1) : extreme(values, order, -1), shape);
  }
  if (size !== 1 && size !== Infinity)
    throw new ValueError("matrixNorm", '"fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity', String(order));
  const [summed, other] = size === 1 ? [rows, columns] : [columns, rows];
  return reshape(extreme(sum(abs(t), summed, { keepDims: true }), order, other), shape);
}

/** The largest or the smallest along an axis, by the sign of the order. */
function extreme(x: Tensor, order: number, axis: number): Tensor {
  return inNameOf("matrixNorm", () => (order > 0 ? max : min)(x, axis));
}

/**
 * The norm of vectors or matrices: without an order the 2-norm of all elements, or over the axes; with one, `matrixNorm`
 * where there are two axes (named, or all there are), else `vectorNorm`. PyTorch: `linalg.norm`.
 */
export function norm(x: TensorLike, order?: MatrixOrder | null, axes?: Axes, options?: ReduceOptions): Tensor {
  optionsOf("norm", options, KEEPS);
  const t = asTensor("norm", x);
  const listed = axes ?? (order !== undefined && order !== null && t.rank === 2 ? [0, 1] : undefined);
  if (order === undefined || order === null) return normOf("norm", t, 2, axes, options);
  if (Array.isArray(listed) && listed.length === 2)
    return inNameOf("norm", () => matrixNorm(t, order, listed as unknown as [number, number], options));
  if (typeof order === "string")
    throw new AxisError("norm", `two axes for the order "${order}"`, String(axes ?? "all"));
  return normOf("norm", t, order, axes, options);
}

/**
 * The number of singular values of matrices [.., m, n] that are greater than `rtol` times the largest, and than `atol`: i32 [..].
 * Floats only.
 */
export function matrixRank(a: TensorLike, options?: RankOptions): Tensor {
  const least = leastOf("matrixRank", options);
  const x = matrixOf("matrixRank", a, "any");
  const { value, least: bound } = least(x);
  const s = svdvals(x);
  if (s.shape.at(-1) === 0) return castTo(sum(s, -1), "i32");
  return sum(gt(s, maximum(mul(max(s, -1, { keepDims: true }), value), bound)), -1);
}

/**
 * The condition number of matrices: by default, and for 2 and -2, the ratio of singular values; else the norm of that order times that
 * of the inverse, of square ones. Floats only.
 */
export function cond(a: TensorLike, order: MatrixOrder = 2): Tensor {
  const x = matrixOf("cond", a, "any");
  return inNameOf("cond", () =>
    order === 2 || order === -2
      ? div(matrixNorm(x, order), matrixNorm(x, -order))
      : mul(matrixNorm(x, order), matrixNorm(inv(x), order)),
  );
}
