import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice } from "../../core/options.js";
import { add, lt, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { exp, log, neg, relu, sigmoid } from "../../primitives/elementwise/unary.js";
import { log1p, softplus } from "../../primitives/elementwise/exponential.js";
import { pow } from "../../primitives/elementwise/powers.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { xlogy } from "../elementwise/elementwise.js";
import { lossOf, MEAN, REDUCTIONS, type LossOptions, type LossReduction } from "./reduce.js";

/** Options of `binaryCrossEntropy`. */
export interface BinaryOptions extends LossOptions {
  /** How much each element counts; broadcasts. */
  weight?: TensorLike | null;
}

/**
 * Binary cross-entropy of probabilities and targets from 0 to 1, of one shape: -(y log x + (1 - y) log(1 - x)). Logarithms
 * are held at -100, as in PyTorch, so that a wrong certainty has a finite loss; there the derivative is 0.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function binaryCrossEntropy(input: TensorLike, target: TensorLike, options?: BinaryOptions): Tensor {
  return lossOf("binaryCrossEntropy", [input, target], options, { ...MEAN, weight: null }, (x, y, { weight }) => {
    const held = (logarithm: Tensor): Tensor => where(lt(logarithm, -100), -100, logarithm);
    return weighed(neg(add(mul(y, held(log(x))), mul(sub(1, y), held(log1p(neg(x)))))), weight);
  });
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryLogitsOptions extends BinaryOptions {
  /** How much a positive target counts, beside a negative one; broadcasts. */
  posWeight?: TensorLike | null;
}

/**
 * Binary cross-entropy of logits and targets from 0 to 1, of one shape, stable for logits of any size.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function binaryCrossEntropyWithLogits(
  input: TensorLike,
  target: TensorLike,
  options?: BinaryLogitsOptions,
): Tensor {
  const defaults = { ...MEAN, weight: null, posWeight: null };
  return lossOf("binaryCrossEntropyWithLogits", [input, target], options, defaults, (x, y, { weight, posWeight }) =>
    weighed(logisticLoss(x, y, posWeight), weight),
  );
}

/** (1 - y) x + (1 + (p - 1) y) log(1 + e^-x) */
function logisticLoss(x: Tensor, y: Tensor, posWeight: TensorLike | null): Tensor {
  const tail = softplus(neg(x));
  return add(mul(sub(1, y), x), posWeight === null ? tail : mul(add(1, mul(sub(posWeight, 1), y)), tail));
}

function weighed(losses: Tensor, weight: TensorLike | null): Tensor {
  return weight === null ? losses : mul(losses, weight);
}

/** Options of `sigmoidFocalLoss`. */
export interface FocalOptions extends LossOptions {
  /** The weight of positive targets; negative ones weigh 1 - alpha. Below 0 both weigh 1. Default 0.25. */
  alpha?: number;
  /** The larger it is, the less do elements count whose class is certain already. Default 2. */
  gamma?: number;
}

/**
 * The focal loss of logits and targets 0 or 1, of one shape: binary cross-entropy times (1 - p)^gamma of the probability p of
 * the truth. Unlike the others, it is not reduced unless told. Source: Lin et al. (2017); as in torchvision.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function sigmoidFocalLoss(input: TensorLike, target: TensorLike, options?: FocalOptions): Tensor {
  const defaults = { reduction: "none", alpha: 0.25, gamma: 2 } as const;
  return lossOf("sigmoidFocalLoss", [input, target], options, defaults, (x, y, { alpha, gamma }) => {
    const p = sigmoid(x);
    const wrong = add(mul(p, sub(1, y)), mul(sub(1, p), y)); // 1 - p of the truth
    const losses = mul(logisticLoss(x, y, null), pow(wrong, gamma));
    return alpha < 0 ? losses : mul(losses, add(mul(y, alpha), mul(sub(1, y), 1 - alpha)));
  });
}

/** Options of `klDiv`. */
export interface KlOptions {
  /** "batchmean": the sum over the length of the first axis, which is the mathematical one. Default "mean", as in PyTorch. */
  reduction?: LossReduction | "batchmean";
  /** Whether the target is given as logarithms too. Default false. */
  logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence, by element, of log-probabilities from target probabilities: target (log target - input).
 *
 * @throws ShapeError for tensors of different shapes
 */
export function klDiv(input: TensorLike, target: TensorLike, options?: KlOptions): Tensor {
  const { reduction = "mean" } = options ?? {};
  checkChoice("klDiv", "reduction", reduction, [...REDUCTIONS, "batchmean"]);
  const ofBatch = reduction === "batchmean";
  const settled = (ofBatch ? { ...options, reduction: "none" } : options) as KlOptions & LossOptions;
  return lossOf("klDiv", [input, target], settled, { ...MEAN, logTarget: false }, (x, y, { logTarget }) => {
    const losses = logTarget ? mul(exp(y), sub(y, x)) : sub(xlogy(y, y), mul(y, x));
    return ofBatch ? mul(sum(losses), 1 / Math.max(1, x.shape[0] ?? 1)) : losses;
  });
}

/**
 * Mean of max(0, 1 - target · input), for targets -1 and 1.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function hingeLoss(input: TensorLike, target: TensorLike, options?: LossOptions): Tensor {
  return lossOf("hingeLoss", [input, target], options, MEAN, (x, y) => relu(sub(1, mul(x, y))));
}
