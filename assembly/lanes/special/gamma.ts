// The logarithm of the gamma function and its derivatives, in f64 alone and but for the digamma function of f32 one number at a time.

import { log64, sine64 } from "../math";
import { tangent } from "./angle";
import { lost as lostOf, polynomial } from "./pool";

/**
 * log |Γ(x)|: 1.9 ulp, and near roots an absolute 1.1 * 2^-52. Beyond 10 Stirling's series. Between -40 and 10
 * log Γ(2 + z) = z L(z), where z is the distance from the nearest integer, and one logarithm of the product of all factors
 * between, which is carried in two parts: so nothing cancels at the roots, of which -17 is the last that a number comes
 * near. Below, the reflection.
 */
export function lgamma(x: f64): f64 {
  if (!(abs(x) < Infinity)) return x * x;
  if (x >= 10) return (x - 0.5) * (log(x) - 1) + (0.4189385332046727 + series(0, 1 / x, x));
  const r = nearest(x);
  const z = x - r;
  if (z == 0 && r <= 0) return Infinity;
  if (x < -40) {
    const sine = f64x2.extract_lane(sine64(f64x2.splat(z * Math.PI), false), 0);
    return -log(abs(x * (sine / Math.PI))) - lgamma(-x);
  }
  let high: f64 = 1;
  let low: f64 = 0;
  for (let k = min(r, 2); k < max(r, 2); k++) {
    const factor = k + z;
    const product = high * factor;
    low = low * factor + lost(high, factor, product);
    high = product;
  }
  const l = log(abs(high)) + low / high;
  return z * f64x2.extract_lane(polynomial<f64>(LGAMMA, 18, f64x2.splat(z)), 0) + (r < 2 ? -l : l);
}

/**
 * The n-th derivative of the digamma function, (-1)^(n + 1) n! Σ (x + k)^-s over k >= 0 with s = n + 1; for n = 0 that
 * diverges, and minus a logarithm takes its place. NaN unless n is from 0 to 100.
 *
 * The sum is Euler and Maclaurin's. That of a negative x is the sum over all integers, to both sides of the one nearest
 * to x, less the sum over those below x. The sum is carried in two parts, and for n = 0 so are its largest terms: roots
 * are accurate to an absolute 1.5 * 2^-52, negative ones too. Elsewhere n = 0 has 1.4 ulp, n = 1 has 1.7, and n > 1
 * about 2 + n / 2; but near a negative root of even n > 0 the error is that of the terms that cancel.
 */
