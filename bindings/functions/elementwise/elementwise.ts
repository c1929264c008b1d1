import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions, optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { broadcastShapes } from "../../core/shape.js";
import { inNameOf, ValueError } from "../../errors.js";
import {
  add,
  div,
  eq,
  gt,
  le,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  sub,
  where,
} from "../../primitives/elementwise/arithmetic.js";
import { bitwiseXor, fmod } from "../../primitives/elementwise/bitwise.js";
import { float, meetAsFloats, meetInShape } from "../../primitives/define.js";
import { abs, log, neg, sign, sin, square } from "../../primitives/elementwise/unary.js";
import { log1p, softplus } from "../../primitives/elementwise/exponential.js";
import { identity } from "../../primitives/movement.js";
import { floor, round, trunc } from "../../primitives/elementwise/rounding.js";
import { logicalAnd, logicalOr, signBit } from "./logic.js";
import { wholeQuotient } from "./quotient.js";

/** x held between `min` and `max`, of which either may be left out; NaN stays. The derivative is 1 from `min` to `max`. */
export function clamp(x: TensorLike, min?: TensorLike | null, max?: TensorLike | null): Tensor {
  return clamped("clamp", x, min, max);
}

function clamped(name: string, x: TensorLike, min?: TensorLike | null, max?: TensorLike | null): Tensor {
  const none = (bound: TensorLike | null | undefined): bound is null | undefined =>
    bound === undefined || bound === null;
  if (none(min) && none(max)) throw new ValueError(name, "min, max or both", "neither");
  return composed(name, x, () => {
    let t = asTensor(name, x);
    if (!none(min)) t = where(lt(t, min), min, t);
    return none(max) ? t : where(gt(t, max), max, t);
  });
}

/** Another name of `clamp`. */
export const clip: typeof clamp = clamp;

/** The greater of two numbers, elementwise with broadcasting; of a number and NaN the number. Equal numbers share the derivative. */
export function fmax(x: TensorLike, y: TensorLike): Tensor {
  return besideNaN("fmax", x, y, maximum);
}

/** The lesser of two numbers, as `fmax` finds the greater. */
export function fmin(x: TensorLike, y: TensorLike): Tensor {
  return besideNaN("fmin", x, y, minimum);
}

function besideNaN(name: string, x: TensorLike, y: TensorLike, choose: typeof maximum): Tensor {
  return composed(name, x, () => {
    const [a, b] = meetInShape(name, x, y);
    return choose(where(ne(a, a), b, a), where(ne(b, b), a, b));
  });
}

/** The fraction x - trunc(x), elementwise, with the sign of x. Its derivative is 1. */
export function frac(x: TensorLike): Tensor {
  return composed("frac", x, () => {
    const t = asTensor("frac", x);
    return sub(t, trunc(t));
  });
}

/** The remainder x - y floor(x / y), elementwise with broadcasting, exact, with the sign of y: Python's %. As `fmod` where y is 0. */
export function remainder(x: TensorLike, y: TensorLike): Tensor {
  return composed("remainder", x, () => {
    const [a, b] = meetInShape("remainder", x, y);
    const r = fmod(a, b);
    return where(isOpposite(r, b), add(r, b), r);
  });
}

/** Whether the remainder of a division toward 0 is that of one downward, less y. */
function isOpposite(r: Tensor, y: Tensor): Tensor {
  return logicalAnd(ne(r, 0), ne(lt(r, 0), lt(y, 0)));
}

/** floor(x / y), elementwise with broadcasting, from the exact remainder. x / y where y is 0; integers stay integers, and give 0 there. */
export function floorDivide(x: TensorLike, y: TensorLike): Tensor {
  return composed("floorDivide", x, () => {
    const [a, b] = meetInShape("floorDivide", x, y);
    if (a.type.float) {
      const r = fmod(a, b);
      const whole = round(div(sub(a, r), b));
      return where(eq(b, 0), floor(div(a, b)), where(isOpposite(r, b), sub(whole, 1), whole));
    }
    return wholeQuotient(a, b, floor);
  });
}

/** The bits of whole numbers turned round, elementwise; of truth values the opposite. */
export function bitwiseNot(x: TensorLike): Tensor {
  const t = asTensor("bitwiseNot", x);
  return inNameOf("bitwiseNot", () =>
    bitwiseXor(t, constant(t.dtype === "i32" ? -1 : t.dtype === "u8" ? 255 : 1, t.dtype)),
  );
}

/**
 * log(e^x + e^y), elementwise with broadcasting, without overflow. Where both are the same infinity, that is the result, and
 * the derivative goes to y.
 */
export function logaddexp(x: TensorLike, y: TensorLike): Tensor {
  return logOfSum("logaddexp", x, y, 1);
}

/** log2(2^x + 2^y), as `logaddexp` has it for the base e. */
export function logaddexp2(x: TensorLike, y: TensorLike): Tensor {
  return logOfSum("logaddexp2", x, y, Math.LN2);
}

/** For the base e^unit. */
function logOfSum(name: string, x: TensorLike, y: TensorLike, unit: number): Tensor {
  return composed(name, x, () => {
    const [a, b] = meetAsFloats(name, x, y);
    const above = gt(a, b);
    const high = where(above, a, b);
    const low = where(above, b, a);
    // The difference of two equal infinities is NaN.
    const same = logicalAnd(eq(high, low), eq(abs(high), Infinity));
    const distance = where(same, -Infinity, sub(low, high));
    return add(high, unit === 1 ? softplus(distance) : div(softplus(mul(distance, unit)), unit));
  });
}

