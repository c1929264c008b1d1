// The tangent, and the inverse trigonometric functions.

import { foldAngle } from "../math-angle";
import { poly64, sign64, splat64, upper64 } from "./pool";

/**
 * The tangent: the nearest multiple of pi/2 is taken off as for the sine, and tan(a) = a + a³ P(a²), or its negative
 * inverse in odd quadrants. Polynomial 2^-56.2.
 */
export function tan64(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(0.6366197723675814)), f64x2.splat(6755399441055744));
  const n = f64x2.sub(shifted, f64x2.splat(6755399441055744));
  const t = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.5707963267923333)));
  const second = f64x2.mul(n, f64x2.splat(2.5633441515839558e-12));
  let a = f64x2.sub(t, second);
  let low = f64x2.sub(
    f64x2.mul(n, f64x2.splat(1.0562999066987428e-23)),
    f64x2.sub(f64x2.sub(t, a), second),
  );
  let odd = i64x2.neg(v128.and(shifted, i64x2.splat(1)));
  // Up to here the products with the first two parts of pi/2 are exact.
  const far = v128.not(f64x2.le(f64x2.abs(x), f64x2.splat(131072)));
  if (v128.any_true(far)) {
    const first = farTan(f64x2.extract_lane(x, 0));
    const other = farTan(f64x2.extract_lane(x, 1));
    a = v128.bitselect(v128.shuffle<u64>(first, other, 0, 2), a, far);
    const part = v128.shuffle<u64>(first, other, 1, 3);
    // The lowest bit of the lower part tells odd from even, and is far too small to matter.
    odd = v128.bitselect(i64x2.neg(v128.and(part, i64x2.splat(1))), odd, far);
    low = v128.bitselect(part, low, far);
  }
  const z = f64x2.mul(a, a);
  const rest = f64x2.mul(f64x2.mul(a, z), poly64(TAN, 14, z));
  const near = f64x2.add(a, rest);
  const slope = f64x2.add(f64x2.splat(1), f64x2.mul(near, near));
  const small = f64x2.sub(rest, f64x2.mul(low, slope));
  const y = f64x2.add(a, small);
  // -1 / (y + what the rounding of y lost).
  const inverse = f64x2.div(f64x2.splat(-1), y);
  const lost = f64x2.sub(small, f64x2.sub(y, a));
  return v128.bitselect(f64x2.add(inverse, f64x2.mul(f64x2.mul(inverse, inverse), lost)), y, odd);
}

/** For |x| > 131072: the angle whose tangent or negative cotangent is tan(x), and minus what it lacks, odd for the latter. */
function farTan(x: f64): v128 {
  if (!(abs(x) > 131072)) return f64x2.splat(x);
  const s = foldAngle(x, 0);
  const c = foldAngle(x, 1);
  const even = abs(s) <= abs(c);
  const sign: f64 = (even ? c < 0 : s >= 0) ? -1 : 1;
  const quarters = u64(!even);
  const low = reinterpret<u64>(-sign * foldAngle(x, quarters, 0x7ff)) & ~(<u64>1);
  return f64x2(sign * foldAngle(x, quarters, ~(<u64>0x7ff)), reinterpret<f64>(low | quarters));
}

/**
 * The arc sine, or the arc cosine: asin(u) = u + u³ P(u²) up to 1/2, and beyond by asin(u) = pi/2 - 2 asin(s) with
 * s² = (1 - u) / 2, where s is carried in two parts. Polynomial 2^-55.9.
 */
export function arc64(x: v128, cosine: bool): v128 {
  const u = f64x2.abs(x);
  const large = f64x2.gt(u, f64x2.splat(0.5));
  const z = v128.bitselect(f64x2.mul(f64x2.sub(f64x2.splat(1), u), f64x2.splat(0.5)), f64x2.mul(u, u), large);
  const s = v128.bitselect(f64x2.sqrt(z), u, large);
  const rest = f64x2.mul(s, f64x2.mul(z, poly64(ASIN, 12, z)));
  const f = upper64(s);
  const c = f64x2.div(f64x2.sub(z, f64x2.mul(f, f)), f64x2.pmax(f64x2.add(s, f), f64x2.splat(1e-300)));
  const h = v128.bitselect(f64x2.add(f, f), s, large);
  const l = v128.bitselect(f64x2.add(f64x2.add(c, rest), f64x2.add(c, rest)), rest, large);
  // base - (h + l), with the sign of h + l as the case may be.
  const signs = f64x2.splat(-0.0);
  const negative = v128.and(f64x2.lt(x, f64x2.splat(0)), large);
  const whole = cosine ? v128.or(v128.not(large), negative) : large;
  const flip = cosine ? v128.xor(sign64(x), v128.and(signs, large)) : v128.andnot(signs, large);
  const scale = f64x2.add(v128.and(whole, f64x2.splat(1)), v128.and(cosine ? negative : f64x2.splat(0), f64x2.splat(1)));
  const low = f64x2.sub(v128.xor(l, flip), f64x2.mul(scale, f64x2.splat(6.123233995736766e-17)));
  const y = f64x2.sub(f64x2.mul(scale, f64x2.splat(1.5707963267948966)), f64x2.add(v128.xor(h, flip), low));
  return cosine ? y : v128.or(y, sign64(x));
}

