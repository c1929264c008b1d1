// Sums along rows, in an order that depends on the length alone. Short blocks are added in the dtype, in eight vectors;
// the blocks are added in f64 for f32, else in the dtype. So the error of an f32 sum does not grow with its length.

import { Limit } from "../../abi/limit";
import { gather } from "../../lanes/strided";

/** Elements that are added before the block goes to the total. */
const BLOCK: usize = Limit.Block;

/** The sum of `n` contiguous elements of T, of type A: f64 for f32, else T. */
export function sumRow<T, A>(x: usize, n: usize): A {
  let total: A = 0;
  const lanes: usize = 16 / sizeof<T>();
  const zero = v128.splat<T>(0);
  do {
    let rest = min(n, BLOCK);
    n -= rest;
    // prettier-ignore
    let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
    for (const end = x + ((rest & ~(8 * lanes - 1)) << alignof<T>()); x != end; x += 128) {
      a = v128.add<T>(a, v128.load(x, 0));
      b = v128.add<T>(b, v128.load(x, 16));
      c = v128.add<T>(c, v128.load(x, 32));
      d = v128.add<T>(d, v128.load(x, 48));
      e = v128.add<T>(e, v128.load(x, 64));
      f = v128.add<T>(f, v128.load(x, 80));
      g = v128.add<T>(g, v128.load(x, 96));
      h = v128.add<T>(h, v128.load(x, 112));
    }
    a = v128.add<T>(a, e);
    b = v128.add<T>(b, f);
    c = v128.add<T>(c, g);
    d = v128.add<T>(d, h);
    for (rest &= 8 * lanes - 1; rest >= lanes; rest -= lanes) {
      const next = v128.add<T>(a, v128.load(x));
      a = b;
      b = c;
      c = d;
      d = next;
      x += 16;
    }
    if (rest) a = v128.add<T>(a, gather<T>(x, sizeof<T>(), rest));
    total += <A>sumLanes<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
  } while (n);
  return total;
}

/** The sum of the squared deviations from the mean of `n` contiguous elements of T. */
export function deviationRow<T>(x: usize, n: usize): f64 {
  const lanes: usize = 16 / sizeof<T>();
  const mean = v128.splat<T>(<T>(sumRow<T, f64>(x, n) / <f64>n));
  let total: f64 = 0;
  while (n >= 4 * lanes) {
    const some = min(n & ~(4 * lanes - 1), BLOCK);
    let a = v128.splat<T>(0);
    let b = a;
    let c = a;
    let d = a;
    for (const end = x + (some << alignof<T>()); x != end; x += 64) {
      const p = v128.sub<T>(v128.load(x, 0), mean);
      const q = v128.sub<T>(v128.load(x, 16), mean);
      const r = v128.sub<T>(v128.load(x, 32), mean);
      const s = v128.sub<T>(v128.load(x, 48), mean);
      a = v128.add<T>(a, v128.mul<T>(p, p));
      b = v128.add<T>(b, v128.mul<T>(q, q));
      c = v128.add<T>(c, v128.mul<T>(r, r));
      d = v128.add<T>(d, v128.mul<T>(s, s));
    }
    total += <f64>sumLanes<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
    n -= some;
  }
  for (; n; n--) {
    const p = <f64>(load<T>(x) - v128.extract_lane<T>(mean, 0));
    total += p * p;
    x += sizeof<T>();
  }
  return total;
}

/** The sum of the lanes of a vector of T. */
export function sumLanes<T>(v: v128): T {
  v = v128.add<T>(v, v128.shuffle<u64>(v, v, 1, 0));
  if (sizeof<T>() == 4) v = v128.add<T>(v, v128.shuffle<u32>(v, v, 1, 0, 3, 2));
  return v128.extract_lane<T>(v, 0);
}
