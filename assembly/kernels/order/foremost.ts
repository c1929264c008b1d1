// The places of the running extremes of the middle dimension of [Outer, Count, Inner].

import { DType } from "../../abi/dtype";
import { AxisWord, Head } from "../../abi/form";
import { Status } from "../../abi/status";
import { dtypeOf, shiftOf } from "../walk";

/** Runs a Foremost instruction: F32, F64 or I32, all of whose numbers are f64, too. */
export function foremost(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.I32) return Status.Unsupported;
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  const count = load<usize>(instruction, AxisWord.Count << 2);
  const line = load<usize>(instruction, AxisWord.Inner << 2);
  const greatest = load<u32>(instruction, Head.Extra << 2) != 0;
  const shift = shiftOf(dtype);
  let place: usize = 0;
  let best: f64 = 0;
  for (let n = load<usize>(instruction, AxisWord.Outer << 2); n; n--) {
    for (let i: usize = 0; i < count; i++) {
      for (let j: usize = 0; j < line; j++) {
        const value = number(dtype, x);
        if (i && line > 1) {
          place = load<usize>(out - (line << 2));
          best = number(dtype, x - (((i - place) * line) << shift));
        }
        // Nothing beats a NaN but another.
        if (!i || (greatest ? value >= best : value <= best) || value != value) {
          place = i;
          best = value;
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
function number(dtype: i32, x: usize): f64 {
  return dtype == DType.F64 ? load<f64>(x) : dtype == DType.F32 ? <f64>load<f32>(x) : <f64>load<i32>(x);
}
