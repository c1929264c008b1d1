// Elementary functions on four lanes of f32, in f32 throughout. A lane's result does not depend on its neighbours: rare
// arguments take a slower way, but every lane selects its own. Special values are those of C99, subnormal numbers included.
//
// Errors are the largest found against f64, in units in the last place (ulp), over every argument but tiny ones; they hold whether multiply-add is fused or not. The polynomials are
// minimax (Remez exchange in 50 digits, weighted for relative error), the reductions Cody and Waite's (Software Manual for
// the Elementary Functions, 1980): a multiple of a constant is subtracted in parts, the first of which have so few bits
// that their products are exact.

import { clamp32, linear32, madd32, nmadd32, quadratic32, splat32 } from "./float32";

/** e to the x: 0.94 ulp. */
// @ts-ignore: decorator
@inline
export function exp32(x: v128): v128 {
  const y = f32x4.pmax(x, splat32(EXP_LEAST));
  const shifted = powerOf32(y);
  const p = f32x4.add(splat32(ONE), expm1Shifted32(y, f32x4.sub(shifted, splat32(EXP_ROUND))));
  const power = i32x4.sub(i32x4.shl(shifted, 23), splat32(ONE));
  // An integer added to the exponent multiplies by a power of two. Subnormal results are whole numbers of the least of them,
  // and have the bits of that integer: arithmetic on subnormal numbers is slow. These bits are not below those of the sum
  // where that is no normal number, and not above them elsewhere.
  const counted = f32x4.add(f32x4.mul(p, i32x4.add(power, splat32(STEPS_149))), splat32(TWO_23));
  const finite = i32x4.max_s(i32x4.add(p, power), i32x4.sub(counted, splat32(TWO_23)));
  const beyond = v128.andnot(f32x4.add(x, splat32(INFINITY)), f32x4.le(x, splat32(EXP_MOST)));
  return f32x4.pmax(beyond, finite);
}

/** As `exp32`, where both the result and its inverse are normal numbers. */
// @ts-ignore: decorator
@inline
export function expNear32(x: v128): v128 {
  const shifted = powerOf32(x);
  const power = i32x4.shl(shifted, 23);
  // Has the bits of 2^n (1 + s) unless 2^n s is subnormal, and one constant or step less.
  return madd32(power, expm1Shifted32(x, f32x4.sub(shifted, splat32(EXP_ROUND))), power);
}

/** The larger of w and |x|; a NaN is passed over. */
// @ts-ignore: decorator
@inline
export function largest32(w: v128, x: v128): v128 {
  return f32x4.pmax(w, v128.and(x, splat32(SIZE)));
}

/** Where |x| is too large for `expNear32` and `sigmoidNear32`. */
// @ts-ignore: decorator
@inline
export function isExtreme32(size: v128): v128 {
  return f32x4.gt(size, splat32(EXP_NORMAL));
}

/** As `exp32`, for x up to 88; 0 below -87.7. */
// @ts-ignore: decorator
@inline
export function expBelow32(x: v128): v128 {
  return expNear32(f32x4.pmax(x, splat32(EXP_BELOW_LEAST)));
}

/**
 * As `expBelow32` in fewer steps, for the shares that make up a softmax: 1.97 ulp down to e to the -85, 2.06 in all normal
 * results, and e to the 0 is 1. The polynomial is 2^-22.9 off, where r = x - n ln(2) lies in [-ln(2) / 2, ln(2) / 2]:
 * minimax, and then searched for the coefficients with the least error of all, roundings included, fused or not.
 */
// @ts-ignore: decorator
@inline
export function expQuick32(x: v128): v128 {
  const y = f32x4.pmax(x, splat32(EXP_BELOW_LEAST));
  const shifted = madd32(y, splat32(LOG2_E), splat32(EXP_ROUND));
  const r = reduced32(y, f32x4.sub(shifted, splat32(EXP_ROUND)));
  let p = madd32(linear32(EXP_QUICK, 3, r), r, splat32(EXP_QUICK, 2));
  p = madd32(madd32(p, r, splat32(EXP_QUICK, 1)), r, splat32(EXP_QUICK));
  const power = i32x4.shl(shifted, 23);
  // The first product, exact unless it is subnormal, need not wait for p.
  return madd32(f32x4.mul(power, r), p, power);
}

