// The Gaussian error linear unit x Φ(x), its slope, and its approximation by the hyperbolic tangent.
//
// In f32 the functions are computed by way of f64, with polynomials that suffice for f32: the errors of the steps do not
// count, and nothing need be split. With u = |x|, Φ(-u) is e to the -u² / 2 times a smooth R(u).

import { exp64, expm1Reduced64, linear64, madd64, quintic64, splat64 } from "../math64";
import { complement } from "./error";
import { linear32, madd32, splat32 } from "../float32";
import { expBelow32 } from "../math32";
import { fill, lost, negative, signOf } from "./pool";

/** x Φ(x): 0.51 and 1.8 ulp, where the result is not subnormal. */
export function gelu<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return halves<Gelu>(x);
  const m = v128.mul<T>(v128.pmax<T>(x, fill<T>(-40)), fill<T>(0.5));
  return normal<T>(x, m);
}

/** Φ(x) + x φ(x), the derivative of x Φ(x): 3 ulp of 1, and of the value where that is larger. */
export function geluSlope<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return slope32(x);
  const u = v128.pmax<T>(v128.pmin<T>(x, fill<T>(39.5)), fill<T>(-39.5));
  const density = v128.mul<T>(exp64(v128.mul<T>(u, v128.mul<T>(u, fill<T>(-0.5)))), fill<T>(0.3989422804014327));
  return v128.add<T>(normal<T>(x, fill<T>(0.5)), v128.mul<T>(u, density));
}

/**
 * x / (1 + e to the -v) with v = 2 sqrt(2/pi) (x + 0.044715 x³), Hendrycks and Gimpel's approximation of `gelu`: 0.51 and
 * 1.2 ulp, where the result is not subnormal.
 */
export function geluTanh<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? halves<GeluTanh>(x) : geluTanh64(x);
}

/** A function of f64 for all lanes of f32. */
function halves<F>(x: v128): v128 {
  const f = changetype<F>(0);
  const low = f.apply(f64x2.promote_low_f32x4(x));
  const high = f.apply(f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1)));
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}


@unmanaged
class Gelu {

  @inline apply(x: v128): v128 {
    const u = f64x2.pmin(f64x2.abs(x), f64x2.splat(15));
    return f64x2.sub(f64x2.pmax(x, f64x2.splat(0)), f64x2.mul(u, f64x2.mul(halfGauss(u), quotient(u))));
  }
}


@unmanaged
class GeluTanh {

  @inline apply(x: v128): v128 {
    // Beyond 11.5 the exponential is nothing to 1, and below -11.5 the result is nothing in f32.
    const limit = f64x2.splat(11.5);
    const u = f64x2.pmax(f64x2.pmin(x, limit), f64x2.neg(limit));
    const v = f64x2.mul(u, madd64(f64x2.mul(u, u), splat64(TANH, 1), splat64(TANH)));
    const e = expQuick(f64x2.neg(f64x2.abs(v)));
    const above = f64x2.pmax(x, f64x2.neg(limit));
    const part = v128.bitselect(f64x2.mul(u, e), above, negative<f64>(x));
    return f64x2.div(part, f64x2.add(f64x2.splat(1), e));
  }
}

/** The slope in f32, as it is. */
function slope32(x: v128): v128 {
  const u = f32x4.pmin(f32x4.abs(x), f32x4.splat(14));
  const e = expBelow32(f32x4.mul(u, f32x4.mul(u, f32x4.splat(-0.5))));
  const r = f32x4.sub(quotient32(u), f32x4.mul(u, f32x4.splat(0.3989422804014327)));
  const below = f32x4.mul(e, r);
  return v128.bitselect(below, f32x4.sub(f32x4.splat(1), below), negative<f32>(x));
}

