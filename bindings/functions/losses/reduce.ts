import { asTensor, type TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice, optionsOf, type Defaults, type Settled } from "../../core/options.js";
import { ownedBy } from "../../core/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { inNameOf, ShapeError } from "../../errors.js";
import { float, meet } from "../../primitives/define.js";
import { sum } from "../../primitives/reduction.js";
import { mean } from "../algebra.js";

/** How the losses of the examples become one: their mean (the default), their sum, or not at all. */
export type LossReduction = "mean" | "sum" | "none";

export interface LossOptions {
  reduction?: LossReduction;
}

/** The reduction where none is asked for. */
export const MEAN = { reduction: "mean" } as const;

/** The losses that `each` finds for the elements of two tensors of one shape, as one or as they are. */
export function lossOf<O extends LossOptions, const D extends Defaults<O>>(
  operation: string,
  [input, target]: readonly [TensorLike, TensorLike],
  options: O | undefined,
  defaults: D,
  each: (x: Tensor, y: Tensor, options: Settled<O, D>) => Tensor,
): Tensor {
  const settled = optionsOf(operation, options, defaults);
  const [x, y] = ofOneShape(operation, input, target);
  const loss = (): Tensor => {
    const losses = inNameOf(operation, () => each(x, y, settled));
    return reduce(operation, losses, settled.reduction as LossReduction);
  };
  return x.node || y.node ? loss() : ownedBy(operation, loss); // A graph wants all that is on the way.
}

/** The losses as one, or as they are. */
export function reduce(operation: string, losses: Tensor, reduction: LossReduction): Tensor {
  checkChoice(operation, "reduction", reduction, ["mean", "sum", "none"]);
  return reduction === "mean" ? mean(losses) : reduction === "sum" ? sum(losses) : losses;
}

/** Two tensors of one shape, of one floating-point type. Shapes that differ are an error, not a broadcast. */
export function ofOneShape(operation: string, input: TensorLike, target: TensorLike): [Tensor, Tensor] {
  const [x, y] = meet(operation, input, target).map(float) as [Tensor, Tensor];
  checkShapes(operation, x, y);
  return [x, y];
}

/** Refuses a tensor whose shape is not that of x. */
export function checkShapes(operation: string, x: Tensor, y: Tensor): void {
  if (sameShape(x.shape, y.shape)) return;
  throw new ShapeError(operation, "tensors of one shape", `${showShape(x.shape)} and ${showShape(y.shape)}`);
}

/** Several tensors of one shape, as floats. */
export function allOfOneShape(operation: string, ...given: readonly TensorLike[]): Tensor[] {
  const tensors = given.map((x) => float(asTensor(operation, x)));
  for (const x of tensors) checkShapes(operation, tensors[0]!, x);
  return tensors;
}
