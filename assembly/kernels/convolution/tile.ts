// The micro-kernels of convolution: as in matmul/tile.ts, but every vector of the second operand is read where it lies in the
// source, at an address of its own plus a shift that a list gives for each channel and tap. So no patch is ever copied.
//
// Every element is one chain, sum = weight * x + sum, from 0, over channels and taps in order.

import { SHORT, step, TALL } from "../matmul/tile";

/** Vectors across a tile of one row. */
export const WIDE: i32 = 4;

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

/** The tile of one row and four vectors, which come to lie side by side. */
// prettier-ignore
export function wideTile<T>(
  a: usize, x0: usize, x1: usize, x2: usize, x3: usize, shifts: usize, k: i32, c: usize,
): void {
  let c0 = v128.splat<T>(0), c1 = v128.splat<T>(0), c2 = v128.splat<T>(0), c3 = v128.splat<T>(0);
  while (k) {
    const shift = load<u32>(shifts);
    const w = repeat<T>(a, 0);
    c0 = step<T>(w, v128.load(x0 + shift), c0);
    c1 = step<T>(w, v128.load(x1 + shift), c1);
    c2 = step<T>(w, v128.load(x2 + shift), c2);
    c3 = step<T>(w, v128.load(x3 + shift), c3);
    a += sizeof<T>();
    shifts += 4;
    k--;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
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
