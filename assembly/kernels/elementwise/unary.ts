// Elementwise arithmetic with one input, by the lane F of the operation.

import { DType } from "../../abi/dtype";
import { MapWord } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { Cos, Exp, Log, Sigmoid, Sin, Tanh } from "../../lanes/arithmetic";
import { flat, guarded, light, one, quick } from "./unary-row";
import { dtypeOf, isFlat, walk } from "../box/walk";

/** Runs an instruction in F32, F64 or I32. */
export function signed<F>(instruction: usize): i32 {
  return dtypeOf(instruction) == DType.I32 ? run<i32, F>(instruction) : plain<F>(instruction);
}

/** Runs an instruction in F32 or F64, of a function that costs next to nothing. */
export function plain<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return run<f32, F>(instruction);
  return dtype == DType.F64 ? run<f64, F>(instruction) : Status.Unsupported;
}

/** The same of a function that costs much: its loops are fewer. */
export function costly<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return work<f32, F>(instruction);
  return dtype == DType.F64 ? work<f64, F>(instruction) : Status.Unsupported;
}

/** The same of a function that has a quicker way for the usual arguments. */
export function usual<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return look<f32, F>(instruction);
  return dtype == DType.F64 ? look<f64, F>(instruction) : Status.Unsupported;
}

/** The place in the table of the function of one vector, (x: v128) => v128, that an operation is; 0 where there is none. */
export function vectorFunction(op: i32, dtype: i32): u32 {
  switch (op) {
    case Op.Exp:
      return placeOf<Exp>(dtype);
    case Op.Log:
      return placeOf<Log>(dtype);
    case Op.Sin:
      return placeOf<Sin>(dtype);
    case Op.Cos:
      return placeOf<Cos>(dtype);
    case Op.Tanh:
      return placeOf<Tanh>(dtype);
    case Op.Sigmoid:
      return placeOf<Sigmoid>(dtype);
    default:
      return 0;
  }
}

// @ts-ignore: decorator
@inline
function placeOf<F>(dtype: i32): u32 {
  const single: (x: v128) => v128 = (x) => one<f32, F>(x);
  const double: (x: v128) => v128 = (x) => one<f64, F>(x);
  return dtype == DType.F32 ? single.index : dtype == DType.F64 ? double.index : 0;
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
function run<T, F>(instruction: usize): i32 {
  const shift: usize = alignof<T>();
  if (!isFlat(instruction)) {
    return walk(instruction, 1, shift, shift, 0, (_, n, out, s0, x, s1) => light<T, F>(n, out, s0, x, s1));
  }
  flat<T, F>(
    load<usize>(instruction, MapWord.Box << 2),
    load<usize>(instruction, MapWord.Out << 2),
    load<usize>(instruction, MapWord.X1 << 2),
  );
  return Status.Ok;
}

// @ts-ignore: decorator
@inline
function work<T, F>(instruction: usize): i32 {
  const shift: usize = alignof<T>();
  if (isFlat(instruction)) {
    const n = load<usize>(instruction, MapWord.Box << 2);
    const out = load<usize>(instruction, MapWord.Out << 2);
    return quick<T, F>(n, out, sizeof<T>(), load<usize>(instruction, MapWord.X1 << 2), sizeof<T>());
  }
  return walk(instruction, 1, shift, shift, 0, (_, n, out, s0, x, s1) => quick<T, F>(n, out, s0, x, s1));
}
