// Elementary functions on two lanes of f64, in f64 throughout: the methods of math32.ts, with the polynomials and
// the parts of constants that f64 needs. Errors are the largest found against 113-bit arithmetic, in ulp: over 10^7 random
// arguments and more of each function in each build, and for the angles also those nearest to multiples of pi/2.

import { foldAngle } from "./math-angle";

/** e to the x: 0.94 ulp. */
// @ts-ignore: decorator
@inline
export function exp64(x: v128): v128 {
  const y = clamp64(x, EXP_LEAST, EXP_MOST);
  const shifted = madd64(y, splat64(LOG2_E), splat64(EXP_ROUND));
  const p = f64x2.add(splat64(ONE), expm1Reduced64(y, f64x2.sub(shifted, splat64(EXP_ROUND))));
  const power = i64x2.shl(shifted, 52);
  const below = f64x2.lt(x, splat64(EXP_NORMAL_LEAST));
  const above = f64x2.gt(x, splat64(ONE));
  const normal = f64x2.mul(p, i64x2.sub(power, v128.and(splat64(ONE_STEP), above)));
  const counted = f64x2.add(f64x2.mul(p, i64x2.add(power, splat64(STEPS_1074))), splat64(TWO_52));
  const subnormal = i64x2.sub(counted, splat64(TWO_52));
  return v128.bitselect(subnormal, f64x2.add(normal, v128.and(normal, above)), below);
}

/** As `exp64`, where both the result and its inverse are normal numbers. */
// @ts-ignore: decorator
@inline
export function expNear64(x: v128): v128 {
  const shifted = madd64(x, splat64(LOG2_E), splat64(EXP_ROUND));
  const power = i64x2.shl(shifted, 52);
  return madd64(power, expm1Reduced64(x, f64x2.sub(shifted, splat64(EXP_ROUND))), power);
}

/** The larger of w and |x|; a NaN is passed over. */
// @ts-ignore: decorator
@inline
export function largest64(w: v128, x: v128): v128 {
  return f64x2.pmax(w, v128.and(x, splat64(SIZE)));
}

/** Where |x| is too large for `expNear64` and `sigmoidNear64`. */
// @ts-ignore: decorator
@inline
export function isExtreme64(size: v128): v128 {
  return f64x2.gt(size, splat64(EXP_NORMAL));
}

/** e to the x for x up to 709: 0.94 ulp, and 0 below -708.8; as `expBelow32`. */
// @ts-ignore: decorator
@inline
export function expBelow64(x: v128): v128 {
  return expNear64(f64x2.pmax(x, splat64(EXP_BELOW_LEAST)));
}

/** 1 / (1 + e to the -x): 1.67 ulp. */
// @ts-ignore: decorator
@inline
export function sigmoid64(x: v128): v128 {
  const below = f64x2.lt(x, splat64(EXP_NORMAL_LEAST));
  const y = f64x2.neg(clamp64(x, EXP_LEAST, SIGMOID_MOST));
  const shifted = madd64(y, splat64(LOG2_E), splat64(EXP_ROUND));
  const s = expm1Reduced64(y, f64x2.sub(shifted, splat64(EXP_ROUND)));
  const power = i64x2.sub(i64x2.shl(shifted, 52), v128.and(splat64(STEPS_512), below));
  const one = v128.andnot(splat64(ONE), below);
  const sum = f64x2.add(one, power);
  const lost = f64x2.sub(one, f64x2.sub(sum, power));
  const normal = f64x2.div(splat64(ONE), f64x2.add(sum, madd64(power, s, lost)));
  const counted = madd64(normal, splat64(TWO_562), splat64(TWO_52));
  return v128.bitselect(i64x2.sub(counted, splat64(TWO_52)), normal, below);
}

/** As `sigmoid64`, where `isExtreme64` does not hold. */
// @ts-ignore: decorator
@inline
export function sigmoidNear64(x: v128): v128 {
  const y = f64x2.neg(x);
  const shifted = madd64(y, splat64(LOG2_E), splat64(EXP_ROUND));
  const s = expm1Reduced64(y, f64x2.sub(shifted, splat64(EXP_ROUND)));
  const power = i64x2.shl(shifted, 52);
  const sum = f64x2.add(splat64(ONE), power);
  const lost = f64x2.sub(splat64(ONE), f64x2.sub(sum, power));
  return f64x2.div(splat64(ONE), f64x2.add(sum, madd64(power, s, lost)));
}

