// Reductions of the middle dimension of [Outer, Count, Inner].

import { DType } from "../abi/dtype";
import { Head, ReduceWord } from "../abi/form";
import { Limit } from "../abi/limit";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { outOfMemory, workspace } from "../arena";
import { Maximum, Minimum } from "../lanes/arithmetic";
import { extremeColumns, extremeRow } from "./reduce/extreme";
import { argColumns, argRow } from "./reduce/position";
import { productColumns, productRow } from "./reduce/product";
import { deviationRow, sumRow } from "./reduce/sum";
import { deviationColumns, sumColumns } from "./reduce/sum-columns";
import { WORK } from "./reduce/span";
import { dtypeOf } from "./box/walk";

/**
 * Runs a reduction: F32, F64 or I32, Max also of bytes, Deviation of floats. An empty sum is 0, as are deviations
 * of nothing, and an empty product 1; the other operations need Count >= 1.
 */
export function reduce(instruction: usize): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return op == Op.Deviation ? over<f32, f32, Deviation>(instruction) : number<f32, f64>(op, instruction);
    case DType.F64:
      return op == Op.Deviation ? over<f64, f64, Deviation>(instruction) : number<f64, f64>(op, instruction);
    case DType.I32:
      return number<i32, i32>(op, instruction);
    case DType.U8:
    case DType.Bool:
      return op == Op.Max && some(instruction) ? over<u8, u8, Extreme<Maximum>>(instruction) : Status.Unsupported;
    default:
      return Status.Unsupported;
  }
}

/** Sums the blocks of a Blocks instruction, each for itself. */
export function blocks(instruction: usize): i32 {
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return each<f32, f64>(instruction);
    case DType.F64:
      return each<f64, f64>(instruction);
    case DType.I32:
      return each<i32, i32>(instruction);
    default:
      return Status.Unsupported;
  }
}

function each<T, A>(instruction: usize): i32 {
  let out = load<usize>(instruction, ReduceWord.Out << 2);
  let x = load<usize>(instruction, ReduceWord.X << 2);
  for (let n = load<usize>(instruction, ReduceWord.Count << 2); n;) {
    const some = min(n, <usize>Limit.Block);
    store<A>(out, sumRow<T, A>(x, some));
    out += sizeof<A>();
    x += some << alignof<T>();
    n -= some;
  }
  return Status.Ok;
}

/** Adds the sums of blocks of a Total instruction. */
export function total(instruction: usize): i32 {
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return add<f32, f64>(instruction);
    case DType.F64:
      return add<f64, f64>(instruction);
    case DType.I32:
      return add<i32, i32>(instruction);
    default:
      return Status.Unsupported;
  }
}

function add<T, A>(instruction: usize): i32 {
  let x = load<usize>(instruction, ReduceWord.X << 2);
  let sum: A = 0;
  for (let n = load<usize>(instruction, ReduceWord.Count << 2); n; n--) {
    sum += load<A>(x);
    x += sizeof<A>();
  }
  store<T>(load<usize>(instruction, ReduceWord.Out << 2), <T>sum);
  return Status.Ok;
}

function number<T, A>(op: i32, instruction: usize): i32 {
  switch (op) {
    case Op.Sum:
      return over<T, T, Sum<A>>(instruction);
    case Op.Prod:
      return over<T, T, Product<A>>(instruction);
    case Op.ArgMax:
      return some(instruction) ? over<T, i32, Position<Maximum>>(instruction) : Status.Unsupported;
    case Op.ArgMin:
      return some(instruction) ? over<T, i32, Position<Minimum>>(instruction) : Status.Unsupported;
    default:
      return extreme<T>(op, instruction);
  }
}

function extreme<T>(op: i32, instruction: usize): i32 {
  if (!some(instruction)) return Status.Unsupported;
  if (op == Op.Max) return over<T, T, Extreme<Maximum>>(instruction);
  if (op == Op.Min) return over<T, T, Extreme<Minimum>>(instruction);
  return Status.Unsupported;
}

/** Whether there is anything to reduce. */
function some(instruction: usize): bool {
  return load<usize>(instruction, ReduceWord.Count << 2) != 0;
}

/** Reduces elements of T to elements of Y, along rows or down columns. */
function over<T, Y, F>(instruction: usize): i32 {
  let out = load<usize>(instruction, ReduceWord.Out << 2);
  let x = load<usize>(instruction, ReduceWord.X << 2);
  const count = load<usize>(instruction, ReduceWord.Count << 2);
  const inner = load<usize>(instruction, ReduceWord.Inner << 2);
  const pitch = load<usize>(instruction, ReduceWord.Pitch << 2);
  const work = inner == 1 ? 0 : workspace(WORK);
  if (inner != 1 && !work) return outOfMemory(WORK);
  for (let n = load<usize>(instruction, ReduceWord.Outer << 2); n; n--) {
    if (inner == 1) changetype<F>(0).row<T>(out, x, count);
    else changetype<F>(0).columns<T>(out, x, count, inner, pitch, work);
    out += inner << alignof<Y>();
    x += (count * pitch) << alignof<T>();
  }
  return Status.Ok;
}

/** Sums, with totals of type A. */
@unmanaged
class Sum<A> {

  @inline row<T>(out: usize, x: usize, count: usize): void {
    store<T>(out, <T>sumRow<T, A>(x, count));
  }


  @inline columns<T>(out: usize, x: usize, rows: usize, columns: usize, pitch: usize, work: usize): void {
    sumColumns<T, A>(out, x, rows, columns, pitch, work);
  }
}

/** Products, with totals of type A. */
@unmanaged
class Product<A> {

  @inline row<T>(out: usize, x: usize, count: usize): void {
    store<T>(out, <T>productRow<T, A>(x, count));
  }


  @inline columns<T>(out: usize, x: usize, rows: usize, columns: usize, pitch: usize, work: usize): void {
    productColumns<T, A>(out, x, rows, columns, pitch, work);
  }
}

/** Sums of the squared deviations from the mean. */
@unmanaged
class Deviation {

  @inline row<T>(out: usize, x: usize, count: usize): void {
    store<T>(out, <T>deviationRow<T>(x, count));
  }


  @inline columns<T>(out: usize, x: usize, rows: usize, columns: usize, pitch: usize, work: usize): void {
    deviationColumns<T, f64>(out, x, rows, columns, pitch, work);
  }
}

/** Largest or smallest elements. */
@unmanaged
class Extreme<F> {

  @inline row<T>(out: usize, x: usize, count: usize): void {
    store<T>(out, extremeRow<T, F>(x, count));
  }


  @inline columns<T>(out: usize, x: usize, rows: usize, columns: usize, pitch: usize, work: usize): void {
    extremeColumns<T, F>(out, x, rows, columns, pitch);
  }
}

/** Positions of the largest or smallest elements. */
@unmanaged
class Position<F> {

  @inline row<T>(out: usize, x: usize, count: usize): void {
    store<u32>(out, argRow<T, F>(x, count));
  }


  @inline columns<T>(out: usize, x: usize, rows: usize, columns: usize, pitch: usize, work: usize): void {
    argColumns<T, F>(out, x, rows, columns, pitch, work);
  }
}
