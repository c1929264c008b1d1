import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { normalizeAxis, normalizePosition, showShape, type Shape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { reshape, stridedSlice } from "../../primitives/movement.js";
import { inPlaceOf } from "../../core/running/apply.js";

/** `length` entries of an axis (counted from the front) from `start` on. A view. */
export function part(x: Tensor, axis: number, start: number, length: number): Tensor {
  return stridedSlice(x, {
    starts: x.shape.map((_, i) => (i === axis ? start : 0)),
    sizes: x.shape.map((other, i) => (i === axis ? length : other)),
    steps: x.shape.map(() => 1),
  });
}

/** The two halves along an axis of even length. Views. */
export function halves(x: Tensor, axis: number): [Tensor, Tensor] {
  const half = x.shape[axis]! / 2;
  return [part(x, axis, 0, half), part(x, axis, half, half)];
}

/** Consecutive parts of given lengths along an axis. */
function parts(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return part(x, axis, at - length, length);
  });
}

/**
 * Consecutive parts along an axis, by default the first: of one size, of which the last may be smaller, or of a list of
 * sizes, which must add up to the length. Views.
 *
 * @throws ValueError for sizes that are not whole, or do not add up to the length
 * @throws AxisError for an axis that x does not have
 */
export function split(x: TensorLike, size: number | readonly number[], axis = 0): Tensor[] {
  const t = asTensor("split", x);
  const along = normalizeAxis("split", axis, t.rank);
  const length = t.shape[along]!;
  if (Array.isArray(size)) {
    const sizes = size as readonly number[];
    const total = sizes.reduce((sum, next) => sum + next, 0);
    if (total !== length || sizes.some((next) => !Number.isInteger(next) || next < 0))
      throw new ValueError("split", `whole sizes that add up to ${length}`, showShape(sizes));
    return parts(t, along, sizes);
  }
  const each = size as number;
  checkWhole("split", "size", each, 1);
  const count = Math.max(1, Math.ceil(length / each));
  return parts(
    t,
    along,
    Array.from({ length: count }, (_, i) => Math.min(each, length - i * each)),
  );
}

/**
 * At most `count` parts of one size along an axis, by default the first; the last may be smaller. Views.
 *
 * @throws ValueError for a count that is no whole number from 1
 * @throws AxisError for an axis that x does not have
 */
export function chunk(x: TensorLike, count: number, axis = 0): Tensor[] {
  const t = asTensor("chunk", x);
  checkWhole("chunk", "count", count, 1);
  const length = t.shape[normalizeAxis("chunk", axis, t.rank)]!;
  return split(t, Math.max(1, Math.ceil(length / count)), axis);
}

/**
 * The entries of an axis, by default the first, as tensors without that axis. Views.
 *
 * @throws AxisError for an axis that x does not have
 */
export function unbind(x: TensorLike, axis = 0): Tensor[] {
  const t = asTensor("unbind", x);
  const along = normalizeAxis("unbind", axis, t.rank);
  const shape: Shape = t.shape.filter((_, i) => i !== along);
  return Array.from({ length: t.shape[along]! }, (_, i) => without(part(t, along, i, 1), shape));
}

/**
 * One entry of an axis, without it; negative positions count from the end. A view.
 *
 * @throws IndexError for a position outside the axis
 * @throws AxisError for an axis that x does not have
 */
export function select(x: TensorLike, axis: number, position: number): Tensor {
  const t = asTensor("select", x);
  const along = normalizeAxis("select", axis, t.rank);
  const at = normalizePosition("select", position, t.shape[along]!, `on axis ${along}`);
  return without(
    part(t, along, at, 1),
    t.shape.filter((_, i) => i !== along),
  );
}

/**
 * `length` entries of an axis from `start` on. A view.
 *
 * @throws ShapeError for a range that is not within the axis
 * @throws AxisError for an axis that x does not have
 */
export function narrow(x: TensorLike, axis: number, start: number, length: number): Tensor {
  const t = asTensor("narrow", x);
  const along = normalizeAxis("narrow", axis, t.rank);
  const whole = t.shape[along]!;
  const from = start < 0 ? start + whole : start;
  if (![start, length].every(Number.isInteger) || from < 0 || length < 0 || from + length > whole)
    throw new ShapeError("narrow", `a range within the ${whole} entries of axis ${along}`, `${start} and ${length}`);
  return part(t, along, from, length);
}

/** A view of a view that nobody else will see. */
function without(view: Tensor, shape: Shape): Tensor {
  return inPlaceOf(view, reshape(view, shape));
}