/** The natural logarithm: 0.85 ulp. */
// @ts-ignore: decorator
@inline
export function log64(x: v128): v128 {
  // The integer that a subnormal number is becomes the lowest bits of 2^52.
  const tiny = i64x2.lt_s(x, splat64(NORMAL_LEAST));
  const counted = f64x2.sub(v128.or(x, splat64(TWO_52)), splat64(TWO_52));
  const y = logNormal64(v128.bitselect(counted, x, tiny), tiny, true);
  const finite = v128.bitselect(y, x, f64x2.lt(x, splat64(INFINITY_BITS)));
  const zero = v128.and(f64x2.eq(x, splat64(ZERO)), splat64(MINUS_INFINITY));
  return v128.or(f64x2.add(finite, zero), f64x2.lt(x, splat64(ZERO)));
}

/** As `log64`, of positive normal numbers. */
// @ts-ignore: decorator
@inline
export function logNear64(x: v128): v128 {
  return logNormal64(x, x, false);
}

/** All ones in w stay, and are added where x is no positive normal number: as integers those are one interval, here moved down. */
// @ts-ignore: decorator
@inline
export function oddest64(w: v128, x: v128): v128 {
  return v128.or(w, i64x2.gt_s(i64x2.add(x, splat64(INFINITY_BITS)), splat64(NORMAL_LAST)));
}

/** Where `oddest64` saw something else than a positive normal number. */
// @ts-ignore: decorator
@inline
export function isOdd64(w: v128): v128 {
  return w;
}

/** The sine, or the cosine a quarter turn ahead: 1.29 ulp up to 131072, 1.66 beyond. */
// @ts-ignore: decorator
@inline
export function sine64(x: v128, cosine: bool): v128 {
  const y = sineNear64(x, cosine);
  const far = isFar64(f64x2.abs(x));
  return v128.any_true(far) ? v128.bitselect(sineFar64(x, far, cosine), y, far) : y;
}

/** Where |x| is too large for `sineNear64`. */
// @ts-ignore: decorator
@inline
export function isFar64(size: v128): v128 {
  return f64x2.gt(size, splat64(FAR));
}

/** The hyperbolic tangent: 1.72 ulp. Polynomial 2^-62.2. */
// @ts-ignore: decorator
@inline
export function tanh64(x: v128): v128 {
  const size = f64x2.pmin(f64x2.abs(x), splat64(TANH_MOST));
  const shifted = f64x2.add(madd64(size, splat64(TWO_LOG2_E), splat64(TANH_SHIFT)), splat64(SIN_ROUND));
  const n = f64x2.sub(shifted, splat64(SIN_ROUND));
  const r = nmadd64(n, splat64(HALF_LN2_LOW), nmadd64(n, splat64(HALF_LN2_HIGH), size));
  const z = f64x2.mul(r, r);
  const w = f64x2.mul(z, quintic64(TANH, z, f64x2.mul(z, z)));
  const u = i64x2.shl(i64x2.sub(splat64(INT_1023), shifted), 52);
  const a = f64x2.sub(splat64(ONE), u);
  const top = f64x2.add(a, madd64(a, w, f64x2.mul(f64x2.add(splat64(ONE), u), r)));
  const near = f64x2.eq(n, f64x2.splat(0));
  const u2 = f64x2.add(u, u);
  const rest = madd64(f64x2.sub(w, v128.andnot(r, near)), u2, u2);
  const y = f64x2.div(top, f64x2.add(v128.andnot(top, near), rest));
  return v128.or(y, v128.and(x, splat64(SIGN)));
}

/** e to the r less 1, where r = x - n ln(2) lies in [-ln(2) / 2, ln(2) / 2]. Polynomial 2^-57.9. */
// @ts-ignore: decorator
@inline
export function expm1Reduced64(x: v128, n: v128): v128 {
  const high = nmadd64(n, splat64(LN2_HIGH), x);
  const low = f64x2.mul(n, splat64(LN2_LOW));
  const r = f64x2.sub(high, low);
  const z = f64x2.mul(r, r);
  const p = madd64(linear64(EXP, 2, r), z, linear64(EXP, 0, r));
  const z2 = f64x2.mul(z, z);
  const q = madd64(linear64(EXP, 8, r), z2, madd64(linear64(EXP, 6, r), z, linear64(EXP, 4, r)));
  return f64x2.add(high, f64x2.sub(f64x2.mul(z, madd64(q, z2, p)), low));
}

