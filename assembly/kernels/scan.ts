// Running sums and products of the middle dimension of [Outer, Count, Inner]. The order depends on the shape alone.

import { DType } from "../abi/dtype";
import { AxisWord, Head, Scan } from "../abi/form";
import { Status } from "../abi/status";
import { outOfMemory, workspace } from "../arena";
import { move } from "./box/move";
import { dtypeOf } from "./box/walk";

/** Columns that run together: their f64 totals stay in the first cache. */
const TILE: usize = 1024;

/** Runs a Cumsum instruction: F32 (in f64), F64 or I32. */
export function cumsum(instruction: usize): i32 {
  return scan<Plus>(instruction);
}

/** Runs a Cumprod instruction: F32 (in f64), F64 or I32. */
export function cumprod(instruction: usize): i32 {
  return scan<Times>(instruction);
}

/** What runs: a step of elements of T, of vectors of T, and what it starts from. -0 + x is x for every x. */
@unmanaged
class Plus {

  @inline scalar<T>(a: T, b: T): T {
    return a + b;
  }


  @inline vector<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }


  @inline start(): f64 {
    return -0.0;
  }
}


@unmanaged
class Times {

  @inline scalar<T>(a: T, b: T): T {
    return a * b;
  }


  @inline vector<T>(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b);
  }


  @inline start(): f64 {
    return 1;
  }
}

function scan<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return typed<f32, F>(instruction);
  if (dtype == DType.F64) return typed<f64, F>(instruction);
  if (dtype == DType.I32) return typed<i32, F>(instruction);
  return Status.Unsupported;
}

function typed<T, F>(instruction: usize): i32 {
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  const count = load<usize>(instruction, AxisWord.Count << 2);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const flags = load<u32>(instruction, Head.Extra << 2);
  const line = inner << alignof<T>();
  const whole = count * line;
  if (!whole) return Status.Ok;

  let totals: usize = 0;
  if (isFloat<T>() && sizeof<T>() == 4 && inner > 1) {
    const need = min(inner, TILE) << 3;
    totals = workspace(need);
    if (!totals) return outOfMemory(need);
  }
  const step: isize = flags & Scan.Reverse ? -(<isize>line) : <isize>line;
  const begin = flags & Scan.Reverse ? whole - line : 0;
  for (let n = load<usize>(instruction, AxisWord.Outer << 2); n; n--) {
    let to = out + begin;
    let rest = count;
    if (flags & Scan.Exclusive) {
      for (let i: usize = 0; i < line; i += sizeof<T>()) store<T>(to + i, <T>changetype<F>(0).start());
      to += step;
      rest--;
    }
    if (inner > 1) columns<T, F>(to, x + begin, rest, inner, step, totals);
    else if (isFloat<T>() && sizeof<T>() == 4) row32<F>(to, x + begin, rest, step);
    else row<T, F>(to, x + begin, rest, step);
    out += whole;
    x += whole;
  }
  return Status.Ok;
}

/** One row, element by element. */
function row<T, F>(out: usize, x: usize, n: usize, step: isize): void {
  let total = <T>changetype<F>(0).start();
  for (; n; n--) {
    total = changetype<F>(0).scalar<T>(total, load<T>(x));
    store<T>(out, total);
    out += step;
    x += step;
  }
}

/** One row of f32 with its totals in f64: each four wait for the four before them in a single step. */
function row32<F>(out: usize, x: usize, n: usize, step: isize): void {
  const f = changetype<F>(0);
  const start = f64x2.splat(f.start());
  const reverse = step < 0;
  let total = start;
  for (; n >= 4; n -= 4) {
    let a = f64x2.promote_low_f32x4(v128.load64_zero(reverse ? x - 4 : x));
    let b = f64x2.promote_low_f32x4(v128.load64_zero(reverse ? x - 12 : x + 8));
    if (reverse) {
      a = v128.shuffle<u64>(a, a, 1, 0);
      b = v128.shuffle<u64>(b, b, 1, 0);
    }
    a = f.vector<f64>(v128.shuffle<u64>(start, a, 0, 2), a);
    b = f.vector<f64>(v128.shuffle<u64>(start, b, 0, 2), b);
    b = f.vector<f64>(v128.shuffle<u64>(a, a, 1, 1), b);
    a = f32x4.demote_f64x2_zero(f.vector<f64>(total, a));
    let v = v128.shuffle<u64>(a, f32x4.demote_f64x2_zero(f.vector<f64>(total, b)), 0, 2);
    if (reverse) v = v128.shuffle<u32>(v, v, 3, 2, 1, 0);
    v128.store(reverse ? out - 12 : out, v);
    total = f.vector<f64>(total, v128.shuffle<u64>(b, b, 1, 1));
    out += step << 2;
    x += step << 2;
  }
  for (let last = f64x2.extract_lane(total, 0); n; n--) {
    last = f.scalar<f64>(last, <f64>load<f32>(x));
    store<f32>(out, <f32>last);
    out += step;
    x += step;
  }
}

/** All columns, row after row. The totals are those of f32 in f64; in other types the row before is the totals. */
function columns<T, F>(out: usize, x: usize, n: usize, inner: usize, step: isize, totals: usize): void {
  for (; inner; inner -= min(TILE, inner)) {
    const width = min(TILE, inner);
    const bytes = width << alignof<T>();
    let from = x;
    let to = out;
    let rest = n;
    if (isFloat<T>() && sizeof<T>() == 4) {
      for (let i: usize = 0; i < width; i++) store<f64>(totals + (i << 3), changetype<F>(0).start());
    } else if (n) {
      move(to, from, bytes);
      rest--;
      from += step;
      to += step;
    }
    for (; rest; rest--) {
      if (isFloat<T>() && sizeof<T>() == 4) line32<F>(to, from, totals, bytes);
      else line<T, F>(to, from, to - step, bytes);
      from += step;
      to += step;
    }
    out += bytes;
    x += bytes;
  }
}

function line<T, F>(out: usize, x: usize, before: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    v128.store(out + i, changetype<F>(0).vector<T>(v128.load(before + i), v128.load(x + i)));
  }
  for (; i < bytes; i += sizeof<T>()) {
    store<T>(out + i, changetype<F>(0).scalar<T>(load<T>(before + i), load<T>(x + i)));
  }
}

function line32<F>(out: usize, x: usize, totals: usize, bytes: usize): void {
  const f = changetype<F>(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const v = v128.load(x + i);
    const slot = totals + (i << 1);
    const a = f.vector<f64>(v128.load(slot), f64x2.promote_low_f32x4(v));
    const b = f.vector<f64>(v128.load(slot, 16), f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 0)));
    v128.store(slot, a);
    v128.store(slot, b, 16);
    v128.store(out + i, v128.shuffle<u64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  }
  for (; i < bytes; i += 4) {
    const slot = totals + (i << 1);
    const total = f.scalar<f64>(load<f64>(slot), <f64>load<f32>(x + i));
    store<f64>(slot, total);
    store<f32>(out + i, <f32>total);
  }
}
