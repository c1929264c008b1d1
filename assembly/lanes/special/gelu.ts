// The Gaussian error linear unit x Φ(x), its slope, and its approximation by the hyperbolic tangent.
//
// In f32 the functions are computed by way of f64, so that nothing need be split; what is small beside the rest suffices in
// f32. With u = |x|, Φ(-u) is e to the -u² / 2 times a smooth R(u).

import { exp64, expm1Reduced64, linear64, madd64, quintic64, splat64 } from "../math64";
import { complement } from "./error";
import { linear32, madd32, splat32 } from "../float32";
import { expBelow32 } from "../math32";
import { fill, lost, negative, signOf } from "./pool";

/** x Φ(x): 1.3 and 1.8 ulp, where the result is not subnormal. */
export function gelu<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return gelu32(x);
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

/** x Φ(x) in f32. With -u² / 2 = n ln 2 + r, both r² and what is behind the first three terms of R are of four lanes at once. */
function gelu32(x: v128): v128 {
  const x0 = f64x2.promote_low_f32x4(x);
  const x1 = upper(x);
  const u0 = f64x2.pmin(f64x2.abs(x0), f64x2.splat(15));
  const u1 = f64x2.pmin(f64x2.abs(x1), f64x2.splat(15));
  const s0 = f64x2.mul(u0, f64x2.mul(u0, f64x2.splat(-0.5)));
  const s1 = f64x2.mul(u1, f64x2.mul(u1, f64x2.splat(-0.5)));
  const round = splat64(EXP_ROUND);
  const n0 = madd64(s0, splat64(EXP_ROUND, 1), round);
  const n1 = madd64(s1, splat64(EXP_ROUND, 1), round);
  const r0 = madd64(f64x2.sub(n0, round), splat64(EXP_ROUND, 2), s0);
  const r1 = madd64(f64x2.sub(n1, round), splat64(EXP_ROUND, 2), s1);
  const five = f64x2.splat(5);
  const q0 = f64x2.div(f64x2.sub(u0, five), f64x2.add(u0, five));
  const q1 = f64x2.div(f64x2.sub(u1, five), f64x2.add(u1, five));

  const q = both(q0, q1);
  const z = f32x4.mul(q, q);
  const high = madd32(linear32(GELU32, 6, q), z, linear32(GELU32, 4, q));
  const rest = madd32(madd32(high, z, linear32(GELU32, 2, q)), z, linear32(GELU32, 0, q));
  const r = both(r0, r1);
  const square = f32x4.mul(r, r);
  const last = madd32(splat32(GELU32, 12), square, linear32(GELU32, 10, r));
  const more = f32x4.mul(square, madd32(last, square, linear32(GELU32, 8, r)));
  return both(
    part(x0, u0, q0, r0, n0, f64x2.promote_low_f32x4(rest), f64x2.promote_low_f32x4(more)),
    part(x1, u1, q1, r1, n1, upper(rest), upper(more)),
  );
}

/** max(x, 0) - u R(u) 2^n (1 + r + more), where R(u) is a polynomial in q with the rest given. */
// @ts-ignore: decorator
@inline
function part(x: v128, u: v128, q: v128, r: v128, n: v128, rest: v128, more: v128): v128 {
  const quotient = madd64(q, madd64(q, madd64(q, rest, splat64(GELU, 2)), splat64(GELU, 1)), splat64(GELU));
  const power = f64x2.mul(f64x2.add(f64x2.add(r, more), f64x2.splat(1)), i64x2.shl(n, 52));
  return f64x2.sub(f64x2.pmax(x, f64x2.splat(0)), f64x2.mul(f64x2.mul(u, quotient), power));
}

/** The upper two of four f32 as f64. */
// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1));
}

/** Two times two f64 as f32. */
// @ts-ignore: decorator
@inline
function both(low: v128, high: v128): v128 {
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** A function of f64 for all lanes of f32, half by half: both at once would not fit the registers. */
// @ts-ignore: decorator
@inline
function halves<F>(x: v128): v128 {
  const f = changetype<F>(0);
  const low = f.apply(f64x2.promote_low_f32x4(x));
  return both(low, f.apply(upper(x)));
}


@unmanaged
class GeluTanh {
  apply(x: v128): v128 {
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

/** R(u) for u up to 14: a polynomial in q = (u - 3) / (u + 3), to 2^-26.9. */
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
/**
 * R(u) = e to the u² / 2 times Φ(-u), for u up to 13.7: a polynomial in q = (u - 5) / (u + 5), to 2^-27.4. Its first three terms
 * in f64; the next eight in f32, and behind these 1 / 2 + r / 6 and so on, for e to the r, to 2^-27.
 */
const GELU = memory.data<f64>([0.07691930493221508, -0.14345754901213997, 0.11606880747318113], 8);
// prettier-ignore
const GELU32 = memory.data<f32>([
  -0.08088412880897522, 0.04785545915365219, -0.023410748690366745, 0.008991647511720657, -0.0023946473374962807,
  0.0002098805853165686, 0.00016258379037026316, -2.959107223432511e-05,
  0.5000000027086513, 0.16666576620974374, 0.04166637412164208, 0.008363237885573721, 0.0013941215601065715,
], 4);