/** log(x) for normal x, as `logNormal32`; polynomial 2^-59.5. Where `scaled`, `tiny` lanes come in multiplied by 2^1074. */
// @ts-ignore: decorator
@inline
function logNormal64(x: v128, tiny: v128, scaled: bool): v128 {
  // The exponent, biased, becomes the lowest bits of 2^52: SIMD has no conversion from i64.
  const shifted = i64x2.add(x, splat64(SQRT_HALF_TO_ONE));
  const f = f64x2.sub(i64x2.add(v128.and(shifted, splat64(FRACTION)), splat64(SQRT_HALF_BITS)), splat64(ONE));
  let e = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), splat64(TWO_52)), splat64(TWO_52_BIASED));
  if (scaled) e = f64x2.sub(e, v128.and(tiny, splat64(RAISED)));
  const s = f64x2.div(f, f64x2.add(f, splat64(TWO)));
  const z = f64x2.mul(s, s);
  const z2 = f64x2.mul(z, z);
  const p = madd64(splat64(LOG, 6), z2, linear64(LOG, 4, z));
  const l = madd64(madd64(p, z2, linear64(LOG, 2, z)), z2, linear64(LOG, 0, z));
  const h = f64x2.mul(f64x2.mul(f, f), splat64(HALF));
  const y = madd64(s, madd64(z, l, h), f64x2.mul(e, splat64(LN2_LOW)));
  return madd64(e, splat64(LN2_HIGH), f64x2.sub(f, f64x2.sub(h, y)));
}

/**
 * The sine or cosine for |x| <= 131072. The nearest multiple n of pi/2 is taken off, the rest being a - low: the third
 * part of pi/2 and the rounding of a are carried in `low`. Polynomials 2^-57.9 and 2^-64.0. The sine subtracts its terms, so
 * that -0 stays -0.
 */
// @ts-ignore: decorator
@inline
export function sineNear64(x: v128, cosine: bool): v128 {
  const round = cosine ? COS_ROUND : SIN_ROUND;
  const shifted = madd64(x, splat64(TWO_OVER_PI), splat64(round));
  const n = f64x2.sub(shifted, splat64(round));
  const t = nmadd64(n, splat64(HALF_PI_1), x);
  const second = f64x2.mul(n, splat64(HALF_PI_2));
  const a = f64x2.sub(t, second);
  const low = f64x2.sub(f64x2.mul(n, splat64(HALF_PI_3)), f64x2.sub(f64x2.sub(t, a), second));
  const z = f64x2.mul(a, a);
  const z2 = f64x2.mul(z, z);
  const c = nmadd64(z, splat64(HALF), splat64(ONE));
  const sine = f64x2.sub(a, madd64(f64x2.mul(a, z), quintic64(SIN, z, z2), low));
  const other = f64x2.add(c, madd64(a, low, f64x2.mul(z2, quintic64(COS, z, z2))));
  // The lowest bits of `shifted` are the quadrant: the first tells sine from cosine, the second is the sign.
  const odd = i64x2.neg(v128.and(shifted, splat64(INT_1)));
  return v128.xor(v128.bitselect(other, sine, odd), i64x2.shl(i64x2.shr_u(shifted, 1), 63));
}

/** The sine or cosine in the lanes that are `far`. */
function sineFar64(x: v128, far: v128, cosine: bool): v128 {
  let s = foldWide(x, cosine);
  const size = f64x2.abs(x);
  const hard = v128.and(far, v128.or(f64x2.gt(size, splat64(HUGE)), f64x2.lt(f64x2.abs(s), splat64(CLOSE))));
  if (v128.any_true(hard)) {
    const folded = f64x2(foldFar(f64x2.extract_lane(x, 0), cosine), foldFar(f64x2.extract_lane(x, 1), cosine));
    s = v128.bitselect(folded, s, hard);
  }
  return sineNear64(s, false);
}

