// The error function and what is made of it.

import { exp64, log64 } from "../math";
import { expm1Reduced32 } from "../math32";
import { expm1Reduced64 } from "../math64";
import { fill, lost, negative, polynomial, signOf } from "./pool";

/** The error function, 1.31 and 1.46 ulp: x + x P(x²) up to 1, and 1 - erfc(x) beyond. */
export function erf<T>(x: v128): v128 {
  const u = v128.pmin<T>(v128.abs<T>(x), fill<T>(28));
  const s = v128.mul<T>(u, u);
  const one = fill<T>(1);
  const far = v128.sub<T>(one, tail<T>(u, fill<T>(0), s, lost<T>(u, u, s), one));
  return v128.or(v128.bitselect(near<T>(u), far, v128.lt<T>(u, one)), signOf<T>(x));
}

/** 1 - erf(x): 3.5 and 1.6 ulp. */
export function erfc<T>(x: v128): v128 {
  const u = v128.pmin<T>(v128.abs<T>(x), fill<T>(28));
  const s = v128.mul<T>(u, u);
  return complement<T>(u, fill<T>(0), s, lost<T>(u, u, s), signOf<T>(x), fill<T>(1));
}

/**
 * The inverse of the error function, in f64 alone: 2.1 ulp. Winitzki's formula (2008), within 0.4 %, and two of
 * Halley's steps with erf or, beyond 1/2, with erfc, where 1 - |x| is exact; a third where that is small, whatever is beside it.
 */
export function erfinv64(x: v128): v128 {
  const p = f64x2.abs(x);
  const one = f64x2.splat(1);
  const q = f64x2.sub(one, p);
  const l = log64(f64x2.mul(q, f64x2.add(one, p)));
  const m = f64x2.add(f64x2.splat(4.330746750799873), f64x2.mul(l, f64x2.splat(0.5)));
  // sqrt(m² - k) - m = -k / (sqrt(m² - k) + m), which does not cancel; where 1 - x² is 1 the first step starts from 0.
  const k = f64x2.div(l, f64x2.splat(0.147));
  const root = f64x2.sqrt(f64x2.sub(f64x2.mul(m, m), k));
  let y = f64x2.sqrt(f64x2.div(f64x2.neg(k), f64x2.add(root, m)));
  // Elsewhere y is at least 0.475: the tail goes on well a little below 0.49.
  const below = f64x2.le(p, f64x2.splat(0.5));
  const far = f64x2.lt(q, f64x2.splat(0.00390625));
  for (let i = 0; i < 3; i++) {
    if (i == 2 && !v128.any_true(far)) break;
    const s = f64x2.mul(y, y);
    const c = tail<f64>(y, f64x2.splat(0), s, lost<f64>(y, y, s), one);
    const e = v128.bitselect(f64x2.sub(near<f64>(y), p), f64x2.sub(q, c), below);
    const slope = f64x2.mul(exp64(f64x2.neg(s)), f64x2.splat(1.1283791670955126));
    const step = f64x2.div(e, slope);
    const next = f64x2.sub(y, f64x2.div(step, f64x2.add(one, f64x2.mul(y, step))));
    y = i < 2 ? next : v128.bitselect(next, y, far);
  }
  y = v128.bitselect(f64x2.splat(Infinity), y, f64x2.eq(p, one));
  return v128.or(y, signOf<f64>(x));
}

/** erf(u) for u in [0, 1]. */
function near<T>(u: v128): v128 {
  return v128.add<T>(u, v128.mul<T>(u, excess<T>(u)));
}

/** erf(u) / u - 1 for u in [0, 1]. Polynomial 2^-57.0. */
function excess<T>(u: v128): v128 {
  const z = v128.mul<T>(u, u);
  return sizeof<T>() == 4 ? polynomial<T>(NEAR_32, 8, z) : polynomial<T>(NEAR, 12, z);
}

/** erfc(±(u + rest)) m with the sign in `sign`, where (u + rest)² = s + low. */
export function complement<T>(u: v128, rest: v128, s: v128, low: v128, sign: v128, m: v128): v128 {
  const far = tail<T>(u, rest, s, low, v128.pmin<T>(m, fill<T>(40)));
  const other = v128.bitselect(v128.sub<T>(v128.add<T>(m, m), far), far, negative<T>(sign));
  const one = fill<T>(1);
  const x = v128.xor(u, sign);
  const more = v128.xor(v128.add<T>(v128.mul<T>(u, excess<T>(u)), rest), sign);
  const most = v128.sub<T>(one, x);
  const left = v128.sub<T>(v128.sub<T>(v128.sub<T>(one, most), x), more);
  const close = v128.add<T>(v128.mul<T>(most, m), v128.mul<T>(left, m));
  return v128.bitselect(close, other, v128.lt<T>(u, fill<T>(0.5)));
}

