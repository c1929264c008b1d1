// Elementary functions on two lanes of f64, in f64 throughout. A lane's result does not depend on its neighbour.

import { foldAngle } from "./math-angle";

/** e to the x. */
// @ts-ignore: decorator
@inline
export function exp64(x: v128): v128 {
  x = f64x2.pmax(f64x2.pmin(x, splat64(EXP_MAX)), splat64(EXP_MIN));
  const shifted = madd64(x, splat64(LOG2_E), splat64(EXP_ROUND));
  const s = expm1Reduced64(x, f64x2.sub(shifted, splat64(EXP_ROUND)));
  const half = i64x2.shr_u(shifted, 1);
  const y = f64x2.add(splat64(ONE), s);
  return f64x2.mul(f64x2.mul(y, i64x2.shl(half, 52)), i64x2.shl(i64x2.sub(shifted, half), 52));
}

/** 1 / (1 + e to the -x). */
// @ts-ignore: decorator
@inline
export function sigmoid64(x: v128): v128 {
  x = f64x2.neg(x);
  x = f64x2.pmax(f64x2.pmin(x, splat64(SIGMOID_MAX)), splat64(SIGMOID_MIN));
  const shifted = madd64(x, splat64(LOG2_E), splat64(EXP_ROUND));
  const s = expm1Reduced64(x, f64x2.sub(shifted, splat64(EXP_ROUND)));
  const half = i64x2.shr_u(shifted, 1);
  const c = i64x2.shl(i64x2.sub(splat64(INT_2046), half), 52);
  const power = i64x2.shl(i64x2.sub(shifted, half), 52);
  const sum = f64x2.add(c, power);
  const lost = f64x2.sub(c, f64x2.sub(sum, power));
  return f64x2.div(c, f64x2.add(sum, madd64(power, s, lost)));
}

/** The natural logarithm. */
// @ts-ignore: decorator
@inline
export function log64(x: v128): v128 {
  const special = i64x2.gt_s(i64x2.add(x, splat64(INFINITE)), splat64(NORMAL_END));
  if (i64x2.bitmask(special)) return logSpecial64(x);
  return logNormal64(x, x, false);
}

/** The sine. */
// @ts-ignore: decorator
@inline
export function sin64(x: v128): v128 {
  const y = sinNear64(x, SIN_ROUND);
  const far = f64x2.gt(f64x2.abs(x), splat64(FAR));
  if (i64x2.bitmask(far)) return v128.bitselect(sinFar64(x, 0), y, far);
  return y;
}

/** The cosine. */
// @ts-ignore: decorator
@inline
export function cos64(x: v128): v128 {
  const y = sinNear64(x, COS_ROUND);
  const far = f64x2.gt(f64x2.abs(x), splat64(FAR));
  if (i64x2.bitmask(far)) return v128.bitselect(sinFar64(x, 1), y, far);
  return y;
}

/** The hyperbolic tangent. */
// @ts-ignore: decorator
@inline
export function tanh64(x: v128): v128 {
  const sign = v128.and(x, splat64(SIGN));
  const size = f64x2.pmin(f64x2.abs(x), splat64(TANH_MAX));
  const shifted = f64x2.add(madd64(size, splat64(TWO_LOG2_E), splat64(TANH_BIAS)), splat64(SIN_ROUND));
  const n = f64x2.sub(shifted, splat64(SIN_ROUND));
  const r = nmadd64(n, splat64(HALF_LN2_LOW), nmadd64(n, splat64(HALF_LN2_HIGH), size));
  const z = f64x2.mul(r, r);
  const z2 = f64x2.mul(z, z);
  const w0 = madd64(splat64(TANH + 8), z, splat64(TANH));
  const w1 = madd64(splat64(TANH + 24), z, splat64(TANH + 16));
  const w2 = madd64(splat64(TANH + 40), z, splat64(TANH + 32));
  const w = f64x2.mul(z, madd64(madd64(w2, z2, w1), z2, w0));
  const u = i64x2.shl(i64x2.sub(splat64(INT_1023), shifted), 52);
  const a = f64x2.sub(splat64(ONE), u);
  const b = f64x2.add(splat64(ONE), u);
  const top = f64x2.add(a, madd64(a, w, f64x2.mul(b, r)));
  const u2 = f64x2.add(u, u);
  const near = f64x2.eq(n, f64x2.splat(0));
  const rest = madd64(f64x2.sub(w, v128.andnot(r, near)), u2, u2);
  const bottom = f64x2.add(v128.andnot(top, near), rest);
  return v128.or(f64x2.div(top, bottom), sign);
}