/**
 * The angle in [-pi/2, pi/2] with the same sine up to 2^28, if it is not below 2^-20: parts of pi of 25, 25, 25 and 53 bits,
 * so that no product and no difference but the last is rounded by much.
 */
// @ts-ignore: decorator
@inline
function foldWide(x: v128, cosine: bool): v128 {
  const half = cosine ? HALF : ZERO;
  const shifted = f64x2.add(f64x2.add(f64x2.mul(x, splat64(INVERSE_PI)), splat64(half)), splat64(SIN_ROUND));
  const n = f64x2.sub(f64x2.sub(shifted, splat64(SIN_ROUND)), splat64(half));
  const t = f64x2.sub(f64x2.sub(x, f64x2.mul(n, splat64(PI_1))), f64x2.mul(n, splat64(PI_2)));
  const third = f64x2.mul(n, splat64(PI_3));
  const a = f64x2.sub(t, third);
  const low = f64x2.sub(f64x2.mul(n, splat64(PI_4)), f64x2.sub(f64x2.sub(t, a), third));
  return v128.xor(f64x2.sub(a, low), i64x2.shl(shifted, 63));
}

function foldFar(x: f64, cosine: bool): f64 {
  return abs(x) > 131072 ? foldAngle(x, u64(cosine)) : 0;
}

/** x within [pool[least], pool[most]]; NaN stays NaN, since `pmin` and `pmax` answer their first operand then. */
// @ts-ignore: decorator
@inline
function clamp64(x: v128, least: usize, most: usize): v128 {
  return f64x2.pmax(f64x2.pmin(x, splat64(most)), splat64(least));
}

/** The polynomial of degree 5 with coefficients c, given also z2 = z². */
// @ts-ignore: decorator
@inline
export function quintic64(c: usize, z: v128, z2: v128): v128 {
  return madd64(madd64(linear64(c, 4, z), z2, linear64(c, 2, z)), z2, linear64(c, 0, z));
}

/** c[i] + c[i + 1] x. */
// @ts-ignore: decorator
@inline
export function linear64(c: usize, i: usize, x: v128): v128 {
  return madd64(splat64(c, i + 1), x, splat64(c, i));
}

/** a * b + c, fused where that is fast. */
// @ts-ignore: decorator
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** c - a * b, fused where that is fast. */
// @ts-ignore: decorator
@inline
function nmadd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
}

/** A vector full of constant i of a pool. */
// @ts-ignore: decorator
@inline
export function splat64(pool: usize, i: usize = 0): v128 {
  return v128.load64_splat(pool + (i << 3));
}

const HALF = memory.data<f64>([0.5], 8);
const ONE = memory.data<f64>([1], 8);
const TWO = memory.data<f64>([2], 8);
const ZERO = memory.data<f64>([0], 8);
const MINUS_INFINITY = memory.data<u64>([0xfff0000000000000], 8);
const RAISED = memory.data<f64>([1074], 8);
const INT_1 = memory.data<u64>([1], 8);
const INT_1023 = memory.data<u64>([1023], 8);
/** 1 and 1074 in the exponent. */
const ONE_STEP = memory.data<u64>([0x0010000000000000], 8);
const STEPS_1074 = memory.data<u64>([0x4320000000000000], 8);
const SIZE = memory.data<u64>([0x7fffffffffffffff], 8);
/** 512 in the exponent, and 1074 less that. */
const STEPS_512 = memory.data<u64>([0x2000000000000000], 8);
const TWO_562 = memory.data<u64>([0x6310000000000000], 8);
const SIGN = memory.data<u64>([0x8000000000000000], 8);
const FRACTION = memory.data<u64>([0x000fffffffffffff], 8);
const INFINITY_BITS = memory.data<u64>([0x7ff0000000000000], 8);
const SQRT_HALF_BITS = memory.data<u64>([0x3fe6a09e667f3bcd], 8);
/** From the bits of sqrt(1/2) to those of 1. */
const SQRT_HALF_TO_ONE = memory.data<u64>([0x00095f619980c433], 8);
const TWO_52 = memory.data<f64>([4503599627370496], 8);
const TWO_52_BIASED = memory.data<f64>([4503599627370496 + 1023], 8);
const NORMAL_LEAST = memory.data<f64>([2.2250738585072014e-308], 8);
/** The largest normal number plus INFINITY_BITS, modulo 2^64. */
const NORMAL_LAST = memory.data<u64>([0xffdfffffffffffff], 8);

