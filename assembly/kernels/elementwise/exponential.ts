// Functions of the exponential family, and rounding: elementwise with one input.

import { DType } from "../../abi/dtype";
import { Head } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { Rsqrt } from "../../lanes/arithmetic";
import { fromLogarithm } from "../../lanes/exponential/logarithms";
import { fromPower, fromPowerLess1 } from "../../lanes/exponential/powers";
import { cbrt } from "../../lanes/exponential/roots";
import { Ceil, Floor, Round, Trunc } from "../../lanes/rounding";
import { gather, scatter } from "../../lanes/strided";
import { copy } from "./copy";
import { contiguous, quick } from "./unary-row";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/** Runs an instruction with one input: F32, F64, and I32 where it rounds, which changes nothing. */
export function exponential(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  const op = load<i32>(instruction, Head.Op << 2);
  if (dtype == DType.I32 && op >= Op.Floor) return copy(instruction);
  if (dtype > DType.F64) return Status.Unsupported;
  const shift = shiftOf(dtype);
  return walk(instruction, 1, shift, shift, 0, exponentialRow);
}

/** Rows of one input of the output's dtype. */
// prettier-ignore
function exponentialRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  if (dtypeOf(instruction) == DType.F64) return row<f64>(op, n, out, s0, x1, s1);
  if (op == Op.Silu) return quick<f32, Silu>(n, out, s0, x1, s1);
  if (op == Op.Softplus) return quick<f32, Softplus>(n, out, s0, x1, s1);
  return row<f32>(op, n, out, s0, x1, s1);
}

/** A function that networks are made of, with a loop of its own. */
@unmanaged
class Silu {

  @inline apply<T>(x: v128): v128 {
    return fromPower<T>(Op.Silu, x);
  }
}

/** The same. */
@unmanaged
class Softplus {

  @inline apply<T>(x: v128): v128 {
    return fromLogarithm<T>(Op.Softplus, x);
  }
}

/** Rsqrt to Trunc, which cost an instruction or two, where memory is contiguous: four vectors a turn. */
function cheap<T>(op: i32, out: usize, x: usize, bytes: usize): void {
  switch (op) {
    case Op.Rsqrt:
      return contiguous<T, Rsqrt>(out, x, bytes);
    case Op.Floor:
      return contiguous<T, Floor>(out, x, bytes);
    case Op.Ceil:
      return contiguous<T, Ceil>(out, x, bytes);
    case Op.Round:
      return contiguous<T, Round>(out, x, bytes);
    default:
      return contiguous<T, Trunc>(out, x, bytes);
  }
}

/** A vector a turn. The functions share this loop, and most of themselves. */
function row<T>(op: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  const lanes: usize = 16 / sizeof<T>();
  if (op >= Op.Rsqrt && s0 == sizeof<T>() && s1 == sizeof<T>()) {
    const bytes = (n & ~(4 * lanes - 1)) << alignof<T>();
    cheap<T>(op, out, x, bytes);
    out += bytes;
    x += bytes;
    n &= 4 * lanes - 1;
  }
  while (n) {
    const count = min(n, lanes);
    scatter<T>(out, s0, apply<T>(op, gather<T>(x, s1, count)), count);
    out += count * s0;
    x += count * s1;
    n -= count;
  }
  return Status.Ok;
}

function apply<T>(op: i32, x: v128): v128 {
  switch (op) {
    case Op.Exp2:
    case Op.Silu:
    case Op.Mish:
      return fromPower<T>(op, x);
    case Op.Expm1:
    case Op.Sinh:
    case Op.Cosh:
      return fromPowerLess1<T>(op, x);
    case Op.Cbrt:
      return cbrt<T>(x);
    case Op.Rsqrt:
      return changetype<Rsqrt>(0).apply<T>(x);
    case Op.Floor:
      return changetype<Floor>(0).apply<T>(x);
    case Op.Ceil:
      return changetype<Ceil>(0).apply<T>(x);
    case Op.Round:
      return changetype<Round>(0).apply<T>(x);
    case Op.Trunc:
      return changetype<Trunc>(0).apply<T>(x);
    default:
      return fromLogarithm<T>(op, x);
  }
}
