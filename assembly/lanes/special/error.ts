// The error function and what is made of it.

import { exp64, log64, sigmoid64 } from "../math";
import { expm1Reduced64 } from "../math64";
import { lost64, poly64, sign64 } from "./pool";

/** The error function: x + x P(x²) up to 1, and 1 - erfc(x) beyond. */
export function erf64(x: v128): v128 {
  const u = f64x2.pmin(f64x2.abs(x), f64x2.splat(28));
  const s = f64x2.mul(u, u);
  const one = f64x2.splat(1);
  const far = f64x2.sub(one, tail64(u, s, lost64(u, u, s), one));
  return v128.or(v128.bitselect(near64(u), far, f64x2.lt(u, one)), sign64(x));
}

/** 1 - erf(x). */
export function erfc64(x: v128): v128 {
  const u = f64x2.pmin(f64x2.abs(x), f64x2.splat(28));
  const s = f64x2.mul(u, u);
  return complement64(u, s, lost64(u, u, s), sign64(x), f64x2.splat(1));
}

/**
 * x erfc(-x / sqrt(2)) / 2, the Gaussian error linear unit. The exponent x² / 2 is exact, in two parts.
 */
export function gelu64(x: v128): v128 {
  const u = f64x2.pmin(f64x2.abs(x), f64x2.splat(39.5));
  const half = f64x2.splat(0.5);
  const v = f64x2.mul(u, half);
  const s = f64x2.mul(u, v);
  const w = f64x2.mul(u, f64x2.splat(0.7071067811865476));
  return complement64(w, s, lost64(u, v, s), sign64(f64x2.neg(x)), f64x2.mul(least64(x), half));
}

/**
 * x / (1 + e to the -v) with v = 2 sqrt(2/pi) (x + 0.044715 x³), Hendrycks and Gimpel's approximation of the above.
 * v is computed to twice the precision, since far below 0 the result has its relative error times its size.
 */
export function geluTanh64(x: v128): v128 {
  const u = f64x2.pmax(f64x2.pmin(x, f64x2.splat(40)), f64x2.splat(-40));
  const a = f64x2.splat(1.5957691216057308);
  const b = f64x2.splat(0.07135481627260025);
  const s = f64x2.mul(u, u);
  const t = f64x2.mul(s, b);
  const w = f64x2.add(a, t);
  const v = f64x2.mul(u, w);
  // What the roundings lost. t may be larger than a.
  const rest = f64x2.sub(w, t);
  let low = f64x2.add(f64x2.sub(a, rest), f64x2.sub(t, f64x2.sub(w, rest)));
  low = f64x2.add(low, f64x2.add(lost64(s, b, t), f64x2.mul(lost64(u, u, s), b)));
  low = f64x2.add(low, f64x2.sub(f64x2.splat(-9.96930880911092e-17), f64x2.mul(s, f64x2.splat(6.175149918155315e-19))));
  low = f64x2.add(f64x2.mul(u, low), lost64(u, w, v));
  const y = sigmoid64(v);
  const correction = f64x2.mul(f64x2.mul(y, u), f64x2.mul(low, sigmoid64(f64x2.neg(v))));
  return f64x2.add(f64x2.mul(y, least64(x)), correction);
}

/**
 * The inverse of the error function: Winitzki's formula (2008), within 0.4 %, and three of Halley's steps with erf
 * or, beyond 1/2, with erfc, where 1 - |x| is exact.
 */
export function erfinv64(x: v128): v128 {
  const p = f64x2.abs(x);
  const one = f64x2.splat(1);
  const q = f64x2.sub(one, p);
  const l = log64(f64x2.mul(q, f64x2.add(one, p)));
  const m = f64x2.add(f64x2.splat(4.330746750799873), f64x2.mul(l, f64x2.splat(0.5)));
  const root = f64x2.sqrt(f64x2.sub(f64x2.mul(m, m), f64x2.div(l, f64x2.splat(0.147))));
  const p2 = f64x2.mul(f64x2.mul(p, p), f64x2.splat(0.26179938779914946));
  const small = f64x2.mul(f64x2.mul(p, f64x2.splat(0.886226925452758)), f64x2.add(one, p2));
  let y = v128.bitselect(small, f64x2.sqrt(f64x2.sub(root, m)), f64x2.lt(p, f64x2.splat(0.25)));
  const below = f64x2.le(p, f64x2.splat(0.5));
  for (let i = 0; i < 3; i++) {
    const e = v128.bitselect(f64x2.sub(erf64(y), p), f64x2.sub(q, erfc64(y)), below);
    const slope = f64x2.mul(exp64(f64x2.neg(f64x2.mul(y, y))), f64x2.splat(1.1283791670955126));
    const step = f64x2.div(e, slope);
    y = f64x2.sub(y, f64x2.div(step, f64x2.add(one, f64x2.mul(y, step))));
  }
  y = v128.bitselect(f64x2.splat(Infinity), y, f64x2.eq(p, one));
  return v128.or(y, sign64(x));
}

