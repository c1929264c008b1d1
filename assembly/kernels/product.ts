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
  const width: usize = pitch < 32 ? sizeof<T>() : 32;
  for (let i: usize = 0; i < pitch; i += width) {
    const at = min(i, pitch - width);
    if (width < 32) store<T>(out + at, <T>column<T, A>(x + at, rows, pitch));
    else strip<T, A>(out + at, x + at, rows, pitch);
  }
}

/** Two vectors of columns. */
function strip<T, A>(out: usize, x: usize, rows: usize, pitch: usize): void {
  let a = v128.splat<A>(1);
  let b = a;
  let c = a;
  let d = a;
  for (const end = x + rows * pitch; x != end; x += pitch) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    a = v128.mul<A>(a, Wide.low<T>(p));
    b = v128.mul<A>(b, Wide.low<T>(q));
    if (sizeof<A>() == sizeof<T>()) continue;
    c = v128.mul<A>(c, Wide.high<T>(p));
    d = v128.mul<A>(d, Wide.high<T>(q));
  }
  v128.store(out, Wide.join<T>(a, c), 0);
  v128.store(out, Wide.join<T>(b, d), 16);
}

/** One column. */
function column<T, A>(x: usize, rows: usize, pitch: usize): A {
  let total: A = 1;
  for (; rows; rows--) {
    total *= <A>load<T>(x);
    x += pitch;
  }
  return total;
}
