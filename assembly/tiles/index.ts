// The micro-kernels of wide mode: the matrix product where the engine merges neighbouring vectors. Twice as broad as those of
// kernels/matmul/tile.ts, with the same chains, and so the same bits. A module of its own, since an engine that merges does
// so everywhere: this way it is only here, in functions that are all tried before they are used (bindings/runtime/wide.ts).
//
// V8 merges from the stores backwards: two of them 16 bytes apart, and then what they store, as long as both sides do the
// same and loads lie 16 bytes apart too. So accumulators come in pairs, and a tile that adds to C is a form of its own, since
// the sums would otherwise pass through memory or a branch.

import { repeat, step, tallTile } from "../kernels/matmul/tile";

/** Stores two pairs, or adds them to what is there. */
// @ts-ignore: decorator
@inline
function put<T>(more: bool, c: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  if (more) {
    v0 = v128.add<T>(v128.load(c), v0);
    v1 = v128.add<T>(v128.load(c, 16), v1);
    v2 = v128.add<T>(v128.load(c, 32), v2);
    v3 = v128.add<T>(v128.load(c, 48), v3);
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
  v128.store(c, v2, 32);
  v128.store(c, v3, 48);
}

/** C tile [height, panel] = A [height, k] B [k, panel], or with `more` C += A B; `height`, 4 or 6, and `more` constants. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function tile<T>(
  height: i32, more: bool, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  let c00 = v128.splat<T>(0), c01 = v128.splat<T>(0), c02 = v128.splat<T>(0), c03 = v128.splat<T>(0);
  let c10 = v128.splat<T>(0), c11 = v128.splat<T>(0), c12 = v128.splat<T>(0), c13 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0), c21 = v128.splat<T>(0), c22 = v128.splat<T>(0), c23 = v128.splat<T>(0);
  let c30 = v128.splat<T>(0), c31 = v128.splat<T>(0), c32 = v128.splat<T>(0), c33 = v128.splat<T>(0);
  let c40 = v128.splat<T>(0), c41 = v128.splat<T>(0), c42 = v128.splat<T>(0), c43 = v128.splat<T>(0);
  let c50 = v128.splat<T>(0), c51 = v128.splat<T>(0), c52 = v128.splat<T>(0), c53 = v128.splat<T>(0);
  while (k) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let at = a;
    let x = repeat<T>(at);
    c00 = step<T>(x, b0, c00);
    c01 = step<T>(x, b1, c01);
    c02 = step<T>(x, b2, c02);
    c03 = step<T>(x, b3, c03);
    at += aRow;
    x = repeat<T>(at);
    c10 = step<T>(x, b0, c10);
    c11 = step<T>(x, b1, c11);
    c12 = step<T>(x, b2, c12);
    c13 = step<T>(x, b3, c13);
    at += aRow;
    x = repeat<T>(at);
    c20 = step<T>(x, b0, c20);
    c21 = step<T>(x, b1, c21);
    c22 = step<T>(x, b2, c22);
    c23 = step<T>(x, b3, c23);
    at += aRow;
    x = repeat<T>(at);
    c30 = step<T>(x, b0, c30);
    c31 = step<T>(x, b1, c31);
    c32 = step<T>(x, b2, c32);
    c33 = step<T>(x, b3, c33);
    if (height > 4) {
      at += aRow;
      x = repeat<T>(at);
      c40 = step<T>(x, b0, c40);
      c41 = step<T>(x, b1, c41);
      c42 = step<T>(x, b2, c42);
      c43 = step<T>(x, b3, c43);
      at += aRow;
      x = repeat<T>(at);
      c50 = step<T>(x, b0, c50);
      c51 = step<T>(x, b1, c51);
      c52 = step<T>(x, b2, c52);
      c53 = step<T>(x, b3, c53);
    }
    b += bStep;
    a += aStep;
    k--;
  }
  put<T>(more, c, c00, c01, c02, c03);
  put<T>(more, c += cRow, c10, c11, c12, c13);
  put<T>(more, c += cRow, c20, c21, c22, c23);
  put<T>(more, c += cRow, c30, c31, c32, c33);
  if (height > 4) {
    put<T>(more, c += cRow, c40, c41, c42, c43);
    put<T>(more, c += cRow, c50, c51, c52, c53);
  }
}

/** C [6, panel] = A B, f32. */
// prettier-ignore
export function tall32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f32>(6, false, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [4, panel] = A B, f32. */
// prettier-ignore
export function short32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f32>(4, false, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [6, panel] += A B, f32. */
// prettier-ignore
export function addTall32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f32>(6, true, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [4, panel] += A B, f32. */
// prettier-ignore
export function addShort32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f32>(4, true, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [6, panel] = A B, f64. */
// prettier-ignore
export function tall64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f64>(6, false, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [4, panel] = A B, f64. */
// prettier-ignore
export function short64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f64>(4, false, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [6, panel] += A B, f64. */
// prettier-ignore
export function addTall64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f64>(6, true, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** C [4, panel] += A B, f64. */
// prettier-ignore
export function addShort64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tile<f64>(4, true, a, aRow, aStep, b, bStep, k, c, cRow);
}

/** The ordinary tile, half as broad, which they are compared with: f32. */
// prettier-ignore
export function plain32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tallTile<f32>(a, aRow, aStep, b, bStep, k, c, cRow);
}

/** The ordinary tile, half as broad, which they are compared with: f64. */
// prettier-ignore
export function plain64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  tallTile<f64>(a, aRow, aStep, b, bStep, k, c, cRow);
}
