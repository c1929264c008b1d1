import { asTensor, type TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { normalizeAxes, showShape, sizeOf } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { div } from "../../primitives/arithmetic.js";
import { castAs, float } from "../../primitives/define.js";
import { reshape } from "../../primitives/movement.js";
import { matmul } from "../../primitives/contraction.js";
import { KEEPS, SUMS, type Axes, type ReduceOptions, type SumOptions } from "../../primitives/reduce.js";
import { sum } from "../../primitives/reduction.js";
import { normOf } from "../norms/distance.js";
import { matrixNorm } from "../linalg/norms.js";

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

/**
 * The 2-norm of all elements, or another `vectorNorm` by its p; "fro" is the 2-norm over the axes, "nuc" the `matrixNorm` of that name.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function norm(x: TensorLike, p: number | "fro" | "nuc" = 2, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("norm", options, KEEPS);
  if (p === "nuc") return matrixNorm(x, p, (axes ?? undefined) as readonly [number, number] | undefined, options);
  return normOf("norm", x, p === "fro" ? 2 : p, axes, options);
}

/**
 * Inner product of two vectors of one length.
 *
 * @throws ShapeError for what are not two vectors of one length
 */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const a = asTensor("dot", x);
  const b = asTensor("dot", y);
  if (a.rank !== 1 || b.rank !== 1 || a.size !== b.size) {
    throw new ShapeError("dot", "two vectors of one length", `${showShape(a.shape)} and ${showShape(b.shape)}`);
  }
  return matmul(a, b);
}

/**
 * Outer product of two vectors, [n] and [m]: [n, m].
 *
 * @throws ShapeError for what is no vector
 */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const a = asTensor("outer", x);
  const b = asTensor("outer", y);
  if (a.rank !== 1 || b.rank !== 1)
    throw new ShapeError("outer", "two vectors", `${showShape(a.shape)} and ${showShape(b.shape)}`);
  return matmul(reshape(a, [a.size, 1]), reshape(b, [1, b.size]));
}
