// The micro-kernels of the matrix product: tiles of C that stay in registers while k runs. Those for wide mode are in
// paired-tile.ts.
//
// Every element of every tile is one chain, sum = a[i, l] * b[l, j] + sum, from 0, with l ascending. So the bits of an
// element depend on its row of A and its column of B alone, never on which tile or which thread computed it.

/** Bytes across a tile, and across a panel of B: two vectors, or two pairs of them. */
export const PANEL: usize = PAIRED ? 64 : 32;

/** Rows of the tall tile: 12 accumulators where multiply-add needs no temporary register, else 10 (12 would spill). */
export const TALL: i32 = FUSED ? 6 : 5;

/** Rows of the short tile, for what the tall one leaves. */
export const SHORT: i32 = 4;

/** Bytes that two vectors take: a panel, or half of one. */
const TWO: usize = 32;

/** Panels that a row tile covers: eight vectors. */
export const ROW_PANELS: i32 = PAIRED ? 2 : 4;

// @ts-ignore: decorator
@inline
export function step<T>(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(x, y, sum);
  return v128.add<T>(sum, v128.mul<T>(x, y));
}

// @ts-ignore: decorator
@inline
export function repeat<T>(address: usize): v128 {
  if (sizeof<T>() == 4) return v128.load32_splat(address);
  return v128.load64_splat(address);
}

// @ts-ignore: decorator
@inline
function put(c: usize, left: v128, right: v128): void {
  v128.store(c, left);
  v128.store(c, right, 16);
}

/**
 * C tile [height, panel] = A [height, k] B [k, panel], `height` a constant of 4 to 6; strides in bytes.
 *
 * A is read in place at any strides, B as a panel whose rows are `bStep` apart. What keeps the accumulators in
 * registers, and cost a third of the speed when it was otherwise: one step of k an iteration, the addresses of the rows
 * derived anew in each, and unconditional stores after the loop.
 */
// prettier-ignore
// @ts-ignore: decorator
@inline
function tile<T>(
  height: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0), c21 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0), c31 = v128.splat<T>(0);
  let c40 = v128.splat<T>(0), c41 = v128.splat<T>(0);
  let c50 = v128.splat<T>(0), c51 = v128.splat<T>(0);
  while (k) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let at = a;
    let x = repeat<T>(at);
    c00 = step<T>(x, left, c00);
    c01 = step<T>(x, right, c01);
    at += aRow;
    x = repeat<T>(at);
    c10 = step<T>(x, left, c10);
    c11 = step<T>(x, right, c11);
    at += aRow;
    x = repeat<T>(at);
    c20 = step<T>(x, left, c20);
    c21 = step<T>(x, right, c21);
    at += aRow;
    x = repeat<T>(at);
    c30 = step<T>(x, left, c30);
    c31 = step<T>(x, right, c31);
    if (height > 4) {
      at += aRow;
      x = repeat<T>(at);
      c40 = step<T>(x, left, c40);
      c41 = step<T>(x, right, c41);
    }
    if (height > 5) {
      at += aRow;
      x = repeat<T>(at);
      c50 = step<T>(x, left, c50);
      c51 = step<T>(x, right, c51);
    }
    b += bStep;
    a += aStep;
    k--;
  }
  put(c, c00, c01);
  put(c += cRow, c10, c11);
  put(c += cRow, c20, c21);
  put(c += cRow, c30, c31);
  if (height > 4) put(c += cRow, c40, c41);
  if (height > 5) put(c += cRow, c50, c51);
}

/** The tile of `TALL` rows. */
// prettier-ignore
export function tallTile<T>(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<T>(TALL, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** The tile of `SHORT` rows. */
// prettier-ignore
export function shortTile<T>(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<T>(SHORT, a, aRow, aStep, b, bStep, k, c, cRow);
}

/**
 * The tile of one row and `ROW_PANELS` panels: a vector times a matrix. In B they are `panel` bytes apart and in C side by side,
 * but none lies further than `bLast` and `cLast`; so fewer panels, or overlapping ones, are computed more than once.
 */
// prettier-ignore
export function rowTile<T>(
  a: usize, aStep: usize, b: usize, panel: i32, bLast: i32, bStep: usize, k: i32, c: usize, cLast: i32,
): void {
  let b1 = b + (PAIRED ? min(0, bLast) + <i32>TWO : min(panel, bLast));
  let b2 = b + (PAIRED ? min(panel, bLast) : min(2 * panel, bLast));
  let b3 = PAIRED ? b2 + TWO : b + min(3 * panel, bLast);
  b += min(0, bLast);
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0), c21 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0), c31 = v128.splat<T>(0);
  while (k) {
    const x = repeat<T>(a);
    c00 = step<T>(x, v128.load(b), c00);
    c01 = step<T>(x, v128.load(b, 16), c01);
    c10 = step<T>(x, v128.load(b1), c10);
    c11 = step<T>(x, v128.load(b1, 16), c11);
    c20 = step<T>(x, v128.load(b2), c20);
    c21 = step<T>(x, v128.load(b2, 16), c21);
    c30 = step<T>(x, v128.load(b3), c30);
    c31 = step<T>(x, v128.load(b3, 16), c31);
    a += aStep;
    b += bStep;
    b1 += bStep;
    b2 += bStep;
    b3 += bStep;
    k--;
  }
  put(c, c00, c01);
  put(c + (PAIRED ? TWO : min(<i32>PANEL, cLast)), c10, c11);
  put(c + min(2 * <i32>TWO, cLast), c20, c21);
  put(c + min(3 * <i32>TWO, PAIRED ? cLast + <i32>TWO : cLast), c30, c31);
}
