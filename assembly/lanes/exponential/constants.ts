// What the functions of this folder share: constants by the width of T, and arithmetic that is the same in either width. Here
// multiply and add are never fused, so that the code is the same in both builds.

import { EXP as EXP32, LOG as LOG32 } from "../math32";
import { EXP as EXP64, LOG as LOG64 } from "../math64";

/** Places in the pools. */
export const enum C {
  Quarter = 0,
  Half = 1,
  One = 2,
  Two = 3,
  Ln2 = 4,
  /** Nearest integers by adding and subtracting this; the lowest bits then hold the integer plus twice the bias. */
  Round = 5,
  Log2E = 6,
  Ln2High = 7,
  Ln2Low = 8,
  /** Below this, odd functions are their own argument. */
  Tiny = 9,
  /** Beyond this 1 vanishes beside x², and e to the -x beside 1. */
  Large = 10,
  /** Limits of the argument of powers of e, of 2, and of what is 1 less than a power of e. */
  MostE = 11,
  Most2 = 12,
  LeastLess1 = 13,
  MostLess1 = 14,
  NormalLeast = 15,
  /** Brings subnormal numbers into the normal range; and its exponent. */
  Raise = 16,
  Raised = 17,
  TwoTo52 = 18,
  TwoTo52Biased = 19,
  /** Four for each base, natural, 2 and 10: log(e) and log(2), each in two parts. */
  Bases = 20,
}

/** Integers of the width of T. */
export const enum I {
  /** Bits of the first half of a significand, and all above. */
  Head = 0,
  Sign = 1,
  SqrtHalf = 2,
  /** From the bits of sqrt(1/2) to those of 1. */
  SqrtHalfToOne = 3,
  /** The exponent field of n - 2, from n plus twice the bias. */
  Quartered = 4,
  /** Twice the bias. */
  Twice = 5,
  Fraction = 6,
}

/** A vector full of constant i. */
// @ts-ignore: decorator
@inline
export function c<T>(i: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(FLOATS32 + (i << 2)) : v128.load64_splat(FLOATS64 + (i << 3));
}

/** A vector full of integer i. */
// @ts-ignore: decorator
@inline
export function integer<T>(i: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(INTEGERS32 + (i << 2)) : v128.load64_splat(INTEGERS64 + (i << 3));
}

/** x without the second half of its significand: products of two such are exact. */
// @ts-ignore: decorator
@inline
export function head<T>(x: v128): v128 {
  return v128.and(x, integer<T>(I.Head));
}

/** |x| with the sign of y. */
// @ts-ignore: decorator
@inline
export function withSign<T>(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, integer<T>(I.Sign));
}

/** The number with these exponent bits, biased. */
// @ts-ignore: decorator
@inline
export function power<T>(exponent: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shl(exponent, 23) : i64x2.shl(exponent, 52);
}

// @ts-ignore: decorator
@inline
export function subInteger<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.sub(a, b) : i64x2.sub(a, b);
}

/** The first two lanes of f32, or the last two where `last`, as f64. */
// @ts-ignore: decorator
@inline
export function widen(x: v128, last: bool): v128 {
  return f64x2.promote_low_f32x4(last ? v128.shuffle<f64>(x, x, 1, 0) : x);
}

/** Two and two lanes of f64 as four of f32. */
// @ts-ignore: decorator
@inline
export function narrow(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

/** (e to the r - 1 - r) / r² for |r| <= ln(2) / 2. */
// @ts-ignore: decorator
@inline
export function exponentialSeries<T>(r: v128, z: v128): v128 {
  if (sizeof<T>() == 4) {
    const p = madd<f32>(
      madd<f32>(v128.load32_splat(EXP32, 16), z, linear<f32>(EXP32, 2, r)),
      z,
      linear<f32>(EXP32, 0, r),
    );
    return p;
  }
  const z2 = f64x2.mul(z, z);
  const p = madd<f64>(linear<f64>(EXP64, 2, r), z, linear<f64>(EXP64, 0, r));
  const q = madd<f64>(linear<f64>(EXP64, 6, r), z, linear<f64>(EXP64, 4, r));
  return madd<f64>(madd<f64>(linear<f64>(EXP64, 8, r), z2, q), z2, p);
}

/** (log((1 + s) / (1 - s)) / s - 2) / z, where z = s² and |s| <= 3 - sqrt(8). */
// @ts-ignore: decorator
@inline
export function logarithmSeries<T>(z: v128): v128 {
  if (sizeof<T>() == 4)
    return madd<f32>(
      madd<f32>(v128.load32_splat(LOG32, 8), z, v128.load32_splat(LOG32, 4)),
      z,
      v128.load32_splat(LOG32),
    );
  const z2 = f64x2.mul(z, z);
  const p = madd<f64>(v128.load64_splat(LOG64, 48), z2, linear<f64>(LOG64, 4, z));
  return madd<f64>(madd<f64>(p, z2, linear<f64>(LOG64, 2, z)), z2, linear<f64>(LOG64, 0, z));
}

/** a * b + c. */
// @ts-ignore: decorator
@inline
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** pool[i] + pool[i + 1] x. */
// @ts-ignore: decorator
@inline
export function linear<T>(pool: usize, i: usize, x: v128): v128 {
  if (sizeof<T>() == 4) return madd<T>(v128.load32_splat(pool + (i << 2), 4), x, v128.load32_splat(pool + (i << 2)));
  return madd<T>(v128.load64_splat(pool + (i << 3), 8), x, v128.load64_splat(pool + (i << 3)));
}

// prettier-ignore
const FLOATS32 = memory.data<f32>([
  0.25, 0.5, 1, 2, 0.6931471805599453, 12582912 + 254, 1.4426950408889634, 0.693145751953125, 1.428606765330187e-6,
  5.9604644775390625e-8, 8192, 110, 160, -20, 89.5, 1.1754943508222875e-38, 16777216, 24, 0, 0,
  1, 0, 0.693145751953125, 1.428606765330187e-6,
  1.44287109375, -0.00017605285393074155, 1, 0,
  0.434326171875, -3.168997136526741e-5, 0.30103302001953125, -3.024355464731343e-6,
], 4);
// prettier-ignore
const FLOATS64 = memory.data<f64>([
  0.25, 0.5, 1, 2, 0.6931471805599453, 6755399441055744 + 2046, 1.4426950408889634, 0.6931471805598903,
  5.497923018708371e-14, 5.551115123125783e-17, 268435456, 760, 1100, -40, 710.5, 2.2250738585072014e-308,
  18014398509481984, 54, 4503599627370496, 4503599627370496 + 1023,
  1, 0, 0.6931471805598903, 5.497923018708371e-14,
  1.4426950514316559, -1.0542692476429138e-8, 1, 0,
  0.4342944845557213, -2.6524694533078553e-9, 0.30102999566395283, 2.8363394551044964e-14,
], 8);
const INTEGERS32 = memory.data<u32>([0xfffff000, 0x80000000, 0x3f3504f3, 0x004afb0d, 129, 254, 0], 4);
// prettier-ignore
const INTEGERS64 = memory.data<u64>([
  0xfffffffff8000000, 0x8000000000000000, 0x3fe6a09e667f3bcd, 0x00095f619980c433, 1025, 2046, 0x000fffffffffffff,
], 8);
