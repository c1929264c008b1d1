// Elementary functions on four lanes of f32, in f32 throughout. A lane's result does not depend on its neighbours: rare
// arguments take a slower way, but every lane selects its own. Special values are those of C99, subnormal numbers included.
//
// Errors are the largest found against f64, in units in the last place (ulp), over every argument but tiny ones and angles
// beyond 4096, of which every seventeenth was tried; they hold whether multiply-add is fused or not. The polynomials are
// minimax (Remez exchange in 50 digits, weighted for relative error), the reductions Cody and Waite's (Software Manual for
// the Elementary Functions, 1980): a multiple of a constant is subtracted in parts, the first of which have so few bits
// that their products are exact.

import { foldAngle } from "./math-angle";

/** e to the x: 0.92 ulp. */
// @ts-ignore: decorator
@inline
export function exp32(x: v128): v128 {
  x = clamp32(x, EXP_LEAST, EXP_MOST);
  const shifted = madd32(x, splat32(LOG2_E), splat32(EXP_ROUND));
  const p = f32x4.add(splat32(ONE), expm1Reduced32(x, f32x4.sub(shifted, splat32(EXP_ROUND))));
  // p * 2^n in two factors, since 2^n alone need not be a normal number where the result is subnormal or infinite.
  const half = i32x4.shr_u(shifted, 1);
  return f32x4.mul(f32x4.mul(p, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(shifted, half), 23));
}

/**
 * e to the x for x up to 88: 1.16 ulp, and 0 below -87.7. One power of two makes do where nothing overflows, and a plain sum
 * of powers for an error that may be a little larger.
 */
// @ts-ignore: decorator
@inline
export function expBelow32(x: v128): v128 {
  x = f32x4.pmax(x, splat32(EXP_BELOW_LEAST));
  const shifted = madd32(x, splat32(LOG2_E), splat32(EXP_BELOW_ROUND));
  const n = f32x4.sub(shifted, splat32(EXP_BELOW_ROUND));
  const r = nmadd32(n, splat32(LN2_LOW), nmadd32(n, splat32(LN2_HIGH), x));
  let p = madd32(linear32(EXP, 3, r), r, splat32(EXP, 2));
  p = madd32(madd32(p, r, splat32(EXP, 1)), r, splat32(EXP));
  p = madd32(madd32(p, r, splat32(ONE)), r, splat32(ONE));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/**
 * 1 / (1 + e to the -x): 1.66 ulp. With e to the -x = 2^n (1 + s) it is c / ((c + c 2^n) + c 2^n s), where the power of
 * two c keeps all of it in range and the first sum is nearly always exact.
 */
// @ts-ignore: decorator
@inline
export function sigmoid32(x: v128): v128 {
  const y = clamp32(f32x4.neg(x), SIGMOID_LEAST, SIGMOID_MOST);
  const shifted = madd32(y, splat32(LOG2_E), splat32(EXP_ROUND));
  const s = expm1Reduced32(y, f32x4.sub(shifted, splat32(EXP_ROUND)));
  const half = i32x4.shr_u(shifted, 1);
  const c = i32x4.shl(i32x4.sub(splat32(INT_254), half), 23);
  const power = i32x4.shl(i32x4.sub(shifted, half), 23);
  const sum = f32x4.add(c, power);
  const lost = f32x4.sub(c, f32x4.sub(sum, power));
  return f32x4.div(c, f32x4.add(sum, madd32(power, s, lost)));
}

/** The natural logarithm: 0.84 ulp. */
// @ts-ignore: decorator
@inline
export function log32(x: v128): v128 {
  // As integers the positive normal numbers are one interval; at the bottom of the range one comparison finds the others.
  const rare = i32x4.gt_s(i32x4.add(x, splat32(INFINITY_BITS)), splat32(NORMAL_LAST));
  if (i32x4.bitmask(rare)) return logRare32(x);
  return logNormal32(x, x, false);
}

/** The sine: 1.44 ulp up to 4096, 1.65 beyond. */
// @ts-ignore: decorator
@inline
export function sin32(x: v128): v128 {
  const y = sinNear32(x, SIN_ROUND);
  const far = f32x4.gt(f32x4.abs(x), splat32(FAR));
  if (i32x4.bitmask(far)) return v128.bitselect(sinFar32(x, 0), y, far);
  return y;
}

/** The cosine: 1.44 ulp up to 4096, 1.65 beyond. */
// @ts-ignore: decorator
@inline
export function cos32(x: v128): v128 {
  const y = sinNear32(x, COS_ROUND);
  const far = f32x4.gt(f32x4.abs(x), splat32(FAR));
  if (i32x4.bitmask(far)) return v128.bitselect(sinFar32(x, 1), y, far);
  return y;
}

/**
 * The hyperbolic tangent: 1.55 ulp. With |x| = n ln(2) / 2 + r, u = 2^-n and r coth(r) = 1 + w it is top / bottom, where
 * top = (1 - u) (1 + w) + (1 + u) r and bottom = top + 2 u (1 + w - r): near 1 the error of top divides out.
 */
// @ts-ignore: decorator
@inline
export function tanh32(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat32(TANH_MOST));
  const shifted = f32x4.add(madd32(size, splat32(TWO_LOG2_E), splat32(TANH_SHIFT)), splat32(SIN_ROUND));
  const n = f32x4.sub(shifted, splat32(SIN_ROUND));
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
 * whose `original` is subnormal come in multiplied by 2^24.
 */
// @ts-ignore: decorator
@inline
function logNormal32(x: v128, original: v128, scaled: bool): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, splat32(SQRT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), splat32(ONE));
  let e = f32x4.convert_i32x4_s(exponent);
  if (scaled) e = f32x4.sub(e, v128.and(f32x4.lt(original, splat32(NORMAL_LEAST)), f32x4.splat(24)));
  const s = f32x4.div(f, f32x4.add(f, splat32(TWO)));
  const z = f32x4.mul(s, s);
  const h = f32x4.mul(f32x4.mul(f, f), splat32(HALF));
  const y = madd32(s, madd32(z, quadratic32(LOG, z), h), f32x4.mul(e, splat32(LN2_LOW)));
  return madd32(e, splat32(LN2_HIGH), f32x4.sub(f, f32x4.sub(h, y)));
}

