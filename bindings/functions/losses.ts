import { asTensor, type TensorLike } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import { sameShape, showShape, type Shape } from "../core/shape.js";
import { ShapeError, ValueError } from "../errors.js";
import { add, mul, sub } from "../primitives/arithmetic.js";
import { neg, square } from "../primitives/elementwise.js";
import { permute, reshape } from "../primitives/movement.js";
import { sum } from "../primitives/reduction.js";
import { crossEntropy as crossEntropyRows, logSoftmax } from "../primitives/rows.js";
import { mean } from "./algebra.js";
import { asIndex } from "./movement.js";

/** How the losses of the examples become one: their mean (the default), their sum, or not at all. */
export type LossReduction = "mean" | "sum" | "none";

export interface LossOptions {
  reduction?: LossReduction;
}

function reduce(operation: string, losses: Tensor, reduction: LossReduction = "mean"): Tensor {
  if (reduction === "mean") return mean(losses);
  if (reduction === "sum") return sum(losses);
  if (reduction === "none") return losses;
  throw new ValueError(operation, "reduction mean, sum or none", String(reduction));
}

export interface CrossEntropyOptions extends LossOptions {
  /** Share of the target's probability that is spread evenly over all classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of logits [n, classes, ..] with class indices [n, ..] (whole numbers), or with probabilities of the logits'
 * shape. Stable for logits of any size. An index outside the classes is an error. Reduced to a scalar unless told otherwise.
 */
export function crossEntropy(logits: TensorLike, target: TensorLike, options: CrossEntropyOptions = {}): Tensor {
  const x = asTensor("crossEntropy", logits);
  if (x.rank === 0) throw new ShapeError("crossEntropy", "logits [n, classes, ..]", showShape(x.shape));
  const y = asTensor("crossEntropy", target);
  const classes = x.shape[x.rank === 1 ? 0 : 1]!;
  const smoothing = options.labelSmoothing ?? 0;
  if (!(smoothing >= 0 && smoothing <= 1))
    throw new ValueError("crossEntropy", "labelSmoothing from 0 to 1", String(smoothing));
  const scores = classesLast(x);
  const expected = x.shape.filter((_, axis) => axis !== (x.rank === 1 ? 0 : 1));
  if (y.type.float && sameShape(x.shape, y.shape)) {
    const soft = smoothing === 0 ? y : add(mul(y, 1 - smoothing), smoothing / classes);
    const losses = neg(sum(mul(logSoftmax(scores), classesLast(soft)), -1));
    return reduce("crossEntropy", shaped(losses, expected), options.reduction);
  }
  if (!sameShape(y.shape, expected)) {
    throw new ShapeError(
      "crossEntropy",
      `class indices ${showShape(expected)} or probabilities ${showShape(x.shape)} for logits ${showShape(x.shape)}`,
      showShape(y.shape),
    );
  }
  const hard = crossEntropyRows(scores, reshape(asIndex(y), [-1]));
  const losses =
    smoothing === 0 ? hard : add(mul(hard, 1 - smoothing), mul(sum(logSoftmax(scores), -1), -smoothing / classes));
  return reduce("crossEntropy", shaped(losses, expected), options.reduction);
}

/** Losses in the shape of the classes that they are of. */
function shaped(losses: Tensor, shape: Shape): Tensor {
  return sameShape(losses.shape, shape) ? losses : reshape(losses, shape);
}

/** Scores [n, classes, ..] as rows [n .., classes]. */
function classesLast(x: Tensor): Tensor {
  if (x.rank === 2) return x;
  if (x.rank < 2) return reshape(x, [-1, x.shape[x.rank - 1]!]);
  const axes = x.shape.map((_, axis) => axis);
  axes.push(axes.splice(1, 1)[0]!);
  return reshape(permute(x, axes), [-1, x.shape[1]!]);
}

/** Mean squared error of two tensors of one shape. Shapes that differ are an error, not a broadcast. */
export function mseLoss(input: TensorLike, target: TensorLike, options: LossOptions = {}): Tensor {
  const x = asTensor("mseLoss", input);
  const y = asTensor("mseLoss", target, x);
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError("mseLoss", "two tensors of one shape", `${showShape(x.shape)} and ${showShape(y.shape)}`);
  return reduce("mseLoss", square(sub(x, y)), options.reduction);
}
