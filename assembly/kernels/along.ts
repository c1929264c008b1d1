// Elements picked along an axis by an index of their own each, and the transpose: elements added up where an index says.

import { AxisWord, DType, Status } from "../abi";
import { checkIndices, position } from "./indices";
import { dtypeOf, shiftOf } from "./walk";

/** Runs a Gather instruction of any dtype. All indices are checked before the first write. */
export function gather(instruction: usize): i32 {
  const status = check(instruction);
  if (status) return status;
  const shift = shiftOf(dtypeOf(instruction));
  if (shift == 2) pick<u32>(instruction);
  else if (shift == 3) pick<u64>(instruction);
  else pick<u8>(instruction);
  return Status.Ok;
}

/** Runs a ScatterAdd instruction (F32, F64, I32). All indices are checked before the first write. */
export function scatterAdd(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.I32) return Status.Unsupported;
  const status = check(instruction);
  if (status) return status;
  if (dtype == DType.F32) add<f32>(instruction);
  else if (dtype == DType.F64) add<f64>(instruction);
  else add<i32>(instruction);
  return Status.Ok;
}

function check(instruction: usize): i32 {
  const outer = load<usize>(instruction, AxisWord.Outer << 2);
  const plane = planeOf(instruction);
  return checkIndices(
    load<usize>(instruction, AxisWord.Index << 2),
    outer * plane,
    load<usize>(instruction, AxisWord.Length << 2),
  );
}

/** Elements of the index for each of Outer. */
function planeOf(instruction: usize): usize {
  return load<usize>(instruction, AxisWord.Count << 2) * load<usize>(instruction, AxisWord.Inner << 2);
}

function pick<T>(instruction: usize): void {
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  let index = load<usize>(instruction, AxisWord.Index << 2);
  const plane = planeOf(instruction);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const length = load<usize>(instruction, AxisWord.Length << 2);
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    // The column comes round every `inner` elements.
    for (let n = plane, j: usize = 0; n; n--) {
      store<T>(out, load<T>(x + ((position(load<i32>(index), length) * inner + j) << alignof<T>())));
      out += sizeof<T>();
      index += 4;
      j = j + 1 == inner ? 0 : j + 1;
    }
    x += (length * inner) << alignof<T>();
  }
}

function add<T>(instruction: usize): void {
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  let index = load<usize>(instruction, AxisWord.Index << 2);
  const plane = planeOf(instruction);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const length = load<usize>(instruction, AxisWord.Length << 2);
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    for (let n = plane, j: usize = 0; n; n--) {
      const slot = out + ((position(load<i32>(index), length) * inner + j) << alignof<T>());
      store<T>(slot, load<T>(slot) + load<T>(x));
      x += sizeof<T>();
      index += 4;
      j = j + 1 == inner ? 0 : j + 1;
    }
    out += (length * inner) << alignof<T>();
  }
}