/** log(x) for any x. */
function logRare32(x: v128): v128 {
  const tiny = f32x4.lt(x, splat32(NORMAL_LEAST));
  let y = logNormal32(v128.bitselect(f32x4.mul(x, f32x4.splat(16777216)), x, tiny), x, true);
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
}

/**
 * sin(x), or cos(x) with the rounding constant of the cosine, for |x| <= 4096. The nearest multiple n of pi/2 is taken
 * off, the rest being a - low: the third part of pi/2 and the rounding of a are carried in `low`. Polynomials 2^-28.0 and
 * 2^-33.0. The sine subtracts its terms, so that -0 stays -0.
 */
// @ts-ignore: decorator
@inline
function sinNear32(x: v128, round: usize): v128 {
  const shifted = madd32(x, splat32(TWO_OVER_PI), splat32(round));
  const n = f32x4.sub(shifted, splat32(round));
  const t = nmadd32(n, splat32(HALF_PI_1), x);
  // The second part of pi/2 is negative; its product with -n keeps a zero positive, and so -0 in `a`.
  const second = f32x4.mul(f32x4.sub(splat32(round), shifted), splat32(MINUS_HALF_PI_2));
  const a = f32x4.sub(t, second);
  const low = f32x4.sub(f32x4.mul(n, splat32(HALF_PI_3)), f32x4.sub(f32x4.sub(t, a), second));
  const z = f32x4.mul(a, a);
  const c = nmadd32(z, splat32(HALF), splat32(ONE));
  const sine = f32x4.sub(a, madd32(f32x4.mul(a, z), quadratic32(SIN, z), f32x4.mul(low, c)));
  const cosine = f32x4.add(c, madd32(a, low, f32x4.mul(f32x4.mul(z, z), quadratic32(COS, z))));
  // The lowest bits of `shifted` are the quadrant: the first tells sine from cosine, the second is the sign.
  const odd = i32x4.shr_s(i32x4.shl(shifted, 31), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), i32x4.shl(i32x4.shr_u(shifted, 1), 31));
}

/** sin(x + quarters * pi/2) in the lanes where |x| > 4096. */
function sinFar32(x: v128, quarters: u64): v128 {
  const s = f32x4(
    foldFar(f32x4.extract_lane(x, 0), quarters),
    foldFar(f32x4.extract_lane(x, 1), quarters),
    foldFar(f32x4.extract_lane(x, 2), quarters),
    foldFar(f32x4.extract_lane(x, 3), quarters),
  );
  return sinNear32(s, SIN_ROUND);
}

function foldFar(x: f32, quarters: u64): f32 {
  return abs(x) > 4096 ? <f32>foldAngle(x, quarters) : 0;
}

/** x within [pool[least], pool[most]]; NaN stays NaN, since `pmin` and `pmax` answer their first operand then. */
// @ts-ignore: decorator
@inline
function clamp32(x: v128, least: usize, most: usize): v128 {
  return f32x4.pmax(f32x4.pmin(x, splat32(most)), splat32(least));
}

