// Sums down columns, in an order that depends on the number of rows alone. As along rows, short blocks are added in the
// dtype, and the blocks in f64 for f32, else in the dtype.

import { Wide } from "../lanes/wide";

/** Rows that are added before the block goes to the total. */
const BLOCK: usize = 64;
/** Columns of which the mean is found before their deviations. */
const GROUP: usize = 64;

/**
 * Sums down the columns of [rows, columns], rows `step` elements apart; out is [columns]. Columns are taken in strips, as wide as they
 * can be: long jumps from row to row cost less if more is fetched at each. The last strip may overlap the one before,
 * since every column is added in the same order in all of them.
 */
// prettier-ignore
export function sumColumns<T, A>(out: usize, x: usize, rows: usize, columns: usize, step: usize = columns): void {
  const lanes: usize = 16 / sizeof<T>();
  const width = columns << alignof<T>();
  const pitch = step << alignof<T>();
  if (columns < lanes) {
    for (let i: usize = 0; i < width; i += sizeof<T>()) store<T>(out + i, <T>column<T, A, Plain>(x + i, rows, pitch, 0));
  } else if (columns < 4 * lanes) {
    for (let i: usize = 0; i < width; i += 16) {
      const at = min(i, width - 16);
      one<T, A, Plain>(out + at, x + at, rows, pitch);
    }
  } else if (columns < 8 * lanes) {
    for (let i: usize = 0; i < width; i += 64) {
      const at = min(i, width - 64);
      four<T, A, Plain>(out + at, x + at, rows, pitch);
    }
  } else {
    for (let i: usize = 0; i < width; i += 128) {
      const at = min(i, width - 128);
      eight<T, A>(out + at, x + at, rows, pitch);
    }
  }
}

/**
 * Sums of the squared deviations from the mean, down the columns of a contiguous [rows, columns]; out is [columns]. A group
 * of columns is read twice while it is in a near cache.
 */
export function deviationColumns<T, A>(out: usize, x: usize, rows: usize, columns: usize): void {
  const pitch = columns << alignof<T>();
  for (let i: usize = 0; i < columns; i += GROUP) {
    const n = min(columns - i, GROUP);
    sumColumns<T, A>(out, x, rows, n, columns);
    // No strip may overlap another: the output is the mean before and the result after.
    const end = out + (n << alignof<T>());
    for (let at = out; at != end; at += sizeof<T>()) store<T>(at, load<T>(at) / <T>rows);
    for (; end - out >= 64; out += 64) {
      four<T, A, Deviation>(out, x, rows, pitch);
      x += 64;
    }
    for (; end - out >= 16; out += 16) {
      one<T, A, Deviation>(out, x, rows, pitch);
      x += 16;
    }
    for (; out != end; out += sizeof<T>()) {
      store<T>(out, <T>column<T, A, Deviation>(x, rows, pitch, load<T>(out)));
      x += sizeof<T>();
    }
  }
}

/** The summand of a sum: the element. */
@unmanaged
class Plain {

  @inline mean(address: usize): v128 {
    return i64x2.splat(0);
  }


  @inline add<T>(total: v128, x: v128, mean: v128): v128 {
    return v128.add<T>(total, x);
  }


  @inline one<T>(x: T, mean: T): T {
    return x;
  }
}

/** The summand of a sum of squared deviations. */
@unmanaged
class Deviation {

  @inline mean(address: usize): v128 {
    return v128.load(address);
  }


  @inline add<T>(total: v128, x: v128, mean: v128): v128 {
    const d = v128.sub<T>(x, mean);
    return v128.add<T>(total, v128.mul<T>(d, d));
  }


  @inline one<T>(x: T, mean: T): T {
    return (x - mean) * (x - mean);
  }
}

