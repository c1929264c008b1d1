import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { broadcastShapes, sameShape, showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { expandTo, meet } from "../../primitives/define.js";
import { reshape } from "../../primitives/movement.js";
import { matrices, transposed as exchanged, type Kind } from "../../primitives/linalg/matrices.js";
import { eye } from "../creation.js";

/** Matrices of a floating-point type; square ones, unless others will do. */
export function matrixOf(operation: string, x: TensorLike, kind?: Kind): Tensor {
  return matrices(operation, asTensor(operation, x), kind);
}

/**
 * What `system` makes of matrices [.., m, n] and [.., m, k], whose batches broadcast. Instead of the latter, a vector [m], or vectors
 * [.., m] of the very batch of the former, give vectors.
 */
export function ofSystem(
  operation: string,
  a: TensorLike,
  b: TensorLike,
  kind: Kind,
  system: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  const [given, right] = meet(operation, a, b);
  const x = matrices(operation, given, kind);
  const vectors = right.rank === 1 || sameShape(right.shape, x.shape.slice(0, -1));
  const y = vectors ? reshape(right, [...right.shape, 1]) : right;
  if (y.rank < 2 || y.shape.at(-2) !== x.shape.at(-2))
    throw new ShapeError(operation, "[.., m, n] and [.., m, k]", `${showShape(x.shape)} and ${showShape(right.shape)}`);
  const lead = broadcastShapes(operation, x.shape.slice(0, -2), y.shape.slice(0, -2));
  const [p, q] = [x, y].map((t) => expandTo(t, [...lead, ...t.shape.slice(-2)])) as [Tensor, Tensor];
  const z = system(p, q);
  return vectors ? reshape(z, z.shape.slice(0, -1)) : z;
}

/** The unit matrix for each of square matrices. */
export function unitOf(x: Tensor): Tensor {
  return expandTo(eye(x.shape.at(-1)!, { dtype: x.dtype }), x.shape);
}

/** The last two axes exchanged. */
export function transposed(x: Tensor): Tensor {
  return exchanged(operations, x);
}