/** 1 / (1 + e to the -x): 1.66 ulp. */
// @ts-ignore: decorator
@inline
export function sigmoid32(x: v128): v128 {
  const below = f32x4.lt(x, splat32(EXP_NORMAL_LEAST));
  const y = f32x4.neg(clamp32(x, EXP_LEAST, SIGMOID_MOST));
  const shifted = powerOf32(y);
  const s = expm1Shifted32(y, f32x4.sub(shifted, splat32(EXP_ROUND)));
  // Where the result is subnormal it is 2^-n / (1 + s), times 2^64 here, and counted as in `exp32`.
  const power = i32x4.sub(i32x4.shl(shifted, 23), v128.and(splat32(STEPS_64), below));
  const one = v128.andnot(splat32(ONE), below);
  const sum = f32x4.add(one, power);
  const lost = f32x4.sub(one, f32x4.sub(sum, power));
  const normal = f32x4.div(splat32(ONE), f32x4.add(sum, madd32(power, s, lost)));
  const counted = madd32(normal, splat32(TWO_85), splat32(TWO_23));
  return v128.bitselect(i32x4.sub(counted, splat32(TWO_23)), normal, below);
}

/**
 * As `sigmoid32`, where `isExtreme32` does not hold. With e to the -x = 2^n (1 + s) it is 1 / ((1 + 2^n) + 2^n s), where the
 * first sum is nearly always exact.
 */
// @ts-ignore: decorator
@inline
export function sigmoidNear32(x: v128): v128 {
  const y = f32x4.neg(x);
  const shifted = powerOf32(y);
  const s = expm1Shifted32(y, f32x4.sub(shifted, splat32(EXP_ROUND)));
  const power = i32x4.shl(shifted, 23);
  const sum = f32x4.add(splat32(ONE), power);
  const lost = f32x4.sub(splat32(ONE), f32x4.sub(sum, power));
  return f32x4.div(splat32(ONE), f32x4.add(sum, madd32(power, s, lost)));
}

/** The natural logarithm: 0.84 ulp. */
// @ts-ignore: decorator
@inline
export function log32(x: v128): v128 {
  // As an integer a subnormal number counts the least of them; what is below 0 has a bad logarithm, which is not taken.
  const tiny = i32x4.lt_s(x, splat32(NORMAL_LEAST));
  const y = logNormal32(v128.bitselect(f32x4.convert_i32x4_s(x), x, tiny), tiny, true);
  // Infinities and NaN are what they were, numbers below 0 have all bits set, which is a NaN, and 0 is infinitely far below.
  const finite = v128.bitselect(y, x, f32x4.lt(x, splat32(INFINITY)));
  const zero = v128.and(f32x4.eq(x, splat32(ZERO)), splat32(MINUS_INFINITY));
  return v128.or(f32x4.add(finite, zero), f32x4.lt(x, splat32(ZERO)));
}

/** As `log32`, of positive normal numbers. */
// @ts-ignore: decorator
@inline
export function logNear32(x: v128): v128 {
  return logNormal32(x, x, false);
}

/** Less the least normal number, as unsigned integers, positive normal numbers are the smallest: the larger of w and that. */
// @ts-ignore: decorator
@inline
export function oddest32(w: v128, x: v128): v128 {
  return i32x4.max_u(w, i32x4.sub(x, splat32(NORMAL_LEAST)));
}

/** Where `oddest32` saw something else than a positive normal number. */
// @ts-ignore: decorator
@inline
export function isOdd32(w: v128): v128 {
  return i32x4.gt_u(w, splat32(NORMAL_SPAN));
}

/**
 * The hyperbolic tangent: 1.55 ulp. With |x| = n ln(2) / 2 + r, u = 2^-n and r coth(r) = 1 + w it is top / bottom, where
 * top = (1 - u) (1 + w) + (1 + u) r and bottom = top + 2 u (1 + w - r): near 1 the error of top divides out.
 */
