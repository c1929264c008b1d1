// Elements picked along an axis by an index of their own each, and the transpose: elements added up where an index says.

import { DType } from "../../abi/dtype";
import { AxisWord, Head } from "../../abi/form";
import { Status } from "../../abi/status";
import { checkIndices, position } from "./indices";
import { dtypeOf, shiftOf } from "../box/walk";

/** Runs a Gather instruction of any dtype. All indices are checked before the first write. */
export function gather(instruction: usize): i32 {
  const status = check(instruction);
  if (status) return status;
  const shift = shiftOf(dtypeOf(instruction));
  if (shift == 2) pick<u32>(instruction);
  else if (shift == 3) pick<u64>(instruction);
  else if (shift == 1) pick<u16>(instruction);
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
  const length = load<usize>(instruction, AxisWord.Length << 2);
  return checkIndices(
    load<usize>(instruction, AxisWord.Index << 2),
    outer * plane,
    length,
    load<u32>(instruction, Head.Extra << 2) ? 0 : length,
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
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const length = load<usize>(instruction, AxisWord.Length << 2);
  const line = inner << alignof<T>();
  // Elements that lie in one line run together: a line of the index, or all of it if it has but one column.
  const run = runOf(instruction);
  const step: usize = inner == 1 ? 0 : sizeof<T>();
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    for (let rest = planeOf(instruction); rest; rest -= run) {
      for (let n = run, column = x; n; n--) {
        store<T>(out, load<T>(column + position(load<i32>(index), length) * line));
        out += sizeof<T>();
        index += 4;
        column += step;
      }
    }
    x += length * line;
  }
}

function add<T>(instruction: usize): void {
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  let index = load<usize>(instruction, AxisWord.Index << 2);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const length = load<usize>(instruction, AxisWord.Length << 2);
  const line = inner << alignof<T>();
  const run = runOf(instruction);
  const step: usize = inner == 1 ? 0 : sizeof<T>();
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    for (let rest = planeOf(instruction); rest; rest -= run) {
      for (let n = run, column = out; n; n--) {
        const slot = column + position(load<i32>(index), length) * line;
        store<T>(slot, load<T>(slot) + load<T>(x));
        x += sizeof<T>();
        index += 4;
        column += step;
      }
    }
    out += length * line;
  }
}

/** Elements of the index that follow one another in a line of x. */
function runOf(instruction: usize): usize {
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  return inner == 1 ? load<usize>(instruction, AxisWord.Count << 2) : inner;
}
