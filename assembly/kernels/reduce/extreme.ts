// Largest and smallest elements. NaN counts as the extreme, and is tracked beside the comparison, which is much cheaper
// than a comparison that propagates it. Of zeros with different signs either may come out.

import { move } from "../box/move";
import { isFar, SPAN } from "./span";

/** The extreme of `n` contiguous elements of T, at least one; F is Maximum or Minimum. */
export function extremeRow<T, F>(x: usize, n: usize): T {
  const f = changetype<F>(0);
  const lanes: usize = 16 / sizeof<T>();
  const last = x + (n << alignof<T>());
  let at = x;
  let a = v128.splat<T>(load<T>(x));
  let b = a;
  let c = a;
  let d = a;
  let nan = v128.splat<T>(0);
  for (const end = x + ((n & ~(4 * lanes - 1)) << alignof<T>()); at != end; at += 64) {
    const p = v128.load(at, 0);
    const q = v128.load(at, 16);
    const r = v128.load(at, 32);
    const s = v128.load(at, 48);
    a = f.quick<T>(a, p);
    b = f.quick<T>(b, q);
    c = f.quick<T>(c, r);
    d = f.quick<T>(d, s);
    nan = v128.add<T>(nan, Nan.four<T>(p, q, r, s));
  }
  a = f.quick<T>(f.quick<T>(a, b), f.quick<T>(c, d));
  for (; at + 16 <= last; at += 16) {
    const p = v128.load(at);
    a = f.quick<T>(a, p);
    nan = v128.add<T>(nan, p);
  }
  for (; at != last; at += sizeof<T>()) {
    const p = v128.splat<T>(load<T>(at));
    a = f.quick<T>(a, p);
    nan = v128.add<T>(nan, p);
  }
  a = f.quick<T>(a, v128.shuffle<u64>(a, a, 1, 0));
  if (sizeof<T>() < 8) a = f.quick<T>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  if (sizeof<T>() < 4) {
    a = f.quick<T>(a, v128.shuffle<u16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6));
    a = f.quick<T>(a, v128.shuffle<u8>(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  }
  // Infinities may have made a NaN that was not there.
  if (isFloat<T>() && v128.any_true(Nan.of<T>(nan))) {
    for (; x != last; x += sizeof<T>()) if (load<T>(x) != load<T>(x)) return <T>NaN;
  }
  return v128.extract_lane<T>(a, 0);
}

/**
 * The extremes of the columns of [rows, columns], at least one row, rows `step` elements apart; out is [columns]. The last
 * strip may overlap the one before.
 */
// prettier-ignore
export function extremeColumns<T, F>(out: usize, x: usize, rows: usize, columns: usize, step: usize): void {
  const width = columns << alignof<T>();
  const pitch = step << alignof<T>();
  let i: usize = 0;
  if (width >= 64) {
    while (isFar(rows * pitch, width - i)) {
      const n = min(width - i, SPAN) & -16;
      if (stream<T, F>(out + i, x + i, rows, n, pitch)) break;
      i += n;
    }
    for (; i < width; i += 64) {
      const at = min(i, width - 64);
      if (four<T, F>(out + at, x + at, rows, pitch)) {
        for (let k = at; k < at + 64; k += 16) v128.store(out + k, one<T, F>(x + k, rows, pitch));
      }
    }
  } else if (width >= 16) {
    for (; i < width; i += 16) {
      const at = min(i, width - 16);
      v128.store(out + at, one<T, F>(x + at, rows, pitch));
    }
  } else {
    for (; i < width; i += sizeof<T>()) store<T>(out + i, column<T, F>(x + i, rows, pitch));
  }
}

/** `width` bytes of whole rows; answers as `four` does. */
function stream<T, F>(out: usize, x: usize, rows: usize, width: usize, pitch: usize): bool {
  const f = changetype<F>(0);
  let nan = v128.splat<T>(0);
  move(out, x, width);
  for (let row: usize = 0; row < rows; row += 4) {
    // The first once more in place of those that are missing.
    const x1 = row + 1 < rows ? x + pitch : x;
    const x2 = row + 2 < rows ? x + 2 * pitch : x;
    const x3 = row + 3 < rows ? x + 3 * pitch : x;
    for (let i: usize = 0; i != width; i += 16) {
      const a = v128.load(x + i);
      const b = v128.load(x1 + i);
      const c = v128.load(x2 + i);
      const d = v128.load(x3 + i);
      v128.store(out + i, f.quick<T>(v128.load(out + i), f.quick<T>(f.quick<T>(a, b), f.quick<T>(c, d))));
      nan = v128.add<T>(nan, Nan.four<T>(a, b, c, d));
    }
    x += 4 * pitch;
  }
  return isFloat<T>() && v128.any_true(Nan.of<T>(nan));
}

/** Four vectors of columns; answers whether there may be a NaN, which the output does not tell. */
function four<T, F>(out: usize, x: usize, rows: usize, pitch: usize): bool {
  const f = changetype<F>(0);
  let a = v128.load(x, 0);
  let b = v128.load(x, 16);
  let c = v128.load(x, 32);
  let d = v128.load(x, 48);
  let nan = v128.splat<T>(0);
  for (const end = x + rows * pitch; x != end; x += pitch) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    const r = v128.load(x, 32);
    const s = v128.load(x, 48);
    a = f.quick<T>(a, p);
    b = f.quick<T>(b, q);
    c = f.quick<T>(c, r);
    d = f.quick<T>(d, s);
    nan = v128.add<T>(nan, Nan.four<T>(p, q, r, s));
  }
  v128.store(out, a, 0);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  return isFloat<T>() && v128.any_true(Nan.of<T>(nan));
}

/** One vector of columns. */
function one<T, F>(x: usize, rows: usize, pitch: usize): v128 {
  const end = x + rows * pitch;
  let a = v128.load(x);
  let nan = Nan.of<T>(a);
  for (x += pitch; x != end; x += pitch) {
    const p = v128.load(x);
    a = changetype<F>(0).quick<T>(a, p);
    nan = v128.or(nan, Nan.of<T>(p));
  }
  return v128.or(a, nan);
}

/** One column. */
function column<T, F>(x: usize, rows: usize, pitch: usize): T {
  const end = x + rows * pitch;
  let a = load<T>(x);
  for (x += pitch; x != end; x += pitch) {
    const p = load<T>(x);
    if (changetype<F>(0).beats<T>(p, a)) a = p;
  }
  return a;
}

/** Where there are NaN. */
export class Nan {
  /** All ones, which is itself a NaN, where x is NaN. */
  @inline static of<T>(x: v128): v128 {
    return isFloat<T>() ? v128.ne<T>(x, x) : v128.splat<T>(0);
  }

  /** A sum, which is NaN where any of four is: half as much work as to compare each. Infinities may make one more. */
  @inline static four<T>(p: v128, q: v128, r: v128, s: v128): v128 {
    return isFloat<T>() ? v128.add<T>(v128.add<T>(p, q), v128.add<T>(r, s)) : p;
  }
}
