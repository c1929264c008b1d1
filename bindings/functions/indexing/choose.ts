import { item, toArray } from "../../core/values/access.js";
import { apply } from "../../core/running/apply.js";
import { asTensor, makeTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { composed, ownedBy } from "../../core/running/scopes.js";
import { broadcastShapes, normalizeAxes, normalizeAxis } from "../../core/shape.js";
import { DTypeError, inNameOf } from "../../errors.js";
import { add, ne, sub, where as choose } from "../../primitives/elementwise/arithmetic.js";
import { asIndex, dense, expandTo, named, operation, valueFor, type Operation } from "../../primitives/define.js";
import { fill, iota } from "../../primitives/generate.js";
import { gather, gatherRows, lastPlaces, scatterAddRows } from "../../primitives/indexing.js";
import { cast, copy, expand, reshape } from "../../primitives/movement.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { cumsum } from "../../primitives/reductions/scan.js";
import { moveAxis } from "../shapes/arrange.js";
import { cat, stack } from "../shapes/movement.js";
import { part } from "../shapes/split.js";
import { sort } from "./order.js";

// How many elements are chosen is read where the shape of the result depends on it: inside `compile` and `vmap` that is an error.

/**
 * x with `value` where the mask holds, elementwise with broadcasting: a number, or a tensor, that x's dtype can hold.
 *
 * @throws DTypeError for a mask that is not of truth values
 * @throws ShapeError for shapes that do not broadcast
 */
export function maskedFill(x: TensorLike, mask: TensorLike, value: TensorLike): Tensor {
  const t = asTensor("maskedFill", x);
  return inNameOf("maskedFill", () => choose(truths("maskedFill", mask), valueFor("maskedFill", value, t), t));
}

/**
 * The elements where the mask, which broadcasts with x, holds: a vector in row-major order.
 *
 * @throws DTypeError for a mask that is not of truth values
 * @throws ShapeError for shapes that do not broadcast
 */
export function maskedSelect(x: TensorLike, mask: TensorLike): Tensor {
  const t = asTensor("maskedSelect", x);
  const m = truths("maskedSelect", mask);
  const shape = broadcastShapes("maskedSelect", t.shape, m.shape);
  return gatherRows(flat(expandTo(t, shape)), placesOf(flat(expandTo(m, shape))));
}

/** The positions of all elements that are not zero, i32 [count, axes], in row-major order. */
export function nonzero(x: TensorLike): Tensor {
  return composed("nonzero", null, () => {
    const t = asTensor("nonzero", x);
    if (t.rank === 0) return fill([placesOf(flat(isThere(t))).size, 0], 0, "i32");
    return stack(coordinates(isThere(t)), 1);
  });
}

/** Another name of `nonzero`. */
export const argwhere: typeof nonzero = nonzero;

/** How `where` is called. */
export interface Where {
  /** x where the condition holds, y elsewhere; elementwise with broadcasting. The condition is a tensor of truth values. */
  (condition: TensorLike, x: TensorLike, y: TensorLike): Tensor;
  /** Where elements are not zero: of each axis the positions, i32 [count], in row-major order. A 0-d tensor counts as a vector. */
  (condition: TensorLike): Tensor[];
}

/**
 * x where the condition holds, y elsewhere; elementwise with broadcasting. The condition is a tensor of truth values. Of a
 * condition alone, where its elements are not zero: of each axis the positions, i32 [count], as `nonzero` has them in columns.
 */
export const where: Operation<Where> = operation(choose.primitive, ((
  condition: TensorLike,
  x?: TensorLike,
  y?: TensorLike,
) => {
  if ((x ?? y) !== undefined) return choose(condition, x!, y!); // Which refuses one alone.
  return ownedBy("where", () => {
    const t = asTensor("where", condition);
    return coordinates(isThere(t.rank === 0 ? flat(t) : t));
  });
}) as Where);

/** Which elements are not zero. */
function isThere(x: Tensor): Tensor {
  return x.dtype === "bool" ? x : ne(x, 0);
}

/** Of each axis the positions, i32 [count], where truth values hold. */
export function coordinates(mask: Tensor): Tensor[] {
  const places = placesOf(flat(mask));
  if (mask.rank === 1) return [places];
  return mask.shape.map((length, axis) =>
    ownedBy("nonzero", () => {
      const along = reshape(
        iota(length, "i32"),
        mask.shape.map((n, i) => (i === axis ? n : 1)),
      );
      return gatherRows(flat(expand(along, mask.shape)), places);
    }),
  );
}

/** Where a vector of truth values holds, i32, in ascending order. */
function placesOf(mask: Tensor): Tensor {
  return ownedBy("nonzero", () => {
    const ones = cast(mask, "i32");
    const count = item(sum(ones));
    // Those that do not are placed in one more row.
    const rows = lastPlaces(choose(mask, sub(cumsum(ones, 0), 1), count), count + 1);
    return copy(part(rows, 0, 0, count));
  });
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}

function truths(operation: string, mask: TensorLike): Tensor {
  const m = asTensor(operation, mask);
  if (m.dtype !== "bool") throw new DTypeError(operation, "a mask of dtype bool, such as x.ne(0)", m.dtype);
  return m;
}

/** What `uniqueAll` finds. */
export interface Uniques {
  /** The different elements, in ascending order. */
  values: Tensor;
  /** For each element of x its place among them, i32 of the shape of x; for each entry along an axis, i32 [entries]. */
  inverse: Tensor;
  /** How often each occurs, i32. */
  counts: Tensor;
}

/** What `unique` is to give besides the elements. */
export interface UniqueOptions {
  /** Where each element of x is among them. Default false. */
  returnInverse?: boolean;
  /** How often each occurs. Default false. */
  returnCounts?: boolean;
  /** Taken for the sake of ported code: the elements always come in order. */
  sorted?: boolean;
  /** The entries along this axis are told apart, instead of the elements: rows for 0. They come in ascending order of their first element, then of the next. */
  dim?: number | null;
}

/** The different elements of a tensor, or entries along an axis, in ascending order; each NaN differs from every other. */
export function unique(
  x: TensorLike,
  options?: UniqueOptions & { readonly returnInverse?: false; readonly returnCounts?: false },
): Tensor;
/** With what else is asked for of `uniqueAll`. */
export function unique(x: TensorLike, options: UniqueOptions): Pick<Uniques, "values"> & Partial<Uniques>;
export function unique(x: TensorLike, options: UniqueOptions = {}): Tensor | Partial<Uniques> {
  checkOptions("unique", options, { returnInverse: false, returnCounts: false, sorted: false, dim: null });
  const { returnInverse, returnCounts, dim = null } = options;
  return ownedBy("unique", () => {
    const { values, inverse, counts } = dim === null ? uniqueOf("unique", x) : uniqueAlong("unique", x, dim);
    if (!returnInverse && !returnCounts) return values;
    return { values, ...(returnInverse && { inverse }), ...(returnCounts && { counts }) };
  });
}

/** The different elements of a tensor, where each is, and how often. */
export function uniqueAll(x: TensorLike): Uniques {
  return ownedBy("uniqueAll", () => uniqueOf("uniqueAll", x));
}

function uniqueOf(operation: string, x: TensorLike): Uniques {
  const t = asTensor(operation, x);
  const { values, indices } = sort(flat(t));
  const one = Math.min(1, t.size);
  const others = t.size - one;
  const begins = cat([fill([one], 1, "bool"), ne(part(values, 0, one, others), part(values, 0, 0, others))]);
  const places = placesOf(begins);
  const number = sub(cumsum(cast(begins, "i32"), 0), 1);
  return {
    values: gatherRows(values, places),
    inverse: reshape(scatterAddRows(number, indices, t.size), t.shape),
    counts: scatterAddRows(fill([t.size], 1, "i32"), number, places.size),
  };
}

/** The different entries along an axis, in order; where each is [entries], and how often. */
function uniqueAlong(operation: string, x: TensorLike, dim: number): Uniques {
  const t = asTensor(operation, x);
  const along = normalizeAxis(operation, dim, t.rank);
  const turned = moveAxis(t, along, 0);
  const count = t.shape[along]!;
  // In f64, which holds all numbers of all types; zeros of both signs are one.
  const rows = toArray(reshape(add(cast(turned, "f64"), 0), [count, count && t.size / count])) as number[][];
  const order = rows.map((_, i) => i);
  order.sort((a, b) => {
    const [p, q] = [rows[a]!, rows[b]!];
    const at = p.findIndex((value, i) => !Object.is(value, q[i]));
    // NaN counts as the greatest.
    return at < 0 ? 0 : p[at]! < q[at]! || Number.isNaN(q[at]) ? -1 : 1;
  });
  const places: number[] = [];
  const counts: number[] = [];
  const inverse: number[] = [];
  for (const [i, place] of order.entries()) {
    const before = rows[order[i - 1]!];
    if (!before?.every((value, j) => value === rows[place]![j])) counts[places.push(place) - 1] = 0;
    inverse[place] = places.length - 1;
    counts[places.length - 1]!++;
  }
  const whole = (values: ArrayLike<number>): Tensor => makeTensor(operation, Int32Array.from(values));
  return {
    values: moveAxis(gatherRows(turned, whole(places)), 0, along),
    inverse: whole(inverse),
    counts: whole(counts),
  };
}

/**
 * Elements of the flattened tensor by index (negative counts from the end), in the index's shape.
 *
 * @throws IndexError for an index that is outside, or no whole number
 */
export function take(x: TensorLike, index: TensorLike): Tensor {
  return gatherRows(flat(asTensor("take", x)), asIndex(index, "take"), "take");
}

/** Along the last axis, the elements that an index of as many axes says; none counts from the end. */
export function pick(operation: string, x: Tensor, index: Tensor): Tensor {
  return apply(named(gather.primitive, operation), [dense(x), dense(index)], ~(x.rank - 1));
}

/**
 * Number of elements that are not zero, over axes or over all, i32.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function countNonzero(x: TensorLike, axes?: number | readonly number[] | null): Tensor {
  const t = asTensor("countNonzero", x);
  return sum(isThere(t), normalizeAxes("countNonzero", axes, t.rank));
}