/** x, or -40 below that, where what it multiplies is 0. */
// @ts-ignore: decorator
@inline
function least64(x: v128): v128 {
  return f64x2.pmax(x, f64x2.splat(-40));
}

/** erf(u) for u in [0, 1]. Polynomial 2^-57.0. */
function near64(u: v128): v128 {
  return f64x2.add(u, f64x2.mul(u, poly64(NEAR, 12, f64x2.mul(u, u))));
}

/** erfc(±u) m with the sign in `sign`, where u² = s + low. */
function complement64(u: v128, s: v128, low: v128, sign: v128, m: v128): v128 {
  const far = tail64(u, s, low, f64x2.pmin(m, f64x2.splat(40)));
  const other = v128.bitselect(f64x2.sub(f64x2.add(m, m), far), far, i64x2.shr_s(sign, 63));
  const near = f64x2.mul(f64x2.sub(f64x2.splat(1), v128.xor(near64(u), sign)), m);
  return v128.bitselect(near, other, f64x2.lt(u, f64x2.splat(0.5)));
}

/**
 * erfc(u) m for u in [0.49, 28], where u² = s + low: e to the -u² times P((u - 3) / (u + 3)) / (1 + 2 u). Polynomial
 * 2^-57.6. The exponential is 2^n (1 + r), and its power of two, which may be too small for a normal number, comes last.
 */
function tail64(u: v128, s: v128, low: v128, m: v128): v128 {
  const one = f64x2.splat(1);
  const three = f64x2.splat(3);
  const p = poly64(TAIL, 22, f64x2.div(f64x2.sub(u, three), f64x2.add(u, three)));
  const factor = f64x2.mul(f64x2.div(p, f64x2.add(one, f64x2.add(u, u))), m);
  // As in exp64, which see for the rounding constant.
  const x = f64x2.pmax(f64x2.neg(s), f64x2.splat(-1000));
  const round = f64x2.splat(6755399441055744 + 2046);
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), round);
  const r = expm1Reduced64(x, f64x2.sub(shifted, round));
  const whole = f64x2.add(factor, f64x2.mul(factor, f64x2.sub(r, f64x2.add(low, f64x2.mul(low, r)))));
  const half = i64x2.shr_u(shifted, 1);
  return f64x2.mul(f64x2.mul(whole, i64x2.shl(half, 52)), i64x2.shl(i64x2.sub(shifted, half), 52));
}

// prettier-ignore
const NEAR = memory.data<f64>([
  0.12837916709551256, -0.3761263890318355, 0.11283791670945253, -0.02686617064327622, 0.005223977607423468,
  -0.0008548325989696758, 0.00012055295320494294, -1.4924744663335489e-05, 1.6447517677871873e-06,
  -1.6209175911748696e-07, 1.3722976265924504e-08, -7.801188874097751e-10,
], 8);
// prettier-ignore
const TAIL = memory.data<f64>([
  1.2530080582697296, -0.13562110612458134, -0.047562294353449795, 0.12964515870278104, -0.11927366341537517,
  0.0683080273431676, -0.023770514916760802, 0.0025293918308605255, 0.0018886903304015884, -0.0007798324205416936,
  -0.00010515953421326005, 0.00012510024605884933, 4.9479304023008446e-06, -2.0103922200543052e-05,
  -7.256252507632579e-07, 3.4802621218286024e-06, 3.424452076308703e-07, -6.275628819976062e-07,
  -1.1950506667763262e-07, 1.0960150765834002e-07, 2.206878553173706e-08, -1.4548973869180228e-08,
], 8);
