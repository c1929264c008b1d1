// The cube root, and the root of a sum of squares, in f64 whatever T is.

import { C, c, head, madd, narrow, widen, withSign } from "./constants";

/** The cube root: 0.50 ulp in f32, 0.67 in f64. */
export function cbrt<T>(x: v128): v128 {
  return sizeof<T>() == 8 ? cbrt64(x) : narrow(cbrt64(widen(x, false)), cbrt64(widen(x, true)));
}

/** sqrt(x² + y²): 0.50 ulp in f32, 1.19 in f64. */
export function hypot<T>(x: v128, y: v128): v128 {
  if (sizeof<T>() == 8) return hypot64(x, y);
  return narrow(hypot64(widen(x, false), widen(y, false)), hypot64(widen(x, true), widen(y, true)));
}

/** The last step is that of FreeBSD's s_cbrt.c. */
function cbrt64(x: v128): v128 {
  const size = f64x2.abs(x);
  const tiny = f64x2.lt(size, c<f64>(C.NormalLeast));
  const a = v128.bitselect(f64x2.mul(size, c<f64>(C.Raise)), size, tiny);
  // A third of the bits is within 3.2 % of the root. It is taken in floating point, where 2^52 makes the bits, less the
  // lowest 12, a number, and the number bits again.
  const unit = c<f64>(C.TwoTo52);
  const bits = f64x2.sub(v128.or(i64x2.shr_u(a, 12), unit), unit);
  const third = f64x2.mul(bits, v128.load64_splat(CBRT));
  let t = i64x2.shl(f64x2.add(third, v128.load64_splat(CBRT, 8)), 12);
  // t (1 + d)^(-1/3), where 1 + d = t³ / a: polynomial 2^-23.9.
  const d = f64x2.sub(f64x2.mul(f64x2.mul(t, t), f64x2.div(t, a)), c<f64>(C.One));
  let p = madd<f64>(v128.load64_splat(CBRT, 40), d, v128.load64_splat(CBRT, 32));
  p = madd<f64>(madd<f64>(p, d, v128.load64_splat(CBRT, 24)), d, v128.load64_splat(CBRT, 16));
  t = head<f64>(f64x2.sub(t, f64x2.mul(f64x2.mul(t, d), p)));
  const r = f64x2.div(a, f64x2.mul(t, t));
  t = f64x2.add(t, f64x2.mul(t, f64x2.div(f64x2.sub(r, t), f64x2.add(f64x2.add(t, t), r))));
  t = v128.bitselect(f64x2.mul(t, v128.load64_splat(CBRT, 48)), t, tiny);
  // 0, infinity and NaN are their own roots.
  const plain = v128.and(f64x2.gt(size, f64x2.splat(0)), f64x2.lt(size, f64x2.splat(Infinity)));
  return v128.bitselect(withSign<f64>(t, x), x, plain);
}

/** Very large and very small numbers are scaled by a power of two. */
// @ts-ignore: decorator
@inline
function hypot64(x: v128, y: v128): v128 {
  const a = f64x2.abs(x);
  const b = f64x2.abs(y);
  const most = f64x2.pmax(a, b);
  const large = f64x2.gt(most, f64x2.splat(3.273390607896142e150)); // 2^500
  const small = f64x2.lt(most, f64x2.splat(3.054936363499605e-151)); // 2^-500
  const up = f64x2.splat(4.149515568880993e180); // 2^600
  const down = f64x2.splat(2.4099198651028841e-181); // 2^-600
  const one = c<f64>(C.One);
  const scale = v128.bitselect(down, v128.bitselect(up, one, small), large);
  const unscale = v128.bitselect(up, v128.bitselect(down, one, small), large);
  const p = f64x2.mul(a, scale);
  const q = f64x2.mul(b, scale);
  const root = f64x2.mul(f64x2.sqrt(madd<f64>(p, p, f64x2.mul(q, q))), unscale);
  // Infinity, even beside NaN.
  const infinity = f64x2.splat(Infinity);
  return v128.bitselect(infinity, root, v128.or(f64x2.eq(a, infinity), f64x2.eq(b, infinity)));
}

/** A third; what brings a third of the bits near those of the root; the polynomial; and 2^-18, the root of 2^-54. */
// prettier-ignore
const CBRT = memory.data<f64>([
  0.3333333333333333, 4503599627370496 + 749830646259515, 0.33333033, -0.22223303, 0.17422219, -0.14289121,
  3.814697265625e-6,
], 8);
