import { toArray } from "../../core/values/access.js";
import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { Tensor } from "../../core/graph.js";
import { checkChoice, optionsOf } from "../../core/options.js";
import {
  broadcastShapes,
  listOf,
  MOST_AXES,
  normalizeAxis,
  normalizePair,
  showShape,
  sizeOf,
  type Shape,
} from "../../core/shape.js";
import { AxisError, inNameOf, ShapeError, ValueError } from "../../errors.js";
import { expand, identity, permute, reshape } from "../../primitives/movement.js";
import { cat, flip, indexSelect, othersOf, transpose } from "./movement.js";
import { part } from "./split.js";

/**
 * One axis as several, of lengths whose product is its own; one of them may be -1. A view where strides allow it.
 *
 * @throws ShapeError for lengths with another product
 * @throws AxisError for an axis that x does not have
 */
export function unflatten(x: TensorLike, axis: number, shape: number | Shape): Tensor {
  const t = asTensor("unflatten", x);
  const lengths = listOf(shape);
  const along = normalizeAxis("unflatten", axis, t.rank);
  const length = t.shape[along]!;
  const known = lengths.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const whole = lengths.map((n) => (n === -1 ? length / known : n));
  if (sizeOf(whole) !== length || !whole.every(Number.isInteger))
    throw new ShapeError("unflatten", `lengths with the product ${length}`, showShape(lengths));
  return reshape(t, [...t.shape.slice(0, along), ...whole, ...t.shape.slice(along + 1)]);
}

/**
 * Axes moved to other places; those that are not named keep their order. A view.
 *
 * @throws AxisError for an axis that x does not have, for one that is named twice, and for fewer or more places than axes
 */
export function moveAxis(x: TensorLike, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const t = asTensor("moveAxis", x);
  const places = (axes: number | readonly number[]): number[] =>
    listOf(axes).map((axis) => normalizeAxis("moveAxis", axis, t.rank || 1));
  const [sources, targets] = [places(from), places(to)];
  if (sources.length !== targets.length || [sources, targets].some((axes) => new Set(axes).size !== axes.length))
    throw new AxisError("moveAxis", "as many places as axes, each once", `${String(from)} to ${String(to)}`);
  const rest = othersOf(t, sources);
  return permute(
    t,
    t.shape.map((_, axis) => (targets.includes(axis) ? sources[targets.indexOf(axis)]! : rest.shift()!)),
  );
}

/** Another name of `moveAxis`. */
export const movedim: typeof moveAxis = moveAxis;

/** Another name of `transpose`. */
export const swapAxes: typeof transpose = transpose;

/** Another name of `expand`. */
export const broadcastTo: typeof expand = expand;

/**
 * The tensors, all expanded to the shape that theirs broadcast to. Views.
 *
 * @throws ShapeError for shapes that do not broadcast
 */
export function broadcastTensors(tensors: readonly TensorLike[]): Tensor[] {
  const given = listOf(tensors).map((x) => asTensor("broadcastTensors", x));
  const shape = given.map((x) => x.shape).reduce((a, b) => broadcastShapes("broadcastTensors", a, b), []);
  return given.map((x) => expand(x, shape));
}

/**
 * x beside itself so often along each axis; more counts than axes are counts for new leading ones.
 *
 * @throws ShapeError for fewer counts than axes, or one that is no whole number from 0
 */
export function repeat(x: TensorLike, times: number | Shape): Tensor {
  const t = asTensor("repeat", x);
  const counts = listOf(times);
  if (counts.length < t.rank || counts.some((n) => !Number.isInteger(n) || n < 0))
    throw new ShapeError("repeat", `at least ${t.rank} whole counts for ${showShape(t.shape)}`, showShape(counts));
  const shape = [...new Array<number>(counts.length - t.rank).fill(1), ...t.shape];
  if (counts.every((n) => n === 1)) return reshape(t, shape);
  // Each axis that repeats gets one of its own in front.
  const split = shape.flatMap((length, axis) => (counts[axis] === 1 ? [length] : [1, length]));
  if (split.length > MOST_AXES)
    throw new ShapeError("repeat", `at most ${MOST_AXES} axes on the way`, `${split.length}`);
  const wide = shape.flatMap((length, axis) => (counts[axis] === 1 ? [length] : [counts[axis]!, length]));
  const all = expand(reshape(t, split), wide);
  return reshape(
    all,
    shape.map((length, axis) => length * counts[axis]!),
  );
}

