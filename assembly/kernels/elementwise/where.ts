// Elementwise choice between two inputs by a third. It moves bits, so it depends on the size of an element only.

import { Status } from "../../abi/status";
import { splat } from "../../lanes/strided";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/** Runs a Where instruction of any dtype. */
export function where(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk(instruction, 3, shift, 0, shift, whereRow);
}

/** Rows of Bool and two inputs, by the size of an element. */
// prettier-ignore
function whereRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  if (shift == 2) return row<u32>(n, out, s0, x1, s1, x2, s2, x3, s3);
  if (shift == 3) return row<u64>(n, out, s0, x1, s1, x2, s2, x3, s3);
  return bytes(n, out, s0, x1, s1, x2, s2, x3, s3);
}

/** One vector, `offset` bytes on, of inputs that are contiguous or repeat the element that a or b is full of. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function choose(x2: usize, s2: isize, a: v128, x3: usize, s3: isize, b: v128, mask: v128, offset: usize): v128 {
  return v128.bitselect(s2 ? v128.load(x2 + offset) : a, s3 ? v128.load(x3 + offset) : b, mask);
}

/** Sixteen elements of four bytes, else four, a turn where all but repeated inputs are contiguous; else one. */
// prettier-ignore
function row<T>(
  n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  if (s0 == sizeof<T>() && s1 == 1 && (s2 == sizeof<T>() || !s2) && (s3 == sizeof<T>() || !s3)) {
    const a = splat<T>(x2);
    const b = splat<T>(x3);
    const zero = i32x4.splat(0);
    if (sizeof<T>() == 4) {
      for (; n >= 16; n -= 16) {
        const mask = i8x16.ne(v128.load(x1), zero);
        const low = i16x8.extend_low_i8x16_s(mask);
        const high = i16x8.extend_high_i8x16_s(mask);
        v128.store(out, choose(x2, s2, a, x3, s3, b, i32x4.extend_low_i16x8_s(low), 0), 0);
        v128.store(out, choose(x2, s2, a, x3, s3, b, i32x4.extend_high_i16x8_s(low), 16), 16);
        v128.store(out, choose(x2, s2, a, x3, s3, b, i32x4.extend_low_i16x8_s(high), 32), 32);
        v128.store(out, choose(x2, s2, a, x3, s3, b, i32x4.extend_high_i16x8_s(high), 48), 48);
        out += 64;
        x1 += 16;
        x2 += s2 << 4;
        x3 += s3 << 4;
      }
    }
    for (; n >= 4; n -= 4) {
      const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x1)));
      const mask = i32x4.ne(wide, zero);
      if (sizeof<T>() == 4) {
        v128.store(out, v128.bitselect(s2 ? v128.load(x2) : a, s3 ? v128.load(x3) : b, mask));
      } else {
        const low = i64x2.extend_low_i32x4_s(mask);
        const high = i64x2.extend_high_i32x4_s(mask);
        v128.store(out, v128.bitselect(s2 ? v128.load(x2) : a, s3 ? v128.load(x3) : b, low));
        v128.store(out, v128.bitselect(s2 ? v128.load(x2, 16) : a, s3 ? v128.load(x3, 16) : b, high), 16);
      }
      out += 4 * sizeof<T>();
      x1 += 4;
      x2 += s2 << 2;
      x3 += s3 << 2;
    }
  }
  for (; n; n--) {
    store<T>(out, load<T>(load<u8>(x1) ? x2 : x3));
    out += s0;
    x1 += s1;
    x2 += s2;
    x3 += s3;
  }
  return Status.Ok;
}

// prettier-ignore
function bytes(
  n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  if (s0 == 1 && s1 == 1 && (s2 == 1 || !s2) && (s3 == 1 || !s3)) {
    const zero = i8x16.splat(0);
    for (; n >= 16; n -= 16) {
      const b = s2 ? v128.load(x2) : v128.load8_splat(x2);
      const c = s3 ? v128.load(x3) : v128.load8_splat(x3);
      v128.store(out, v128.bitselect(c, b, i8x16.eq(v128.load(x1), zero)));
      out += 16;
      x1 += 16;
      x2 += s2 << 4;
      x3 += s3 << 4;
    }
  }
  for (; n; n--) {
    store<u8>(out, load<u8>(load<u8>(x1) ? x2 : x3));
    out += s0;
    x1 += s1;
    x2 += s2;
    x3 += s3;
  }
  return Status.Ok;
}