// @ts-ignore: decorator
@inline
function expm1Reduced64(x: v128, n: v128): v128 {
  const high = nmadd64(n, splat64(LN2_HIGH), x);
  const low = f64x2.mul(n, splat64(LN2_LOW));
  const r = f64x2.sub(high, low);
  const z = f64x2.mul(r, r);
  const z2 = f64x2.mul(z, z);
  const p0 = madd64(splat64(EXP + 8), r, splat64(EXP));
  const p1 = madd64(splat64(EXP + 24), r, splat64(EXP + 16));
  const p2 = madd64(splat64(EXP + 40), r, splat64(EXP + 32));
  const p3 = madd64(splat64(EXP + 56), r, splat64(EXP + 48));
  const p4 = madd64(splat64(EXP + 72), r, splat64(EXP + 64));
  const p = madd64(madd64(p4, z2, madd64(p3, z, p2)), z2, madd64(p1, z, p0));
  return f64x2.add(high, f64x2.sub(f64x2.mul(z, p), low));
}

// @ts-ignore: decorator
@inline
function logNormal64(x: v128, original: v128, scaled: bool): v128 {
  const shifted = i64x2.add(x, splat64(SQRT_HALF_TO_ONE));
  const f = f64x2.sub(i64x2.add(v128.and(shifted, splat64(FRACTION)), splat64(SQRT_HALF)), splat64(ONE));
  let e = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), splat64(TWO_52)), splat64(TWO_52_1023));
  if (scaled) e = f64x2.sub(e, v128.and(f64x2.lt(original, splat64(MIN_NORMAL)), f64x2.splat(54)));
  const s = f64x2.div(f, f64x2.add(f, splat64(TWO)));
  const z = f64x2.mul(s, s);
  const z2 = f64x2.mul(z, z);
  const h = f64x2.mul(f64x2.mul(f, f), splat64(HALF));
  const p0 = madd64(splat64(LOG + 8), z, splat64(LOG));
  const p1 = madd64(splat64(LOG + 24), z, splat64(LOG + 16));
  const p2 = madd64(splat64(LOG + 48), z2, madd64(splat64(LOG + 40), z, splat64(LOG + 32)));
  const p = madd64(madd64(p2, z2, p1), z2, p0);
  const y = madd64(s, madd64(z, p, h), f64x2.mul(e, splat64(LN2_LOW)));
  return madd64(e, splat64(LN2_HIGH), f64x2.sub(f, f64x2.sub(h, y)));
}

function logSpecial64(x: v128): v128 {
  const tiny = f64x2.lt(x, splat64(MIN_NORMAL));
  let y = logNormal64(v128.bitselect(f64x2.mul(x, f64x2.splat(18014398509481984)), x, tiny), x, true);
  y = v128.bitselect(y, x, f64x2.lt(x, f64x2.splat(Infinity)));
  y = v128.bitselect(f64x2.splat(NaN), y, f64x2.lt(x, f64x2.splat(0)));
  return v128.bitselect(f64x2.splat(-Infinity), y, f64x2.eq(x, f64x2.splat(0)));
}

// @ts-ignore: decorator
@inline
function sinNear64(x: v128, round: usize): v128 {
  const shifted = madd64(x, splat64(TWO_OVER_PI), splat64(round));
  const n = f64x2.sub(shifted, splat64(round));
  const t = nmadd64(n, splat64(HALF_PI_1), x);
  const second = f64x2.mul(n, splat64(HALF_PI_2));
  const a = f64x2.sub(t, second);
  const low = f64x2.sub(f64x2.mul(n, splat64(HALF_PI_3)), f64x2.sub(f64x2.sub(t, a), second));
  const z = f64x2.mul(a, a);
  const z2 = f64x2.mul(z, z);
  const s0 = madd64(splat64(SIN + 8), z, splat64(SIN));
  const s1 = madd64(splat64(SIN + 24), z, splat64(SIN + 16));
  const s2 = madd64(splat64(SIN + 40), z, splat64(SIN + 32));
  const c0 = madd64(splat64(COS + 8), z, splat64(COS));
  const c1 = madd64(splat64(COS + 24), z, splat64(COS + 16));
  const c2 = madd64(splat64(COS + 40), z, splat64(COS + 32));
  const sine = f64x2.sub(a, madd64(f64x2.mul(a, z), madd64(madd64(s2, z2, s1), z2, s0), low));
  const cosine = f64x2.add(nmadd64(z, splat64(HALF), splat64(ONE)), madd64(a, low, f64x2.mul(z2, madd64(madd64(c2, z2, c1), z2, c0))));
  const crossed = i64x2.neg(v128.and(shifted, splat64(INT_1)));
  return v128.xor(v128.bitselect(cosine, sine, crossed), i64x2.shl(i64x2.shr_u(shifted, 1), 63));
}