export function polygamma(n: i32, x: f64): f64 {
  if (<u32>n > 100 || !(x > -Infinity)) return NaN;
  const s: f64 = n + 1;
  const odd = !(n & 1);
  let factor: f64 = odd ? -1 : 1;
  for (let k = n; k > 1; k--) factor *= <f64>k;
  if (x == Infinity) return n ? 0 * factor : x;
  if (abs(x) < 1e-20) return factor / power(x, s);
  let high: f64 = 0;
  let low: f64 = 0;
  const z = x - nearest(x);
  if (z == 0 && x < 0) return odd ? NaN : factor * Infinity;
  let term: f64 = 0;
  // The terms of a sum that begins at y have `sign`: one sum, or the three of a negative x behind the term of z itself.
  let left = x < 0 ? 3 : 0;
  let y = x < 0 ? z : x;
  let sign: f64 = 1;
  for (;;) {
    let more = true;
    const last = left == 3;
    while (more) {
      // One term of the sum, or what is left of it.
      const whole = power(y, s);
      let rest: f64 = 0;
      if (last || y < 10 + s) {
        term = 1 / whole;
        if (n == 0) rest = -lost(term, y, 1) / y;
        more = !last;
        y += 1;
      } else {
        rest = 0.5 / whole + series(s, s / (whole * y), y);
        more = false;
        if (n) term = y / (<f64>n * whole);
        else {
          const bits = reinterpret<u64>(y) - 0x3fe6a09e667f3bcd;
          const e = <f64>((<i64>bits) >> 52);
          const f = reinterpret<f64>((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1;
          const d = f + 2;
          const q = f / d;
          const q2 = q * q;
          let p: f64 = 0;
          for (let k: f64 = 27; k > 1; k -= 2) p = (p + 1 / k) * q2;
          rest -= 2 * ((-lost(q, d, f) - q * (f - (d - 2))) / d + q * p) + e * 5.497923018708371e-14;
          // The larger part of e ln(2) is exact.
          term = -2 * q;
          const part = -sign * e * 0.6931471805598903;
          const sum = high + part;
          low += tail(high, part, sum);
          high = sum;
        }
      }
      term *= sign;
      const sum = high + term;
      low += tail(high, term, sum) + sign * rest;
      high = sum;
    }
    if (left == 0) break;
    left--;
    y = left == 2 ? 1 + z : left == 1 ? 1 - z : 1 - x;
    sign = left == 2 || (left == 1) != odd ? 1 : -1;
  }
  return factor * (abs(high) < Infinity ? high + low : high);
}

/**
 * The digamma function of two f32, in f64: ln y - 1 / (2 y) - Σ B(2j) / (2j) y^-2j for y = x + n >= 10, less the sum of 1 / (x + k) for
 * k < n, which is one fraction. Of a negative x that of 1 - x, less π cot πx. Absolute errors are about 2^-48, also at the roots.
 */
export function digamma32(x: v128): v128 {
  const one = f64x2.splat(1);
  const below = f64x2.lt(x, f64x2.splat(0));
  let y = v128.bitselect(f64x2.sub(one, x), x, below);
  let top = f64x2.splat(0);
  let bottom = one;
  for (let k = 0; k < 10; k++) {
    const short = f64x2.lt(y, f64x2.splat(10));
    top = v128.bitselect(f64x2.add(f64x2.mul(top, y), bottom), top, short);
    bottom = v128.bitselect(f64x2.mul(bottom, y), bottom, short);
    y = f64x2.add(y, v128.and(one, short));
  }
  const r = f64x2.div(one, y);
  const r2 = f64x2.mul(r, r);
  let sum = f64x2.add(f64x2.div(top, bottom), f64x2.mul(r, f64x2.splat(0.5)));
  let term = r2;
  let s: f64 = 1;
  for (let at: usize = 0; at < 56; at += 8) {
    sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(BERNOULLI + at), term));
    term = f64x2.mul(term, f64x2.mul(f64x2.splat((s + 1) * (s + 2)), r2));
    s += 2;
  }
  // At a pole z is 0, and the quotient NaN.
  const z = f64x2.sub(x, f64x2.nearest(x));
  const w = f64x2.mul(z, f64x2.splat(Math.PI));
  sum = f64x2.add(sum, v128.and(f64x2.div(w, f64x2.mul(tangent<f64>(w), z)), below));
  return f64x2.sub(log64(y), sum);
}

/** x to the n, for an integer n >= 1. */
function power(x: f64, n: f64): f64 {
  let y: f64 = 1;
  for (let bits = <u32>n; bits; bits >>= 1) {
    if (bits & 1) y *= x;
    x *= x;
  }
  return y;
}

/** The end of Euler and Maclaurin's formula: the sum of B(2j) / (2j)! t(j) with t(j + 1) = t(j) (s + 2j - 1) (s + 2j) / y². */
function series(s: f64, t: f64, y: f64): f64 {
  let sum: f64 = 0;
  for (let at: usize = 0; at < 80; at += 8) {
    sum += load<f64>(BERNOULLI + at) * t;
    t *= ((s + 1) / y) * ((s + 2) / y);
    s += 2;
  }
  return sum;
}

/** The natural logarithm of one number. */
function log(x: f64): f64 {
  return f64x2.extract_lane(log64(f64x2.splat(x)), 0);
}

/** a b - product. */
// @ts-ignore: decorator
@inline
function lost(a: f64, b: f64, product: f64): f64 {
  return f64x2.extract_lane(lostOf<f64>(f64x2.splat(a), f64x2.splat(b), f64x2.splat(product)), 0);
}

/** a + b - sum. */
function tail(a: f64, b: f64, sum: f64): f64 {
  const rest = sum - a;
  return a - (sum - rest) + (b - rest);
}

// prettier-ignore
const LGAMMA = memory.data<f64>([
  0.42278433509846713, 0.3224670334241133, -0.06735230105319577, 0.02058080842776588, -0.007385551028925076,
  0.002890510331845489, -0.0011927539013312236, 0.0005096694950308763, -0.0002231549722569433, 9.945794512638355e-05,
  -4.4923771813313906e-05, 2.0503537810735172e-05, -9.456080022580415e-06, 4.393543876815997e-06,
  -1.9748224810600613e-06, 8.998560291308806e-07, -5.806171989216647e-07, 2.97743256612719e-07,
], 8);
/** B(2j) / (2j)! from j = 1 on. */
// prettier-ignore
const BERNOULLI = memory.data<f64>([
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07, 2.08767569878681e-08,
  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
  -2.174868698558062e-16,
], 8);
