// Reductions of the middle dimension of [Outer, Count, Inner].

import { DType, Head, Op, ReduceWord, Status } from "../abi";
import { Maximum, Minimum } from "../lanes/arithmetic";
import { argColumns, argRow, extremeColumns, extremeRow } from "./extreme";
import { sumRow } from "./sum";
import { sumColumns } from "./sum-columns";
import { dtypeOf } from "./walk";

/** Runs a reduction: F32, F64 or I32. An empty sum is 0; the other operations need Count >= 1. */
export function reduce(instruction: usize): i32 {
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return typed<f32, f64>(instruction);
    case DType.F64:
      return typed<f64, f64>(instruction);
    case DType.I32:
      return typed<i32, i32>(instruction);
    default:
      return Status.Unsupported;
  }
}

function typed<T, A>(instruction: usize): i32 {
  switch (load<i32>(instruction, Head.Op << 2)) {
    case Op.Sum:
      return sum<T, A>(instruction);
    case Op.Max:
      return extreme<T, Maximum>(instruction);
    case Op.Min:
      return extreme<T, Minimum>(instruction);
    case Op.ArgMax:
      return arg<T, Maximum>(instruction);
    case Op.ArgMin:
      return arg<T, Minimum>(instruction);
    default:
      return Status.Unsupported;
  }
}

function sum<T, A>(instruction: usize): i32 {
  let out = load<usize>(instruction, ReduceWord.Out << 2);
  let x = load<usize>(instruction, ReduceWord.X << 2);
  const count = load<usize>(instruction, ReduceWord.Count << 2);
  const inner = load<usize>(instruction, ReduceWord.Inner << 2);
  for (let n = load<usize>(instruction, ReduceWord.Outer << 2); n; n--) {
    if (inner == 1) store<T>(out, <T>sumRow<T, A>(x, count));
    else sumColumns<T, A>(out, x, count, inner);
    out += inner << alignof<T>();
    x += (count * inner) << alignof<T>();
  }
  return Status.Ok;
}

function extreme<T, F>(instruction: usize): i32 {
  let out = load<usize>(instruction, ReduceWord.Out << 2);
  let x = load<usize>(instruction, ReduceWord.X << 2);
  const count = load<usize>(instruction, ReduceWord.Count << 2);
  const inner = load<usize>(instruction, ReduceWord.Inner << 2);
  if (!count) return Status.Unsupported;
  for (let n = load<usize>(instruction, ReduceWord.Outer << 2); n; n--) {
    if (inner == 1) store<T>(out, extremeRow<T, F>(x, count));
    else extremeColumns<T, F>(out, x, count, inner);
    out += inner << alignof<T>();
    x += (count * inner) << alignof<T>();
  }
  return Status.Ok;
}

function arg<T, F>(instruction: usize): i32 {
  let out = load<usize>(instruction, ReduceWord.Out << 2);
  let x = load<usize>(instruction, ReduceWord.X << 2);
  const count = load<usize>(instruction, ReduceWord.Count << 2);
  const inner = load<usize>(instruction, ReduceWord.Inner << 2);
  if (!count) return Status.Unsupported;
  for (let n = load<usize>(instruction, ReduceWord.Outer << 2); n; n--) {
    if (inner == 1) store<u32>(out, argRow<T, F>(x, count));
    else argColumns<T, F>(out, x, count, inner);
    out += inner << 2;
    x += (count * inner) << alignof<T>();
  }
  return Status.Ok;
}