/** x log y, elementwise with broadcasting, and 0 where x is 0, unless y is NaN. */
export function xlogy(x: TensorLike, y: TensorLike): Tensor {
  return composed("xlogy", x, () => {
    const [a, b] = meetAsFloats("xlogy", x, y);
    const vanishes = logicalAnd(eq(a, 0), logicalOr(le(b, 0), eq(b, Infinity)));
    return mul(a, log(where(vanishes, 1, b)));
  });
}

/** sin(πx) / (πx), elementwise, and 1 at 0. */
export function sinc(x: TensorLike): Tensor {
  return composed("sinc", x, () => sincOf(mul(float(asTensor("sinc", x)), Math.PI)));
}

function sincOf(t: Tensor): Tensor {
  const near = lt(abs(t), 0.3);
  // Near 0 the Taylor series, whose derivatives of every order are right too: Σ (-1)^k t^2k / (2k+1)!, below 0.3 exact to a rounding.
  const u = square(where(near, t, 0));
  let series: Tensor = add(mul(u, -1 / 39916800), 1 / 362880);
  for (const coefficient of [-1 / 5040, 1 / 120, -1 / 6, 1]) series = add(mul(series, u), coefficient);
  const far = where(near, 1, t);
  return where(near, series, div(sin(far), far));
}

/**
 * The logit log(x / (1 - x)), elementwise: the inverse of `sigmoid`. With `eps`, x is first held between eps and 1 - eps.
 */
export function logit(x: TensorLike, eps?: number): Tensor {
  checkOptions("logit", { eps }, { eps: 0 });
  return composed("logit", x, () => {
    const t = float(asTensor("logit", x));
    const p = eps === undefined ? t : clamped("logit", t, eps, 1 - eps);
    // Not of the quotient, which is infinite at 1: so the derivative 1/p + 1/(1 - p) is too.
    return sub(log(p), log1p(neg(p)));
  });
}

/** x + weight (end - x), elementwise with broadcasting; exactly `end` at weight 1. */
export function lerp(x: TensorLike, end: TensorLike, weight: TensorLike): Tensor {
  return composed("lerp", x, () => {
    const [a, b] = meetAsFloats("lerp", x, end);
    const w = asTensor("lerp", weight, a);
    broadcastShapes("lerp", b.shape, w.shape);
    const distance = sub(b, a);
    const fromStart = add(a, mul(w, distance));
    const fromEnd = sub(b, mul(distance, sub(1, w)));
    return where(lt(abs(w), 0.5), fromStart, fromEnd);
  });
}

/** 0 below 0, `values` at 0, 1 above, elementwise with broadcasting; NaN stays. Only `values` have a derivative. */
export function heaviside(x: TensorLike, values: TensorLike): Tensor {
  return composed("heaviside", x, () => {
    const [t, atZero] = meetInShape("heaviside", x, values);
    return where(eq(t, 0), atZero, where(lt(t, 0), 0, sign(t)));
  });
}

/** |x| with the sign of y, elementwise with broadcasting; -0 counts as negative. Of NaN the sign is not known: it is taken as +. */
export function copysign(x: TensorLike, y: TensorLike): Tensor {
  return composed("copysign", x, () => {
    const [a, b] = meetAsFloats("copysign", x, y);
    return mul(abs(a), where(signBit(b), constant(-1, a.dtype), 1));
  });
}

/** What `nanToNum` puts in place. */
export interface NanToNumOptions {
  /** For NaN. Default 0. */
  nan?: number;
  /** For Infinity. Default the greatest number of the dtype. */
  posinf?: number;
  /** For -Infinity. Default the least number of the dtype. */
  neginf?: number;
}

/** x with numbers in place of NaN and infinities, elementwise. There the derivative is 0. */
export function nanToNum(x: TensorLike, options: NanToNumOptions = {}): Tensor {
  checkOptions("nanToNum", options, { nan: 0, posinf: 0, neginf: 0 });
  return composed("nanToNum", x, () => {
    const t = asTensor("nanToNum", x);
    if (!t.type.float) return identity(t);
    const greatest = t.dtype === "f32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
    const { nan = 0, posinf = greatest, neginf = -greatest } = options;
    return where(ne(t, t), nan, where(eq(t, Infinity), posinf, where(eq(t, -Infinity), neginf, t)));
  });
}

/** x + value · a · b, elementwise with broadcasting. */
export function addcmul(x: TensorLike, a: TensorLike, b: TensorLike, options?: { value?: number }): Tensor {
  return addCombined("addcmul", x, a, b, mul, options);
}

/** x + value · a / b, elementwise with broadcasting. */
export function addcdiv(x: TensorLike, a: TensorLike, b: TensorLike, options?: { value?: number }): Tensor {
  return addCombined("addcdiv", x, a, b, div, options);
}

function addCombined(
  name: string,
  x: TensorLike,
  a: TensorLike,
  b: TensorLike,
  combine: (a: TensorLike, b: TensorLike) => Tensor,
  options?: { value?: number },
): Tensor {
  const { value } = optionsOf(name, options, { value: 1 });
  return composed(name, x, () => {
    const y = combine(a, b);
    return add(x, value === 1 ? y : mul(y, value));
  });
}
