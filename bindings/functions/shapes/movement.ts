import { inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { promote } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { listOf, normalizeAxis, normalizePosition, sameShape, showShape, type Shape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, eq, lt, where } from "../../primitives/elementwise/arithmetic.js";
import { asIndex } from "../../primitives/define.js";
import { gatherRows } from "../../primitives/indexing.js";
import { cast, detach, embed, permute, reshape, stridedSlice, type Box } from "../../primitives/movement.js";

/**
 * Two axes exchanged; by default the last two. A view.
 *
 * @throws AxisError for an axis that x does not have
 */
export function transpose(x: TensorLike, axis0 = -2, axis1 = -1): Tensor {
  const t = asTensor("transpose", x);
  const a = normalizeAxis("transpose", axis0, t.rank || 1);
  const b = normalizeAxis("transpose", axis1, t.rank || 1);
  return permute(
    t,
    t.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/**
 * The axes from `start` to `end` (both included) as one. A view where strides allow it.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ShapeError for a start after the end
 */
export function flatten(x: TensorLike, start = 0, end = -1): Tensor {
  const t = asTensor("flatten", x);
  if (t.rank === 0) return reshape(t, [1]);
  const from = normalizeAxis("flatten", start, t.rank);
  const to = normalizeAxis("flatten", end, t.rank);
  if (from > to) throw new ShapeError("flatten", "a start that is not after the end", `${start} and ${end}`);
  const merged = t.shape.slice(from, to + 1).reduce((size, length) => size * length, 1);
  return reshape(t, [...t.shape.slice(0, from), merged, ...t.shape.slice(to + 1)]);
}

/**
 * Without axes of length 1: all of them, or the given one if its length is 1. A view.
 *
 * @throws AxisError for an axis that x does not have
 */
export function squeeze(x: TensorLike, axis?: number): Tensor {
  const t = asTensor("squeeze", x);
  const only = axis === undefined ? undefined : normalizeAxis("squeeze", axis, t.rank || 1);
  return reshape(
    t,
    t.shape.filter((length, i) => length !== 1 || (only !== undefined && i !== only)),
  );
}

/**
 * A new axis of length 1 at a position. A view.
 *
 * @throws AxisError for a position that is not among those of the result
 */
export function unsqueeze(x: TensorLike, axis: number): Tensor {
  const t = asTensor("unsqueeze", x);
  const at = normalizeAxis("unsqueeze", axis, t.rank + 1);
  return reshape(t, [...t.shape.slice(0, at), 1, ...t.shape.slice(at)]);
}

/**
 * The elements in reverse order along axes, by default all. A view.
 *
 * @throws AxisError for an axis that x does not have
 */
export function flip(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const t = asTensor("flip", x);
  const listed = axes === undefined ? t.shape.map((_, axis) => axis) : listOf(axes);
  const turned = new Set(listed.map((axis) => normalizeAxis("flip", axis, t.rank || 1)));
  return stridedSlice(t, {
    starts: t.shape.map((length, axis) => (turned.has(axis) ? Math.max(length - 1, 0) : 0)),
    sizes: t.shape,
    steps: t.shape.map((_, axis) => (turned.has(axis) ? -1 : 1)),
  });
}

/**
 * Elements along an axis by index (i32 tensor or array, negative counts from the end): the index's shape replaces the axis.
 *
 * @throws AxisError for an axis that x does not have
 * @throws IndexError for an index that is outside it, or no whole number
 */
export function indexSelect(x: TensorLike, axis: number, index: TensorLike): Tensor {
  const t = asTensor("indexSelect", x);
  const along = normalizeAxis("indexSelect", axis, t.rank);
  const positions = asIndex(index, "indexSelect");
  const turned = along === 0 ? t : permute(t, [along, ...othersOf(t, [along])]);
  return behind(gatherRows(turned, positions, "indexSelect"), positions.rank, along);
}

/** The axes of x but some. */
export function othersOf({ shape }: Tensor, axes: readonly number[]): number[] {
  return shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
}

/** Rows that were picked, with the axes of the index, which come first, behind so many of the others. */
export function behind(picked: Tensor, lead: number, before: number): Tensor {
  if (before === 0) return picked;
  const at = (from: number, to: number): number[] => picked.shape.map((_, axis) => axis).slice(from, to);
  const end = lead + before;
  return inPlaceOf(picked, permute(picked, [...at(lead, end), ...at(0, lead), ...at(end, picked.rank)]));
}

export { asIndex };

/** How rows are looked up. */
export interface EmbeddingOptions {
  /** A row that gets no gradient, counted from the end where it is negative. */
  paddingIdx?: number;
}

/**
 * Rows of a table of embeddings [rows, width] by index [..]: [.., width].
 *
 * @throws IndexError for an index that is outside the table, or no whole number
 */
export function embedding(weight: TensorLike, indices: TensorLike, options: EmbeddingOptions = {}): Tensor {
  checkOptions("embedding", options, { paddingIdx: 0 });
  const { paddingIdx } = options;
  const table = asTensor("embedding", weight);
  const at = asIndex(indices, "embedding");
  const rows = gatherRows(table, at, "embedding");
  if (paddingIdx === undefined) return rows;
  const count = table.shape[0]!;
  const padding = normalizePosition("embedding", paddingIdx, count, "as paddingIdx");
  const isPadding = eq(where(lt(at, 0), add(at, count), at), padding);
  return where(reshape(isPadding, [...at.shape, ...table.shape.slice(1).map(() => 1)]), detach(rows), rows);
}

/**
 * Tensors one after another along an axis, in which alone their shapes may differ; empty vectors go with any, as PyTorch's do.
 *
 * @throws ShapeError for shapes that differ along another axis
 * @throws AxisError for an axis that the first tensor does not have
 * @throws ValueError for an empty list
 */
export function cat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const all = together("cat", tensors);
  const filled = all.filter(({ rank, size }) => rank !== 1 || size > 0);
  const parts = filled.length > 0 ? filled : all;
  const first = parts[0]!;
  const along = normalizeAxis("cat", axis, first.rank);
  const others = (shape: Shape) => shape.filter((_, i) => i !== along);
  for (const x of parts) {
    if (x.rank !== first.rank || !sameShape(others(x.shape), others(first.shape))) {
      throw new ShapeError(
        "cat",
        `shapes equal but for axis ${along}`,
        `${showShape(first.shape)} and ${showShape(x.shape)}`,
      );
    }
  }
  let at = 0;
  const boxes = parts.map((x): Box => {
    const box = {
      starts: first.shape.map((_, i) => (i === along ? at : 0)),
      sizes: x.shape,
      steps: first.shape.map(() => 1),
    };
    at += x.shape[along]!;
    return box;
  });
  return embed(
    parts,
    boxes,
    first.shape.map((length, i) => (i === along ? at : length)),
    true,
  );
}

/** Another name of `cat`. */
export const concat: typeof cat = cat;

/**
 * Tensors of one shape along a new axis.
 *
 * @throws ShapeError for shapes that differ
 * @throws AxisError for a position that is not among those of the result
 * @throws ValueError for an empty list
 */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const parts = together("stack", tensors);
  const along = normalizeAxis("stack", axis, parts[0]!.rank + 1);
  for (const x of parts) {
    if (!sameShape(x.shape, parts[0]!.shape)) {
      throw new ShapeError("stack", "tensors of one shape", `${showShape(parts[0]!.shape)} and ${showShape(x.shape)}`);
    }
  }
  return cat(
    parts.map((x) => unsqueeze(x, along)),
    along,
  );
}

/** At least one tensor, all of one dtype. */
function together(operation: string, tensors: readonly TensorLike[]): Tensor[] {
  const parts = listOf(tensors).map((x) => asTensor(operation, x));
  if (parts.length === 0) throw new ValueError(operation, "at least one tensor", "none");
  const dtype = parts.map((x) => x.dtype).reduce((a, b) => (a === b ? a : promote(a, b)));
  return parts.map((x) => (x.dtype === dtype ? x : cast(x, dtype)));
}
