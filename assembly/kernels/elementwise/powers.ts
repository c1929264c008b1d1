// Powers, and the hypotenuse: elementwise with two inputs.

import { DType } from "../../abi/dtype";
import { Head } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { Reciprocal, Square } from "../../lanes/arithmetic";
import { hypot } from "../../lanes/exponential/roots";
import { pow, powInteger, root } from "../../lanes/exponential/pow";
import { gather, scatter } from "../../lanes/strided";
import { compact, light } from "./unary-row";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/** Runs an instruction with two inputs: F32, F64, and for Pow also I32. */
export function powers(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk(instruction, 2, shift, shift, shift, powersRow);
}

/** Rows of two inputs of the output's dtype. */
// prettier-ignore
function powersRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return row<f32>(op, n, out, s0, x1, s1, x2, s2);
  if (dtype == DType.F64) return row<f64>(op, n, out, s0, x1, s1, x2, s2);
  if (dtype != DType.I32 || op != Op.Pow) return Status.Unsupported;
  return row<i32>(op, n, out, s0, x1, s1, x2, s2);
}

/** x to the power of 1/2, as `pow` has it. */
@unmanaged
class Root {

  @inline apply<T>(x: v128): v128 {
    return root<T>(x);
  }
}

/** x to the power of 3. */
@unmanaged
class Cube {

  @inline apply<T>(x: v128): v128 {
    return v128.mul<T>(v128.mul<T>(x, x), x);
  }
}

// prettier-ignore
function row<T>(op: i32, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): i32 {
  if (isFloat<T>() && op == Op.Pow && s2 == 0) {
    // The usual exponents: the same bits as `pow`, in less time.
    const y = load<T>(x2);
    if (y == 2) return light<T, Square>(n, out, s0, x1, s1);
    if (y == -1) return light<T, Reciprocal>(n, out, s0, x1, s1);
    if (y == 3) return compact<T, Cube>(n, out, s0, x1, s1);
    if (y == 0.5) return compact<T, Root>(n, out, s0, x1, s1);
  }
  const lanes: usize = 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    scatter<T>(out, s0, apply<T>(op, gather<T>(x1, s1, count), gather<T>(x2, s2, count)), count);
    out += count * s0;
    x1 += count * s1;
    x2 += count * s2;
    n -= count;
  }
  return Status.Ok;
}

function apply<T>(op: i32, x: v128, y: v128): v128 {
  if (!isFloat<T>()) return powInteger(x, y);
  return op == Op.Pow ? pow<T>(x, y) : hypot<T>(x, y);
}