/**
 * erfc(u + rest) m for u in [0.49, 28], where (u + rest)² = s + low: e to the -u² times P((u - k) / (u + k)) / (1 + 2 u).
 * Polynomials 2^-28.9 and 2^-57.6, whose first coefficient is added last. The exponential is 2^n (1 + r), and its power of
 * two, which may be too small for a normal number, comes last.
 */
function tail<T>(u: v128, rest: v128, s: v128, low: v128, m: v128): v128 {
  const one = fill<T>(1);
  const k = fill<T>(sizeof<T>() == 4 ? 3.2265625 : 3);
  const q = v128.div<T>(v128.sub<T>(u, k), v128.add<T>(u, k));
  const twice = v128.add<T>(u, u);
  const d = v128.add<T>(one, twice);
  const variable = sizeof<T>() == 4 ? polynomial<T>(TAIL_32, 10, q) : polynomial<T>(TAIL, 22, q);
  const first = fill<T>(sizeof<T>() == 4 ? 1.248016357421875 : 1.2530080582697296);
  const p = v128.add<T>(first, variable);
  const y = v128.div<T>(p, d);
  const factor = v128.mul<T>(y, m);
  let more = fill<T>(0);
  if (sizeof<T>() == 8) {
    // What the roundings lost: of p, of d, of the quotient, of the product.
    const most = v128.sub<T>(d, one);
    const left = v128.add<T>(v128.sub<T>(one, v128.sub<T>(d, most)), v128.sub<T>(twice, most));
    const dLow = v128.add<T>(left, v128.add<T>(rest, rest));
    const pLow = v128.sub<T>(variable, v128.sub<T>(p, first));
    const back = v128.mul<T>(y, d);
    const off = v128.sub<T>(v128.sub<T>(p, back), lost<T>(y, d, back));
    const yLow = v128.div<T>(v128.add<T>(off, v128.sub<T>(pLow, v128.mul<T>(y, dLow))), d);
    more = v128.add<T>(lost<T>(y, m, factor), v128.mul<T>(yLow, m));
  }
  // As in exp32 and exp64, which see for the rounding constants.
  const x = v128.pmax<T>(v128.neg<T>(s), fill<T>(sizeof<T>() == 4 ? -120 : -1000));
  const round = fill<T>(sizeof<T>() == 4 ? 12582912 + 254 : 6755399441055744 + 2046);
  const shifted = v128.add<T>(v128.mul<T>(x, fill<T>(1.4426950408889634)), round);
  const n = v128.sub<T>(shifted, round);
  const r = sizeof<T>() == 4 ? expm1Reduced32(x, n) : expm1Reduced64(x, n);
  const grown = v128.mul<T>(factor, v128.sub<T>(r, v128.add<T>(low, v128.mul<T>(low, r))));
  const whole = v128.add<T>(factor, v128.add<T>(more, grown));
  if (sizeof<T>() == 4) {
    const half = i32x4.shr_u(shifted, 1);
    return f32x4.mul(f32x4.mul(whole, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(shifted, half), 23));
  }
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
  0, -0.13562110612458134, -0.047562294353449795, 0.12964515870278104, -0.11927366341537517,
  0.0683080273431676, -0.023770514916760802, 0.0025293918308605255, 0.0018886903304015884, -0.0007798324205416936,
  -0.00010515953421326005, 0.00012510024605884933, 4.9479304023008446e-06, -2.0103922200543052e-05,
  -7.256252507632579e-07, 3.4802621218286024e-06, 3.424452076308703e-07, -6.275628819976062e-07,
  -1.1950506667763262e-07, 1.0960150765834002e-07, 2.206878553173706e-08, -1.4548973869180228e-08,
], 8);
// prettier-ignore
const NEAR_32 = memory.data<f32>([
  0.12837916612625122, -0.37612637877464294, 0.11283782869577408, -0.02686544507741928, 0.005221074912697077,
  -0.0008484712452627718, 0.00011270548566244543, -9.680136827228125e-6,
], 4);
// prettier-ignore
const TAIL_32 = memory.data<f32>([
  0, -0.13840635120868683, -0.029198752716183662, 0.11502767354249954, -0.11917570978403091,
  0.07919853925704956, -0.03580775484442711, 0.00942367222160101, 0.00026646346668712795, -0.001141751417890191,
], 4);
