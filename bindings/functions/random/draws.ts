import { withTracking } from "../../core/running/apply.js";
import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import { defaultDType, type DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions, type Known } from "../../core/options.js";
import { ownedBy } from "../../core/running/scopes.js";
import { broadcastShapes, checkShape, listOf, showShape, type Shape } from "../../core/shape.js";
import { DTypeError, inNameOf, ShapeError, ValueError } from "../../errors.js";
import { add, div, gt, lt, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { castTo, float } from "../../primitives/define.js";
import { log, neg, square } from "../../primitives/elementwise/unary.js";
import { log1p } from "../../primitives/elementwise/exponential.js";
import { pow, rsqrt } from "../../primitives/elementwise/powers.js";
import { argMax } from "../../primitives/reductions/reduction.js";
import { erf, erfinv } from "../../primitives/elementwise/special.js";
import { clamp } from "../elementwise/elementwise.js";
import { logicalAnd, logicalNot, logicalOr } from "../elementwise/logic.js";
import { checkFits, defaultGenerator, type Generator } from "./random.js";

/** What every draw is told. Draws are constants to differentiation. */
export interface DrawOptions {
  /** Floating-point type. Default: the default one. */
  dtype?: DTypeName;
  /** Where the numbers come from. Default: the default generator, which `seed` seeds. */
  generator?: Generator;
}

/** The options of a draw, those that all have with their defaults; `others`: what more there are. */
function told<O extends DrawOptions>(
  operation: string,
  shape: Shape | undefined,
  options: O,
  others: Known<Omit<O, keyof DrawOptions>>,
): O & Required<DrawOptions> {
  checkOptions<object>(operation, options, { dtype: null, generator: null, ...others });
  if (shape !== undefined) checkShape(operation, shape);
  const { dtype = defaultDType, generator = defaultGenerator() } = options;
  return { ...options, dtype, generator };
}

/** Uniform numbers in [0, 1). */
export function rand(shape: Shape, options: DrawOptions = {}): Tensor {
  const { dtype, generator } = told("rand", shape, options, {});
  return inNameOf("rand", () => generator.uniform(shape, { dtype }));
}

/** Uniform numbers in [low, high), by default [0, 1). */
export function uniform(shape: Shape, options: DrawOptions & { low?: number; high?: number } = {}): Tensor {
  const { generator, ...rest } = told("uniform", shape, options, { low: 0, high: 0 });
  return generator.uniform(shape, rest);
}

/** Standard normal numbers. */
export function randn(shape: Shape, options: DrawOptions = {}): Tensor {
  const { dtype, generator } = told("randn", shape, options, {});
  return inNameOf("randn", () => generator.normal(shape, { dtype }));
}

/** Normal numbers of a mean (default 0) and a standard deviation (default 1). */
export function normal(shape: Shape, options: DrawOptions & { mean?: number; std?: number } = {}): Tensor {
  const { generator, ...rest } = told("normal", shape, options, { mean: 0, std: 0 });
  return generator.normal(shape, rest);
}

/** Uniform numbers in [0, 1) of the shape and dtype of x. */
export function randLike(x: Tensor, options: DrawOptions = {}): Tensor {
  return like("randLike", x, options, "uniform");
}

/** Standard normal numbers of the shape and dtype of x. */
export function randnLike(x: Tensor, options: DrawOptions = {}): Tensor {
  return like("randnLike", x, options, "normal");
}

function like(operation: string, x: Tensor, options: DrawOptions, draw: "uniform" | "normal"): Tensor {
  const { generator } = told(operation, undefined, options, {});
  const { shape, dtype } = asTensor(operation, x);
  return inNameOf(operation, () => generator[draw](shape, { dtype: options.dtype ?? dtype }));
}

/** Whole numbers from `low` up to but without `high`, i32. */
export function integers(low: number, high: number, shape: Shape, options: DrawOptions = {}): Tensor {
  return told("integers", shape, options, {}).generator.integers(low, high, shape);
}

/** Another name of `integers`. */
export const randint: typeof integers = integers;

/** A random order of 0 .. n-1, i32 [n]. */
export function permutation(n: number, options: DrawOptions = {}): Tensor {
  return told("permutation", [n], options, {}).generator.permutation(n);
}

/** Another name of `permutation`. */
export const randperm: typeof permutation = permutation;

/**
 * Truth values, true with probability p: a number with a shape, or a tensor, whose shape is taken. A number outside [0, 1] is
 * refused; the values of tensors are not looked at, nor is a number that is an argument of a program: below 0 is as 0, above 1 as 1.
 */
export function bernoulli(p: TensorLike, shape?: Shape, options: DrawOptions = {}): Tensor {
  return told("bernoulli", shape, options, {}).generator.bernoulli(p, shape);
}

/** A number above 0, or a tensor that broadcasts to the shape, if there is one; its values are not looked at. */
function positive(operation: string, name: string, x: TensorLike, shape?: Shape): number | Tensor {
  if (typeof x !== "number") {
    const t = asTensor(operation, x);
    if (shape) checkFits(operation, broadcastShapes(operation, t.shape, listOf(shape)), shape);
    return t;
  }
  if (!(x > 0 && x < Infinity)) throw new ValueError(operation, `a finite ${name} above 0`, String(x));
  return x;
}

/** Runs a draw made of several: nothing in it is tracked, and only its result is left. */
function drawn(body: () => Tensor): Tensor {
  return ownedBy("a random draw", () => withTracking(false, body));
}

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions extends DrawOptions {
  /** The mean of the whole normal distribution. Default 0. */
  mean?: number;
  /** The standard deviation of the whole normal distribution. Default 1. */
  std?: number;
  /** The least number. Default -2. */
  low?: number;
  /** The greatest number. Default 2. */
  high?: number;
}

/** Beyond so many standard deviations, the distribution function in f64 tells numbers apart no more. */
const FARTHEST = 7;

/**
 * Normal numbers of which those outside [low, high] do not occur, by the inverse of the distribution function, in f64. The
 * interval must begin within 7 standard deviations of the mean.
 */
export function truncatedNormal(shape: Shape, options: TruncatedNormalOptions = {}): Tensor {
  const all = told("truncatedNormal", shape, options, { mean: 0, std: 0, low: 0, high: 0 });
  const { dtype, generator, mean = 0, std = 1, low = -2, high = 2 } = all;
  if (!(low < high) || !(std > 0 && std < Infinity))
    throw new ValueError("truncatedNormal", "low < high and a finite std > 0", `${low}, ${high} and ${std}`);
  const [a, b] = [(low - mean) / std, (high - mean) / std];
  if (!(a <= FARTHEST && b >= -FARTHEST))
    throw new ValueError("truncatedNormal", `low or high within ${FARTHEST} std of the mean`, `${a} to ${b}`);
  return drawn(() => {
    const [from, to] = [a, b].map((x) => erf(constant(x * Math.SQRT1_2, "f64"))) as [Tensor, Tensor];
    const u = castTo(generator.uniform(shape, { dtype }), "f64");
    const z = erfinv(add(from, mul(u, sub(to, from))));
    return castTo(clamp(add(mul(z, Math.SQRT2 * std), mean), low, high), dtype);
  });
}

/** Exponential numbers of a rate (default 1): a number, or a tensor that broadcasts to the shape. */
export function exponential(shape: Shape, options: DrawOptions & { rate?: TensorLike } = {}): Tensor {
  const { dtype, generator, rate = 1 } = told("exponential", shape, options, { rate: null });
  const divisor = positive("exponential", "rate", rate, shape);
  return drawn(() => {
    const u = generator.uniform(shape, { dtype });
    return suited(neg(div(log1p(neg(u)), divisor)), options);
  });
}

/** Of the rounds of rejection one suffices with probability 0.95; that ten do not, with 1e-13. */
const ROUNDS = 10;

/**
 * Gamma numbers of a concentration above 0 and a rate (default 1): numbers, or tensors that broadcast to the shape. By
 * rejection, in a fixed number of rounds, so that as many numbers are drawn whatever comes out. Source: Marsaglia and Tsang (2000).
 */
export function gamma(
  concentration: TensorLike,
  shape?: Shape,
  options: DrawOptions & { rate?: TensorLike } = {},
): Tensor {
  const { dtype, generator, rate = 1 } = told("gamma", shape, options, { rate: null });
  const given = positive("gamma", "concentration", concentration, shape);
  const whole = shape ?? (typeof given === "number" ? [] : given.shape);
  const divisor = positive("gamma", "rate", rate, whole);
  return drawn(() => {
    const alpha = float(asTensor("gamma", given));
    const small = lt(alpha, 1);
    const d = sub(where(small, add(alpha, 1), alpha), 1 / 3);
    const c = mul(rsqrt(d), 1 / 3);
    let result = mul(generator.uniform(whole, { dtype }), 0);
    let done = gt(result, 0);
    result = add(result, d);
    for (let round = 0; round < ROUNDS; round++) {
      const z = generator.normal(whole, { dtype });
      const u = generator.uniform(whole, { dtype });
      const root = add(1, mul(c, z));
      const v = mul(square(root), root);
      const bound = add(mul(square(z), 0.5), mul(d, add(sub(1, v), log(where(gt(v, 0), v, 1)))));
      const accepted = logicalAnd(gt(v, 0), lt(log(u), bound));
      result = where(logicalAnd(accepted, logicalNot(done)), mul(d, v), result);
      done = logicalOr(done, accepted);
    }
    // Below 1: of a concentration higher by 1, times U^(1/alpha).
    const thinned = mul(result, pow(generator.uniform(whole, { dtype }), div(1, alpha)));
    return suited(div(where(small, thinned, result), divisor), options);
  });
}

/** A draw in the dtype that was asked for. */
function suited(x: Tensor, { dtype = x.dtype }: DrawOptions): Tensor {
  return castTo(x, dtype);
}

/** Options of `categorical`. */
export interface CategoricalOptions extends DrawOptions {
  /** Shape of the draws, in front of that of the distributions. Default []: one of each. */
  shape?: Shape;
}

/**
 * Classes (i32) by their logits [.., classes], or unnormalised log-probabilities: of each distribution one, or so many as the
 * shape says. The largest of logits with Gumbel's noise.
 */
export function categorical(logits: TensorLike, options: CategoricalOptions = {}): Tensor {
  const { generator, shape = [] } = told("categorical", undefined, options, { shape: null });
  checkShape("categorical", shape);
  const given = asTensor("categorical", logits);
  if (!given.shape.at(-1)) throw new ShapeError("categorical", "logits [.., classes]", showShape(given.shape));
  if (!given.type.float) throw new DTypeError("categorical", "logits of a floating-point dtype", given.dtype);
  return drawn(() => {
    const whole = [...listOf(shape), ...given.shape];
    const u = generator.uniform(whole, { dtype: given.dtype });
    // Of 1 - u and half a step: 0 would be infinite, and draw what has no probability.
    const step = given.dtype === "f64" ? 5.551115123125783e-17 : 2.9802322387695312e-8; // 2^-54, 2^-25
    const noise = neg(log(sub(step, log1p(neg(u)))));
    return argMax(add(given, noise), broadcastShapes("categorical", whole, given.shape).length - 1);
  });
}