// The rounding constants, as in math32.ts; that of the cosine is a quadrant ahead.
const EXP_ROUND = memory.data<f64>([6755399441055744 + 1023], 8);
const SIN_ROUND = memory.data<f64>([6755399441055744], 8);
const COS_ROUND = memory.data<f64>([6755399441055744 + 1], 8);

// Beyond these the results are 0, 1 or infinite.
const EXP_LEAST = memory.data<f64>([-746], 8);
/** The power of two is 2^-1023 here, whose bits are those of 0. */
const EXP_BELOW_LEAST = memory.data<f64>([-709], 8);
const EXP_MOST = memory.data<f64>([710], 8);
/** Beyond these the result or its inverse is subnormal. */
const EXP_NORMAL = memory.data<f64>([708.3964185322641], 8);
const EXP_NORMAL_LEAST = memory.data<f64>([-708.3964185322641], 8);
const SIGMOID_MOST = memory.data<f64>([80], 8);
const TANH_MOST = memory.data<f64>([20], 8);

const LOG2_E = memory.data<f64>([1.4426950408889634], 8);
const TWO_LOG2_E = memory.data<f64>([2.8853900817779268], 8);
const TANH_SHIFT = memory.data<f64>([-0.25], 8);
const LN2_HIGH = memory.data<f64>([0.6931471805598903], 8);
const LN2_LOW = memory.data<f64>([5.497923018708371e-14], 8);
const HALF_LN2_HIGH = memory.data<f64>([0.34657359027994517], 8);
const HALF_LN2_LOW = memory.data<f64>([2.7489615093541856e-14], 8);

/** Up to here n has 17 bits, and its products with the first two parts of pi/2 (of 35 and 36 bits) are exact. */
const FAR = memory.data<f64>([131072], 8);
/** Up to here those of `foldWide` are exact; and from here on it is exact enough. */
const HUGE = memory.data<f64>([268435456], 8);
const CLOSE = memory.data<f64>([9.5367431640625e-7], 8);
const INVERSE_PI = memory.data<f64>([0.3183098861837907], 8);
const PI_1 = memory.data<f64>([3.1415926218032837], 8);
const PI_2 = memory.data<f64>([3.1786509424591713e-8], 8);
const PI_3 = memory.data<f64>([1.2246467864107189e-16], 8);
const PI_4 = memory.data<f64>([1.27366343270219e-24], 8);
const TWO_OVER_PI = memory.data<f64>([0.6366197723675814], 8);
const HALF_PI_1 = memory.data<f64>([1.5707963267923333], 8);
const HALF_PI_2 = memory.data<f64>([2.5633441515839558e-12], 8);
const HALF_PI_3 = memory.data<f64>([1.0562999066987428e-23], 8);

// prettier-ignore
export const EXP = memory.data<f64>([
  0.5000000000000011, 0.16666666666666408, 0.0416666666665281, 0.00833333333349693, 0.0013888888944249274,
  0.0001984126950273079, 2.4801492388171538e-05, 2.7557588429636007e-06, 2.763052351660657e-07,
  2.4999855750033334e-08,
], 8);
// prettier-ignore
export const LOG = memory.data<f64>([
  0.6666666666666734, 0.3999999999941355, 0.2857142874266371, 0.22222198542502397, 0.18183566035807866,
  0.15314004011946006, 0.14796442143382715,
], 8);
// prettier-ignore
export const SIN = memory.data<f64>([
  0.1666666666666663, -0.008333333333322063, 0.00019841269829542593, -2.7557313604521957e-06, 2.5050745037230233e-08,
  -1.5896067481303523e-10,
], 8);
// prettier-ignore
export const COS = memory.data<f64>([
  0.041666666666666595, -0.0013888888888872975, 2.480158728880003e-05, -2.7557314163977546e-07, 2.087569870862963e-09,
  -1.1358423520384253e-11,
], 8);
// prettier-ignore
const TANH = memory.data<f64>([
  0.33333333333333315, -0.02222222222217171, 0.0021164021115960834, -0.00021164000131773073, 2.1373141521509887e-05,
  -2.1135446270897855e-06,
], 8);