/** c[0] + c[1] x + c[2] x². */
// @ts-ignore: decorator
@inline
function quadratic32(c: usize, x: v128): v128 {
  return madd32(madd32(splat32(c, 2), x, splat32(c, 1)), x, splat32(c, 0));
}

/** c[i] + c[i + 1] x. */
// @ts-ignore: decorator
@inline
function linear32(c: usize, i: usize, x: v128): v128 {
  return madd32(splat32(c, i + 1), x, splat32(c, i));
}

/** a * b + c, fused where that is fast. */
// @ts-ignore: decorator
@inline
function madd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, fused where that is fast. */
// @ts-ignore: decorator
@inline
function nmadd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** A vector full of constant i of a pool: one load, where V8 needs three to five instructions for a `v128.const`. */
// @ts-ignore: decorator
@inline
function splat32(pool: usize, i: usize = 0): v128 {
  return v128.load32_splat(pool + (i << 2));
}

const HALF = memory.data<f32>([0.5], 4);
const ONE = memory.data<f32>([1], 4);
const TWO = memory.data<f32>([2], 4);
const INT_127 = memory.data<u32>([127], 4);
const INT_254 = memory.data<u32>([254], 4);
const SIGN = memory.data<u32>([0x80000000], 4);
const INFINITY_BITS = memory.data<u32>([0x7f800000], 4);
const SQRT_HALF_BITS = memory.data<u32>([0x3f3504f3], 4);
const NORMAL_LEAST = memory.data<f32>([1.1754943508222875e-38], 4);
/** The largest normal number plus INFINITY_BITS, modulo 2^32. */
const NORMAL_LAST = memory.data<u32>([0xfeffffff], 4);

// Adding a rounding constant leaves the nearest integer in the lowest bits. Those of the exponential are biased by 254,
// which is twice the bias of an exponent; that of the cosine is a quadrant ahead.
const EXP_ROUND = memory.data<f32>([12582912 + 254], 4);
const EXP_BELOW_ROUND = memory.data<f32>([12582912 + 127], 4);
const SIN_ROUND = memory.data<f32>([12582912], 4);
const COS_ROUND = memory.data<f32>([12582912 + 1], 4);

// Beyond these the results are 0, 1 or infinite.
const EXP_LEAST = memory.data<f32>([-105], 4);
/** The power of two is 2^-127 here, whose bits are those of 0. */
const EXP_BELOW_LEAST = memory.data<f32>([-88], 4);
const EXP_MOST = memory.data<f32>([89], 4);
const SIGMOID_LEAST = memory.data<f32>([-40], 4);
const SIGMOID_MOST = memory.data<f32>([105], 4);
const TANH_MOST = memory.data<f32>([10], 4);

const LOG2_E = memory.data<f32>([1.4426950408889634], 4);
const TWO_LOG2_E = memory.data<f32>([2.8853900817779268], 4);
/** Lets r reach from -0.087 to 0.26, where top suffers no cancellation. */
const TANH_SHIFT = memory.data<f32>([-0.25], 4);
const LN2_HIGH = memory.data<f32>([0.693145751953125], 4);
const LN2_LOW = memory.data<f32>([1.4286068203094173e-6], 4);
const HALF_LN2_HIGH = memory.data<f32>([0.3465728759765625], 4);
const HALF_LN2_LOW = memory.data<f32>([7.143034101547086e-7], 4);

/** Up to here the reduction by the three parts of pi/2 (of 13, 13 and 24 bits) is exact enough: all arguments were tried. */
const FAR = memory.data<f32>([4096], 4);
const TWO_OVER_PI = memory.data<f32>([0.6366197723675814], 4);
const HALF_PI_1 = memory.data<f32>([1.57080078125], 4);
const MINUS_HALF_PI_2 = memory.data<f32>([4.4545158743858337e-6], 4);
const HALF_PI_3 = memory.data<f32>([6.07710062827732e-11], 4);

// prettier-ignore
export const EXP = memory.data<f32>([0.49999993372908824, 0.16666519523700832, 0.041668401116424385, 0.00836885110409274, 0.0013814319131338552], 4);
export const LOG = memory.data<f32>([0.666667764875872, 0.3997752703730752, 0.2987215321599554], 4);
export const SIN = memory.data<f32>([0.16666654573138237, -0.008332158409765256, 0.0001951495764159464], 4);
export const COS = memory.data<f32>([0.0416666456187738, -0.0013887313061502157, 2.4432784961449057e-5], 4);
const TANH = memory.data<f32>([0.3333333212409659, -0.02222114282153041, 0.0020889733637907003], 4);
