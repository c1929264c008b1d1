import { data } from "../../core/values/access.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { Tensor } from "../../core/graph.js";
import { checkChoice, checkOptions, optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { normalizeAxes, normalizeAxis, showShape, sizeOf } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, ge, maximum, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { castTo, float } from "../../primitives/define.js";
import { gather } from "../../primitives/indexing.js";
import { permute, reshape } from "../../primitives/movement.js";
import { argsort } from "../../primitives/order.js";
import { KEEPS, keptShape, type Axes, type ReduceOptions } from "../../primitives/reductions/reduce.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { ceil, floor, round } from "../../primitives/elementwise/rounding.js";
import { isNaN, logicalNot } from "../elementwise/logic.js";
import { othersOf, squeeze, stack } from "../shapes/movement.js";
import { sort, type Sorted } from "../indexing/order.js";
import { part } from "../shapes/split.js";

/**
 * The lower of the two middle elements, or the middle one; NaN if any is. The derivative goes to the element that it is.
 *
 * @throws ShapeError where there is no element
 */
export function median(x: TensorLike): Tensor;
/** Along an axis: the medians, and their places (i32). */
export function median(x: TensorLike, axis: number, options?: ReduceOptions): Sorted;
export function median(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor | Sorted {
  return middle("median", x, axis, options, (t, order, along) => {
    const n = t.shape[along]!;
    const place = part(order, along, (n - 1) >> 1, 1);
    if (!t.type.float) return place;
    const last = part(order, along, n - 1, 1); // NaN counts as the greatest.
    return where(isNaN(gather(t, along, last)), last, place);
  });
}

/**
 * As `median`, of the elements that are not NaN; NaN if all are.
 *
 * @throws ShapeError where there is no element
 */
export function nanmedian(x: TensorLike): Tensor;
/** Along an axis: the medians of what is not NaN, and their places (i32). */
export function nanmedian(x: TensorLike, axis: number, options?: ReduceOptions): Sorted;
export function nanmedian(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor | Sorted {
  return middle("nanmedian", x, axis, options, (t, order, along) => {
    const present = sum(logicalNot(isNaN(t)), along, { keepDims: true });
    const place = castTo(floor(mul(castTo(maximum(sub(present, 1), 0), "f64"), 0.5)), "i32");
    return gather(order, along, place);
  });
}

/**
 * The k-th smallest element along an axis, by default the last, counted from 1, and its place (i32).
 *
 * @throws ValueError for a k that is not from 1 to the length of the axis
 * @throws AxisError for an axis that x does not have
 */
export function kthvalue(x: TensorLike, k: number, axis = -1, options: ReduceOptions = {}): Sorted {
  checkOptions("kthvalue", options, KEEPS);
  const t = asTensor("kthvalue", x);
  const n = t.rank === 0 ? 1 : t.shape[normalizeAxis("kthvalue", axis, t.rank)]!;
  if (!Number.isInteger(k) || k < 1 || k > n) throw new ValueError("kthvalue", `k from 1 to ${n}`, String(k));
  return middle("kthvalue", t, axis, options, (_, order, along) => part(order, along, k - 1, 1)) as Sorted;
}

/** The elements at the places that `choose` finds in the order of an axis, or of all elements. */
function middle(
  operation: string,
  given: TensorLike,
  axis: number | undefined,
  options: ReduceOptions,
  choose: (t: Tensor, order: Tensor, along: number) => Tensor,
): Tensor | Sorted {
  checkOptions(operation, options, KEEPS);
  return composed(operation, given, () => {
    const x = asTensor(operation, given);
    const t = axis === undefined || x.rank === 0 ? reshape(x, [x.size]) : x;
    const along = normalizeAxis(operation, axis ?? 0, t.rank);
    if (t.shape[along] === 0) throw new ShapeError(operation, "at least one element", showShape(t.shape));
    const indices = choose(t, argsort(t, along), along);
    const values = gather(t, along, indices);
    const kept = (y: Tensor): Tensor => (x.rank === 0 ? reshape(y, []) : options.keepDims ? y : squeeze(y, along));
    return axis === undefined ? reshape(values, []) : { values: kept(values), indices: kept(indices) };
  });
}

/** Options of `quantile` and `nanquantile`. */
export interface QuantileOptions extends ReduceOptions {
  /** What lies between two neighbours: on the line (default), the lower or upper one, their mean, or the nearer one. */
  interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}

/**
 * Quantiles over axes, or over all: q = 0 is the least element, 1/2 the middle, 1 the greatest. A list of q gives a new first
 * axis. NaN if any element is. A tensor of q is read, and gets no derivative.
 *
 * @throws ValueError for a q that is not from 0 to 1
 * @throws ShapeError where there is no element
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function quantile(
  x: TensorLike,
  q: number | readonly number[] | Tensor,
  axes?: Axes,
  options: QuantileOptions = {},
): Tensor {
  return composed("quantile", x, () => quantiles("quantile", x, q, axes, options, false));
}

/**
 * As `quantile`, of the elements that are not NaN.
 *
 * @throws ValueError for a q that is not from 0 to 1
 * @throws ShapeError where there is no element
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function nanquantile(
  x: TensorLike,
  q: number | readonly number[] | Tensor,
  axes?: Axes,
  options: QuantileOptions = {},
): Tensor {
  return composed("nanquantile", x, () => quantiles("nanquantile", x, q, axes, options, true));
}

function quantiles(
  operation: string,
  x: TensorLike,
  q: number | readonly number[] | Tensor,
  axes: Axes | undefined,
  options: QuantileOptions,
  ignoresNaN: boolean,
): Tensor {
  const { keepDims, interpolation } = optionsOf(operation, options, { ...KEEPS, interpolation: "linear" });
  checkChoice(operation, "interpolation", interpolation, ["linear", "lower", "higher", "midpoint", "nearest"]);
  const t = float(asTensor(operation, x));
  const listed = normalizeAxes(operation, axes, t.rank);
  const kept = othersOf(t, listed);
  const lead = kept.map((axis) => t.shape[axis]!);
  const n = sizeOf(listed.map((axis) => t.shape[axis]!));
  if (n === 0) throw new ShapeError(operation, "at least one element", showShape(t.shape));
  const sorted = sort(reshape(permute(t, [...kept, ...listed]), [...lead, n])).values;
  const top = part(sorted, lead.length, n - 1, 1);
  const last = ignoresNaN
    ? maximum(sub(sum(castTo(logicalNot(isNaN(sorted)), t.dtype), -1, { keepDims: true }), 1), 0)
    : null;
  const at = (one: number): Tensor => {
    if (typeof one !== "number" || !(one >= 0 && one <= 1))
      throw new ValueError(operation, "q from 0 to 1", String(one));
    const y = last
      ? between(sorted, mul(last, one), interpolation)
      : where(isNaN(top), NaN, fixed(sorted, one * (n - 1), interpolation));
    return reshape(y, keepDims ? keptShape(t.shape, listed) : lead);
  };
  const wanted = q instanceof Tensor ? (q.rank === 0 ? data(q)[0]! : [...data(q)]) : q;
  if (!Array.isArray(wanted)) return at(wanted as number);
  return stack((wanted as readonly number[]).map(at));
}

type Interpolation = NonNullable<QuantileOptions["interpolation"]>;

/** The value at a position of the last axis. */
function fixed(sorted: Tensor, position: number, interpolation: Interpolation): Tensor {
  const axis = sorted.rank - 1;
  const pick = (place: number): Tensor => part(sorted, axis, place, 1);
  const lower = Math.floor(position);
  const share = position - lower;
  if (share === 0 || interpolation === "lower") return pick(lower);
  if (interpolation === "higher") return pick(lower + 1);
  if (interpolation === "nearest") return pick(share > 0.5 || (share === 0.5 && lower % 2 === 1) ? lower + 1 : lower);
  return mixed(pick(lower), pick(lower + 1), interpolation === "midpoint" ? 0.5 : share);
}

/** The same, with a position for each row. */
function between(sorted: Tensor, position: Tensor, interpolation: Interpolation): Tensor {
  const pick = (place: Tensor): Tensor => gather(sorted, sorted.rank - 1, castTo(place, "i32"));
  const lower = floor(position);
  if (interpolation === "lower") return pick(lower);
  if (interpolation === "higher") return pick(ceil(position));
  if (interpolation === "nearest") return pick(round(position));
  return mixed(pick(lower), pick(ceil(position)), interpolation === "midpoint" ? 0.5 : sub(position, lower));
}

/** The point of a line from a to b, from the nearer end. */
function mixed(a: Tensor, b: Tensor, share: number | Tensor): Tensor {
  const distance = sub(b, a);
  if (typeof share === "number") return share < 0.5 ? add(a, mul(distance, share)) : sub(b, mul(distance, 1 - share));
  return where(ge(share, 0.5), sub(b, mul(distance, sub(1, share))), add(a, mul(distance, share)));
}
