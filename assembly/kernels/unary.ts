// Elementwise arithmetic with one input, by the lane F of the operation.

import { DType, MapWord, Status } from "../abi";
import { flat, guarded, quick } from "./unary-row";
import { dtypeOf, isFlat, walk } from "./walk";

/** Runs an instruction in F32, F64 or I32. */
export function signed<F>(instruction: usize): i32 {
  return dtypeOf(instruction) == DType.I32 ? run<i32, F>(instruction, true) : plain<F>(instruction);
}

/** Runs an instruction in F32 or F64, of a function that costs next to nothing. */
export function plain<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return run<f32, F>(instruction, true);
  return dtype == DType.F64 ? run<f64, F>(instruction, true) : Status.Unsupported;
}

/** The same of a function that costs much: its loops are fewer. */
export function costly<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return run<f32, F>(instruction, false);
  return dtype == DType.F64 ? run<f64, F>(instruction, false) : Status.Unsupported;
}

/** The same of a function that has a quicker way for the usual arguments. */
export function usual<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return look<f32, F>(instruction);
  return dtype == DType.F64 ? look<f64, F>(instruction) : Status.Unsupported;
}

function look<T, F>(instruction: usize): i32 {
  const shift: usize = alignof<T>();
  if (isFlat(instruction)) {
    const n = load<usize>(instruction, MapWord.Box << 2);
    const out = load<usize>(instruction, MapWord.Out << 2);
    return guarded<T, F>(n, out, sizeof<T>(), load<usize>(instruction, MapWord.X1 << 2), sizeof<T>());
  }
  return walk(instruction, 1, shift, shift, 0, (_, n, out, s0, x, s1) => guarded<T, F>(n, out, s0, x, s1));
}

// @ts-ignore: decorator
@inline
function run<T, F>(instruction: usize, cheap: bool): i32 {
  const shift: usize = alignof<T>();
  if (!isFlat(instruction)) {
    return walk(instruction, 1, shift, shift, 0, (_, n, out, s0, x, s1) => quick<T, F>(n, out, s0, x, s1));
  }
  const n = load<usize>(instruction, MapWord.Box << 2);
  const out = load<usize>(instruction, MapWord.Out << 2);
  const x = load<usize>(instruction, MapWord.X1 << 2);
  if (cheap) flat<T, F>(n, out, x);
  else quick<T, F>(n, out, sizeof<T>(), x, sizeof<T>());
  return Status.Ok;
}
