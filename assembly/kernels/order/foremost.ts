// The places of the running extremes of the middle dimension of [Outer, Count, Inner].

import { DType } from "../../abi/dtype";
import { AxisWord, Head } from "../../abi/form";
import { Status } from "../../abi/status";
import { dtypeOf, shiftOf } from "../box/walk";

/** Runs a Foremost instruction: F32 or F64. */
export function foremost(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.F64) return Status.Unsupported;
  const shift = shiftOf(dtype);
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  const count = load<usize>(instruction, AxisWord.Count << 2);
  const line = load<usize>(instruction, AxisWord.Inner << 2);
  const sign: f64 = load<u32>(instruction, Head.Extra << 2) ? 1 : -1;
  for (let n = load<usize>(instruction, AxisWord.Outer << 2); n; n--) {
    for (let i: usize = 0; i < count; i++) {
      for (let j: usize = 0; j < line; j++) {
        let place = i;
        if (i) {
          const before = load<usize>(out - (line << 2));
          const best = number(x - (((i - before) * line) << shift), shift);
          const value = number(x, shift);
          // Nothing beats a NaN but another.
          if (!(sign * value >= sign * best) && value == value) place = before;
        }
        store<usize>(out, place);
        out += 4;
        x += 1 << shift;
      }
    }
  }
  return Status.Ok;
}

// @ts-ignore: decorator
@inline
function number(x: usize, shift: usize): f64 {
  return shift == 3 ? load<f64>(x) : <f64>load<f32>(x);
}
