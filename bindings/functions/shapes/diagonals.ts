import { checkWhole } from "../../core/checks.js";
import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { normalizeAxis, showShape } from "../../core/shape.js";
import { AxisError, inNameOf, ShapeError } from "../../errors.js";
import { ge, le, where } from "../../primitives/elementwise/arithmetic.js";
import { iota } from "../../primitives/generate.js";
import { embed, reshape, stridedSlice, type Box } from "../../primitives/movement.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { moveAxis } from "./arrange.js";

/**
 * The elements x[.., i, .., i + offset, ..] of two axes, which become one at the end; an offset below 0 is below the main
 * diagonal. A view where x is dense.
 *
 * @throws AxisError unless x has both axes, and they differ
 * @throws ValueError for an offset that is not whole
 */
export function diagonal(x: TensorLike, offset = 0, axis1 = 0, axis2 = 1): Tensor {
  const t = asTensor("diagonal", x);
  checkWhole("diagonal", "offset", offset);
  const matrices = moveAxis(t, planeOf("diagonal", t.rank, axis1, axis2), [-2, -1]);
  const lead = matrices.shape.slice(0, -2);
  const [rows, columns] = matrices.shape.slice(-2) as [number, number];
  const { start, count } = lineOf(rows, columns, offset);
  const flat = reshape(matrices, [...lead, rows * columns]);
  return stridedSlice(flat, lineBox(lead, start, count, columns + 1));
}

/**
 * The last axis of x as a diagonal of two new axes, zeros elsewhere. The transpose of `diagonal`.
 *
 * @throws ShapeError for a 0-d tensor
 * @throws AxisError unless the result has both axes, and they differ
 * @throws ValueError for an offset that is not whole
 */
export function diagEmbed(x: TensorLike, offset = 0, axis1 = -2, axis2 = -1): Tensor {
  const t = asTensor("diagEmbed", x);
  if (t.rank === 0) throw new ShapeError("diagEmbed", "a vector, or a batch of them", showShape(t.shape));
  const lead = t.shape.slice(0, -1);
  const count = t.shape[t.rank - 1]!;
  checkWhole("diagEmbed", "offset", offset);
  const side = count + Math.abs(offset);
  const { start } = lineOf(side, side, offset);
  const flat = embed([t], [lineBox(lead, start, count, side + 1)], [...lead, side * side]);
  const matrices = reshape(flat, [...lead, side, side]);
  return moveAxis(matrices, [-2, -1], planeOf("diagEmbed", matrices.rank, axis1, axis2));
}

/**
 * A vector as the diagonal of a matrix; of a matrix the diagonal.
 *
 * @throws ShapeError for what is neither a vector nor a matrix
 * @throws ValueError for an offset that is not whole
 */
export function diag(x: TensorLike, offset = 0): Tensor {
  const t = asTensor("diag", x);
  if (t.rank === 1 || t.rank === 2)
    return inNameOf("diag", () => (t.rank === 1 ? diagEmbed(t, offset) : diagonal(t, offset)));
  throw new ShapeError("diag", "a vector or a matrix", showShape(t.shape));
}

/**
 * Sum of the diagonal of a matrix.
 *
 * @throws ShapeError for what is no matrix
 */
export function trace(x: TensorLike): Tensor {
  const t = asTensor("trace", x);
  if (t.rank !== 2) throw new ShapeError("trace", "a matrix", showShape(t.shape));
  return sum(diagonal(t));
}

/**
 * The last two axes from a diagonal upwards; 0 below.
 *
 * @throws ShapeError for less than two axes
 * @throws ValueError for an offset that is not whole
 */
export function triu(x: TensorLike, offset = 0): Tensor {
  const t = matricesOf("triu", x);
  const { column, row } = places("triu", t, offset);
  return where(ge(column, row), t, constant(0, t.dtype));
}

/**
 * The last two axes from a diagonal downwards; 0 above.
 *
 * @throws ShapeError for less than two axes
 * @throws ValueError for an offset that is not whole
 */
export function tril(x: TensorLike, offset = 0): Tensor {
  const t = matricesOf("tril", x);
  const { column, row } = places("tril", t, offset);
  return where(le(column, row), t, constant(0, t.dtype));
}

function matricesOf(operation: string, x: TensorLike): Tensor {
  const t = asTensor(operation, x);
  if (t.rank < 2) throw new ShapeError(operation, "a matrix, or a batch of them", showShape(t.shape));
  return t;
}

/** Columns, and the column in which each row meets the diagonal. */
function places(operation: string, x: Tensor, offset: number): { column: Tensor; row: Tensor } {
  checkWhole(operation, "offset", offset);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return { column: iota(columns, "i32"), row: reshape(iota(rows, "i32", offset), [rows, 1]) };
}

function planeOf(operation: string, rank: number, axis1: number, axis2: number): [number, number] {
  const [a, b] = [axis1, axis2].map((axis) => normalizeAxis(operation, axis, rank)) as [number, number];
  if (a === b) throw new AxisError(operation, "two axes", `axis ${a} twice`);
  return [a, b];
}

/** Where a diagonal begins in the flat matrix, and its length. */
function lineOf(rows: number, columns: number, offset: number): { start: number; count: number } {
  const count = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
  return { start: count === 0 ? 0 : offset >= 0 ? offset : -offset * columns, count };
}

/** Every `step`-th element of the last axis. */
function lineBox(lead: readonly number[], start: number, count: number, step: number): Box {
  return {
    starts: [...lead.map(() => 0), start],
    sizes: [...lead, count],
    steps: [...lead.map(() => 1), step],
  };
}