/** As `quotient`, for u up to 14: a polynomial in q = (u - 3) / (u + 3), to 2^-26.9. */
// @ts-ignore: decorator
@inline
function quotient32(u: v128): v128 {
  const three = f32x4.splat(3);
  const q = f32x4.div(f32x4.sub(u, three), f32x4.add(u, three));
  const z = f32x4.mul(q, q);
  const z2 = f32x4.mul(z, z);
  const high = madd32(linear32(QUOTIENT32, 7, q), z, linear32(QUOTIENT32, 5, q));
  const low = madd32(linear32(QUOTIENT32, 3, q), z, linear32(QUOTIENT32, 1, q));
  return madd32(q, madd32(madd32(splat32(QUOTIENT32, 9), z2, high), z2, low), splat32(QUOTIENT32));
}

/** e to the -u² / 2. */
// @ts-ignore: decorator
@inline
function halfGauss(u: v128): v128 {
  return expQuick(f64x2.mul(u, f64x2.mul(u, f64x2.splat(-0.5))));
}

/** e to the x for x in [-200, 0], to 2^-34. */
// @ts-ignore: decorator
@inline
function expQuick(x: v128): v128 {
  const round = splat64(EXP_ROUND);
  const shifted = madd64(x, splat64(EXP_ROUND, 1), round);
  const r = madd64(f64x2.sub(shifted, round), splat64(EXP_ROUND, 2), x);
  const z = f64x2.mul(r, r);
  const p = madd64(linear64(EXP, 6, r), f64x2.mul(z, f64x2.mul(z, z)), quintic64(EXP, r, z));
  return f64x2.mul(p, i64x2.shl(shifted, 52));
}

/** R(u) = e to the u² / 2 times Φ(-u), for u up to 15: a polynomial in q = (u - 4) / (u + 4), to 2^-31.5. */
// @ts-ignore: decorator
@inline
function quotient(u: v128): v128 {
  const four = f64x2.splat(4);
  const q = f64x2.div(f64x2.sub(u, four), f64x2.add(u, four));
  const z = f64x2.mul(q, q);
  return madd64(quintic64(QUOTIENT + 48, q, z), f64x2.mul(z, f64x2.mul(z, z)), quintic64(QUOTIENT, q, z));
}

/** erfc(-x / sqrt(2)) m, in T as it is. The exponent x² / 2 is exact, in two parts, and so is x / sqrt(2). */
function normal<T>(x: v128, m: v128): v128 {
  const u = v128.pmin<T>(v128.abs<T>(x), fill<T>(39.5));
  const v = v128.mul<T>(u, fill<T>(0.5));
  const s = v128.mul<T>(u, v);
  const root = fill<T>(Math.SQRT1_2);
  const w = v128.mul<T>(u, root);
  const rest = v128.add<T>(lost<T>(u, root, w), v128.mul<T>(u, fill<T>(-4.833646656726457e-17)));
  return complement<T>(w, rest, s, lost<T>(u, v, s), signOf<T>(v128.neg<T>(x)), m);
}

/**
 * With w = -|v| and e to the w = 2^n (1 + s): x / (1 + 2^n (1 + s)) for positive x, 2^n x (1 + s) / (1 + 2^n (1 + s)) for
 * others. v is computed to twice the precision, since far below 0 the result has its relative error times its size; so are
 * the parts of the quotient.
 */
