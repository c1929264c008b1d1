// Copies: elementwise from any strides to any strides.

import { MapWord } from "../../abi/form";
import { Status } from "../../abi/status";
import { splat } from "../../lanes/strided";
import { move, repeat } from "../box/move";
import { dtypeOf, isFlat, shiftOf, walk } from "../box/walk";

/** Runs a Copy instruction of any dtype. Output and input must not overlap. */
// @ts-ignore: decorator
@inline
export function copy(instruction: usize): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  if (!isFlat(instruction)) return walk(instruction, 1, shift, shift, 0, copyRow);
  move(
    load<usize>(instruction, MapWord.Out << 2),
    load<usize>(instruction, MapWord.X1 << 2),
    load<usize>(instruction, MapWord.Box << 2) << shift,
  );
  return Status.Ok;
}

/** Rows of one input, by the size of an element. */
// prettier-ignore
function copyRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  const shift = shiftOf(dtypeOf(instruction));
  if (shift == 2) return row<u32>(n, out, s0, x1, s1);
  if (shift == 3) return row<u64>(n, out, s0, x1, s1);
  if (shift == 1) return row<u16>(n, out, s0, x1, s1);
  return row<u8>(n, out, s0, x1, s1);
}

function row<T>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (s0 == sizeof<T>() && s1 == sizeof<T>()) {
    move(out, x, n << alignof<T>());
    return Status.Ok;
  }
  if (sizeof<T>() != 2 && s0 == sizeof<T>() && s1 == 0) {
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
