// What softmax and its kin have in common: the largest of a row, a sum of exponentials, a dot product, and one pass.

import { expBelow64, expQuick32 } from "../../lanes/math";
import { first, gather, scatter } from "../../lanes/strided";
import { sumLanes } from "../reduce/sum";

/** Elements that are added in the dtype before they go to a total in f64, as in reduce/sum.ts. */
const BLOCK: usize = 1024;

/** The largest of `n` contiguous elements, at least one. NaN counts only where it is the first: exp(x - peak) shows all. */
export function peakRow<T>(x: usize, n: usize): T {
  const lanes: usize = 16 / sizeof<T>();
  let a = v128.splat<T>(load<T>(x));
  if (n < lanes) {
    for (; n; n--) {
      a = v128.pmax<T>(a, v128.splat<T>(load<T>(x)));
      x += sizeof<T>();
    }
    return v128.extract_lane<T>(a, 0);
  }
  // The last vector overlaps those before.
  const last = v128.load(x + ((n - lanes) << alignof<T>()));
  if (n >= 8 * lanes) {
    a = peakMany<T>(x, n & ~(8 * lanes - 1));
    x += (n & ~(8 * lanes - 1)) << alignof<T>();
    n &= 8 * lanes - 1;
  }
  for (; n >= lanes; n -= lanes) {
    a = v128.pmax<T>(a, v128.load(x));
    x += 16;
  }
  a = v128.pmax<T>(a, last);
  a = v128.pmax<T>(a, v128.shuffle<u64>(a, a, 1, 0));
  if (sizeof<T>() == 4) a = v128.pmax<T>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  return v128.extract_lane<T>(a, 0);
}

/** A vector of largest elements of a multiple of eight vectors. */
function peakMany<T>(x: usize, n: usize): v128 {
  let a = v128.splat<T>(load<T>(x));
  // prettier-ignore
  let b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (const end = x + (n << alignof<T>()); x != end; x += 128) {
    a = v128.pmax<T>(a, v128.load(x, 0));
    b = v128.pmax<T>(b, v128.load(x, 16));
    c = v128.pmax<T>(c, v128.load(x, 32));
    d = v128.pmax<T>(d, v128.load(x, 48));
    e = v128.pmax<T>(e, v128.load(x, 64));
    f = v128.pmax<T>(f, v128.load(x, 80));
    g = v128.pmax<T>(g, v128.load(x, 96));
    h = v128.pmax<T>(h, v128.load(x, 112));
  }
  a = v128.pmax<T>(v128.pmax<T>(a, b), v128.pmax<T>(c, d));
  return v128.pmax<T>(a, v128.pmax<T>(v128.pmax<T>(e, f), v128.pmax<T>(g, h)));
}

/** The sum of exp(x - peak) over `n` contiguous elements, which are also written to `out` unless it is 0. */
export function sumExponentials<T>(out: usize, x: usize, n: usize, peak: T): f64 {
  const lanes: usize = 16 / sizeof<T>();
  const p = v128.splat<T>(peak);
  let total: f64 = 0;
  while (n >= 4 * lanes) {
    const some = min(n & ~(4 * lanes - 1), BLOCK);
    total += <f64>sumLanes<T>(sumMany<T>(out, x, some, p));
    if (out) out += some << alignof<T>();
    x += some << alignof<T>();
    n -= some;
  }
  let sum = v128.splat<T>(0);
  while (n) {
    const k = min(n, lanes);
    const e = expBelow<T>(v128.sub<T>(gather<T>(x, sizeof<T>(), k), p));
    sum = v128.add<T>(sum, v128.and(e, first<T>(k)));
    if (out) {
      scatter<T>(out, sizeof<T>(), e, k);
      out += 16;
    }
    x += 16;
    n -= k;
  }
  return total + <f64>sumLanes<T>(sum);
}

/** As sumExponentials, of a multiple of four vectors, lane by lane. */
function sumMany<T>(out: usize, x: usize, n: usize, p: v128): v128 {
  let sum = v128.splat<T>(0);
  for (const end = x + (n << alignof<T>()); x != end; x += 64) {
    const a = expBelow<T>(v128.sub<T>(v128.load(x, 0), p));
    const b = expBelow<T>(v128.sub<T>(v128.load(x, 16), p));
    const c = expBelow<T>(v128.sub<T>(v128.load(x, 32), p));
    const d = expBelow<T>(v128.sub<T>(v128.load(x, 48), p));
    sum = v128.add<T>(sum, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
    if (out) {
      v128.store(out, a, 0);
      v128.store(out, b, 16);
      v128.store(out, c, 32);
      v128.store(out, d, 48);
      out += 64;
    }
  }
  return sum;
}

/** e to the x, for x up to 88: of f32 to 2 ulp, of f64 to 0.94. */
// @ts-ignore: decorator
@inline
export function expBelow<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? expQuick32(x) : expBelow64(x);
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

/** out[i] = x[i] s over contiguous rows, which may be the same memory. */
export function scaleRow<T>(out: usize, x: usize, n: usize, s: T): void {
  const lanes: usize = 16 / sizeof<T>();
  const u = v128.splat<T>(s);
  for (; n >= 4 * lanes; n -= 4 * lanes) {
    const a = v128.mul<T>(v128.load(x, 0), u);
    const b = v128.mul<T>(v128.load(x, 16), u);
    const c = v128.mul<T>(v128.load(x, 32), u);
    const d = v128.mul<T>(v128.load(x, 48), u);
    v128.store(out, a, 0);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
    x += 64;
  }
  for (; n; n--) {
    store<T>(out, load<T>(x) * s);
    out += sizeof<T>();
    x += sizeof<T>();
  }
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
