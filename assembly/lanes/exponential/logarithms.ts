// Functions made of a logarithm, in f32 and f64 alike: the logarithm of u + v, where v is what was lost in u. With u + v =
// 2^e (1 + f) the method is that of log32 in math32.ts; but log(1 + f) is kept in two parts, the first of which is short, so
// that its product with the constant of a base is exact (as in FreeBSD's k_log.h and e_log2.c).

import { Op } from "../../abi/op";
import { C, I, c, head, integer, logarithmSeries, madd, withSign } from "./constants";
import { fromPower } from "./powers";

/**
 * Log2, Log10, Log1p, Asinh, Acosh, Atanh or Softplus of x, in T. Largest errors in ulp, f32 and f64: log2 0.78 and 0.79,
 * log10 0.70 and 0.74, log1p 0.71 and 0.72, asinh 1.00 and 0.98, acosh 1.20 and 1.41, atanh 1.48 and 1.45, softplus 1.47 and
 * 1.47.
 */
// @ts-ignore: decorator
@inline
export function fromLogarithm<T>(op: i32, x: v128): v128 {
  const one = c<T>(C.One);
  let u = x;
  let v = v128.splat<T>(0);
  let e = v128.splat<T>(0);
  let large = v;
  if (op != Op.Log2 && op != Op.Log10) {
    // The logarithm of 1 + w.
    const size = v128.abs<T>(x);
    let w = x;
    if (op == Op.Softplus) w = fromPower<T>(Op.Exp, v128.neg<T>(size));
    if (op == Op.Atanh) {
      const d = v128.sub<T>(one, size);
      w = v128.div<T>(v128.add<T>(size, size), d);
      v = v128.div<T>(v128.mul<T>(w, v128.sub<T>(size, v128.sub<T>(one, d))), d);
    }
    if (op == Op.Acosh) {
      const t = v128.sub<T>(x, one);
      const t2 = v128.add<T>(t, t);
      const square = v128.mul<T>(t, t);
      const z = v128.add<T>(t2, square);
      const root = v128.sqrt<T>(z);
      w = v128.add<T>(t, root);
      // What was lost of z is worth half of it in the root; which may be 0.
      const lost = v128.sub<T>(square, v128.sub<T>(z, t2));
      v = v128.div<T>(lost, v128.add<T>(v128.add<T>(root, root), c<T>(C.NormalLeast)));
      v = v128.add<T>(v, v128.sub<T>(t, v128.sub<T>(w, root)));
      w = v128.or(w, v128.lt<T>(x, one)); // NaN
    }
    if (op == Op.Asinh) {
      const z = v128.mul<T>(x, x);
      const t = v128.div<T>(z, v128.add<T>(v128.sqrt<T>(v128.add<T>(z, one)), one));
      w = v128.add<T>(size, t);
      v = v128.sub<T>(t, v128.sub<T>(w, size));
    }
    u = v128.add<T>(one, w);
    const wOfU = v128.sub<T>(u, one);
    v = v128.add<T>(v, v128.add<T>(v128.sub<T>(one, v128.sub<T>(u, wOfU)), v128.sub<T>(w, wOfU)));
    if (op == Op.Asinh || op == Op.Acosh) {
      // Both are log(2 x) here.
      large = v128.gt<T>(op == Op.Asinh ? size : x, c<T>(C.Large));
      u = v128.bitselect(size, u, large);
      v = v128.andnot(v, large);
      e = v128.and(one, large);
    }
    v = v128.div<T>(v, u);
  }
  const tiny = v128.lt<T>(u, c<T>(C.NormalLeast));
  let m = v128.bitselect(v128.mul<T>(u, c<T>(C.Raise)), u, tiny);
  e = v128.sub<T>(e, v128.and(c<T>(C.Raised), tiny));
  if (sizeof<T>() == 4) {
    const exponent = i32x4.shr_s(i32x4.sub(m, integer<T>(I.SqrtHalf)), 23);
    m = i32x4.sub(m, i32x4.shl(exponent, 23));
    e = f32x4.add(e, f32x4.convert_i32x4_s(exponent));
  } else {
    const shifted = i64x2.add(m, integer<T>(I.SqrtHalfToOne));
    m = i64x2.add(v128.and(shifted, integer<f64>(I.Fraction)), integer<T>(I.SqrtHalf));
    const exponent = v128.or(i64x2.shr_u(shifted, 52), c<f64>(C.TwoTo52));
    e = f64x2.add(e, f64x2.sub(exponent, c<f64>(C.TwoTo52Biased)));
  }
  const f = v128.sub<T>(m, one);
  const s = v128.div<T>(f, v128.add<T>(f, c<T>(C.Two)));
  const z = v128.mul<T>(s, s);
  const h = v128.mul<T>(v128.mul<T>(f, f), c<T>(C.Half));
  const high = head<T>(v128.sub<T>(f, h));
  let low = madd<T>(s, madd<T>(z, logarithmSeries<T>(z), h), v128.sub<T>(v128.sub<T>(f, high), h));
  low = v128.add<T>(low, v);
  // To the base: log(e) (high + low) + e log(2), each constant in two parts.
  const base = C.Bases + (op == Op.Log2 ? 4 : op == Op.Log10 ? 8 : 0);
  const a = v128.mul<T>(e, c<T>(base + 2));
  const b = v128.mul<T>(high, c<T>(base));
  low = madd<T>(v128.add<T>(low, high), c<T>(base + 1), v128.mul<T>(low, c<T>(base)));
  low = madd<T>(e, c<T>(base + 3), low);
  const sum = v128.add<T>(a, b);
  let y = v128.add<T>(sum, v128.add<T>(v128.add<T>(v128.sub<T>(a, sum), b), low));
  y = v128.bitselect(y, u, v128.lt<T>(u, v128.splat<T>(Infinity)));
  y = v128.bitselect(v128.splat<T>(NaN), y, v128.lt<T>(u, v128.splat<T>(0)));
  y = v128.bitselect(v128.splat<T>(-Infinity), y, v128.eq<T>(u, v128.splat<T>(0)));
  if (op == Op.Atanh) y = v128.mul<T>(y, c<T>(C.Half));
  if (op == Op.Softplus) return v128.add<T>(y, v128.pmax<T>(v128.splat<T>(0), x));
  return op == Op.Log1p || op == Op.Asinh || op == Op.Atanh ? withSign<T>(y, x) : y;
}
