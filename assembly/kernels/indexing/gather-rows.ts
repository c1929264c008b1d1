// Rows of a table picked by an index, and its transpose: rows added up where an index says.

import { DType } from "../../abi/dtype";
import { GatherRowsWord } from "../../abi/form";
import { Status } from "../../abi/status";
import { checkIndices, position } from "./indices";
import { move } from "../box/move";
import { dtypeOf, shiftOf } from "../box/walk";

/** Runs a GatherRows instruction of any dtype: out[i, :] = x[index[i], :]. All indices are checked before the first write. */
export function gatherRows(instruction: usize): i32 {
  const status = check(instruction);
  if (status) return status;
  let out = load<usize>(instruction, GatherRowsWord.Out << 2);
  const x = load<usize>(instruction, GatherRowsWord.X << 2);
  let index = load<usize>(instruction, GatherRowsWord.Index << 2);
  const rows = load<usize>(instruction, GatherRowsWord.Rows << 2);
  const width = (<usize>load<u32>(instruction, GatherRowsWord.Width << 2)) << shiftOf(dtypeOf(instruction));
  if (!width) return Status.Ok;
  for (let n = load<u32>(instruction, GatherRowsWord.Count << 2); n; n--) {
    const row = x + position(load<i32>(index), rows) * width;
    if (width == 4) store<u32>(out, load<u32>(row));
    else move(out, row, width);
    index += 4;
    out += width;
  }
  return Status.Ok;
}

/**
 * Runs a ScatterAddRows instruction (F32, F64, I32): out = 0, then out[index[i], :] += x[i, :] in the order of i. All
 * indices are checked before the first write.
 */
export function scatterAddRows(instruction: usize): i32 {
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
  const rows = load<usize>(instruction, GatherRowsWord.Rows << 2);
  return checkIndices(
    load<usize>(instruction, GatherRowsWord.Index << 2),
    load<usize>(instruction, GatherRowsWord.Count << 2),
    rows,
    rows,
  );
}

function add<T>(instruction: usize): void {
  const out = load<usize>(instruction, GatherRowsWord.Out << 2);
  let x = load<usize>(instruction, GatherRowsWord.X << 2);
  let index = load<usize>(instruction, GatherRowsWord.Index << 2);
  const rows = load<usize>(instruction, GatherRowsWord.Rows << 2);
  const width = (<usize>load<u32>(instruction, GatherRowsWord.Width << 2)) << alignof<T>();
  memory.fill(out, 0, rows * width);
  for (let n = load<u32>(instruction, GatherRowsWord.Count << 2); n; n--) {
    let row = out + position(load<i32>(index), rows) * width;
    const end = row + width;
    for (const last = end - 15; row < last && width > 15; row += 16) {
      v128.store(row, v128.add<T>(v128.load(row), v128.load(x)));
      x += 16;
    }
    for (; row != end; row += sizeof<T>()) {
      store<T>(row, load<T>(row) + load<T>(x));
      x += sizeof<T>();
    }
    index += 4;
  }
}

/** Runs a LastPlaces instruction: out = -1, then out[index[i]] = i in the order of i. All indices are checked before the first write. */
export function lastPlaces(instruction: usize): i32 {
  const status = check(instruction);
  if (status) return status;
  const out = load<usize>(instruction, GatherRowsWord.Out << 2);
  const index = load<usize>(instruction, GatherRowsWord.Index << 2);
  const rows = load<usize>(instruction, GatherRowsWord.Rows << 2);
  const n = load<usize>(instruction, GatherRowsWord.Count << 2);
  memory.fill(out, 255, rows << 2);
  for (let i: usize = 0; i < n; i++) store<usize>(out + (position(load<i32>(index + (i << 2)), rows) << 2), i);
  return Status.Ok;
}
