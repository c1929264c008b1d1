// The tangent, and the inverse trigonometric functions.

import { foldAngle } from "../math-angle";
import { fill, negative, polynomial, signOf, upper } from "./pool";

const HALF_PI: f64 = 1.5707963267948966;

/**
 * The tangent: 1.24 and 1.21 ulp. The nearest multiple of pi/2 is taken off as for the sine, and tan(a) = a + a³ P(a²), or
 * its negative inverse in odd quadrants. Polynomials 2^-33.4 and 2^-56.2.
 */
export function tangent<T>(x: v128): v128 {
  const single = sizeof<T>() == 4;
  const round = fill<T>(single ? 12582912 : 6755399441055744);
  const shifted = v128.add<T>(v128.mul<T>(x, fill<T>(0.6366197723675814)), round);
  const n = v128.sub<T>(shifted, round);
  const t = v128.sub<T>(x, v128.mul<T>(n, fill<T>(single ? 1.57080078125 : 1.5707963267923333)));
  // The second part of pi/2 is negative in f32; its product with -n keeps a zero positive, and so -0 in `a`.
  const second = single
    ? v128.mul<T>(v128.sub<T>(round, shifted), fill<T>(4.4545158743858337e-6))
    : v128.mul<T>(n, fill<T>(2.5633441515839558e-12));
  const a = v128.sub<T>(t, second);
  const low = v128.sub<T>(
    v128.mul<T>(n, fill<T>(single ? 6.07710062827732e-11 : 1.0562999066987428e-23)),
    v128.sub<T>(v128.sub<T>(t, a), second),
  );
  // Up to here the products with the first two parts of pi/2 are exact.
  const far = v128.not(v128.le<T>(v128.abs<T>(x), fill<T>(single ? 4096 : 131072)));
  if (sizeof<T>() == 4) {
    const y = tangentOf<T>(a, low, i32x4.neg(v128.and(shifted, i32x4.splat(1))));
    return v128.any_true(far) ? v128.bitselect(throughDouble(x), y, far) : y;
  }
  const odd = i64x2.neg(v128.and(shifted, i64x2.splat(1)));
  return v128.any_true(far) ? farTangent(x, a, low, odd, far) : tangentOf<T>(a, low, odd);
}

/** tan(a - low), or its negative inverse where `odd`. */
function tangentOf<T>(a: v128, low: v128, odd: v128): v128 {
  const z = v128.mul<T>(a, a);
  const p = sizeof<T>() == 4 ? polynomial<T>(TAN_32, 8, z) : polynomial<T>(TAN, 14, z);
  const rest = v128.mul<T>(v128.mul<T>(a, z), p);
  const near = v128.add<T>(a, rest);
  const slope = v128.add<T>(fill<T>(1), v128.mul<T>(near, near));
  const small = v128.sub<T>(rest, v128.mul<T>(low, slope));
  const y = v128.add<T>(a, small);
  // -1 / (y + what the rounding of y lost).
  const inverse = v128.div<T>(fill<T>(-1), y);
  const gone = v128.sub<T>(small, v128.sub<T>(y, a));
  return v128.bitselect(v128.add<T>(inverse, v128.mul<T>(v128.mul<T>(inverse, inverse), gone)), y, odd);
}

/** The tangent of four f32 in two halves of f64. */
function throughDouble(x: v128): v128 {
  const first = tangent<f64>(f64x2.promote_low_f32x4(x));
  const last = tangent<f64>(f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1)));
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(last), 0, 2);
}

