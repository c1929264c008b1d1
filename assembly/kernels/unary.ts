// Elementwise arithmetic with one input.

import { DType, Head, Op, Status } from "../abi";
import { Abs, Cos, Exp, Log, Neg, Reciprocal, Relu, Sigmoid, Sign, Sin, Sqrt, Square, Tanh } from "../lanes/arithmetic";
import { quick } from "./unary-row";
import { dtypeOf, shiftOf, walk } from "./walk";

/** Runs an arithmetic instruction with one input: any of F32, F64, I32 where integers make sense, else F32, F64. */
export function unary(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk<Unary>(instruction, 1, shift, shift, 0);
}

/** Rows of one input of the output's dtype. */
@unmanaged
class Unary {

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
    return dispatch(load<i32>(instruction, Head.Op << 2), dtypeOf(instruction), n, out, s0, x1, s1);
  }
}

/** One row: n elements that lie s0, s1 bytes apart. */
export function dispatch(op: i32, dtype: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  switch (op) {
    case Op.Neg:
      return signed<Neg>(dtype, n, out, s0, x, s1);
    case Op.Abs:
      return signed<Abs>(dtype, n, out, s0, x, s1);
    case Op.Sign:
      return signed<Sign>(dtype, n, out, s0, x, s1);
    case Op.Square:
      return signed<Square>(dtype, n, out, s0, x, s1);
    case Op.Reciprocal:
      return float<Reciprocal>(dtype, n, out, s0, x, s1);
    case Op.Sqrt:
      return float<Sqrt>(dtype, n, out, s0, x, s1);
    case Op.Exp:
      return float<Exp>(dtype, n, out, s0, x, s1);
    case Op.Log:
      return float<Log>(dtype, n, out, s0, x, s1);
    case Op.Sin:
      return float<Sin>(dtype, n, out, s0, x, s1);
    case Op.Cos:
      return float<Cos>(dtype, n, out, s0, x, s1);
    case Op.Tanh:
      return float<Tanh>(dtype, n, out, s0, x, s1);
    case Op.Sigmoid:
      return float<Sigmoid>(dtype, n, out, s0, x, s1);
    case Op.Relu:
      return float<Relu>(dtype, n, out, s0, x, s1);
    default:
      return Status.Unsupported;
  }
}

function signed<F>(dtype: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (dtype != DType.I32) return float<F>(dtype, n, out, s0, x, s1);
  return quick<i32, F>(n, out, s0, x, s1);
}

function float<F>(dtype: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (dtype == DType.F32) return quick<f32, F>(n, out, s0, x, s1);
  if (dtype == DType.F64) return quick<f64, F>(n, out, s0, x, s1);
  return Status.Unsupported;
}
