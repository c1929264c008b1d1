// Elementary functions on four lanes of f32, in f32 throughout. A lane's result does not depend on its neighbours.

import { foldAngle } from "./math-angle";

/** e to the x. */
// @ts-ignore: decorator
@inline
export function exp32(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, splat32(EXP_MAX)), splat32(EXP_MIN));
  const shifted = madd32(x, splat32(LOG2_E), splat32(EXP_ROUND));
  const s = expm1Reduced32(x, f32x4.sub(shifted, splat32(EXP_ROUND)));
  // Two factors, since 2^n alone need not be a normal number where the result is subnormal or infinite.
  const half = i32x4.shr_u(shifted, 1);
  const y = f32x4.add(splat32(ONE), s);
  return f32x4.mul(f32x4.mul(y, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(shifted, half), 23));
}

/** 1 / (1 + e to the -x) as c / (c (1 + 2^n) + c 2^n s), e to the -x being 2^n (1 + s). */
// @ts-ignore: decorator
@inline
export function sigmoid32(x: v128): v128 {
  x = f32x4.neg(x);
  x = f32x4.pmax(f32x4.pmin(x, splat32(SIGMOID_MAX)), splat32(SIGMOID_MIN));
  const shifted = madd32(x, splat32(LOG2_E), splat32(EXP_ROUND));
  const s = expm1Reduced32(x, f32x4.sub(shifted, splat32(EXP_ROUND)));
  const half = i32x4.shr_u(shifted, 1);
  const c = i32x4.shl(i32x4.sub(splat32(INT_254), half), 23);
  const power = i32x4.shl(i32x4.sub(shifted, half), 23);
  const sum = f32x4.add(c, power);
  const lost = f32x4.sub(c, f32x4.sub(sum, power));
  return f32x4.div(c, f32x4.add(sum, madd32(power, s, lost)));
}

/** The natural logarithm. */
// @ts-ignore: decorator
@inline
export function log32(x: v128): v128 {
  // As integers, the positive normal numbers are an interval; moved to the bottom of the range, one comparison tells.
  const special = i32x4.gt_s(i32x4.add(x, splat32(INFINITE)), splat32(NORMAL_END));
  if (i32x4.bitmask(special)) return logSpecial32(x);
  return logNormal32(x, x, false);
}

/** The sine. */
// @ts-ignore: decorator
@inline
export function sin32(x: v128): v128 {
  const y = sinNear32(x, SIN_ROUND);
  const far = f32x4.gt(f32x4.abs(x), splat32(FAR));
  if (i32x4.bitmask(far)) return v128.bitselect(sinFar32(x, 0), y, far);
  return y;
}

/** The cosine. */
// @ts-ignore: decorator
@inline
export function cos32(x: v128): v128 {
  const y = sinNear32(x, COS_ROUND);
  const far = f32x4.gt(f32x4.abs(x), splat32(FAR));
  if (i32x4.bitmask(far)) return v128.bitselect(sinFar32(x, 1), y, far);
  return y;
}

/** The hyperbolic tangent. */
// @ts-ignore: decorator
@inline
export function tanh32(x: v128): v128 {
  const sign = v128.and(x, splat32(SIGN));
  const size = f32x4.pmin(f32x4.abs(x), splat32(TANH_MAX));
  const shifted = f32x4.add(madd32(size, splat32(TWO_LOG2_E), splat32(TANH_BIAS)), splat32(TANH_ROUND));
  const n = f32x4.sub(shifted, splat32(TANH_ROUND));
  const r = nmadd32(n, splat32(HALF_LN2_LOW), nmadd32(n, splat32(HALF_LN2_HIGH), size));
  const z = f32x4.mul(r, r);
  const w = f32x4.mul(z, madd32(madd32(splat32(TANH + 8), z, splat32(TANH + 4)), z, splat32(TANH)));
  const u = i32x4.shl(i32x4.sub(splat32(INT_127), shifted), 23);
  const a = f32x4.sub(splat32(ONE), u);
  const b = f32x4.add(splat32(ONE), u);
  const top = f32x4.add(a, madd32(a, w, f32x4.mul(b, r)));
  const u2 = f32x4.add(u, u);
  const near = f32x4.eq(n, f32x4.splat(0));
  const rest = madd32(f32x4.sub(w, v128.andnot(r, near)), u2, u2);
  const bottom = f32x4.add(v128.andnot(top, near), rest);
  return v128.or(f32x4.div(top, bottom), sign);
}