/**
 * The angle of the point (x, y), in [-pi, pi]. With a <= b the two sizes it is k pi/4 ± atan(t), where t = a / b or, near
 * the diagonal, (a - b) / (a + b), and atan(t) = t + t³ P(t²). Polynomial 2^-55.9.
 */
export function atan264(y: v128, x: v128): v128 {
  const ay = f64x2.abs(y);
  const ax = f64x2.abs(x);
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  const infinity = f64x2.splat(Infinity);
  const swap = f64x2.gt(ay, ax);
  let a = v128.bitselect(ax, ay, swap);
  let b = v128.bitselect(ay, ax, swap);
  // Beside an infinity a number is 0 and another infinity 1; NaN stays. Both zero: any b will do.
  const endless = f64x2.eq(b, infinity);
  a = v128.bitselect(v128.bitselect(one, f64x2.mul(a, zero), f64x2.eq(a, infinity)), a, endless);
  b = v128.bitselect(one, b, v128.or(endless, f64x2.eq(b, zero)));
  // So that a + b does not overflow; where a loses bits by it, a / b is 0 anyway.
  const scale = v128.bitselect(f64x2.splat(7.888609052210118e-31), one, f64x2.gt(b, f64x2.splat(1e300)));
  a = f64x2.mul(a, scale);
  b = f64x2.mul(b, scale);
  const diagonal = f64x2.gt(a, f64x2.mul(b, f64x2.splat(0.66)));
  const t = f64x2.div(
    f64x2.sub(a, v128.and(b, diagonal)),
    f64x2.add(b, v128.and(a, diagonal)),
  );
  const z = f64x2.mul(t, t);
  const rest = f64x2.mul(f64x2.mul(t, z), poly64(ATAN, 14, z));
  const left = i64x2.shr_s(x, 63);
  let k = v128.and(one, diagonal);
  k = v128.bitselect(f64x2.sub(f64x2.splat(2), k), k, swap);
  k = v128.bitselect(f64x2.sub(f64x2.splat(4), k), k, left);
  const flip = sign64(v128.xor(swap, left));
  const low = f64x2.add(v128.xor(rest, flip), f64x2.mul(k, f64x2.splat(9.18794589678809e-16)));
  const angle = f64x2.add(f64x2.mul(k, f64x2.splat(0.7853981633974474)), f64x2.add(v128.xor(t, flip), low));
  return v128.or(angle, sign64(y));
}

// prettier-ignore
const TAN = memory.data<f64>([
  0.3333333333333277, 0.13333333333415595, 0.05396825392620275, 0.021869489620182647, 0.008863219006214078,
  0.003592290510096933, 0.0014547492340048422, 0.0005951016597729537, 0.0002222704570283012, 0.00013675177512286927,
  -2.6706345813590476e-05, 8.974773912974434e-05, -4.5036627113498385e-05, 2.0901895726546553e-05,
], 8);
// prettier-ignore
const ASIN = memory.data<f64>([
  0.16666666666665375, 0.07500000000344832, 0.04464285682195326, 0.030381959396280855, 0.022371751921448548,
  0.01735979585482851, 0.013884348565547143, 0.01217495401906879, 0.006503470877955206, 0.01959447454610052,
  -0.016326899966311953, 0.03198183005902804,
], 8);
// prettier-ignore
const ATAN = memory.data<f64>([
  -0.33333333333332316, 0.19999999999784587, -0.1428571426968046, 0.11111110506156545, -0.09090895505945903,
  0.07692109218406837, -0.06664674469167105, 0.05868130310590536, -0.05189357159950293, 0.04480040392356085,
  -0.03550488089987453, 0.023236687069416652, -0.010639463054963648, 0.0024541082149383917,
], 8);
