// Copies: elementwise from any strides to any strides, and the two plain moves of memory that other kernels share.

import { Status } from "../abi";
import { splat } from "../lanes/strided";
import { dtypeOf, shiftOf, walk } from "./walk";

/** Runs a Copy instruction of any dtype. Output and input must not overlap. */
export function copy(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  return walk<Copy>(instruction, 1, shift, shift, 0);
}

/** Copies `bytes` bytes between places that do not overlap. */
export function move(out: usize, x: usize, bytes: usize): void {
  // V8 calls out for memory.copy, which costs more than a short loop.
  if (bytes > 512) {
    memory.copy(out, x, bytes);
    return;
  }
  for (; bytes >= 16; bytes -= 16) {
    v128.store(out, v128.load(x));
    out += 16;
    x += 16;
  }
  for (; bytes >= 4; bytes -= 4) {
    store<u32>(out, load<u32>(x));
    out += 4;
    x += 4;
  }
  for (; bytes; bytes--) store<u8>(out++, load<u8>(x++));
}

/** Writes `bytes` bytes of a pattern that repeats itself: a splat of 1, 4 or 8 bytes, whole elements of it. */
export function repeat(out: usize, pattern: v128, bytes: usize): void {
  for (; bytes >= 16; bytes -= 16) {
    v128.store(out, pattern);
    out += 16;
  }
  if (bytes >= 8) {
    v128.store64_lane(out, pattern, 0);
    out += 8;
    bytes -= 8;
  }
  if (bytes >= 4) {
    v128.store32_lane(out, pattern, 0);
    out += 4;
    bytes -= 4;
  }
  for (; bytes; bytes--) v128.store8_lane(out++, pattern, 0);
}

/** Rows of one input, by the size of an element. */
@unmanaged
class Copy {

  @inline row(
    instruction: usize,
    n: usize,
    out: usize,
    s0: isize,
    x1: usize,
    s1: isize,
    x2: usize,
    s2: isize,
    x3: usize,
    s3: isize,
  ): i32 {
    const shift = shiftOf(dtypeOf(instruction));
    if (shift == 2) return row<u32>(n, out, s0, x1, s1);
    if (shift == 3) return row<u64>(n, out, s0, x1, s1);
    return row<u8>(n, out, s0, x1, s1);
  }
}

function row<T>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (s0 == sizeof<T>() && s1 == sizeof<T>()) {
    move(out, x, n << alignof<T>());
    return Status.Ok;
  }
  if (s0 == sizeof<T>() && s1 == 0) {
    repeat(out, splat<T>(x), n << alignof<T>());
    return Status.Ok;
  }
  for (; n; n--) {
    store<T>(out, load<T>(x));
    out += s0;
    x += s1;
  }
  return Status.Ok;
}