/** e to the (x - n ln 2) - 1, for |x - n ln 2| <= ln 2 / 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced32(x: v128, n: v128): v128 {
  const high = nmadd32(n, splat32(LN2_HIGH), x);
  const low = f32x4.mul(n, splat32(LN2_LOW));
  const r = f32x4.sub(high, low);
  const z = f32x4.mul(r, r);
  const p = madd32(
    madd32(splat32(EXP + 16), z, madd32(splat32(EXP + 12), r, splat32(EXP + 8))),
    z, madd32(splat32(EXP + 4), r, splat32(EXP)));
  return f32x4.add(high, f32x4.sub(f32x4.mul(z, p), low));
}

// @ts-ignore: decorator
@inline
function logNormal32(x: v128, original: v128, scaled: bool): v128 {
  const offset = i32x4.sub(x, splat32(SQRT_HALF));
  const exponent = i32x4.shr_s(offset, 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), splat32(ONE));
  let e = f32x4.convert_i32x4_s(exponent);
  if (scaled) e = f32x4.sub(e, v128.and(f32x4.lt(original, splat32(MIN_NORMAL)), f32x4.splat(24)));
  const s = f32x4.div(f, f32x4.add(f, splat32(TWO)));
  const z = f32x4.mul(s, s);
  const h = f32x4.mul(f32x4.mul(f, f), splat32(HALF));
  const p = madd32(madd32(splat32(LOG + 8), z, splat32(LOG + 4)), z, splat32(LOG));
  const y = madd32(s, madd32(z, p, h), f32x4.mul(e, splat32(LN2_LOW)));
  return madd32(e, splat32(LN2_HIGH), f32x4.sub(f, f32x4.sub(h, y)));
}

function logSpecial32(x: v128): v128 {
  const tiny = f32x4.lt(x, splat32(MIN_NORMAL));
  let y = logNormal32(v128.bitselect(f32x4.mul(x, f32x4.splat(16777216)), x, tiny), x, true);
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function sinNear32(x: v128, round: usize): v128 {
  const shifted = madd32(x, splat32(TWO_OVER_PI), splat32(round));
  const n = f32x4.sub(shifted, splat32(round));
  const t = nmadd32(n, splat32(HALF_PI_1), x);
  const second = f32x4.mul(n, splat32(HALF_PI_2));
  const a = f32x4.sub(t, second);
  const low = f32x4.sub(f32x4.mul(n, splat32(HALF_PI_3)), f32x4.sub(f32x4.sub(t, a), second));
  const z = f32x4.mul(a, a);
  const s = madd32(madd32(splat32(SIN + 8), z, splat32(SIN + 4)), z, splat32(SIN));
  const c = madd32(madd32(splat32(COS + 8), z, splat32(COS + 4)), z, splat32(COS));
  const c1 = nmadd32(z, splat32(HALF), splat32(ONE));
  const sine = f32x4.sub(a, madd32(f32x4.mul(a, z), s, f32x4.mul(low, c1)));
  const cosine = f32x4.add(c1, madd32(a, low, f32x4.mul(f32x4.mul(z, z), c)));
  const crossed = i32x4.shr_s(i32x4.shl(shifted, 31), 31);
  return v128.xor(v128.bitselect(cosine, sine, crossed), i32x4.shl(i32x4.shr_u(shifted, 1), 31));
}

function sinFar32(x: v128, quarters: u64): v128 {
  let s = f32x4.splat(0);
  const a = f32x4.extract_lane(x, 0), b = f32x4.extract_lane(x, 1);
  const c = f32x4.extract_lane(x, 2), d = f32x4.extract_lane(x, 3);
  s = f32x4.replace_lane(s, 0, foldFar(a, quarters));
  s = f32x4.replace_lane(s, 1, foldFar(b, quarters));
  s = f32x4.replace_lane(s, 2, foldFar(c, quarters));
  s = f32x4.replace_lane(s, 3, foldFar(d, quarters));
  return sinNear32(s, SIN_ROUND);
}

function foldFar(x: f32, quarters: u64): f32 {
  return abs(x) > 4096 ? <f32>foldAngle(x, quarters) : 0;
}

// @ts-ignore: decorator
@inline
function madd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
function nmadd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
function splat32(constant: usize): v128 {
  return v128.load32_splat(constant);
}

const LOG2_E = memory.data<f32>([1.4426950408889634], 4);
const TWO_LOG2_E = memory.data<f32>([2.8853900817779268], 4);
const LN2_HIGH = memory.data<f32>([0.693145751953125], 4);
const LN2_LOW = memory.data<f32>([1.4286068203094173e-6], 4);
const HALF_LN2_HIGH = memory.data<f32>([0.3465728759765625], 4);
const HALF_LN2_LOW = memory.data<f32>([7.143034101547086e-7], 4);
const EXP_MAX = memory.data<f32>([89], 4);
const EXP_MIN = memory.data<f32>([-105], 4);
const SIGMOID_MAX = memory.data<f32>([105], 4);
const SIGMOID_MIN = memory.data<f32>([-40], 4);
const EXP_ROUND = memory.data<f32>([12582912 + 254], 4);
const EXP = memory.data<f32>([0.49999993372908826387, 0.1666651952370083097, 0.041668401116424385872, 0.0083688511040927401998, 0.0013814319131338551538], 4);
const MIN_NORMAL = memory.data<f32>([1.1754943508222875e-38], 4);
const LOG = memory.data<f32>([0.66666776487587193635, 0.3997752703730751878, 0.29872153215995538186], 4);
const FAR = memory.data<f32>([4096], 4);
const TWO_OVER_PI = memory.data<f32>([0.6366197723675814], 4);
const SIN_ROUND = memory.data<f32>([12582912], 4);
const COS_ROUND = memory.data<f32>([12582913], 4);
const HALF_PI_1 = memory.data<f32>([1.57080078125], 4);
const HALF_PI_2 = memory.data<f32>([-4.4545158743858337e-6], 4);
const HALF_PI_3 = memory.data<f32>([6.07710062827732e-11], 4);
const SIN = memory.data<f32>([0.1666665457313823742, -0.0083321584097652548875, 0.00019514957641594640196], 4);
const COS = memory.data<f32>([0.041666645618773795272, -0.0013887313061502156406, 0.000024432784961449055953], 4);
const TANH_MAX = memory.data<f32>([10], 4);
const TANH_BIAS = memory.data<f32>([-0.25], 4);
const TANH_ROUND = memory.data<f32>([12582912], 4);
const TANH = memory.data<f32>([0.33333332124096584806, -0.022221142821530407695, 0.0020889733637907002354], 4);

const ONE = memory.data<f32>([1], 4);
const TWO = memory.data<f32>([2], 4);
const HALF = memory.data<f32>([0.5], 4);
const SIGN = memory.data<u32>([0x80000000], 4);
const INT_1 = memory.data<u32>([1], 4);
const INT_254 = memory.data<u32>([254], 4);
const INT_127 = memory.data<u32>([127], 4);
const SQRT_HALF = memory.data<u32>([0x3f3504f3], 4);
const INFINITE = memory.data<u32>([0x7f800000], 4);
const NORMAL_END = memory.data<u32>([0xfeffffff], 4);
