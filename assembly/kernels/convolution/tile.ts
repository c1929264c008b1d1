// The micro-kernels of convolution: as in matmul/tile.ts, but every vector of the second operand is read where it lies in the
// source, at an address of its own plus a shift that a list gives for each channel and tap. So no patch is ever copied.
//
// Every element is one chain, sum = weight * x + sum, from 0, over channels and taps in order.

import { SHORT, step, TALL } from "../matmul/tile";

/** Bytes of an entry in the list of vectors: shift in the block, place in the target, first and end lane. */
export const ENTRY: usize = 16;

/** Vectors across a flat tile, of one row or two: twelve accumulators. */
export const WIDE: i32 = 6;

/** Outputs and taps of a tile of the adjoint by the weight. */
export const HIGH: i32 = 4;
export const BROAD: i32 = 2;

/** Element `row`, a constant, of what lies at an address. */
// @ts-ignore: decorator
@inline
function repeat<T>(a: usize, row: i32): v128 {
  if (sizeof<T>() == 4) {
    if (row == 0) return v128.load32_splat(a);
    if (row == 1) return v128.load32_splat(a, 4);
    if (row == 2) return v128.load32_splat(a, 8);
    if (row == 3) return v128.load32_splat(a, 12);
    if (row == 4) return v128.load32_splat(a, 16);
    return v128.load32_splat(a, 20);
  }
  if (row == 0) return v128.load64_splat(a);
  if (row == 1) return v128.load64_splat(a, 8);
  if (row == 2) return v128.load64_splat(a, 16);
  if (row == 3) return v128.load64_splat(a, 24);
  if (row == 4) return v128.load64_splat(a, 32);
  return v128.load64_splat(a, 40);
}

/** C [height, 2 vectors] = A [k, height], packed, by the vectors at x0 and x1 and each of k shifts. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function tile<T>(height: i32, a: usize, x0: usize, x1: usize, shifts: usize, k: i32, c0: usize, c1: usize, cRow: usize): void {
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0), c21 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0), c31 = v128.splat<T>(0);
  let c40 = v128.splat<T>(0), c41 = v128.splat<T>(0);
  let c50 = v128.splat<T>(0), c51 = v128.splat<T>(0);
  while (k) {
    const shift = load<u32>(shifts);
    const left = v128.load(x0 + shift);
    const right = v128.load(x1 + shift);
    let w = repeat<T>(a, 0);
    c00 = step<T>(w, left, c00);
    c01 = step<T>(w, right, c01);
    w = repeat<T>(a, 1);
    c10 = step<T>(w, left, c10);
    c11 = step<T>(w, right, c11);
    w = repeat<T>(a, 2);
    c20 = step<T>(w, left, c20);
    c21 = step<T>(w, right, c21);
    w = repeat<T>(a, 3);
    c30 = step<T>(w, left, c30);
    c31 = step<T>(w, right, c31);
    if (height > 4) {
      w = repeat<T>(a, 4);
      c40 = step<T>(w, left, c40);
      c41 = step<T>(w, right, c41);
    }
    if (height > 5) {
      w = repeat<T>(a, 5);
      c50 = step<T>(w, left, c50);
      c51 = step<T>(w, right, c51);
    }
    a += <usize>height * sizeof<T>();
    shifts += 4;
    k--;
  }
  v128.store(c0, c00);
  v128.store(c1, c01);
  v128.store(c0 += cRow, c10);
  v128.store(c1 += cRow, c11);
  v128.store(c0 += cRow, c20);
  v128.store(c1 += cRow, c21);
  v128.store(c0 += cRow, c30);
  v128.store(c1 += cRow, c31);
  if (height > 4) {
    v128.store(c0 += cRow, c40);
    v128.store(c1 += cRow, c41);
  }
  if (height > 5) {
    v128.store(c0 += cRow, c50);
    v128.store(c1 += cRow, c51);
  }
}

/** The tile of `TALL` rows. */
// prettier-ignore
export function tallTile<T>(a: usize, x0: usize, x1: usize, shifts: usize, k: i32, c0: usize, c1: usize, cRow: usize): void {
  tile<T>(TALL, a, x0, x1, shifts, k, c0, c1, cRow);
}

/** The tile of `SHORT` rows. */
// prettier-ignore
export function shortTile<T>(a: usize, x0: usize, x1: usize, shifts: usize, k: i32, c0: usize, c1: usize, cRow: usize): void {
  tile<T>(SHORT, a, x0, x1, shifts, k, c0, c1, cRow);
}

/**
 * C [height, `WIDE` vectors] = A [k, height], packed, by the vectors that a list names and each of k
 * shifts; `height` a constant of 1 or 2. Each vector has its place in C from another such list.
 */
