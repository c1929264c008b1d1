// Products, in an order that depends on the shape alone: in f64 for f32, so that neither the error nor an intermediate
// overflow grows with the length; else in the dtype, where i32 wraps.

import { Wide } from "../lanes/wide";

/** The product of `n` contiguous elements of T. */
export function productRow<T, A>(x: usize, n: usize): A {
  const one = v128.splat<A>(1);
  let a = one;
  let b = one;
  let c = one;
  let d = one;
  for (const end = x + ((n << alignof<T>()) & ~31); x != end; x += 32) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    a = v128.mul<A>(a, Wide.low<T>(p));
    b = v128.mul<A>(b, Wide.low<T>(q));
    if (sizeof<A>() == sizeof<T>()) continue;
    c = v128.mul<A>(c, Wide.high<T>(p));
    d = v128.mul<A>(d, Wide.high<T>(q));
  }
  a = v128.mul<A>(v128.mul<A>(a, b), v128.mul<A>(c, d));
  a = v128.mul<A>(a, v128.shuffle<u64>(a, a, 1, 0));
  if (sizeof<A>() == 4) a = v128.mul<A>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  let total = v128.extract_lane<A>(a, 0);
  for (n &= 32 / sizeof<T>() - 1; n; n--) {
    total *= <A>load<T>(x);
    x += sizeof<T>();
  }
  return total;
}

/** The products of the columns of a contiguous [rows, columns]; out is [columns]. The last strip may overlap the one before. */
export function productColumns<T, A>(out: usize, x: usize, rows: usize, columns: usize): void {
  const pitch = columns << alignof<T>();
  if (pitch >= 64) {
    for (let i: usize = 0; i < pitch; i += 64) {
      const at = min(i, pitch - 64);
      strip<T, A>(out + at, x + at, rows, pitch);
    }
    return;
  }
  for (let i: usize = 0; i < pitch; i += sizeof<T>()) {
    let total: A = 1;
    for (let j: usize = 0; j < rows; j++) total *= <A>load<T>(x + i + j * pitch);
    store<T>(out + i, <T>total);
  }
}

/** Four vectors of columns. */
function strip<T, A>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const one = v128.splat<A>(1);
  // prettier-ignore
  let a0 = one, a1 = one, b0 = one, b1 = one, c0 = one, c1 = one, d0 = one, d1 = one;
  for (const end = x + rows * pitch; x != end; x += pitch) {
    const a = v128.load(x, 0);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    a0 = v128.mul<A>(a0, Wide.low<T>(a));
    b0 = v128.mul<A>(b0, Wide.low<T>(b));
    c0 = v128.mul<A>(c0, Wide.low<T>(c));
    d0 = v128.mul<A>(d0, Wide.low<T>(d));
    if (sizeof<A>() == sizeof<T>()) continue;
    a1 = v128.mul<A>(a1, Wide.high<T>(a));
    b1 = v128.mul<A>(b1, Wide.high<T>(b));
    c1 = v128.mul<A>(c1, Wide.high<T>(c));
    d1 = v128.mul<A>(d1, Wide.high<T>(d));
  }
  v128.store(out, Wide.join<T>(a0, a1), 0);
  v128.store(out, Wide.join<T>(b0, b1), 16);
  v128.store(out, Wide.join<T>(c0, c1), 32);
  v128.store(out, Wide.join<T>(d0, d1), 48);
}
