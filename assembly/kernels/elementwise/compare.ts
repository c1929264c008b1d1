// Elementwise comparisons: two inputs of one dtype, output Bool.

import { DType } from "../../abi/dtype";
import { Head, MapWord } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { Eq, Le, Lt } from "../../lanes/arithmetic";
import { gather } from "../../lanes/strided";
import { dtypeOf, isFlat, shiftOf, walk } from "../box/walk";

/** Runs a comparison of any dtype. With NaN only Ne holds. */
export function compare(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  const shift = shiftOf(dtype);
  if (!isFlat(instruction)) {
    return walk(instruction, 2, 0, shift, shift, (self, n, out, s0, x1, s1, x2, s2) => {
      return dispatch(load<i32>(self, Head.Op << 2), dtypeOf(self), n, out, s0, x1, s1, x2, s2);
    });
  }
  return dispatch(
    load<i32>(instruction, Head.Op << 2),
    dtype,
    load<usize>(instruction, MapWord.Box << 2),
    load<usize>(instruction, MapWord.Out << 2),
    1,
    load<usize>(instruction, MapWord.X1 << 2),
    1 << shift,
    load<usize>(instruction, MapWord.X2 << 2),
    1 << shift,
  );
}

/** An element of any dtype that is 0. */
const ZERO: usize = memory.data(8);

/** Whether each of `n` elements differs from 0: a conversion to Bool. */
export function nonZero(dtype: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  return any<Eq>(dtype, n, out, s0, x, s1, ZERO, 0, 1);
}

/** Three lanes do for six comparisons: a > b is b < a, and a != b is not a = b. */
// prettier-ignore
function dispatch(
  op: i32, dtype: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize,
): i32 {
  switch (op) {
    case Op.Eq:
      return any<Eq>(dtype, n, out, s0, x1, s1, x2, s2, 0);
    case Op.Ne:
      return any<Eq>(dtype, n, out, s0, x1, s1, x2, s2, 1);
    case Op.Lt:
      return any<Lt>(dtype, n, out, s0, x1, s1, x2, s2, 0);
    case Op.Le:
      return any<Le>(dtype, n, out, s0, x1, s1, x2, s2, 0);
    case Op.Gt:
      return any<Lt>(dtype, n, out, s0, x2, s2, x1, s1, 0);
    case Op.Ge:
      return any<Le>(dtype, n, out, s0, x2, s2, x1, s1, 0);
    default:
      return Status.Unsupported;
  }
}

// prettier-ignore
function any<F>(
  dtype: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, flip: u32,
): i32 {
  switch (dtype) {
    case DType.F32:
      return row<f32, F>(n, out, s0, x1, s1, x2, s2, flip);
    case DType.F64:
      return row<f64, F>(n, out, s0, x1, s1, x2, s2, flip);
    case DType.I32:
      return row<i32, F>(n, out, s0, x1, s1, x2, s2, flip);
    case DType.U8:
    case DType.Bool:
      return row<u8, F>(n, out, s0, x1, s1, x2, s2, flip);
    default:
      return Status.Unsupported;
  }
}

/** Sixteen elements a turn where the output is contiguous and each input is contiguous or one repeated element. */
// prettier-ignore
function row<T, F>(
  n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, flip: u32,
): i32 {
  if (s0 == 1 && (s1 == sizeof<T>() || !s1) && (s2 == sizeof<T>() || !s2)) {
    const ones = i8x16.splat(1);
    const flips = i8x16.splat(<i8>flip);
    const a = v128.splat<T>(load<T>(x1));
    const b = v128.splat<T>(load<T>(x2));
    for (; n >= 16; n -= 16) {
      const mask = Mask.sixteen<T, F>(x1, s1, a, x2, s2, b);
      v128.store(out, v128.xor(v128.and(mask, ones), flips));
      out += 16;
      x1 += s1 << 4;
      x2 += s2 << 4;
    }
  }
  const lanes: usize = sizeof<T>() == 1 ? 1 : 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    let bits = Mask.bits<T, F>(x1, s1, x2, s2, count);
    for (let i: usize = 0; i < count; i++) {
      store<u8>(out, (bits & 1) ^ flip);
      bits >>= 1;
      out += s0;
    }
    x1 += count * s1;
    x2 += count * s2;
    n -= count;
  }
  return Status.Ok;
}

/** Results as masks: all ones or all zeros. An input with stride 0 is taken from its vector, a or b. */
class Mask {
  /** One vector of T, `offset` bytes on. */
  @inline static one<T, F>(x1: usize, s1: isize, a: v128, x2: usize, s2: isize, b: v128, offset: usize): v128 {
    return changetype<F>(0).apply<T>(s1 ? v128.load(x1 + offset) : a, s2 ? v128.load(x2 + offset) : b);
  }

  /** Four elements, 32 bits each. */
  @inline static four<T, F>(x1: usize, s1: isize, a: v128, x2: usize, s2: isize, b: v128, k: usize): v128 {
    const low = Mask.one<T, F>(x1, s1, a, x2, s2, b, (k * 4) << alignof<T>());
    if (sizeof<T>() == 4) return low;
    return v128.shuffle<u32>(low, Mask.one<T, F>(x1, s1, a, x2, s2, b, (k * 4 + 2) << alignof<T>()), 0, 2, 4, 6);
  }

  /** Sixteen elements, 8 bits each. */
  @inline static sixteen<T, F>(x1: usize, s1: isize, a: v128, x2: usize, s2: isize, b: v128): v128 {
    if (sizeof<T>() == 1) return Mask.one<T, F>(x1, s1, a, x2, s2, b, 0);
    return i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(Mask.four<T, F>(x1, s1, a, x2, s2, b, 0), Mask.four<T, F>(x1, s1, a, x2, s2, b, 1)),
      i16x8.narrow_i32x4_s(Mask.four<T, F>(x1, s1, a, x2, s2, b, 2), Mask.four<T, F>(x1, s1, a, x2, s2, b, 3)),
    );
  }

  /** `count` elements, a bit each: a vector of T at most, of bytes one. */
  @inline static bits<T, F>(x1: usize, s1: isize, x2: usize, s2: isize, count: usize): u32 {
    const f = changetype<F>(0);
    if (sizeof<T>() == 1) return i8x16.bitmask(f.apply<u8>(v128.load8_splat(x1), v128.load8_splat(x2)));
    const mask = f.apply<T>(gather<T>(x1, s1, count), gather<T>(x2, s2, count));
    return sizeof<T>() == 4 ? i32x4.bitmask(mask) : i64x2.bitmask(mask);
  }
}