// prettier-ignore
// @ts-ignore: decorator
@inline
function flatTile<T>(
  height: i32, a: usize, x: usize, vectors: usize, shifts: usize, k: i32, c: usize, places: usize, cRow: usize,
): void {
  const x0 = load<u32>(vectors), x1 = load<u32>(vectors, ENTRY), x2 = load<u32>(vectors, 2 * ENTRY);
  const x3 = load<u32>(vectors, 3 * ENTRY), x4 = load<u32>(vectors, 4 * ENTRY), x5 = load<u32>(vectors, 5 * ENTRY);
  // Registers are few: no counter, and one sum for all addresses.
  const end = shifts + ((<usize>k) << 2);
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0), c02 = v128.splat<T>(0);
  let c03 = v128.splat<T>(0), c04 = v128.splat<T>(0), c05 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0), c12 = v128.splat<T>(0);
  let c13 = v128.splat<T>(0), c14 = v128.splat<T>(0), c15 = v128.splat<T>(0);
  while (shifts != end) {
    const at = x + load<u32>(shifts);
    const upper = repeat<T>(a, 0);
    const lower = height > 1 ? repeat<T>(a, 1) : upper;
    let y = v128.load(at + x0);
    c00 = step<T>(upper, y, c00);
    if (height > 1) c10 = step<T>(lower, y, c10);
    y = v128.load(at + x1);
    c01 = step<T>(upper, y, c01);
    if (height > 1) c11 = step<T>(lower, y, c11);
    y = v128.load(at + x2);
    c02 = step<T>(upper, y, c02);
    if (height > 1) c12 = step<T>(lower, y, c12);
    y = v128.load(at + x3);
    c03 = step<T>(upper, y, c03);
    if (height > 1) c13 = step<T>(lower, y, c13);
    y = v128.load(at + x4);
    c04 = step<T>(upper, y, c04);
    if (height > 1) c14 = step<T>(lower, y, c14);
    y = v128.load(at + x5);
    c05 = step<T>(upper, y, c05);
    if (height > 1) c15 = step<T>(lower, y, c15);
    a += <usize>height * sizeof<T>();
    shifts += 4;
  }
  fill(height, c + load<u32>(places), cRow, c00, c10);
  fill(height, c + load<u32>(places, ENTRY), cRow, c01, c11);
  fill(height, c + load<u32>(places, 2 * ENTRY), cRow, c02, c12);
  fill(height, c + load<u32>(places, 3 * ENTRY), cRow, c03, c13);
  fill(height, c + load<u32>(places, 4 * ENTRY), cRow, c04, c14);
  fill(height, c + load<u32>(places, 5 * ENTRY), cRow, c05, c15);
}

/** Stores a vector of each row. */
// @ts-ignore: decorator
@inline
function fill(height: i32, c: usize, cRow: usize, upper: v128, lower: v128): void {
  v128.store(c, upper);
  if (height > 1) v128.store(c + cRow, lower);
}

/** The flat tile of two rows. */
// prettier-ignore
export function pairTile<T>(
  a: usize, x: usize, vectors: usize, shifts: usize, k: i32, c: usize, places: usize, cRow: usize,
): void {
  flatTile<T>(2, a, x, vectors, shifts, k, c, places, cRow);
}

/** The flat tile of one row. */
// prettier-ignore
export function lineTile<T>(a: usize, x: usize, vectors: usize, shifts: usize, k: i32, c: usize, places: usize): void {
  flatTile<T>(1, a, x, vectors, shifts, k, c, places, 0);
}

/**
 * Sums over positions for the adjoint by the weight: g is read along four rows `gRow` apart, and the source at two shifts
 * from the address that the list of vectors, `entry` bytes an entry, gives. Adds each product lane by lane, and the lanes at
 * the end: sums [tap, output].
 */
// prettier-ignore
export function sumTile<T>(
  g: usize, gRow: usize, x0: usize, x1: usize, vectors: usize, entry: usize, count: i32, sums: usize,
): void {
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0), c02 = v128.splat<T>(0), c03 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0), c12 = v128.splat<T>(0), c13 = v128.splat<T>(0);
  while (count) {
    const at = load<u32>(vectors);
    const a = v128.load(x0 + at);
    const b = v128.load(x1 + at);
    let from = g;
    let y = v128.load(from);
    c00 = step<T>(y, a, c00);
    c10 = step<T>(y, b, c10);
    from += gRow;
    y = v128.load(from);
    c01 = step<T>(y, a, c01);
    c11 = step<T>(y, b, c11);
    from += gRow;
    y = v128.load(from);
    c02 = step<T>(y, a, c02);
    c12 = step<T>(y, b, c12);
    from += gRow;
    y = v128.load(from);
    c03 = step<T>(y, a, c03);
    c13 = step<T>(y, b, c13);
    g += 16;
    vectors += entry;
    count--;
  }
  fold<T>(sums, c00, c01, c02, c03);
  fold<T>(sums + HIGH * sizeof<T>(), c10, c11, c12, c13);
}

/** The sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function fold<T>(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  if (sizeof<T>() == 8) {
    v128.store(to, v128.add<T>(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3)));
    v128.store(to, v128.add<T>(v128.shuffle<i64>(c, d, 0, 2), v128.shuffle<i64>(c, d, 1, 3)), 16);
    return;
  }
  const ab = v128.add<T>(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = v128.add<T>(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  v128.store(to, v128.add<T>(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3)));
}
