// Constants and arithmetic progressions.

import { DType } from "../abi/dtype";
import { GenerateWord } from "../abi/form";
import { Status } from "../abi/status";
import { repeat } from "./box/move";
import { dtypeOf, shiftOf } from "./box/walk";

/** Runs a Fill instruction of any dtype: every element is Value, converted as Cast does. */
export function fill(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  const out = load<usize>(instruction, GenerateWord.Out << 2);
  const bytes = (<usize>load<u32>(instruction, GenerateWord.Count << 2)) << shiftOf(dtype);
  const value = load<f64>(instruction, GenerateWord.Value << 2);
  // The bits of -0 are not all zero, so only a true 0 may take the fastest way.
  if (reinterpret<u64>(value) == 0) {
    memory.fill(out, 0, bytes);
    return Status.Ok;
  }
  switch (dtype) {
    case DType.F32:
      repeat(out, f32x4.splat(<f32>value), bytes);
      return Status.Ok;
    case DType.F64:
      repeat(out, f64x2.splat(value), bytes);
      return Status.Ok;
    case DType.I32:
      repeat(out, i32x4.splat(<i32>value), bytes);
      return Status.Ok;
    case DType.U8:
      memory.fill(out, <u8>min(max(<i32>value, 0), 255), bytes);
      return Status.Ok;
    case DType.Bool:
      memory.fill(out, <u8>(value != 0), bytes);
      return Status.Ok;
    default:
      return Status.Unsupported;
  }
}

/** Runs an Iota instruction of any dtype: element i is Value + i * Step in f64, converted as Cast does. */
export function iota(instruction: usize): i32 {
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return progression<f32>(instruction);
    case DType.F64:
      return progression<f64>(instruction);
    case DType.I32:
      return progression<i32>(instruction);
    case DType.U8:
      return progression<u8>(instruction);
    case DType.Bool:
      return progression<bool>(instruction);
    default:
      return Status.Unsupported;
  }
}

function progression<T>(instruction: usize): i32 {
  const out = load<usize>(instruction, GenerateWord.Out << 2);
  const count = load<u32>(instruction, GenerateWord.Count << 2);
  const value = load<f64>(instruction, GenerateWord.Value << 2);
  const step = load<f64>(instruction, GenerateWord.Step << 2);
  for (let i: u32 = 0; i < count; i++) {
    const element = value + <f64>i * step;
    const slot = out + ((<usize>i) << alignof<T>());
    if (isBoolean<T>()) store<bool>(slot, element != 0);
    else if (sizeof<T>() == 1) store<u8>(slot, <u8>min(max(<i32>element, 0), 255));
    else store<T>(slot, <T>element);
  }
  return Status.Ok;
}
