import { inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { Tensor } from "../../core/graph.js";
import { composed } from "../../core/running/scopes.js";
import { listOf, normalizePosition, sameShape, showShape, type Shape } from "../../core/shape.js";
import { IndexError } from "../../errors.js";
import { reshape, stridedSlice, type Box } from "../../primitives/movement.js";
import { pickByTensors } from "./advanced.js";

/**
 * One entry of a slice: a position, which drops the axis; [start, stop, step], where null or nothing stands for the end and
 * negative positions count from it; "..." for all axes that are not named; "newaxis" for a new one of length 1; a tensor of
 * integers, whose shape replaces the axis; a tensor of truth values, for the places where it holds.
 */
export type SliceIndex =
  number | readonly [(number | null)?, (number | null)?, (number | null)?] | "..." | "newaxis" | Tensor;

/** An index, worked out for a tensor: a box, the shape that it is read in, and the tensors by axis of that shape. */
export interface Selection {
  readonly box: Box;
  readonly shape: Shape;
  readonly tensors: readonly (readonly [axis: number, index: Tensor])[];
}

/**
 * Part of a tensor by NumPy's rules: `slice(x, 0, [1, null], "...", [null, null, -1])`, a view; with tensors among the
 * entries, `slice(x, rows, "...")` or `slice(x, gt(x, 0))`, a copy. Several tensors broadcast against each other; their shape
 * stands where the first is if they are neighbours, else in front. The shape of what truth values pick depends on
 * their number, which is read.
 *
 * @throws IndexError for what is outside, or no index
 */
export function slice(x: TensorLike, ...index: SliceIndex[]): Tensor {
  const t = asTensor("slice", x);
  const { box, shape, tensors } = selectionOf("slice", t, index);
  const part = stridedSlice(t, box);
  const view = sameShape(shape, part.shape) ? part : inPlaceOf(part, reshape(part, shape));
  return tensors.length === 0 ? view : composed("slice", view, () => pickByTensors("slice", view, tensors));
}

/** Works out an index. */
export function selectionOf(operation: string, x: Tensor, index: readonly SliceIndex[]): Selection {
  const starts: number[] = [];
  const sizes: number[] = [];
  const steps: number[] = [];
  const shape: number[] = [];
  const tensors: (readonly [number, Tensor])[] = [];
  for (const entry of completeIndex(operation, x, index)) {
    if (entry === "newaxis") {
      shape.push(1);
      continue;
    }
    if (entry instanceof Tensor) tensors.push([shape.length, entry]);
    for (let i = entry instanceof Tensor ? axesOf(entry) : 1; i > 0; i--) {
      const axis = starts.length;
      const length = x.shape[axis]!;
      const range =
        typeof entry === "number"
          ? positionAt(operation, entry, length, axis)
          : rangeOf(operation, entry instanceof Tensor ? [] : entry, length);
      starts.push(range.start);
      sizes.push(range.size);
      steps.push(range.step);
      if (typeof entry !== "number") shape.push(range.size);
    }
  }
  return { box: { starts, sizes, steps }, shape, tensors };
}

/** Axes that an entry takes up: truth values one for each of their own. */
function axesOf(entry: SliceIndex): number {
  if (entry === "..." || entry === "newaxis") return 0;
  return entry instanceof Tensor && entry.dtype === "bool" ? entry.rank : 1;
}

type Entry = Exclude<SliceIndex, "...">;

/** The index with "..." written out, and the axes at the end that it leaves out. */
function completeIndex(operation: string, x: Tensor, given: readonly SliceIndex[]): Entry[] {
  const index = listOf<SliceIndex>(given);
  const named = index.reduce<number>((sum, entry) => sum + axesOf(entry), 0);
  if (named > x.rank)
    throw new IndexError(operation, `at most ${x.rank} entries for ${showShape(x.shape)}`, `${named}`);
  const rest = Array.from({ length: x.rank - named }, (): Entry => []);
  const dots = index.indexOf("...");
  if (dots < 0) return [...(index as readonly Entry[]), ...rest];
  if (index.indexOf("...", dots + 1) >= 0) throw new IndexError(operation, 'one "..." at most', "two");
  return [...(index.slice(0, dots) as Entry[]), ...rest, ...(index.slice(dots + 1) as Entry[])];
}

interface Range {
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

function positionAt(operation: string, position: number, length: number, axis: number): Range {
  return { start: normalizePosition(operation, position, length, `on axis ${axis}`), size: 1, step: 1 };
}

/** Python's rules for start, stop and step: positions beyond the ends are held to them. */
function rangeOf(operation: string, entry: readonly (number | null | undefined)[], length: number): Range {
  if (!Array.isArray(entry))
    throw new IndexError(operation, 'positions, [start, stop, step], "...", "newaxis" or tensors', String(entry));
  if (entry.length > 3)
    throw new IndexError(operation, "[start, stop, step], or a tensor of positions", `${entry.length} numbers`);
  const step = entry[2] ?? 1;
  if (step === 0) throw new IndexError(operation, "a step other than 0", "0");
  for (const part of entry) {
    if (!Number.isInteger(part ?? 0)) throw new IndexError(operation, "whole numbers as indices", String(part));
  }
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const held = (position: number | null | undefined, otherwise: number): number =>
    position === null || position === undefined
      ? otherwise
      : Math.min(Math.max(position < 0 ? position + length : position, low), high);
  const start = held(entry[0], step > 0 ? low : high);
  const stop = held(entry[1], step > 0 ? high : low);
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return { start: size === 0 ? 0 : start, size, step };
}