function sinFar64(x: v128, quarters: u64): v128 {
  const s = f64x2(foldFar(f64x2.extract_lane(x, 0), quarters), foldFar(f64x2.extract_lane(x, 1), quarters));
  return sinNear64(s, SIN_ROUND);
}

function foldFar(x: f64, quarters: u64): f64 {
  return abs(x) > 131072 ? foldAngle(x, quarters) : 0;
}

// @ts-ignore: decorator
@inline
function madd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
function nmadd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
}

// @ts-ignore: decorator
@inline
function splat64(constant: usize): v128 {
  return v128.load64_splat(constant);
}

const ONE = memory.data<f64>([1], 8);
const TWO = memory.data<f64>([2], 8);
const HALF = memory.data<f64>([0.5], 8);
const SIGN = memory.data<u64>([0x8000000000000000], 8);
const INT_1 = memory.data<u64>([1], 8);
const INT_2046 = memory.data<u64>([2046], 8);
const INT_1023 = memory.data<u64>([1023], 8);
const SQRT_HALF = memory.data<u64>([0x3fe6a09e667f3bcd], 8);
const SQRT_HALF_TO_ONE = memory.data<u64>([0x00095f619980c433], 8);
const FRACTION = memory.data<u64>([0x000fffffffffffff], 8);
const TWO_52 = memory.data<f64>([4503599627370496], 8);
const TWO_52_1023 = memory.data<f64>([4503599627370496 + 1023], 8);
const INFINITE = memory.data<u64>([0x7ff0000000000000], 8);
const NORMAL_END = memory.data<u64>([0xffdfffffffffffff], 8);
const LOG2_E = memory.data<f64>([1.4426950408889634], 8);
const TWO_LOG2_E = memory.data<f64>([2.8853900817779268], 8);
const LN2_HIGH = memory.data<f64>([0.6931471805598903], 8);
const LN2_LOW = memory.data<f64>([5.497923018708371e-14], 8);
const HALF_LN2_HIGH = memory.data<f64>([0.34657359027994517], 8);
const HALF_LN2_LOW = memory.data<f64>([2.7489615093541856e-14], 8);
const EXP_MAX = memory.data<f64>([710], 8);
const EXP_MIN = memory.data<f64>([-746], 8);
const SIGMOID_MAX = memory.data<f64>([746], 8);
const SIGMOID_MIN = memory.data<f64>([-80], 8);
const EXP_ROUND = memory.data<f64>([6755399441055744 + 2046], 8);
const EXP = memory.data<f64>([0.50000000000000108261, 0.1666666666666640766, 0.04166666666652810368, 0.0083333333334969290078, 0.0013888888944249274503, 0.00019841269502730788827, 0.000024801492388171537531, 2.7557588429636007069e-6, 2.763052351660657106e-7, 2.4999855750033333413e-8], 8);
const MIN_NORMAL = memory.data<f64>([2.2250738585072014e-308], 8);
const LOG = memory.data<f64>([0.66666666666667345645, 0.3999999999941354753, 0.28571428742663713519, 0.22222198542502396251, 0.18183566035807866127, 0.1531400401194600661, 0.14796442143382715686], 8);
const FAR = memory.data<f64>([131072], 8);
const TWO_OVER_PI = memory.data<f64>([0.6366197723675814], 8);
const SIN_ROUND = memory.data<f64>([6755399441055744], 8);
const COS_ROUND = memory.data<f64>([6755399441055745], 8);
const HALF_PI_1 = memory.data<f64>([1.5707963267923333], 8);
const HALF_PI_2 = memory.data<f64>([2.5633441515839558e-12], 8);
const HALF_PI_3 = memory.data<f64>([1.0562999066987428e-23], 8);
const SIN = memory.data<f64>([0.16666666666666630512, -0.008333333333322062164, 0.00019841269829542592355, -2.7557313604521957659e-6, 2.5050745037230234392e-8, -1.5896067481303523716e-10], 8);
const COS = memory.data<f64>([0.041666666666666592471, -0.0013888888888872975939, 0.000024801587288800030727, -2.7557314163977547718e-7, 2.0875698708629627547e-9, -1.1358423520384253689e-11], 8);
const TANH_MAX = memory.data<f64>([20], 8);
const TANH_BIAS = memory.data<f64>([-0.25], 8);
const TANH = memory.data<f64>([0.33333333333333315654, -0.022222222222171710847, 0.0021164021115960834215, -0.00021164000131773071875, 0.000021373141521509886224, -2.1135446270897853652e-6], 8);