function geluTanh64(x: v128): v128 {
  const one = f64x2.splat(1);
  const limit = f64x2.splat(22);
  const u = f64x2.pmin(f64x2.abs(x), limit);
  const a = splat64(TANH);
  const b = splat64(TANH, 1);
  const square = f64x2.mul(u, u);
  const t = f64x2.mul(square, b);
  const slope = f64x2.add(a, t);
  const v = f64x2.mul(u, slope);
  // What the roundings lost. t may be larger than a.
  const kept = f64x2.sub(slope, t);
  let low = f64x2.add(f64x2.sub(a, kept), f64x2.sub(t, f64x2.sub(slope, kept)));
  low = f64x2.add(low, f64x2.add(lost<f64>(square, b, t), f64x2.mul(lost<f64>(u, u, square), b)));
  low = f64x2.add(low, f64x2.add(splat64(TANH, 2), f64x2.mul(square, splat64(TANH, 3))));
  low = f64x2.add(f64x2.mul(u, low), lost<f64>(u, slope, v));

  const minus = f64x2.neg(v);
  const round = splat64(EXP_ROUND, 3);
  const shifted = madd64(minus, splat64(EXP_ROUND, 1), round);
  const n = f64x2.sub(shifted, round);
  const r = expm1Reduced64(minus, n);
  const s = f64x2.sub(r, f64x2.add(low, f64x2.mul(low, r)));
  // Below 2^-100 it is nothing to 1.
  const power = i64x2.shl(f64x2.add(f64x2.pmax(n, f64x2.splat(-100)), splat64(EXP_ROUND)), 52);
  const sum = f64x2.add(one, power);
  const more = f64x2.add(f64x2.sub(power, f64x2.sub(sum, one)), f64x2.mul(power, s));
  const d = f64x2.add(sum, more);
  const dLow = f64x2.add(f64x2.sub(sum, d), more);

  const below = negative<f64>(x);
  const least = f64x2.pmax(x, f64x2.neg(limit));
  const grown = v128.and(f64x2.mul(least, s), below);
  const p = f64x2.add(least, grown);
  const pLow = f64x2.sub(grown, f64x2.sub(p, least));
  const y = f64x2.div(p, d);
  const back = f64x2.mul(y, d);
  const off = f64x2.sub(f64x2.sub(p, back), lost<f64>(y, d, back));
  const z = f64x2.add(y, f64x2.div(f64x2.add(off, f64x2.sub(pLow, f64x2.mul(y, dLow))), d));
  // The power of two may be too small for a normal number.
  const half = i64x2.shr_u(shifted, 1);
  const scaled = f64x2.mul(f64x2.mul(z, i64x2.shl(half, 52)), i64x2.shl(i64x2.sub(shifted, half), 52));
  return v128.or(v128.bitselect(scaled, v128.bitselect(x, z, f64x2.gt(x, limit)), below), signOf<f64>(x));
}

/** A = 2 sqrt(2/pi) and B = 0.044715 A, and what these lack. */
const TANH = memory.data<f64>(
  [1.5957691216057308, 0.07135481627260025, -9.96930880911092e-17, -6.175149918155315e-19],
  8,
);
/** 1.5 2^52 + 1023, which rounds to whole numbers and leaves the exponent of a power; log2(e); -ln(2); 1.5 2^52 + 2046. */
// prettier-ignore
const EXP_ROUND = memory.data<f64>([
  6755399441055744 + 1023, 1.4426950408889634, -0.6931471805599453, 6755399441055744 + 2046,
], 8);
// prettier-ignore
const EXP = memory.data<f64>([
  0.9999999999613813, 1.0000000002450535, 0.5000000105157764, 0.16666665116849935, 0.041666223670986,
  0.008333562008181136, 0.0013948301421349552, 0.00019775036056686492,
], 8);
// prettier-ignore
const QUOTIENT32 = memory.data<f32>([
  0.12151394762832718, -0.20640261903847304, 0.12322503067281376, -0.04621329096502588, 0.006132070699193953,
  0.002904556203486201, -0.000983758523346668, -0.00033948491116306707, 0.00011554380369885641,
  5.367185794055404e-05,
], 4);
// prettier-ignore
const QUOTIENT = memory.data<f64>([
  0.0944106413099528, -0.17039772204063083, 0.12437925499149619, -0.07170738489821041, 0.030864806151137642,
  -0.008492381208648647, 0.0005074994386461989, 0.000640342292541943, -0.00018639993196010576, -4.922294530268937e-05,
  2.5468203820538532e-05, 7.638804627154624e-06,
], 8);