/**
 * As `repeat`, but fewer counts than axes are counts for the last axes. NumPy's tile.
 *
 * @throws ShapeError for a count that is no whole number from 0
 */
export function tile(x: TensorLike, times: number | Shape): Tensor {
  const t = asTensor("tile", x);
  const counts = listOf(times);
  return inNameOf("tile", () =>
    repeat(t, [...new Array<number>(Math.max(0, t.rank - counts.length)).fill(1), ...counts]),
  );
}

/**
 * Each entry of an axis so often, one after another: one count for all, or one for each. Without an axis, each element of
 * the flattened tensor.
 *
 * @throws ValueError for counts that are not whole numbers from 0, or not one for each entry
 * @throws AxisError for an axis that x does not have
 */
export function repeatInterleave(
  x: TensorLike,
  times: number | readonly number[] | Tensor,
  axis?: number | null,
): Tensor {
  const counts = times instanceof Tensor ? (toArray(times) as number | readonly number[]) : times;
  let t = asTensor("repeatInterleave", x);
  if (axis === undefined || axis === null || t.rank === 0) t = reshape(t, [t.size]);
  const along = normalizeAxis("repeatInterleave", axis ?? 0, t.rank);
  const length = t.shape[along]!;
  const listed = [counts].flat() as readonly number[];
  if ((typeof counts !== "number" && listed.length !== length) || listed.some((n) => !Number.isInteger(n) || n < 0))
    throw new ValueError("repeatInterleave", `a whole count, or ${length} of them`, String(counts));
  if (typeof counts !== "number") {
    const total = listed.reduce((sum, n) => sum + n, 0);
    if (total > 536_870_912) throw new ValueError("repeatInterleave", "at most 536870912 in all", String(total));
    const places = new Int32Array(total);
    let end = 0;
    for (const [i, n] of listed.entries()) places.fill(i, end, (end += n));
    return indexSelect(t, along, places);
  }
  const [lead, rest] = [t.shape.slice(0, along + 1), t.shape.slice(along + 1)];
  const wide = inNameOf("repeatInterleave", () =>
    expand(reshape(t, [...lead, 1, ...rest]), [...lead, counts, ...rest]),
  );
  return reshape(wide, [...t.shape.slice(0, along), length * counts, ...rest]);
}

/**
 * The elements moved along axes, round the end: by `shifts[i]` places along `axes[i]`. Without axes, of the flattened tensor.
 *
 * @throws ValueError for shifts that are not whole, or not as many as axes
 * @throws AxisError for an axis that x does not have
 */
export function roll(
  x: TensorLike,
  shifts: number | readonly number[],
  axes?: number | readonly number[] | null,
): Tensor {
  const t = asTensor("roll", x);
  if (axes === undefined || axes === null) return reshape(roll(reshape(t, [t.size]), shifts, 0), t.shape);
  const along = listOf(axes).map((axis) => normalizeAxis("roll", axis, t.rank || 1));
  const by = listOf(shifts);
  if (by.length !== along.length || !by.every(Number.isInteger))
    throw new ValueError("roll", `a whole shift for each of ${along.length} axes`, String(shifts));
  return by.reduce((y, shift, i) => rollOne(y, shift, along[i]!), identity(t));
}

function rollOne(x: Tensor, shift: number, axis: number): Tensor {
  const length = x.shape[axis] ?? 1;
  const start = length === 0 ? 0 : ((shift % length) + length) % length;
  if (start === 0) return x;
  return cat([part(x, axis, length - start, start), part(x, axis, 0, length - start)], axis);
}

