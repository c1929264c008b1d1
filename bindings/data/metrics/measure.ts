import { withTracking } from "../../core/running/apply.js";
import { asTensor, makeTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { asIndex } from "../../primitives/define.js";

/** Runs a measurement outside of differentiation, and frees what it made. */
export function measured<T>(operation: string, measure: () => T): T {
  return withTracking(false, () => ownedBy(operation, measure));
}

/** Classes as integers: whole numbers of a floating-point type too, as losses take them. */
export function classesOf(operation: string, classes: TensorLike): Tensor {
  if (Array.isArray(classes) || typeof classes === "number") return makeTensor(operation, classes, { dtype: "i32" });
  const x = asTensor(operation, classes);
  return x.type.float ? asIndex(x, operation) : x;
}

/** Refuses scores that are not one for each class, for each example. */
export function checkScores(operation: string, x: Tensor, labels: Tensor): void {
  if (!sameShape(x.shape.slice(0, -1), labels.shape) || x.rank === 0)
    throw new ShapeError(operation, `scores [.., classes] for classes ${showShape(labels.shape)}`, showShape(x.shape));
}
