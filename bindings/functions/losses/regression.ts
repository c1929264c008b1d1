import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { composed } from "../../core/running/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, div, lt, maximum, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { abs, exp, log, square } from "../../primitives/elementwise/unary.js";
import { detach, reshape } from "../../primitives/movement.js";
import { lossOf, MEAN, type LossOptions } from "./reduce.js";

/**
 * Mean squared error of two tensors of one shape. Shapes that differ are an error, not a broadcast.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function mseLoss(input: TensorLike, target: TensorLike, options?: LossOptions): Tensor {
  return lossOf("mseLoss", [input, target], options, MEAN, (x, y) => square(sub(x, y)));
}

/**
 * Mean absolute error of two tensors of one shape. Where they agree the derivative is taken as 0.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function l1Loss(input: TensorLike, target: TensorLike, options?: LossOptions): Tensor {
  return lossOf("l1Loss", [input, target], options, MEAN, (x, y) => abs(sub(x, y)));
}

/** d² / 2 of the difference d where |d| is below `knee`, the tangent there beyond; over `scale`. */
function roundedAbsolute(d: Tensor, knee: number, scale: number): Tensor {
  const size = abs(d);
  const parabola = mul(square(d), 0.5);
  const losses = where(lt(size, knee), parabola, mul(sub(size, 0.5 * knee), knee));
  return scale === 1 ? losses : div(losses, scale);
}

/**
 * Huber's loss: half the squared difference up to `delta` (default 1), from there on delta (|difference| - delta / 2).
 *
 * @throws ShapeError for tensors of different shapes
 * @throws ValueError for a delta that is not above 0
 */
export function huberLoss(input: TensorLike, target: TensorLike, options?: LossOptions & { delta?: number }): Tensor {
  return lossOf("huberLoss", [input, target], options, { ...MEAN, delta: 1 }, (x, y, { delta }) => {
    if (!(delta > 0)) throw new ValueError("huberLoss", "a delta above 0", String(delta));
    return roundedAbsolute(sub(x, y), delta, 1);
  });
}

/**
 * Huber's loss over `beta` (default 1): the absolute difference less beta / 2, rounded off below beta. With beta 0, `l1Loss`.
 *
 * @throws ShapeError for tensors of different shapes
 * @throws ValueError for a beta below 0
 */
export function smoothL1Loss(input: TensorLike, target: TensorLike, options?: LossOptions & { beta?: number }): Tensor {
  return lossOf("smoothL1Loss", [input, target], options, { ...MEAN, beta: 1 }, (x, y, { beta }) => {
    if (!(beta >= 0)) throw new ValueError("smoothL1Loss", "a beta from 0", String(beta));
    return beta === 0 ? abs(sub(x, y)) : roundedAbsolute(sub(x, y), beta, beta);
  });
}

/** Options of `poissonNllLoss`. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Add Stirling's approximation of log(target!) where the target is above 1. Default false. */
  full?: boolean;
  /** Keeps the logarithm finite when `logInput` is false. Default 1e-8. */
  eps?: number;
}

/**
 * Negative log-likelihood of counts under Poisson distributions: e^x - target x, or x - target log x.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function poissonNllLoss(input: TensorLike, target: TensorLike, options?: PoissonNllOptions): Tensor {
  const defaults = { ...MEAN, logInput: true, full: false, eps: 1e-8 };
  return lossOf("poissonNllLoss", [input, target], options, defaults, (x, y, { logInput, full, eps }) => {
    const losses = logInput ? sub(exp(x), mul(y, x)) : sub(x, mul(y, log(add(x, eps))));
    if (!full) return losses;
    const many = lt(1, y);
    const n = where(many, y, 1);
    const stirling = add(sub(mul(n, log(n)), n), mul(0.5, log(mul(n, 2 * Math.PI))));
    return add(losses, where(many, stirling, 0));
  });
}

/** Options of `gaussianNllLoss`. */
export interface GaussianNllOptions extends LossOptions {
  /** Add log(2π) / 2. Default false. */
  full?: boolean;
  /** The variance counts as at least this; the derivative does not see it. Default 1e-6. */
  eps?: number;
}

const HALF_LOG_TWO_PI = 0.9189385332046727;

/**
 * Negative log-likelihood under normal distributions of the given means and variances: (log v + (input - target)² / v) / 2.
 * The variance is of the input's shape, or without its last axis, or with length 1 there.
 *
 * @throws ShapeError for tensors of different shapes, or a variance that does not fit them
 */
export function gaussianNllLoss(
  input: TensorLike,
  target: TensorLike,
  variance: TensorLike,
  options?: GaussianNllOptions,
): Tensor {
  const defaults = { ...MEAN, full: false, eps: 1e-6 };
  return lossOf("gaussianNllLoss", [input, target], options, defaults, (x, y, { full, eps }) => {
    const given = float(asTensor("gaussianNllLoss", variance, x));
    const shared = [...x.shape.slice(0, -1), 1];
    const fits = [x.shape, shared, shared.slice(0, -1)].some((shape) => sameShape(shape, given.shape));
    if (!fits || (x.rank === 0 && given.rank > 0))
      throw new ShapeError("gaussianNllLoss", `a variance for ${showShape(x.shape)}`, showShape(given.shape));
    const v = given.rank < x.rank ? reshape(given, shared) : given;
    // Held from below in value only, so that a small variance still learns.
    const held = add(v, detach(sub(maximum(v, eps), v)));
    const losses = mul(0.5, add(log(held), div(square(sub(x, y)), held)));
    return full ? add(losses, HALF_LOG_TWO_PI) : losses;
  });
}

/** Logarithm of the normal density of `value`, by mean and standard deviation: elementwise with broadcasting. */
export function logProbNormal(value: TensorLike, loc: TensorLike, scale: TensorLike): Tensor {
  return composed("logProbNormal", value, () => {
    const s = asTensor("logProbNormal", scale);
    const z = div(sub(value, loc), s);
    return sub(sub(mul(square(z), -0.5), log(s)), HALF_LOG_TWO_PI);
  });
}
