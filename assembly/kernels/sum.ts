// Sums whose order depends on the shape alone. Short blocks are added in the dtype, in several accumulators; the blocks
// are added in f64 for f32, else in the dtype. So the error of an f32 sum does not grow with its length.

import { gather } from "../lanes/strided";

/** Elements of a row, and rows of a column, that are added before the block goes to the total. */
const ROW_BLOCK: usize = 1024;
const COLUMN_BLOCK: usize = 64;

/** The sum of `n` contiguous elements of T; A is the type of the total: f64 for f32, else T. */
export function sumRow<T, A>(x: usize, n: usize): A {
  let total: A = 0;
  for (; n > ROW_BLOCK; n -= ROW_BLOCK) {
    total += <A>block<T>(x, ROW_BLOCK);
    x += ROW_BLOCK << alignof<T>();
  }
  return total + <A>block<T>(x, n);
}

/** Sums down the columns of a contiguous [rows, columns]; out is [columns]. */
export function sumColumns<T, A>(out: usize, x: usize, rows: usize, columns: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const pitch = columns << alignof<T>();
  let left = columns;
  for (; left >= 4 * lanes; left -= 4 * lanes) {
    wide<T>(out, x, rows, pitch);
    out += 64;
    x += 64;
  }
  for (; left >= lanes; left -= lanes) {
    narrow<T>(out, x, rows, pitch);
    out += 16;
    x += 16;
  }
  if (left && columns >= lanes) {
    // A last vector that overlaps the one before: every column is added in the same order in either.
    const back = (lanes - left) << alignof<T>();
    narrow<T>(out - back, x - back, rows, pitch);
    return;
  }
  for (; left; left--) {
    store<T>(out, <T>column<T, A>(x, rows, pitch));
    out += sizeof<T>();
    x += sizeof<T>();
  }
}

/** The sum of the lanes of a vector of T. */
export function sumLanes<T>(v: v128): T {
  v = v128.add<T>(v, v128.shuffle<u64>(v, v, 1, 0));
  if (sizeof<T>() == 4) v = v128.add<T>(v, v128.shuffle<u32>(v, v, 1, 0, 3, 2));
  return v128.extract_lane<T>(v, 0);
}

/** A block of a row in eight accumulators. */
function block<T>(x: usize, n: usize): T {
  const lanes: usize = 16 / sizeof<T>();
  let a = v128.splat<T>(0);
  let b = a;
  let c = a;
  let d = a;
  if (n >= 8 * lanes) {
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    for (const end = x + ((n & ~(8 * lanes - 1)) << alignof<T>()); x != end; x += 128) {
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
    n &= 8 * lanes - 1;
  }
  for (; n >= lanes; n -= lanes) {
    const next = v128.add<T>(a, v128.load(x));
    a = b;
    b = c;
    c = d;
    d = next;
    x += 16;
  }
  if (n) a = v128.add<T>(a, gather<T>(x, sizeof<T>(), n));
  return sumLanes<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
}

/** Four vectors of columns. */
function wide<T>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const zero = v128.splat<T>(0);
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero;
  let c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  while (rows) {
    let a = zero, b = zero, c = zero, d = zero;
    const n = min(rows, COLUMN_BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) {
      a = v128.add<T>(a, v128.load(x, 0));
      b = v128.add<T>(b, v128.load(x, 16));
      c = v128.add<T>(c, v128.load(x, 32));
      d = v128.add<T>(d, v128.load(x, 48));
    }
    a0 = Total.addLow<T>(a0, a);
    a1 = Total.addHigh<T>(a1, a);
    b0 = Total.addLow<T>(b0, b);
    b1 = Total.addHigh<T>(b1, b);
    c0 = Total.addLow<T>(c0, c);
    c1 = Total.addHigh<T>(c1, c);
    d0 = Total.addLow<T>(d0, d);
    d1 = Total.addHigh<T>(d1, d);
    rows -= n;
  }
  v128.store(out, Total.join<T>(a0, a1), 0);
  v128.store(out, Total.join<T>(b0, b1), 16);
  v128.store(out, Total.join<T>(c0, c1), 32);
  v128.store(out, Total.join<T>(d0, d1), 48);
}

/** One vector of columns. */
function narrow<T>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const zero = v128.splat<T>(0);
  let low = zero, high = zero;
  while (rows) {
    let a = zero;
    const n = min(rows, COLUMN_BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) a = v128.add<T>(a, v128.load(x));
    low = Total.addLow<T>(low, a);
    high = Total.addHigh<T>(high, a);
    rows -= n;
  }
  v128.store(out, Total.join<T>(low, high));
}

/** One column. */
function column<T, A>(x: usize, rows: usize, pitch: usize): A {
  let total: A = 0;
  while (rows) {
    let a: T = 0;
    const n = min(rows, COLUMN_BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) a += load<T>(x);
    total += <A>a;
    rows -= n;
  }
  return total;
}

/** The totals of a vector of columns: two vectors of f64 for f32; for other dtypes the first does for all. */
// prettier-ignore
class Total {
  @inline static addLow<T>(total: v128, v: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4 ? f64x2.add(total, f64x2.promote_low_f32x4(v)) : v128.add<T>(total, v);
  }

  @inline static addHigh<T>(total: v128, v: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4
      ? f64x2.add(total, f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 0)))
      : total;
  }

  @inline static join<T>(low: v128, high: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4
      ? v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
      : low;
  }
}
