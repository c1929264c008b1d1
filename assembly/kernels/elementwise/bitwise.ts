// Elementwise on the bits of whole numbers, and exact remainders: an element a turn.

import { DType } from "../../abi/dtype";
import { Head } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/** Runs BitwiseAnd, BitwiseOr, BitwiseXor (I32, U8, Bool), BitwiseLeftShift, BitwiseRightShift (I32) or Fmod (F32, F64, I32). */
export function bitwise(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk(instruction, 2, shift, shift, shift, row);
}

// prettier-ignore
function row(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  const dtype = dtypeOf(instruction);
  if (dtype == DType.I32) return whole<i32>(op, n, out, s0, x1, s1, x2, s2);
  if (op == Op.Fmod) {
    if (dtype == DType.F64) return remainders<f64>(n, out, s0, x1, s1, x2, s2);
    return dtype == DType.F32 ? remainders<f32>(n, out, s0, x1, s1, x2, s2) : Status.Unsupported;
  }
  if (dtype < DType.U8 || op == Op.BitwiseLeftShift || op == Op.BitwiseRightShift) return Status.Unsupported;
  return whole<u8>(op, n, out, s0, x1, s1, x2, s2);
}

// prettier-ignore
function whole<T>(op: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): i32 {
  for (; n; n--) {
    store<T>(out, <T>combined(op, <i32>load<T>(x1), <i32>load<T>(x2)));
    out += s0;
    x1 += s1;
    x2 += s2;
  }
  return Status.Ok;
}

// @ts-ignore: decorator
@inline
function combined(op: i32, x: i32, y: i32): i32 {
  if (op == Op.BitwiseAnd) return x & y;
  if (op == Op.BitwiseOr) return x | y;
  if (op == Op.BitwiseXor) return x ^ y;
  const beyond = <u32>y > 31;
  if (op == Op.BitwiseLeftShift) return beyond ? 0 : x << y;
  if (op == Op.BitwiseRightShift) return x >> (beyond ? 31 : y);
  // The quotient of the smallest number and -1 has no place in i32.
  return y == 0 || y == -1 ? 0 : x % y;
}

/** The remainder of two f32 is one too, so f64 serves both. */
// prettier-ignore
function remainders<T>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): i32 {
  for (; n; n--) {
    store<T>(out, <T>(<f64>load<T>(x1) % <f64>load<T>(x2)));
    out += s0;
    x1 += s1;
    x2 += s2;
  }
  return Status.Ok;
}
