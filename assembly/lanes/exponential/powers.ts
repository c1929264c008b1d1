// Functions made of e to the x, in f32 and f64 alike. With x = n ln(2) + high - low, e to the x is 2^n (1 + high + rest), where
// only `rest` has rounding errors: sums that cancel are taken before it comes in.

import { Op } from "../../abi/op";
import { C, I, c, exponentialSeries, head, integer, madd, power, subInteger, withSign } from "./constants";

/** Exp, Exp2, Silu or Mish of x, in T. Largest errors in ulp, f32 and f64: exp2 0.84 and 0.89, silu 1.59 and 1.63, mish 1.94 and 1.81. */
// @ts-ignore: decorator
@inline
export function fromPower<T>(op: i32, x: v128): v128 {
  let y = x;
  if (op == Op.Mish) y = v128.neg<T>(v128.abs<T>(x));
  if (op == Op.Silu) y = v128.neg<T>(x);
  const most = op == Op.Exp2 ? c<T>(C.Most2) : c<T>(C.MostE);
  y = v128.pmax<T>(v128.pmin<T>(y, most), v128.neg<T>(most));
  const scaled = op == Op.Exp2 ? y : v128.mul<T>(y, c<T>(C.Log2E));
  const shifted = v128.add<T>(scaled, c<T>(C.Round));
  const n = v128.sub<T>(shifted, c<T>(C.Round));
  let high: v128;
  let low: v128;
  if (op == Op.Exp2) {
    high = v128.mul<T>(v128.sub<T>(y, n), c<T>(C.Ln2));
    low = v128.splat<T>(0);
  } else {
    high = v128.sub<T>(y, v128.mul<T>(n, c<T>(C.Ln2High)));
    low = v128.mul<T>(n, c<T>(C.Ln2Low));
  }
  const rest = restOf<T>(high, low);
  // 2^n in two factors, since it need not be a normal number where the result is subnormal or infinite.
  const half = sizeof<T>() == 4 ? i32x4.shr_u(shifted, 1) : i64x2.shr_u(shifted, 1);
  const second = power<T>(subInteger<T>(shifted, half));
  if (op == Op.Silu) {
    // As the sigmoid in math32.ts, with x for the 1 on top.
    const unit = power<T>(subInteger<T>(integer<T>(I.Twice), half));
    const sum = v128.add<T>(unit, second);
    const lost = v128.sub<T>(unit, v128.sub<T>(sum, second));
    const bottom = v128.add<T>(sum, madd<T>(second, v128.add<T>(high, rest), lost));
    const s = v128.div<T>(v128.mul<T>(v128.neg<T>(y), unit), bottom);
    return v128.bitselect(x, s, v128.gt<T>(x, c<T>(C.MostE)));
  }
  const first = power<T>(half);
  const one = c<T>(C.One);
  const v = v128.add<T>(one, high);
  const left = v128.add<T>(v128.add<T>(v128.sub<T>(one, v), high), rest);
  const f = v128.mul<T>(v128.mul<T>(v128.add<T>(v, left), first), second);
  if (op != Op.Mish) return f;
  // With f = e to the -|x|, mish(x) is x (1 - k) above 0 and x f (1 - k) below, where k = top / bottom <= 2/5. Around 0 it is
  // taken as half of x or x f, and what that is short of.
  const below = v128.lt<T>(x, v128.splat<T>(0));
  const f2 = v128.mul<T>(f, f);
  const twice = v128.add<T>(f, f);
  const twice2 = v128.add<T>(f2, f2);
  let bottom = v128.add<T>(one, v128.bitselect(one, twice2, below));
  bottom = v128.add<T>(v128.add<T>(twice, bottom), v128.and(f2, below));
  let top = v128.bitselect(v128.add<T>(f, f2), twice2, below);
  const around = v128.gt<T>(f, c<T>(C.Half));
  const short = v128.bitselect(v128.sub<T>(c<T>(C.Two), f2), madd<T>(twice, v128.sub<T>(one, f), one), below);
  top = v128.bitselect(short, v128.neg<T>(top), around);
  bottom = v128.add<T>(bottom, v128.and(bottom, around));
  const k = v128.div<T>(top, bottom);
  const a = v128.bitselect(y, x, below);
  const b = v128.bitselect(v, one, below);
  const bHead = head<T>(b);
  const aHead = head<T>(a);
  const product = v128.mul<T>(aHead, bHead);
  const bTail = v128.add<T>(v128.sub<T>(b, bHead), v128.and(left, below));
  const tail = madd<T>(v128.sub<T>(a, aHead), bHead, v128.mul<T>(a, bTail));
  const whole = v128.bitselect(c<T>(C.Half), one, around);
  let m = madd<T>(v128.add<T>(product, tail), k, v128.mul<T>(tail, whole));
  m = madd<T>(product, whole, m);
  m = v128.bitselect(v128.mul<T>(v128.mul<T>(m, first), second), m, below);
  return withSign<T>(v128.bitselect(x, m, v128.gt<T>(x, c<T>(C.MostE))), x);
}

