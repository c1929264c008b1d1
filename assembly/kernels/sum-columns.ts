// Sums down columns, in an order that depends on the number of rows alone. As along rows, short blocks are added in the
// dtype, and the blocks in f64 for f32, else in the dtype.

/** Rows that are added before the block goes to the total. */
const BLOCK: usize = 64;

/**
 * Sums down the columns of a contiguous [rows, columns]; out is [columns]. Columns are taken in strips, as wide as they
 * can be: long jumps from row to row cost less if more is fetched at each. The last strip may overlap the one before,
 * since every column is added in the same order in all of them.
 */
export function sumColumns<T, A>(out: usize, x: usize, rows: usize, columns: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const pitch = columns << alignof<T>();
  if (columns < lanes) {
    for (let i: usize = 0; i < pitch; i += sizeof<T>()) store<T>(out + i, <T>column<T, A>(x + i, rows, pitch));
  } else if (columns < 4 * lanes) {
    for (let i: usize = 0; i < pitch; i += 16) {
      const at = min(i, pitch - 16);
      one<T>(out + at, x + at, rows, pitch);
    }
  } else if (columns < 8 * lanes) {
    for (let i: usize = 0; i < pitch; i += 64) {
      const at = min(i, pitch - 64);
      four<T>(out + at, x + at, rows, pitch);
    }
  } else {
    for (let i: usize = 0; i < pitch; i += 128) {
      const at = min(i, pitch - 128);
      eight<T>(out + at, x + at, rows, pitch);
    }
  }
}

/** A strip of eight vectors. */
function eight<T>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const zero = v128.splat<T>(0);
  // prettier-ignore
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  // prettier-ignore
  let e0 = zero, e1 = zero, f0 = zero, f1 = zero, g0 = zero, g1 = zero, h0 = zero, h1 = zero;
  while (rows) {
    // prettier-ignore
    let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) {
      a = v128.add<T>(a, v128.load(x, 0));
      b = v128.add<T>(b, v128.load(x, 16));
      c = v128.add<T>(c, v128.load(x, 32));
      d = v128.add<T>(d, v128.load(x, 48));
      e = v128.add<T>(e, v128.load(x, 64));
      f = v128.add<T>(f, v128.load(x, 80));
      g = v128.add<T>(g, v128.load(x, 96));
      h = v128.add<T>(h, v128.load(x, 112));
    }
    a0 = Total.addLow<T>(a0, a);
    a1 = Total.addHigh<T>(a1, a);
    b0 = Total.addLow<T>(b0, b);
    b1 = Total.addHigh<T>(b1, b);
    c0 = Total.addLow<T>(c0, c);
    c1 = Total.addHigh<T>(c1, c);
    d0 = Total.addLow<T>(d0, d);
    d1 = Total.addHigh<T>(d1, d);
    e0 = Total.addLow<T>(e0, e);
    e1 = Total.addHigh<T>(e1, e);
    f0 = Total.addLow<T>(f0, f);
    f1 = Total.addHigh<T>(f1, f);
    g0 = Total.addLow<T>(g0, g);
    g1 = Total.addHigh<T>(g1, g);
    h0 = Total.addLow<T>(h0, h);
    h1 = Total.addHigh<T>(h1, h);
    rows -= n;
  }
  v128.store(out, Total.join<T>(a0, a1), 0);
  v128.store(out, Total.join<T>(b0, b1), 16);
  v128.store(out, Total.join<T>(c0, c1), 32);
  v128.store(out, Total.join<T>(d0, d1), 48);
  v128.store(out, Total.join<T>(e0, e1), 64);
  v128.store(out, Total.join<T>(f0, f1), 80);
  v128.store(out, Total.join<T>(g0, g1), 96);
  v128.store(out, Total.join<T>(h0, h1), 112);
}

/** A strip of four vectors. */
function four<T>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const zero = v128.splat<T>(0);
  // prettier-ignore
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  while (rows) {
    // prettier-ignore
    let a = zero, b = zero, c = zero, d = zero;
    const n = min(rows, BLOCK);
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

/** A strip of one vector. */
function one<T>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const zero = v128.splat<T>(0);
  // prettier-ignore
  let a0 = zero, a1 = zero;
  while (rows) {
    let a = zero;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) {
      a = v128.add<T>(a, v128.load(x, 0));
    }
    a0 = Total.addLow<T>(a0, a);
    a1 = Total.addHigh<T>(a1, a);
    rows -= n;
  }
  v128.store(out, Total.join<T>(a0, a1), 0);
}

/** One column. */
function column<T, A>(x: usize, rows: usize, pitch: usize): A {
  let total: A = 0;
  while (rows) {
    let a: T = 0;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) a += load<T>(x);
    total += <A>a;
    rows -= n;
  }
  return total;
}

/** The totals of a vector of columns: two vectors of f64 for f32; for other dtypes the first does for all. */
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
