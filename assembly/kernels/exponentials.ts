// What the kernels over rows have in common: a sum of exponentials, a dot product, and one pass over a row.

import { Exp } from "../lanes/arithmetic";
import { first, gather, scatter } from "../lanes/strided";
import { sumLanes } from "./sum";

/** Elements that are added in the dtype before they go to a total in f64, as in sum.ts. */
const BLOCK: usize = 1024;

/** The sum of exp(x - peak) over `n` contiguous elements, which are also written to `out` unless it is 0. */
export function sumExponentials<T>(out: usize, x: usize, n: usize, peak: T): f64 {
  const f = changetype<Exp>(0);
  const lanes: usize = 16 / sizeof<T>();
  const p = v128.splat<T>(peak);
  let total: f64 = 0;
  while (n >= 4 * lanes) {
    const some = min(n & ~(4 * lanes - 1), BLOCK);
    let sum0 = v128.splat<T>(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    for (const end = x + (some << alignof<T>()); x != end; x += 64) {
      const a = f.apply<T>(v128.sub<T>(v128.load(x, 0), p));
      const b = f.apply<T>(v128.sub<T>(v128.load(x, 16), p));
      const c = f.apply<T>(v128.sub<T>(v128.load(x, 32), p));
      const d = f.apply<T>(v128.sub<T>(v128.load(x, 48), p));
      sum0 = v128.add<T>(sum0, a);
      sum1 = v128.add<T>(sum1, b);
      sum2 = v128.add<T>(sum2, c);
      sum3 = v128.add<T>(sum3, d);
      if (out) {
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        out += 64;
      }
    }
    total += <f64>sumLanes<T>(v128.add<T>(v128.add<T>(sum0, sum1), v128.add<T>(sum2, sum3)));
    n -= some;
  }
  while (n) {
    const count = min(n, lanes);
    const e = f.apply<T>(v128.sub<T>(gather<T>(x, sizeof<T>(), count), p));
    if (out) {
      scatter<T>(out, sizeof<T>(), e, count);
      out += 16;
    }
    total += <f64>sumLanes<T>(v128.and(e, first<T>(count)));
    x += 16;
    n -= count;
  }
  return total;
}

/** The dot product of two contiguous rows. */
export function dotRow<T>(x: usize, y: usize, n: usize): f64 {
  const lanes: usize = 16 / sizeof<T>();
  let total: f64 = 0;
  while (n >= 4 * lanes) {
    const some = min(n & ~(4 * lanes - 1), BLOCK);
    let a = v128.splat<T>(0);
    let b = a;
    let c = a;
    let d = a;
    for (const end = x + (some << alignof<T>()); x != end; x += 64) {
      a = v128.add<T>(a, v128.mul<T>(v128.load(x, 0), v128.load(y, 0)));
      b = v128.add<T>(b, v128.mul<T>(v128.load(x, 16), v128.load(y, 16)));
      c = v128.add<T>(c, v128.mul<T>(v128.load(x, 32), v128.load(y, 32)));
      d = v128.add<T>(d, v128.mul<T>(v128.load(x, 48), v128.load(y, 48)));
      y += 64;
    }
    total += <f64>sumLanes<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
    n -= some;
  }
  for (; n; n--) {
    total += <f64>(load<T>(x) * load<T>(y));
    x += sizeof<T>();
    y += sizeof<T>();
  }
  return total;
}

/** out[i] = F(x[i], y[i], s, t) over contiguous rows, any of which may be the same memory. */
export function each<T, F>(out: usize, x: usize, y: usize, n: usize, s: T, t: T): void {
  const f = changetype<F>(0);
  const lanes: usize = 16 / sizeof<T>();
  const u = v128.splat<T>(s);
  const v = v128.splat<T>(t);
  for (; n >= lanes; n -= lanes) {
    v128.store(out, f.apply<T>(v128.load(x), v128.load(y), u, v));
    out += 16;
    x += 16;
    y += 16;
  }
  if (n) scatter<T>(out, sizeof<T>(), f.apply<T>(gather<T>(x, sizeof<T>(), n), gather<T>(y, sizeof<T>(), n), u, v), n);
}
