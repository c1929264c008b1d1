// Sums down columns, in an order that depends on the number of rows alone. As along rows, short blocks are added in the
// dtype, and the blocks in f64 for f32, else in the dtype.

import { Wide } from "../../lanes/wide";
import { repeat } from "../box/move";
import { isFar, SPAN } from "./span";

/** Rows that are added before the block goes to the total. */
const BLOCK: usize = 64;

/** Sums down the columns of [rows, columns], rows `step` elements apart; out is [columns]. */
// prettier-ignore
export function sumColumns<T, A>(
  out: usize, x: usize, rows: usize, columns: usize, step: usize, work: usize,
): void {
  const pitch = step << alignof<T>();
  const far = isFar(rows * pitch, pitch);
  if (far) repeat(work, i64x2.splat(0), SPAN);
  for (let rest = columns << alignof<T>(); rest; ) {
    const width = min(rest, SPAN);
    strips<T, A, Plain>(out, x, rows, width, pitch, work, far);
    out += width;
    x += width;
    rest -= width;
  }
}

/**
 * Sums of the squared deviations from the mean, down the columns of [rows, columns], rows `step` elements apart; out is
 * [columns].
 */
// prettier-ignore
export function deviationColumns<T, A>(
  out: usize, x: usize, rows: usize, columns: usize, step: usize, work: usize,
): void {
  for (let rest = columns << alignof<T>(); rest; ) {
    const width = min(rest, SPAN);
    sumColumns<T, A>(out, x, rows, width >> alignof<T>(), step, work);
    for (let i: usize = 0; i < width; i += sizeof<T>()) store<T>(work + i, load<T>(out + i) / <T>rows);
    // What was added just now is near, if it is not too much.
    strips<T, A, Deviation>(out, x, rows, width, step << alignof<T>(), work, isFar(rows * width, width));
    out += width;
    x += width;
    rest -= width;
  }
}

/** The summand of a sum: the element. */
@unmanaged
class Plain {

  @inline deviates(): bool {
    return false;
  }


  @inline mean(address: usize): v128 {
    return i64x2.splat(0);
  }


  @inline add<T>(total: v128, x: v128, mean: v128): v128 {
    return v128.add<T>(total, x);
  }


  @inline one<T>(x: T, mean: usize): T {
    return x;
  }
}

/** The summand of a sum of squared deviations. */
@unmanaged
class Deviation {

  @inline deviates(): bool {
    return true;
  }


  @inline mean(address: usize): v128 {
    return v128.load(address);
  }


  @inline add<T>(total: v128, x: v128, mean: v128): v128 {
    const d = v128.sub<T>(x, mean);
    return v128.add<T>(total, v128.mul<T>(d, d));
  }


  @inline one<T>(x: T, mean: usize): T {
    const d = x - load<T>(mean);
    return d * d;
  }
}

/**
 * Sums `width` bytes of columns. The last strip may overlap the one before, since every column is added in the same order
 * in all of them.
 */
// prettier-ignore
function strips<T, A, F>(
  out: usize, x: usize, rows: usize, width: usize, pitch: usize, means: usize, far: bool,
): void {
  let i: usize = 0;
  if (width < 16) {
    for (; i < width; i += sizeof<T>()) store<T>(out + i, <T>column<T, A, F>(x + i, rows, pitch, means + i));
  } else if (width < 64) {
    for (; i < width; i += 16) {
      const at = min(i, width - 16);
      one<T, A, F>(out + at, x + at, rows, pitch, means + at);
    }
  } else {
    if (far) {
      i = width & -16;
      stream<T, A>(out, x, rows, i, pitch, means, changetype<F>(0).deviates());
    }
    for (; i + 16 < width; i += 64) {
      const at = min(i, width - 64);
      four<T, A, F>(out + at, x + at, rows, pitch, means + at);
    }
    if (i < width) one<T, A, F>(out + width - 16, x + width - 16, rows, pitch, means + width - 16);
  }
}

/** Whole rows, a multiple of a vector, as they lie in memory: what lies behind is fetched before it is wanted. */
// prettier-ignore
function stream<T, A>(
  out: usize, x: usize, rows: usize, width: usize, pitch: usize, means: usize, deviates: bool,
): void {
  const wider: usize = sizeof<A>() == sizeof<T>() ? 0 : 1;
  const sums = means + SPAN;
  const totals = sums + SPAN;
  const zero = i64x2.splat(0);
  repeat(totals, zero, width << wider);
  repeat(sums, zero, width);
  while (rows) {
    let n = min(rows, BLOCK);
    rows -= n;
    while (n) {
      const some = min(n, 4);
      if (isFloat<T>() && deviates) addRows<T, Deviation>(sums, x, some, width, pitch, means);
      else addRows<T, Plain>(sums, x, some, width, pitch, means);
      x += some * pitch;
      n -= some;
    }
    for (let i: usize = 0; i < width; i += 16) {
      const sum = v128.load(sums + i);
      v128.store(sums + i, zero);
      const total = totals + (i << wider);
      v128.store(total, v128.add<A>(v128.load(total), Wide.low<T>(sum)));
      if (wider) v128.store(total, v128.add<A>(v128.load(total, 16), Wide.high<T>(sum)), 16);
    }
  }
  for (let i: usize = 0; i < width; i += 16) {
    const total = totals + (i << wider);
    v128.store(out + i, Wide.join<T>(v128.load(total), v128.load(total, 16)));
  }
}

/** Adds up to four rows to their sums. Those that are missing are the means, which add nothing. */
// prettier-ignore
function addRows<T, F>(sums: usize, x: usize, rows: usize, width: usize, pitch: usize, means: usize): void {
  const each = changetype<F>(0);
  const x1 = rows > 1 ? x + pitch : means;
  const x2 = rows > 2 ? x + 2 * pitch : means;
  const x3 = rows > 3 ? x + 3 * pitch : means;
  for (let i: usize = 0; i != width; i += 16) {
    const mean = each.mean(means + i);
    let sum = each.add<T>(v128.load(sums + i), v128.load(x + i), mean);
    sum = each.add<T>(sum, v128.load(x1 + i), mean);
    sum = each.add<T>(sum, v128.load(x2 + i), mean);
    v128.store(sums + i, each.add<T>(sum, v128.load(x3 + i), mean));
  }
}

/** A strip of four vectors. */
// prettier-ignore
function four<T, A, F>(out: usize, x: usize, rows: usize, pitch: usize, means: usize): void {
  const each = changetype<F>(0);
  const ma = each.mean(means + 0);
  const mb = each.mean(means + 16);
  const mc = each.mean(means + 32);
  const md = each.mean(means + 48);
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
function one<T, A, F>(out: usize, x: usize, rows: usize, pitch: usize, means: usize): void {
  const each = changetype<F>(0);
  const mean = each.mean(means);
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
function column<T, A, F>(x: usize, rows: usize, pitch: usize, mean: usize): A {
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
