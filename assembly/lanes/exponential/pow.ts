// x to the power of y: 2 to the y log2(|x|), and what C99 says of everything that is not ordinary.

import {
  C,
  I,
  c,
  exponentialSeries,
  head,
  integer,
  linear,
  logarithmSeries,
  madd,
  narrow,
  power,
  subInteger,
  widen,
} from "./constants";

/** x to the power of y, in T: 0.5 ulp in f32, 1.32 in f64. Exponents of 1, 2, 3, 1/2 and -1 have the bits of x, x x, x x x, the root and 1 / x. */
export function pow<T>(x: v128, y: v128): v128 {
  const zero = v128.splat<T>(0);
  const one = c<T>(C.One);
  const infinity = v128.splat<T>(Infinity);
  const size = v128.abs<T>(x);
  let result: v128;
  if (sizeof<T>() == 8) result = magnitude64(size, y, true);
  else result = narrow(rough(widen(size, false), widen(y, false)), rough(widen(size, true), widen(y, true)));
  // Zero and infinity, whatever the power is.
  const isZero = v128.eq<T>(size, zero);
  const flipped = v128.xor(isZero, v128.lt<T>(y, zero));
  result = v128.bitselect(v128.andnot(infinity, flipped), result, v128.or(isZero, v128.eq<T>(size, infinity)));
  // Below zero: odd powers have its sign, fractional ones are not real.
  const whole = v128.eq<T>(v128.trunc<T>(y), y);
  const halfY = v128.mul<T>(y, c<T>(C.Half));
  const odd = v128.andnot(whole, v128.eq<T>(v128.trunc<T>(halfY), halfY));
  result = v128.or(result, v128.and(v128.and(x, integer<T>(I.Sign)), odd));
  const ordinary = v128.and(v128.lt<T>(x, zero), v128.lt<T>(size, infinity));
  const nan = v128.or(v128.andnot(ordinary, whole), v128.or(v128.ne<T>(x, x), v128.ne<T>(y, y)));
  result = v128.bitselect(one, v128.or(result, nan), v128.or(v128.eq<T>(y, zero), v128.eq<T>(x, one)));
  const square = v128.mul<T>(x, x);
  result = v128.bitselect(x, result, v128.eq<T>(y, one));
  result = v128.bitselect(square, result, v128.eq<T>(y, c<T>(C.Two)));
  result = v128.bitselect(v128.mul<T>(square, x), result, v128.eq<T>(y, v128.splat<T>(3)));
  result = v128.bitselect(root<T>(x), result, v128.eq<T>(y, c<T>(C.Half)));
  return v128.bitselect(v128.div<T>(one, x), result, v128.eq<T>(y, v128.neg<T>(one)));
}

/** x to the power of 1/2: as `sqrt`, but that of -0 is 0, and that of -Infinity is Infinity. */
// @ts-ignore: decorator
@inline
export function root<T>(x: v128): v128 {
  const y = v128.sqrt<T>(v128.add<T>(x, v128.splat<T>(0)));
  const infinity = v128.splat<T>(Infinity);
  return v128.bitselect(infinity, y, v128.eq<T>(v128.abs<T>(x), infinity));
}

function rough(x: v128, y: v128): v128 {
  return magnitude64(x, y, false);
}

/**
 * x to the power of y, of two lanes of f64 and x > 0; where not `precise`, to 2^-40 and for normal x. log2(x) comes as the
 * sum of two numbers, by which the logarithm is good to 2^-65 and its product with y to 2^-55: s = (m - 1) / (m + 1), its
 * cube and all products of leading parts are exact (as in FreeBSD's e_pow.c, but with one interval for m).
 */
