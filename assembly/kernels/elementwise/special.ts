// Inverse trigonometric and special functions of one or two inputs: one loop for all of them, that asks for the function
// at every vector, since the functions take longer than that.

import { DType } from "../../abi/dtype";
import { Head } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { angle, arc, tangent } from "../../lanes/special/angle";
import { erf, erfc, erfinv64 } from "../../lanes/special/error";
import { digamma32, lgamma, polygamma } from "../../lanes/special/gamma";
import { gelu, geluSlope, geluTanh } from "../../lanes/special/gelu";
import { gather, scatter } from "../../lanes/strided";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/** Runs an instruction with one or two inputs in F32 or F64. */
export function special(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.F64) return Status.Unsupported;
  const op = load<i32>(instruction, Head.Op << 2);
  const shift = shiftOf(dtype);
  return walk(instruction, op < Op.Atan2 ? 1 : 2, shift, op == Op.Polygamma ? 2 : shift, shift, specialRow);
}

/** Rows of one or two inputs of the output's dtype. */
// prettier-ignore
function specialRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  if (op == Op.Polygamma) {
    if (dtypeOf(instruction) == DType.F32) derivatives<f32>(n, out, s0, x1, s1, x2, s2);
    else derivatives<f64>(n, out, s0, x1, s1, x2, s2);
    return Status.Ok;
  }
  if (dtypeOf(instruction) == DType.F32) row<f32>(op, n, out, s0, x1, s1, x2, s2);
  else row<f64>(op, n, out, s0, x1, s1, x2, s2);
  return Status.Ok;
}

/** A vector a turn, lane by lane in and out where need be. */
// prettier-ignore
function row<T>(op: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): void {
  const lanes: usize = 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    const x = gather<T>(x1, s1, count);
    scatter<T>(out, s0, evaluate<T>(op, x, op < Op.Atan2 ? x : gather<T>(x2, s2, count)), count);
    out += count * s0;
    x1 += count * s1;
    x2 += count * s2;
    n -= count;
  }
}

/** Orders in I32 and arguments of T, one at a time. */
// prettier-ignore
function derivatives<T>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): void {
  for (; n; n--) {
    store<T>(out, <T>polygamma(load<i32>(x1), <f64>load<T>(x2)));
    out += s0;
    x1 += s1;
    x2 += s2;
  }
}

/** The function of an opcode. */
// @ts-ignore: decorator
@inline
function evaluate<T>(op: i32, x: v128, y: v128): v128 {
  switch (op) {
    case Op.Tan:
      return tangent<T>(x);
    case Op.Asin:
    case Op.Acos:
      return arc<T>(x, op == Op.Acos);
    case Op.Atan:
      return angle<T>(x, v128.splat<T>(1));
    case Op.Atan2:
      return angle<T>(x, y);
    case Op.Erf:
      return erf<T>(x);
    case Op.Erfc:
      return erfc<T>(x);
    case Op.Gelu:
      return gelu<T>(x);
    case Op.GeluSlope:
      return geluSlope<T>(x);
    case Op.GeluTanh:
      return geluTanh<T>(x);
    default:
      if (sizeof<T>() == 8) return slow(op, x);
      return v128.shuffle<u64>(single(op, x), single(op, v128.shuffle<u64>(x, x, 1, 1)), 0, 2);
  }
}

/** The lower two f32 of x by way of f64. */
function single(op: i32, x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f32x4.demote_f64x2_zero(op == Op.Digamma ? digamma32(wide) : slow(op, wide));
}

/** What there is in f64 alone. */
function slow(op: i32, x: v128): v128 {
  if (op == Op.Erfinv) return erfinv64(x);
  return f64x2(scalar(op, f64x2.extract_lane(x, 0)), scalar(op, f64x2.extract_lane(x, 1)));
}

function scalar(op: i32, x: f64): f64 {
  return op == Op.Lgamma ? lgamma(x) : polygamma(0, x);
}
