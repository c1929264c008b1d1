import { apply } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { broadcastShapes, normalizeAxis, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { asIndex, dense, expandTo, named } from "../../primitives/define.js";
import { gather } from "../../primitives/indexing.js";
import { argsort, type SortOptions } from "../../primitives/order.js";

/** Elements in order, and where they were (i32). */
export interface Sorted {
  /** The elements. */
  values: Tensor;
  /** Their places along the axis, i32. */
  indices: Tensor;
}

/**
 * The elements along an axis, by default the last, in ascending or descending order, and their places before. Equal elements
 * keep their order; NaN counts as the greatest. The derivative of the values goes to the elements they are.
 *
 * @throws AxisError for an axis that x does not have
 */
export function sort(x: TensorLike, axis = -1, options?: SortOptions): Sorted {
  const settled = optionsOf("sort", options, { descending: false });
  const t = asTensor("sort", x);
  const indices = argsort(t, normalizeAxis("sort", axis, t.rank || 1), settled);
  return { values: gather(t, axis, indices), indices };
}

/** Options of `topk`. */
export interface TopkOptions {
  /** The greatest, in descending order; else the smallest, in ascending order. Default true. */
  largest?: boolean;
}

/**
 * The k greatest (or smallest) elements along an axis, by default the last, in order: the beginning of `sort`.
 *
 * @throws ValueError for a k that is not from 0 to the length of the axis
 * @throws AxisError for an axis that x does not have
 */
export function topk(x: TensorLike, k: number, axis = -1, options?: TopkOptions): Sorted {
  const { largest: descending } = optionsOf("topk", options, { largest: true });
  const t = asTensor("topk", x);
  const along = normalizeAxis("topk", axis, t.rank || 1);
  const length = t.shape[along] ?? 1;
  const least = t.rank === 0 ? 1 : 0; // There is no 0-d tensor of no elements.
  if (!Number.isInteger(k) || k < least || k > length)
    throw new ValueError("topk", `k from ${least} to ${length}`, String(k));
  const indices = argsort(t, along, { descending, count: k });
  return { values: gather(t, along, indices), indices };
}

/**
 * As `gather`, but with NumPy's broadcasting between x and the index along the other axes: what `argsort` and `argMax` with
 * `keepDims` answer picks the elements they name.
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws ShapeError for an index of another number of axes, or one that does not broadcast
 * @throws AxisError for an axis that x does not have
 */
export function takeAlongAxis(x: TensorLike, index: TensorLike, axis = -1): Tensor {
  const t = asTensor("takeAlongAxis", x);
  const along = normalizeAxis("takeAlongAxis", axis, t.rank || 1);
  const positions = asIndex(index, "takeAlongAxis");
  if (positions.rank !== t.rank) {
    throw new ShapeError(
      "takeAlongAxis",
      `an index of ${t.rank} axes for ${showShape(t.shape)}`,
      showShape(positions.shape),
    );
  }
  const without = (lengths: readonly number[], other: number) => lengths.map((n, i) => (i === along ? other : n));
  const shape = broadcastShapes("takeAlongAxis", without(t.shape, 1), without(positions.shape, 1));
  const given = [
    expandTo(t, without(shape, t.shape[along]!)),
    expandTo(positions, without(shape, positions.shape[along]!)),
  ].map(dense);
  return apply(named(gather.primitive, "takeAlongAxis"), given, along);
}

/** Another name of `takeAlongAxis`. */
export const takeAlongDim: typeof takeAlongAxis = takeAlongAxis;