// @ts-ignore: decorator
@inline
export function tanh32(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat32(TANH_MOST));
  const shifted = f32x4.add(madd32(size, splat32(TWO_LOG2_E), splat32(TANH_SHIFT)), splat32(ROUND));
  const n = f32x4.sub(shifted, splat32(ROUND));
  const r = nmadd32(n, splat32(HALF_LN2_LOW), nmadd32(n, splat32(HALF_LN2_HIGH), size));
  const z = f32x4.mul(r, r);
  const w = f32x4.mul(z, quadratic32(TANH, z));
  const u = i32x4.shl(i32x4.sub(splat32(INT_127), shifted), 23);
  const a = f32x4.sub(splat32(ONE), u);
  const top = f32x4.add(a, madd32(a, w, f32x4.mul(f32x4.add(splat32(ONE), u), r)));
  // Where n = 0, bottom is 2 (1 + w): top and 2 u r, which are equal, need not be rounded.
  const near = f32x4.eq(n, f32x4.splat(0));
  const u2 = f32x4.add(u, u);
  const rest = madd32(f32x4.sub(w, v128.andnot(r, near)), u2, u2);
  const y = f32x4.div(top, f32x4.add(v128.andnot(top, near), rest));
  return v128.or(y, v128.and(x, splat32(SIGN)));
}

/** The nearest integer to x / ln(2) - 1/12, in the lowest bits and biased by 127. */
// @ts-ignore: decorator
@inline
function powerOf32(x: v128): v128 {
  return f32x4.add(madd32(x, splat32(LOG2_E), splat32(EXP_SHIFT)), splat32(EXP_ROUND));
}

/**
 * e to the r less 1, where r = x - n ln(2) lies in [-0.29, 0.41], where its last place is at most a quarter of
 * that of e to the r. Polynomial 2^-28.2.
 */
// @ts-ignore: decorator
@inline
function expm1Shifted32(x: v128, n: v128): v128 {
  const r = reduced32(x, n);
  let p = madd32(linear32(EXP_SHIFTED, 3, r), r, splat32(EXP_SHIFTED, 2));
  p = madd32(madd32(p, r, splat32(EXP_SHIFTED, 1)), r, splat32(EXP_SHIFTED));
  return madd32(f32x4.mul(r, r), p, r);
}

/** x - n ln(2). */
// @ts-ignore: decorator
@inline
function reduced32(x: v128, n: v128): v128 {
  return nmadd32(n, splat32(LN2_LOW), nmadd32(n, splat32(LN2_HIGH), x));
}

/** e to the r less 1, where r = x - n ln(2) lies in [-ln(2) / 2, ln(2) / 2]. Polynomial 2^-28.3. */
// @ts-ignore: decorator
@inline
export function expm1Reduced32(x: v128, n: v128): v128 {
  const high = nmadd32(n, splat32(LN2_HIGH), x);
  const low = f32x4.mul(n, splat32(LN2_LOW));
  const r = f32x4.sub(high, low);
  const z = f32x4.mul(r, r);
  const p = madd32(madd32(splat32(EXP, 4), z, linear32(EXP, 2, r)), z, linear32(EXP, 0, r));
  return f32x4.add(high, f32x4.sub(f32x4.mul(z, p), low));
}

/**
 * log(x) for normal x: e ln(2) + log(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and log(1 + f) = f - f²/2 + s (f²/2 + R)
 * with s = f / (2 + f), as in FreeBSD's e_log.c; R = z L(z) with z = s², polynomial 2^-30.2. Where `scaled`, lanes
 * that are `tiny` come in multiplied by 2^149.
 */
// @ts-ignore: decorator
@inline
function logNormal32(x: v128, tiny: v128, scaled: bool): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, splat32(SQRT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), splat32(ONE));
  let e = f32x4.convert_i32x4_s(exponent);
  if (scaled) e = f32x4.sub(e, v128.and(tiny, splat32(RAISED)));
  const s = f32x4.div(f, f32x4.add(f, splat32(TWO)));
  const z = f32x4.mul(s, s);
  const h = f32x4.mul(f32x4.mul(f, f), splat32(HALF));
  const y = madd32(s, madd32(z, quadratic32(LOG, z), h), f32x4.mul(e, splat32(LN2_LOW)));
  return madd32(e, splat32(LN2_HIGH), f32x4.sub(f, f32x4.sub(h, y)));
}

