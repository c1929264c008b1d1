import { item } from "../../core/values/access.js";
import { recorder, varies } from "../../core/running/capturing.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";

/** A condition: a truth value, or a tensor of one element that is true unless it is 0. */
export type Condition = TensorLike;

/** Whether a condition holds, or, where that is not known before the program runs, or differs from example to example, it. */
export function truthOf(operation: string, condition: Condition): boolean | Tensor {
  if (typeof condition === "boolean") return condition;
  const x = asTensor(operation, condition);
  if (x.size !== 1) throw new ShapeError(operation, "a condition of one element", showShape(x.shape));
  if (x.storage && !(recorder && varies(x))) return item(x) !== 0;
  return operations.ne(operations.reshape(x, []), 0);
}