// @ts-ignore: decorator
@inline
function magnitude64(x: v128, y: v128, precise: bool): v128 {
  const zero = f64x2.splat(0);
  const one = c<f64>(C.One);
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)).
  const tiny = f64x2.lt(x, c<f64>(C.NormalLeast));
  if (precise) x = v128.bitselect(f64x2.mul(x, c<f64>(C.Raise)), x, tiny);
  const shifted = i64x2.add(x, integer<f64>(I.SqrtHalfToOne));
  const m = i64x2.add(v128.and(shifted, integer<f64>(I.Fraction)), integer<f64>(I.SqrtHalf));
  let e = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), c<f64>(C.TwoTo52)), c<f64>(C.TwoTo52Biased));
  if (precise) e = f64x2.sub(e, v128.and(c<f64>(C.Raised), tiny));
  const bottom = f64x2.add(m, one);
  const top = f64x2.sub(m, one);
  const s = f64x2.div(top, bottom);
  const z = f64x2.mul(s, s);
  // What matters of y: beyond, the power is 0 or infinite, or 1.
  const limit = f64x2.splat(1e20);
  const exponent = f64x2.pmax(f64x2.pmin(y, limit), f64x2.neg(limit));
  let high: v128;
  let low: v128;
  if (precise) {
    const sHead = head<f64>(s);
    const bottomHead = head<f64>(bottom);
    const bottomTail = f64x2.sub(m, f64x2.sub(bottomHead, one));
    let sTail = f64x2.sub(f64x2.sub(top, f64x2.mul(sHead, bottomHead)), f64x2.mul(sHead, bottomTail));
    sTail = f64x2.div(sTail, bottom);
    // log(m) = 2/3 s (3 + s² + r).
    const sHead2 = f64x2.mul(sHead, sHead);
    const three = v128.load64_splat(POW, 16);
    const z2 = f64x2.mul(z, z);
    let r = madd<f64>(v128.load64_splat(POW, 72), z2, linear<f64>(POW, 7, z));
    r = madd<f64>(madd<f64>(r, z2, linear<f64>(POW, 5, z)), z2, linear<f64>(POW, 3, z));
    r = madd<f64>(z2, r, f64x2.mul(sTail, f64x2.add(sHead, s)));
    const tHead = head<f64>(f64x2.add(f64x2.add(three, sHead2), r));
    const tTail = f64x2.sub(r, f64x2.sub(f64x2.sub(tHead, three), sHead2));
    const a = f64x2.mul(sHead, tHead);
    const b = madd<f64>(sTail, tHead, f64x2.mul(tTail, s));
    const pHead = head<f64>(f64x2.add(a, b));
    const pTail = f64x2.sub(b, f64x2.sub(pHead, a));
    const factor = v128.load64_splat(POW);
    const q = f64x2.mul(factor, pHead);
    const qTail = madd<f64>(
      v128.load64_splat(POW, 8),
      pHead,
      f64x2.mul(pTail, f64x2.add(factor, v128.load64_splat(POW, 8))),
    );
    const logHead = head<f64>(f64x2.add(f64x2.add(q, qTail), e));
    const logTail = f64x2.sub(qTail, f64x2.sub(f64x2.sub(logHead, e), q));
    const yHead = head<f64>(exponent);
    high = f64x2.mul(yHead, logHead);
    low = madd<f64>(f64x2.sub(exponent, yHead), logHead, f64x2.mul(exponent, logTail));
  } else {
    const log = madd<f64>(f64x2.mul(s, madd<f64>(z, logarithmSeries<f64>(z), c<f64>(C.Two))), c<f64>(C.Log2E), e);
    high = f64x2.mul(exponent, log);
    low = zero;
  }
  // 2^(high + low) = 2^n e^r.
  const most = c<f64>(C.Most2);
  if (precise) low = v128.and(low, f64x2.lt(f64x2.abs(high), most));
  high = f64x2.pmax(f64x2.pmin(high, most), f64x2.neg(most));
  const rounded = f64x2.add(high, c<f64>(C.Round));
  const turns = f64x2.sub(rounded, c<f64>(C.Round));
  const r = f64x2.add(f64x2.sub(high, turns), low);
  let v = f64x2.mul(r, c<f64>(C.Ln2));
  let w = zero;
  if (precise) {
    const rHead = head<f64>(r);
    const rTail = f64x2.add(f64x2.sub(f64x2.sub(high, turns), rHead), low);
    v = f64x2.mul(rHead, v128.load64_splat(POW, 80));
    w = madd<f64>(rTail, c<f64>(C.Ln2), f64x2.mul(rHead, v128.load64_splat(POW, 88)));
  }
  const t = f64x2.add(v, w);
  const t2 = f64x2.mul(t, t);
  const unit = f64x2.add(one, v);
  const rest = f64x2.add(f64x2.add(f64x2.sub(one, unit), v), madd<f64>(t2, exponentialSeries<f64>(t, t2), w));
  const half = i64x2.shr_u(rounded, 1);
  const result = f64x2.mul(f64x2.add(unit, rest), power<f64>(half));
  return f64x2.mul(result, power<f64>(subInteger<f64>(rounded, half)));
}

/** x to the power of y in i32, wrapping. Below 0 the reciprocal is truncated: 0, but for x = 1 and -1. */
export function powInteger(x: v128, y: v128): v128 {
  const one = i32x4.splat(1);
  const negative = i32x4.lt_s(y, i32x4.splat(0));
  // The powers of 1 and -1 depend only on whether y is odd.
  const unit = i32x4.eq(i32x4.abs(x), one);
  x = v128.andnot(x, v128.andnot(negative, unit));
  y = v128.bitselect(v128.and(y, one), y, v128.or(negative, unit));
  // 0 to the power of -2 is now 0 to the power of 0.
  y = v128.bitselect(one, y, v128.andnot(negative, unit));
  let result = one;
  while (v128.any_true(y)) {
    result = v128.bitselect(i32x4.mul(result, x), result, i32x4.neg(v128.and(y, one)));
    x = i32x4.mul(x, x);
    y = i32x4.shr_u(y, 1);
  }
  return result;
}

// 2 / (3 ln(2)) in two parts; 3; the series of r / s⁴; ln(2) in two parts.
// prettier-ignore
const POW = memory.data<f64>([
  0.9617967009544373, -7.028461650952758e-9, 3, 0.6000000000000338, 0.42857142855150676, 0.3333333377970897,
  0.2727267656092638, 0.230801357138397, 0.19885229856335285, 0.19794486527939117, 0.6931471824645996, -1.904654299957768e-9,
], 8);