const HALF = memory.data<f32>([0.5], 4);
const ONE = memory.data<f32>([1], 4);
const TWO = memory.data<f32>([2], 4);
const ZERO = memory.data<f32>([0], 4);
const INFINITY = memory.data<u32>([0x7f800000], 4);
const MINUS_INFINITY = memory.data<u32>([0xff800000], 4);
const RAISED = memory.data<f32>([149], 4);
const INT_127 = memory.data<u32>([127], 4);
/** The exponent field of 2^149, modulo its size, which takes the sign along. */
const STEPS_149 = memory.data<u32>([0x8a000000], 4);
/** 64 in the exponent, and 149 less that. */
const STEPS_64 = memory.data<u32>([0x20000000], 4);
const TWO_85 = memory.data<u32>([0x6a000000], 4);
const TWO_23 = memory.data<f32>([8388608], 4);
const SIZE = memory.data<u32>([0x7fffffff], 4);
const SIGN = memory.data<u32>([0x80000000], 4);
const SQRT_HALF_BITS = memory.data<u32>([0x3f3504f3], 4);
const NORMAL_LEAST = memory.data<f32>([1.1754943508222875e-38], 4);
/** From the least to the largest normal number. */
const NORMAL_SPAN = memory.data<u32>([0x7effffff], 4);

// Adding a rounding constant leaves the nearest integer in the lowest bits. Those of the exponential are biased by 127,
// as an exponent is.
const EXP_ROUND = memory.data<f32>([12582912 + 127], 4);
const ROUND = memory.data<f32>([12582912], 4);

// Beyond these the results are 0, infinite or 1.
const EXP_LEAST = memory.data<f32>([-105], 4);
const EXP_MOST = memory.data<f32>([88.72283172607422], 4);
const SIGMOID_MOST = memory.data<f32>([40], 4);
/** The power of two is 2^-127 here, whose bits are those of 0. */
const EXP_BELOW_LEAST = memory.data<f32>([-88], 4);
/** Beyond these the result or its inverse is subnormal. */
const EXP_NORMAL = memory.data<f32>([87.33654022216797], 4);
const EXP_NORMAL_LEAST = memory.data<f32>([-87.33654022216797], 4);
const TANH_MOST = memory.data<f32>([10], 4);

/** Lets r reach from -0.2885 to 0.4062. */
const EXP_SHIFT = memory.data<f32>([-0.083], 4);
const LOG2_E = memory.data<f32>([1.4426950408889634], 4);
const TWO_LOG2_E = memory.data<f32>([2.8853900817779268], 4);
/** Lets r reach from -0.087 to 0.26, where top suffers no cancellation. */
const TANH_SHIFT = memory.data<f32>([-0.25], 4);
const LN2_HIGH = memory.data<f32>([0.693145751953125], 4);
const LN2_LOW = memory.data<f32>([1.4286068203094173e-6], 4);
const HALF_LN2_HIGH = memory.data<f32>([0.3465728759765625], 4);
const HALF_LN2_LOW = memory.data<f32>([7.143034101547086e-7], 4);

// prettier-ignore
export const EXP = memory.data<f32>([0.49999993372908824, 0.16666519523700832, 0.041668401116424385, 0.00836885110409274, 0.0013814319131338552], 4);
// prettier-ignore
const EXP_SHIFTED = memory.data<f32>([0.5000001788139343, 0.16666552424430847, 0.041658833622932434, 0.00836308766156435, 0.0014574008528143167], 4);
// prettier-ignore
const EXP_QUICK = memory.data<f32>([0.999999344, 0.499990821, 0.166684628, 0.0419043601, 0.00824685395], 4);
export const LOG = memory.data<f32>([0.666667764875872, 0.3997752703730752, 0.2987215321599554], 4);
const TANH = memory.data<f32>([0.3333333212409659, -0.02222114282153041, 0.0020889733637907003], 4);
