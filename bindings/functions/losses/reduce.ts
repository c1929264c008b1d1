import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice, optionsOf, type Defaults, type Settled } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { float, meet } from "../../primitives/define.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { mean } from "../reductions/statistics.js";

/** How the losses of the examples become one: their mean (the default), their sum, or not at all. */
export type LossReduction = "mean" | "sum" | "none";

/** What every loss can be told. */
export interface LossOptions {
  /** How the losses of the elements become one. Default "mean", unless the loss says otherwise. */
  reduction?: LossReduction;
}

/** The reduction where none is asked for. */
export const MEAN = { reduction: "mean" } as const;

/** The losses that `each` finds for the elements of two or three tensors of one shape, as one or as they are. */
export function lossOf<O extends LossOptions, const D extends Defaults<O>>(
  operation: string,
  [first, second, ...others]: readonly [TensorLike, TensorLike, TensorLike?],
  options: O | undefined,
  defaults: D,
  each: (x: Tensor, y: Tensor, options: Settled<O, D>, z: Tensor) => Tensor,
): Tensor {
  const settled = optionsOf(operation, options, defaults);
  return composed(operation, first, () => {
    const pair = meet(operation, first, second);
    const all = [...pair, ...others.map((x) => asTensor(operation, x!, pair[0]))].map(float);
    const [x, y, z] = all as [Tensor, Tensor, Tensor];
    for (const other of all)
      if (!sameShape(x.shape, other.shape))
        throw new ShapeError(operation, "tensors of one shape", `${showShape(x.shape)} and ${showShape(other.shape)}`);
    return reduce(operation, each(x, y, settled, z), settled.reduction as LossReduction);
  });
}

/** What `reduction` may be. */
export const REDUCTIONS = ["mean", "sum", "none"] as const;

/** The losses as one, or as they are. */
export function reduce(operation: string, losses: Tensor, reduction: LossReduction): Tensor {
  checkChoice(operation, "reduction", reduction, REDUCTIONS);
  return reduction === "mean" ? mean(losses) : reduction === "sum" ? sum(losses) : losses;
}