/**
 * Turned by `count` quarters in the plane of two axes, from the first towards the second. A view.
 *
 * @throws AxisError unless there are two different axes
 * @throws ValueError for a count that is not whole
 */
export function rot90(x: TensorLike, count = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  const t = asTensor("rot90", x);
  checkWhole("rot90", "number of quarters", count);
  const [a, b] = normalizePair("rot90", axes, t.rank);
  const quarters = ((count % 4) + 4) % 4;
  if (quarters === 0) return identity(t);
  if (quarters === 2) return flip(t, [a, b]);
  return transpose(flip(t, quarters === 1 ? b : a), a, b);
}

/** How `meshgrid` orders the axes. */
export interface MeshgridOptions {
  /** "ij" (default): axis i belongs to vector i. "xy": the first two axes change places, as in pictures. */
  indexing?: "ij" | "xy";
}

/**
 * Vectors as the coordinates of a grid: each expanded along the axes of the others. Views.
 *
 * @throws ShapeError for what is no vector
 */
export function meshgrid(vectors: readonly TensorLike[], options?: MeshgridOptions): Tensor[] {
  const { indexing } = optionsOf("meshgrid", options, { indexing: "ij" });
  checkChoice("meshgrid", "indexing", indexing, ["ij", "xy"]);
  const given = listOf(vectors).map((x) => asTensor("meshgrid", x));
  for (const x of given) if (x.rank > 1) throw new ShapeError("meshgrid", "vectors", showShape(x.shape));
  const swaps = indexing === "xy" && given.length > 1;
  const place = (i: number): number => (swaps && i < 2 ? 1 - i : i);
  const shape = given.map((_, i) => given[place(i)]!.size);
  return given.map((x, i) =>
    expand(
      reshape(
        x,
        shape.map((length, axis) => (axis === place(i) ? length : 1)),
      ),
      shape,
    ),
  );
}

/**
 * [.., c f², h, w] as [.., c, h f, w f]: every f² channels become the pixels of one. Source: Shi et al. (2016).
 *
 * @throws ShapeError unless the square of the factor divides the channels
 */
export function pixelShuffle(x: TensorLike, factor: number): Tensor {
  const t = asTensor("pixelShuffle", x);
  const [channels = NaN, height = NaN, width = NaN] = t.shape.slice(-3);
  const count = channels / (factor * factor);
  if (t.rank < 3 || !Number.isInteger(count) || !isFactor(factor))
    throw new ShapeError("pixelShuffle", `[.., channels ${factor}², height, width]`, showShape(t.shape));
  const lead = t.shape.slice(0, -3);
  const split = reshape(t, [...lead, count, factor, factor, height, width]);
  const turned = permute(split, [...lead.map((_, i) => i), ...[0, 3, 1, 4, 2].map((axis) => lead.length + axis)]);
  return reshape(turned, [...lead, count, height * factor, width * factor]);
}

function isFactor(factor: number): boolean {
  return Number.isInteger(factor) && factor > 0;
}

/**
 * The inverse of `pixelShuffle`: [.., c, h f, w f] as [.., c f², h, w].
 *
 * @throws ShapeError unless the factor divides height and width
 */
export function pixelUnshuffle(x: TensorLike, factor: number): Tensor {
  const t = asTensor("pixelUnshuffle", x);
  const [channels = NaN, high = NaN, wide = NaN] = t.shape.slice(-3);
  const [height, width] = [high / factor, wide / factor];
  if (t.rank < 3 || ![height, width].every(Number.isInteger) || !isFactor(factor))
    throw new ShapeError("pixelUnshuffle", `[.., channels, height ${factor}, width ${factor}]`, showShape(t.shape));
  const lead = t.shape.slice(0, -3);
  const split = reshape(t, [...lead, channels, height, factor, width, factor]);
  const turned = permute(split, [...lead.map((_, i) => i), ...[0, 2, 4, 1, 3].map((axis) => lead.length + axis)]);
  return reshape(turned, [...lead, channels * factor * factor, height, width]);
}
