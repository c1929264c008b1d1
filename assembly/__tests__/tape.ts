// Writes instructions and runs them, one at a time.

import { Extra, Head } from "../abi/form";
import { dtypeOf } from "./data";
import { replay } from "./subject";

const TAPE: usize = memory.data(1024);
let length = 0;

/** Starts an instruction. */
export function begin(op: i32, dtype: i32, extra: i32 = 0): void {
  length = 0;
  push(op);
  push(dtype);
  push(0);
  push(extra);
}

/** Appends a word. */
export function push(word: usize): void {
  store<usize>(TAPE + (length << 2), word);
  length++;
}

/** Appends two words with the bits of a number. */
export function pushNumber(value: f64): void {
  store<f64>(TAPE + (length << 2), value);
  length += 2;
}

/** Runs the instruction and returns its status. */
export function run(): i32 {
  store<i32>(TAPE + (Head.Length << 2), length);
  return replay(TAPE, TAPE + (length << 2));
}

/** Every other instruction that may say that it is flat does. */
let marks = false;

/** Runs a Map instruction over `n` elements; strides in elements, and addresses of 0 for the inputs there are not. */
// prettier-ignore
export function runMap(
  op: i32, dtype: i32, extra: i32, n: usize,
  out: usize, s0: isize, x1: usize, s1: isize, x2: usize = 0, s2: isize = 0, x3: usize = 0, s3: isize = 0,
): i32 {
  marks = !marks;
  const flat = marks && s0 == 1 && s1 == 1 && (!x2 || s2 == 1) && (!x3 || s3 == 1);
  begin(op, dtype, flat ? extra | Extra.Flat : extra);
  push(1);
  push(out);
  push(x1);
  push(x2);
  push(x3);
  push(n);
  push(s0);
  push(s1);
  if (x2) push(s2);
  if (x3) push(s3);
  return run();
}

/** Runs an instruction whose words behind the head are these six. */
// prettier-ignore
export function runForm(op: i32, dtype: i32, a: usize, b: usize, c: usize, d: usize, e: usize = 0, f: usize = 0): i32 {
  begin(op, dtype);
  push(a);
  push(b);
  push(c);
  push(d);
  push(e);
  push(f);
  return run();
}

/** Runs a reduction of T over [outer, count, inner]. */
export function runReduce<T>(op: i32, out: usize, x: usize, outer: usize, count: usize, inner: usize): i32 {
  begin(op, dtypeOf<T>());
  push(out);
  push(x);
  push(outer);
  push(count);
  push(inner);
  push(inner);
  return run();
}

/** Runs an instruction of the form Axis. */
// prettier-ignore
export function runAxis(
  op: i32, dtype: i32, extra: i32, out: usize, x: usize, index: usize, outer: usize, count: usize, inner: usize,
  length: usize,
): i32 {
  begin(op, dtype, extra);
  push(out);
  push(x);
  push(index);
  push(outer);
  push(count);
  push(inner);
  push(length);
  return run();
}