/**
 * Expm1, Sinh or Cosh of x, in T, by t = (e to the x - 1) / 4, or a quarter more for Cosh, which is finite wherever they are.
 * Largest errors in ulp, f32 and f64: expm1 1.23 and 1.11, sinh 1.37 and 1.32, cosh 1.15 and 1.16.
 */
export function fromPowerLess1<T>(op: i32, x: v128): v128 {
  let y = op == Op.Expm1 ? x : v128.abs<T>(x);
  y = v128.pmax<T>(v128.pmin<T>(y, c<T>(C.MostLess1)), c<T>(C.LeastLess1));
  const shifted = v128.add<T>(v128.mul<T>(y, c<T>(C.Log2E)), c<T>(C.Round));
  const n = v128.sub<T>(shifted, c<T>(C.Round));
  const high = v128.sub<T>(y, v128.mul<T>(n, c<T>(C.Ln2High)));
  const rest = restOf<T>(high, v128.mul<T>(n, c<T>(C.Ln2Low)));
  const scale = power<T>(subInteger<T>(shifted, integer<T>(I.Quartered)));
  const a = op == Op.Cosh ? scale : v128.sub<T>(scale, c<T>(C.Quarter));
  const b = v128.mul<T>(scale, high);
  const s = v128.add<T>(a, b);
  const bOfS = v128.sub<T>(s, a);
  const lost = v128.add<T>(v128.sub<T>(a, v128.sub<T>(s, bOfS)), v128.sub<T>(b, bOfS));
  const left = madd<T>(scale, rest, lost);
  const t = v128.add<T>(s, left);
  const t2 = v128.add<T>(t, t);
  if (op == Op.Cosh) return v128.add<T>(t2, v128.div<T>(c<T>(C.Quarter), t2));
  const t4 = v128.add<T>(t2, t2);
  let z = t4;
  if (op == Op.Sinh) {
    // Twice t + t / (4 t + 1); where that would add equals, four times t - 2 t² / (4 t + 1).
    const near = v128.lt<T>(y, c<T>(C.Ln2));
    const q = v128.div<T>(t, v128.add<T>(t4, c<T>(C.One)));
    z = v128.add<T>(s, v128.add<T>(left, v128.bitselect(v128.neg<T>(v128.mul<T>(t2, q)), q, near)));
    z = v128.add<T>(z, z);
    z = v128.add<T>(z, v128.and(z, near));
  }
  return v128.bitselect(x, withSign<T>(z, x), v128.lt<T>(v128.abs<T>(x), c<T>(C.Tiny)));
}

/** e to the (high - low), less 1 and less `high`. */
// @ts-ignore: decorator
@inline
function restOf<T>(high: v128, low: v128): v128 {
  const r = v128.sub<T>(high, low);
  const z = v128.mul<T>(r, r);
  return v128.sub<T>(v128.mul<T>(z, exponentialSeries<T>(r, z)), low);
}
