import { asTensor, type TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { broadcastShapes, showShape } from "../../core/shape.js";
import { DTypeError, ShapeError } from "../../errors.js";
import { expandTo, meet } from "../../primitives/define.js";
import { transposed as exchanged } from "../../primitives/matrices.js";

/** Matrices of a floating-point type; square ones, unless any will do. */
export function matrixOf(operation: string, x: TensorLike, any = false): Tensor {
  return checked(operation, asTensor(operation, x), any);
}

function checked(operation: string, t: Tensor, any: boolean): Tensor {
  if (!t.type.float) throw new DTypeError(operation, "a floating-point dtype", t.dtype);
  const [m, n] = t.shape.slice(-2);
  if (t.rank < 2 || (!any && m !== n))
    throw new ShapeError(operation, any ? "matrices, [.., m, n]" : "square matrices, [.., n, n]", showShape(t.shape));
  return t;
}

/** Matrices with others beside them, of one type. */
export function pairOf(operation: string, a: TensorLike, b: TensorLike, any = false): [Tensor, Tensor] {
  const [x, y] = meet(operation, a, b);
  return [checked(operation, x, any), y];
}

/** Both repeated to one batch. */
export function together(operation: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const lead = broadcastShapes(operation, a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [expandTo(a, [...lead, ...a.shape.slice(-2)]), expandTo(b, [...lead, ...b.shape.slice(-2)])];
}

/** The last two axes exchanged. */
export function transposed(x: Tensor): Tensor {
  return exchanged(operations, x);
}
