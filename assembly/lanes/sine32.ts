// Sine and cosine of f32: the nearest multiple of pi is taken off, and one odd polynomial does for the rest. Errors are the
// largest found over every hundredth argument.

import { widen, narrow } from "./exponential/constants";
import { madd32, nmadd32, splat32 } from "./float32";
import { foldAngle32 } from "./math-angle";

/** The sine, or the cosine a quarter turn ahead: 1.89 ulp up to 4096, 1.97 beyond. */
// @ts-ignore: decorator
@inline
export function sine32(x: v128, cosine: bool): v128 {
  const y = sineNear32(x, cosine);
  const far = isFar32(f32x4.abs(x));
  return v128.any_true(far) ? v128.bitselect(sineFar32(x, cosine), y, far) : y;
}

/** Where |x| is too large for `sineNear32`. */
// @ts-ignore: decorator
@inline
export function isFar32(size: v128): v128 {
  return f32x4.gt(size, splat32(FAR));
}

/**
 * The sine or cosine for |x| <= 4096: x less n pi is b, in three parts of pi of which the first two (of 12 and 13 bits) have
 * exact products with n; what the second difference loses is in `low`. n is a half for the cosine, whose sign
 * `shifted` has, a quarter turn ahead.
 */
// @ts-ignore: decorator
@inline
export function sineNear32(x: v128, cosine: bool): v128 {
  let shifted: v128;
  let n: v128;
  let minus: v128;
  if (cosine) {
    shifted = f32x4.add(madd32(x, splat32(INVERSE_PI), splat32(HALF)), splat32(ROUND));
    n = f32x4.sub(f32x4.sub(shifted, splat32(ROUND)), splat32(HALF));
    minus = f32x4.neg(n);
  } else {
    shifted = madd32(x, splat32(INVERSE_PI), splat32(ROUND));
    n = f32x4.sub(shifted, splat32(ROUND));
    // The second part of pi is negative; its product with -n keeps a zero positive, and so -0 in `a`.
    minus = f32x4.sub(splat32(ROUND), shifted);
  }
  const t = nmadd32(n, splat32(PI_1), x);
  const second = f32x4.mul(minus, splat32(MINUS_PI_2));
  const a = f32x4.sub(t, second);
  const low = madd32(n, splat32(PI_3), f32x4.sub(second, f32x4.sub(t, a)));
  return v128.xor(sineOf32(f32x4.sub(a, low)), i32x4.shl(shifted, 31));
}

/** sin(b) for |b| <= pi/2. Polynomial 2^-27.2, with coefficients that suit their own rounding. */
// @ts-ignore: decorator
@inline
function sineOf32(b: v128): v128 {
  const z = f32x4.mul(b, b);
  const p = madd32(madd32(splat32(SINE, 3), z, splat32(SINE, 2)), z, splat32(SINE, 1));
  // Adding a zero makes -0 positive, which is then subtracted from -0.
  const rest = madd32(f32x4.mul(b, z), madd32(p, z, splat32(SINE)), splat32(ZERO));
  return f32x4.sub(b, rest);
}

/** The sine or cosine for |x| > 4096: b in f64. */
function sineFar32(x: v128, cosine: bool): v128 {
  let b = narrow(foldWide(widen(x, false), cosine), foldWide(widen(x, true), cosine));
  const huge = f32x4.gt(f32x4.abs(x), splat32(HUGE));
  if (v128.any_true(huge)) {
    const folded = f32x4(
      foldHuge(f32x4.extract_lane(x, 0), cosine),
      foldHuge(f32x4.extract_lane(x, 1), cosine),
      foldHuge(f32x4.extract_lane(x, 2), cosine),
      foldHuge(f32x4.extract_lane(x, 3), cosine),
    );
    b = v128.bitselect(folded, b, huge);
  }
  return sineOf32(b);
}

/** The angle in [-pi/2, pi/2] with the same sine, of f64 with 24 bits up to 2^28: parts of pi of 25, 25 and 53 bits. */
// @ts-ignore: decorator
@inline
function foldWide(x: v128, cosine: bool): v128 {
  const half = f64x2.splat(cosine ? 0.5 : 0);
  const round = f64x2.splat(6755399441055744);
  const shifted = f64x2.add(f64x2.add(f64x2.mul(x, f64x2.splat(0.3183098861837907)), half), round);
  const n = f64x2.sub(f64x2.sub(shifted, round), half);
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(3.1415926218032837)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(3.1786509424591713e-8)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(1.2246467991473532e-16)));
  return v128.xor(r, i64x2.shl(shifted, 63));
}

function foldHuge(x: f32, cosine: bool): f32 {
  return abs(x) > 268435456 ? <f32>foldAngle32(x, cosine) : 0;
}

const ZERO = memory.data<f32>([0], 4);
const HALF = memory.data<f32>([0.5], 4);
/** Adding it leaves the nearest integer in the lowest bits. */
const ROUND = memory.data<f32>([12582912], 4);
/** Up to here n has 11 bits, or 12 with its half. */
const FAR = memory.data<f32>([4096], 4);
/** Up to here those of `foldWide` are exact: 2^28. */
const HUGE = memory.data<f32>([268435456], 4);
const INVERSE_PI = memory.data<f32>([0.3183098861837907], 4);
const PI_1 = memory.data<f32>([3.1416015625], 4);
const MINUS_PI_2 = memory.data<f32>([8.9090317487716675e-6], 4);
const PI_3 = memory.data<f32>([1.215420125655342e-10], 4);
const SINE = memory.data<f32>(
  [0.16666658222675323, -0.008333009667694569, 0.00019805443298537284, -2.59741773334099e-6],
  4,
);