/** Two tangents of f64, of which those in the lanes of `far` need the long way, and the others have been reduced. */
function farTangent(x: v128, a: v128, low: v128, odd: v128, far: v128): v128 {
  const first = farTan(f64x2.extract_lane(x, 0));
  const other = farTan(f64x2.extract_lane(x, 1));
  const part = v128.shuffle<u64>(first, other, 1, 3);
  // The lowest bit of the lower part tells odd from even, and is far too small to matter.
  const last = i64x2.neg(v128.and(part, i64x2.splat(1)));
  const angles = v128.bitselect(v128.shuffle<u64>(first, other, 0, 2), a, far);
  return tangentOf<f64>(angles, v128.bitselect(part, low, far), v128.bitselect(last, odd, far));
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
 * The arc sine (1.13 and 1.23 ulp), or the arc cosine (0.77 and 0.78): asin(u) = u + u³ P(u²) up to 1/2, and beyond by asin(u) = pi/2 - 2 asin(s) with
 * s² = (1 - u) / 2, where s is carried in two parts. Polynomials
 * 2^-31.7 and 2^-55.9.
 */
export function arc<T>(x: v128, cosine: bool): v128 {
  const u = v128.abs<T>(x);
  const large = v128.gt<T>(u, fill<T>(0.5));
  const z = v128.bitselect(v128.mul<T>(v128.sub<T>(fill<T>(1), u), fill<T>(0.5)), v128.mul<T>(u, u), large);
  const s = v128.bitselect(v128.sqrt<T>(z), u, large);
  const p = sizeof<T>() == 4 ? polynomial<T>(ASIN_32, 6, z) : polynomial<T>(ASIN, 12, z);
  const rest = v128.mul<T>(s, v128.mul<T>(z, p));
  const f = upper<T>(s);
  const c = v128.div<T>(
    v128.sub<T>(z, v128.mul<T>(f, f)),
    v128.pmax<T>(v128.add<T>(s, f), fill<T>(sizeof<T>() == 4 ? 1e-37 : 1e-300)),
  );
  const h = v128.bitselect(v128.add<T>(f, f), s, large);
  const l = v128.bitselect(v128.add<T>(v128.add<T>(c, rest), v128.add<T>(c, rest)), rest, large);
  // base - (h + l), with the sign of h + l as the case may be.
  const signs = fill<T>(-0.0);
  const negative = v128.and(v128.lt<T>(x, fill<T>(0)), large);
  const whole = cosine ? v128.or(v128.not(large), negative) : large;
  const flip = cosine ? v128.xor(signOf<T>(x), v128.and(signs, large)) : v128.andnot(signs, large);
  const scale = v128.add<T>(v128.and(whole, fill<T>(1)), v128.and(cosine ? negative : fill<T>(0), fill<T>(1)));
  const low = v128.sub<T>(
    v128.xor(l, flip),
    v128.mul<T>(scale, fill<T>(sizeof<T>() == 4 ? HALF_PI - <f64>(<f32>HALF_PI) : 6.123233995736766e-17)),
  );
  const y = v128.sub<T>(v128.mul<T>(scale, fill<T>(HALF_PI)), v128.add<T>(v128.xor(h, flip), low));
  return cosine ? y : v128.or(y, signOf<T>(x));
}

/**
 * The angle of the point (x, y), in [-pi, pi]: 1.1 and 1.4 ulp. With a <= b the two sizes it is k pi/4 ± atan(t), where t = a / b or, near
 * the diagonal, (a - b) / (a + b), and atan(t) = t + t³ P(t²). Polynomials 2^-27.0 and
 * 2^-55.9.
 */
export function angle<T>(y: v128, x: v128): v128 {
  const ay = v128.abs<T>(y);
  const ax = v128.abs<T>(x);
  const one = fill<T>(1);
  const zero = fill<T>(0);
  const infinity = fill<T>(Infinity);
  const swap = v128.gt<T>(ay, ax);
  let a = v128.bitselect(ax, ay, swap);
  let b = v128.bitselect(ay, ax, swap);
  // Beside an infinity a number is 0 and another infinity 1; NaN stays. Both zero: any b will do.
  const endless = v128.eq<T>(b, infinity);
  a = v128.bitselect(v128.bitselect(one, v128.mul<T>(a, zero), v128.eq<T>(a, infinity)), a, endless);
  b = v128.bitselect(one, b, v128.or(endless, v128.eq<T>(b, zero)));
  // So that a + b does not overflow; where a loses bits by it, a / b is 0 anyway.
  const scale = v128.bitselect(fill<T>(0.25), one, v128.gt<T>(b, fill<T>(sizeof<T>() == 4 ? 1e37 : 1e300)));
  a = v128.mul<T>(a, scale);
  b = v128.mul<T>(b, scale);
  // Or equal: of the least number 0.66 is itself.
  const diagonal = v128.ge<T>(a, v128.mul<T>(b, fill<T>(0.66)));
  const t = v128.div<T>(v128.sub<T>(a, v128.and(b, diagonal)), v128.add<T>(b, v128.and(a, diagonal)));
  const z = v128.mul<T>(t, t);
  const p = sizeof<T>() == 4 ? polynomial<T>(ATAN_32, 6, z) : polynomial<T>(ATAN, 14, z);
  const rest = v128.mul<T>(v128.mul<T>(t, z), p);
  const left = negative<T>(x);
  let k = v128.and(one, diagonal);
  k = v128.bitselect(v128.sub<T>(fill<T>(2), k), k, swap);
  k = v128.bitselect(v128.sub<T>(fill<T>(4), k), k, left);
  const flip = signOf<T>(v128.xor(swap, left));
  const low = v128.add<T>(
    v128.xor(rest, flip),
    v128.mul<T>(k, fill<T>(sizeof<T>() == 4 ? 6.337953974977495e-7 : 9.18794589678809e-16)),
  );
  const angle = v128.add<T>(
    v128.mul<T>(k, fill<T>(sizeof<T>() == 4 ? 0.7853975296020508 : 0.7853981633974474)),
    v128.add<T>(v128.xor(t, flip), low),
  );
  return v128.or(angle, signOf<T>(y));
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
// prettier-ignore
const TAN_32 = memory.data<f32>([
  0.3333333134651184, 0.13333411514759064, 0.05395457148551941, 0.02198507823050022, 0.00832985620945692,
  0.004995918367058039, -0.0005992723745293915, 0.0020426572300493717,
], 4);
// prettier-ignore
const ASIN_32 = memory.data<f32>([
  0.16666659712791443, 0.07500512152910233, 0.044515468180179596, 0.03181985393166542, 0.014393622986972332,
  0.037578463554382324,
], 4);
// prettier-ignore
const ATAN_32 = memory.data<f32>([
  -0.33333221077919006, 0.1999485194683075, -0.14204983413219452, 0.10513511300086975, -0.06731104850769043,
  0.02483564242720604,
], 4);
