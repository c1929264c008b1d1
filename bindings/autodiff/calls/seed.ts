import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { sameShape, showShape } from "../../core/shape.js";
import { GradientError, ShapeError } from "../../errors.js";

/** The adjoint of y that a derivative starts from: what the user gives, or 1, which asks for a y of one element. */
export function seed(name: string, y: Tensor, gradient?: TensorLike): Tensor {
  if (gradient === undefined) {
    if (y.size !== 1)
      throw new GradientError(name, "a tensor of one element, or a gradient of its shape", showShape(y.shape));
    return y.rank === 0 ? constant(1, y.dtype) : operations.fill(y.shape, 1, y.dtype);
  }
  const g = operations.cast(asTensor(name, gradient, y), y.dtype);
  if (!sameShape(g.shape, y.shape))
    throw new ShapeError(name, `a gradient of shape ${showShape(y.shape)}`, showShape(g.shape));
  return g;
}
