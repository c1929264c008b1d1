// Elementwise arithmetic with two inputs.

import { DType, Head, Op, Status } from "../abi";
import { Add, Div, GatedMul, Maximum, Minimum, Mul, Sub } from "../lanes/arithmetic";
import { gather, scatter, splat } from "../lanes/strided";
import { dtypeOf, shiftOf, walk } from "./walk";

/** Runs an arithmetic instruction with two inputs: F32, F64, and all but Div and GatedMul in I32. */
export function binary(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk<Binary>(instruction, 2, shift, shift, shift);
}

/** Rows of two inputs of the output's dtype. */
@unmanaged
class Binary {

  @inline row(
    instruction: usize,
    n: usize,
    out: usize,
    s0: isize,
    x1: usize,
    s1: isize,
    x2: usize,
    s2: isize,
    x3: usize,
    s3: isize,
  ): i32 {
    return dispatch(load<i32>(instruction, Head.Op << 2), dtypeOf(instruction), n, out, s0, x1, s1, x2, s2);
  }
}

/** One row: n elements that lie s0, s1, s2 bytes apart. */
// prettier-ignore
export function dispatch(
  op: i32, dtype: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize,
): i32 {
  switch (op) {
    case Op.Add:
      return number<Add>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.Sub:
      return number<Sub>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.Mul:
      return number<Mul>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.Div:
      return float<Div>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.Maximum:
      return number<Maximum>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.Minimum:
      return number<Minimum>(dtype, n, out, s0, x1, s1, x2, s2);
    case Op.GatedMul:
      return float<GatedMul>(dtype, n, out, s0, x1, s1, x2, s2);
    default:
      return Status.Unsupported;
  }
}

// prettier-ignore
function number<F>(
  dtype: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize,
): i32 {
  if (dtype != DType.I32) return float<F>(dtype, n, out, s0, x1, s1, x2, s2);
  return row<i32, F>(n, out, s0, x1, s1, x2, s2);
}

// prettier-ignore
function float<F>(
  dtype: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize,
): i32 {
  if (dtype == DType.F32) return row<f32, F>(n, out, s0, x1, s1, x2, s2);
  if (dtype == DType.F64) return row<f64, F>(n, out, s0, x1, s1, x2, s2);
  return Status.Unsupported;
}

/**
 * Four vectors a turn where the output is contiguous and each input is contiguous or one repeated element; lane by
 * lane in and out for what is left, and elsewhere.
 */
// prettier-ignore
function row<T, F>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): i32 {
  const f = changetype<F>(0);
  const lanes = 16 / sizeof<T>();
  if (s0 == sizeof<T>()) {
    const end = out + ((n & ~(4 * lanes - 1)) << alignof<T>());
    const rest = n & (4 * lanes - 1);
    if (s1 == sizeof<T>() && s2 == sizeof<T>()) {
      while (out != end) {
        const a = f.apply<T>(v128.load(x1, 0), v128.load(x2, 0));
        const b = f.apply<T>(v128.load(x1, 16), v128.load(x2, 16));
        const c = f.apply<T>(v128.load(x1, 32), v128.load(x2, 32));
        const d = f.apply<T>(v128.load(x1, 48), v128.load(x2, 48));
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        x1 += 64;
        x2 += 64;
        out += 64;
      }
      n = rest;
    } else if (s1 == sizeof<T>() && s2 == 0) {
      const y = splat<T>(x2);
      while (out != end) {
        const a = f.apply<T>(v128.load(x1, 0), y);
        const b = f.apply<T>(v128.load(x1, 16), y);
        const c = f.apply<T>(v128.load(x1, 32), y);
        const d = f.apply<T>(v128.load(x1, 48), y);
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        x1 += 64;
        out += 64;
      }
      n = rest;
    } else if (s1 == 0 && s2 == sizeof<T>()) {
      const y = splat<T>(x1);
      while (out != end) {
        const a = f.apply<T>(y, v128.load(x2, 0));
        const b = f.apply<T>(y, v128.load(x2, 16));
        const c = f.apply<T>(y, v128.load(x2, 32));
        const d = f.apply<T>(y, v128.load(x2, 48));
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        x2 += 64;
        out += 64;
      }
      n = rest;
    }
  }
  if (n) strided<T, F>(n, out, s0, x1, s1, x2, s2);
  return Status.Ok;
}

/** A vector a turn, lane by lane in and out where need be. */
// prettier-ignore
function strided<T, F>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): void {
  const lanes: usize = 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    const a = gather<T>(x1, s1, count);
    const b = gather<T>(x2, s2, count);
    scatter<T>(out, s0, changetype<F>(0).apply<T>(a, b), count);
    out += count * s0;
    x1 += count * s1;
    x2 += count * s2;
    n -= count;
  }
}
