// Functions for random numbers, which have the same bits in every build: multiply-add is never fused here. The methods and
// polynomials are those of math32.ts and math64.ts, without what their arguments do not need.

import { LOG as LOG32 } from "./math32";
import { COS as COS64, LOG as LOG64, SIN as SIN64 } from "./math64";
import { splat } from "./strided";

/** The natural logarithm of a normal number. */
// @ts-ignore: decorator
@inline
export function logPlain<T>(x: v128): v128 {
  let e: v128;
  let f: v128;
  if (sizeof<T>() == 4) {
    const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
    e = f32x4.convert_i32x4_s(exponent);
    f = i32x4.sub(x, i32x4.shl(exponent, 23));
  } else {
    // The exponent becomes the lowest bits of 2^52: SIMD has no conversion from i64.
    const shifted = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd));
    e = v128.or(i64x2.shr_u(shifted, 52), i64x2.splat(0x4330000000000000));
    e = f64x2.sub(e, f64x2.splat(4503599627370496 + 1023));
    f = i64x2.add(v128.and(shifted, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd));
  }
  f = v128.sub<T>(f, constant<T>(ONE));
  const s = v128.div<T>(f, v128.add<T>(f, constant<T>(TWO)));
  const z = v128.mul<T>(s, s);
  const l = v128.mul<T>(z, sizeof<T>() == 4 ? polynomial<T>(LOG32, 3, z) : polynomial<T>(LOG64, 7, z));
  const h = v128.mul<T>(v128.mul<T>(f, f), constant<T>(HALF));
  const y = v128.add<T>(v128.mul<T>(s, v128.add<T>(l, h)), v128.mul<T>(e, constant<T>(LN2_LOW)));
  return v128.add<T>(v128.mul<T>(e, constant<T>(LN2_HIGH)), v128.sub<T>(f, v128.sub<T>(h, y)));
}

/** The sine, or with `cosine` the cosine, of a number of turns on [0, 1). Quarters are taken off exactly. */
// @ts-ignore: decorator
@inline
export function turnPlain<T>(turns: v128, cosine: bool): v128 {
  const quarters = v128.mul<T>(turns, constant<T>(FOUR));
  // Adding the rounding constant leaves the nearest integer in the lowest bits.
  let shifted = v128.add<T>(quarters, constant<T>(ROUND));
  const rest = v128.sub<T>(quarters, v128.sub<T>(shifted, constant<T>(ROUND)));
  const a = v128.mul<T>(rest, constant<T>(HALF_PI));
  const z = v128.mul<T>(a, a);
  const c = v128.sub<T>(constant<T>(ONE), v128.mul<T>(z, constant<T>(HALF)));
  const p = sizeof<T>() == 4 ? polynomial<T>(SIN32, 3, z) : polynomial<T>(SIN64, 6, z);
  const q = sizeof<T>() == 4 ? polynomial<T>(COS32, 3, z) : polynomial<T>(COS64, 6, z);
  const sine = v128.sub<T>(a, v128.mul<T>(v128.mul<T>(a, z), p));
  const other = v128.add<T>(c, v128.mul<T>(v128.mul<T>(z, z), q));
  // The first bit of the quadrant tells sine from cosine, the second is the sign.
  if (sizeof<T>() == 4) {
    if (cosine) shifted = i32x4.add(shifted, i32x4.splat(1));
    const odd = i32x4.shr_s(i32x4.shl(shifted, 31), 31);
    return v128.xor(v128.bitselect(other, sine, odd), i32x4.shl(i32x4.shr_u(shifted, 1), 31));
  }
  if (cosine) shifted = i64x2.add(shifted, i64x2.splat(1));
  const odd = i64x2.neg(v128.and(shifted, i64x2.splat(1)));
  return v128.xor(v128.bitselect(other, sine, odd), i64x2.shl(i64x2.shr_u(shifted, 1), 63));
}

/** c[0] + c[1] x + .. of so many coefficients, from 3 to 7. */
// @ts-ignore: decorator
@inline
function polynomial<T>(c: usize, count: usize, x: v128): v128 {
  let p = at<T>(c, count - 1);
  if (count > 6) p = v128.add<T>(v128.mul<T>(p, x), at<T>(c, 5));
  if (count > 5) p = v128.add<T>(v128.mul<T>(p, x), at<T>(c, 4));
  if (count > 4) p = v128.add<T>(v128.mul<T>(p, x), at<T>(c, 3));
  if (count > 3) p = v128.add<T>(v128.mul<T>(p, x), at<T>(c, 2));
  p = v128.add<T>(v128.mul<T>(p, x), at<T>(c, 1));
  return v128.add<T>(v128.mul<T>(p, x), at<T>(c, 0));
}

// @ts-ignore: decorator
@inline
function at<T>(pool: usize, i: usize): v128 {
  return splat<T>(pool + (i << alignof<T>()));
}

// @ts-ignore: decorator
@inline
function constant<T>(i: usize): v128 {
  return at<T>(sizeof<T>() == 4 ? POOL32 : POOL64, i);
}

const ONE: usize = 0;
const TWO: usize = 1;
const FOUR: usize = 2;
const HALF: usize = 3;
const HALF_PI: usize = 4;
const ROUND: usize = 5;
const LN2_HIGH: usize = 6;
const LN2_LOW: usize = 7;

// prettier-ignore
const POOL32 = memory.data<f32>([1, 2, 4, 0.5, 1.5707963267948966, 12582912, 0.693145751953125, 1.4286068203094173e-6], 4);
// prettier-ignore
const POOL64 = memory.data<f64>([1, 2, 4, 0.5, 1.5707963267948966, 6755399441055744, 0.6931471805598903, 5.497923018708371e-14], 8);
// prettier-ignore
const SIN32 = memory.data<f32>([0.16666654573138237, -0.008332158409765256, 0.0001951495764159464], 4);
// prettier-ignore
const COS32 = memory.data<f32>([0.0416666456187738, -0.0013887313061502157, 2.4432784961449057e-5], 4);