/** A strip of eight vectors. */
function eight<T, A>(out: usize, x: usize, rows: usize, pitch: usize): void {
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
    a0 = v128.add<A>(a0, Wide.low<T>(a));
    if (sizeof<A>() != sizeof<T>()) a1 = v128.add<A>(a1, Wide.high<T>(a));
    b0 = v128.add<A>(b0, Wide.low<T>(b));
    if (sizeof<A>() != sizeof<T>()) b1 = v128.add<A>(b1, Wide.high<T>(b));
    c0 = v128.add<A>(c0, Wide.low<T>(c));
    if (sizeof<A>() != sizeof<T>()) c1 = v128.add<A>(c1, Wide.high<T>(c));
    d0 = v128.add<A>(d0, Wide.low<T>(d));
    if (sizeof<A>() != sizeof<T>()) d1 = v128.add<A>(d1, Wide.high<T>(d));
    e0 = v128.add<A>(e0, Wide.low<T>(e));
    if (sizeof<A>() != sizeof<T>()) e1 = v128.add<A>(e1, Wide.high<T>(e));
    f0 = v128.add<A>(f0, Wide.low<T>(f));
    if (sizeof<A>() != sizeof<T>()) f1 = v128.add<A>(f1, Wide.high<T>(f));
    g0 = v128.add<A>(g0, Wide.low<T>(g));
    if (sizeof<A>() != sizeof<T>()) g1 = v128.add<A>(g1, Wide.high<T>(g));
    h0 = v128.add<A>(h0, Wide.low<T>(h));
    if (sizeof<A>() != sizeof<T>()) h1 = v128.add<A>(h1, Wide.high<T>(h));
    rows -= n;
  }
  v128.store(out, Wide.join<T>(a0, a1), 0);
  v128.store(out, Wide.join<T>(b0, b1), 16);
  v128.store(out, Wide.join<T>(c0, c1), 32);
  v128.store(out, Wide.join<T>(d0, d1), 48);
  v128.store(out, Wide.join<T>(e0, e1), 64);
  v128.store(out, Wide.join<T>(f0, f1), 80);
  v128.store(out, Wide.join<T>(g0, g1), 96);
  v128.store(out, Wide.join<T>(h0, h1), 112);
}

/** A strip of four vectors. */
function four<T, A, F>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const each = changetype<F>(0);
  const ma = each.mean(out + 0);
  const mb = each.mean(out + 16);
  const mc = each.mean(out + 32);
  const md = each.mean(out + 48);
  const zero = v128.splat<T>(0);
  // prettier-ignore
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  while (rows) {
    // prettier-ignore
    let a = zero, b = zero, c = zero, d = zero;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) {
      a = each.add<T>(a, v128.load(x, 0), ma);
      b = each.add<T>(b, v128.load(x, 16), mb);
      c = each.add<T>(c, v128.load(x, 32), mc);
      d = each.add<T>(d, v128.load(x, 48), md);
    }
    a0 = v128.add<A>(a0, Wide.low<T>(a));
    if (sizeof<A>() != sizeof<T>()) a1 = v128.add<A>(a1, Wide.high<T>(a));
    b0 = v128.add<A>(b0, Wide.low<T>(b));
    if (sizeof<A>() != sizeof<T>()) b1 = v128.add<A>(b1, Wide.high<T>(b));
    c0 = v128.add<A>(c0, Wide.low<T>(c));
    if (sizeof<A>() != sizeof<T>()) c1 = v128.add<A>(c1, Wide.high<T>(c));
    d0 = v128.add<A>(d0, Wide.low<T>(d));
    if (sizeof<A>() != sizeof<T>()) d1 = v128.add<A>(d1, Wide.high<T>(d));
    rows -= n;
  }
  v128.store(out, Wide.join<T>(a0, a1), 0);
  v128.store(out, Wide.join<T>(b0, b1), 16);
  v128.store(out, Wide.join<T>(c0, c1), 32);
  v128.store(out, Wide.join<T>(d0, d1), 48);
}

/** A strip of one vector. */
function one<T, A, F>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const each = changetype<F>(0);
  const mean = each.mean(out);
  const zero = v128.splat<T>(0);
  // prettier-ignore
  let a0 = zero, a1 = zero;
  while (rows) {
    let a = zero;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) {
      a = each.add<T>(a, v128.load(x, 0), mean);
    }
    a0 = v128.add<A>(a0, Wide.low<T>(a));
    if (sizeof<A>() != sizeof<T>()) a1 = v128.add<A>(a1, Wide.high<T>(a));
    rows -= n;
  }
  v128.store(out, Wide.join<T>(a0, a1), 0);
}

/** One column. */
function column<T, A, F>(x: usize, rows: usize, pitch: usize, mean: T): A {
  let total: A = 0;
  while (rows) {
    let a: T = 0;
    const n = min(rows, BLOCK);
    for (const end = x + n * pitch; x != end; x += pitch) a += changetype<F>(0).one<T>(load<T>(x), mean);
    total += <A>a;
    rows -= n;
  }
  return total;
}
