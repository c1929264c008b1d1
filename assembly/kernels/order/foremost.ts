// The places of the running extremes of the middle dimension of [Outer, Count, Inner].

import { DType } from "../../abi/dtype";
import { AxisWord, Head } from "../../abi/form";
import { Status } from "../../abi/status";
import { dtypeOf } from "../walk";

/** Runs a Foremost instruction: F32, F64 or I32. */
export function foremost(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return places<f32>(instruction);
  if (dtype == DType.F64) return places<f64>(instruction);
  if (dtype == DType.I32) return places<i32>(instruction);
  return Status.Unsupported;
}

function places<T>(instruction: usize): i32 {
  let out = load<usize>(instruction, AxisWord.Out << 2);
  let x = load<usize>(instruction, AxisWord.X << 2);
  const count = load<usize>(instruction, AxisWord.Count << 2);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const greatest = load<u32>(instruction, Head.Extra << 2) != 0;
  for (let n = load<usize>(instruction, AxisWord.Outer << 2); n; n--) {
    const whole = x;
    for (let i: usize = 0; i < count; i++) {
      for (let j: usize = 0; j < inner; j++) {
        let place = i;
        if (i) {
          // The best so far lies in a line that was read before.
          const before = load<usize>(out - (inner << 2));
          const best = load<T>(whole + ((before * inner + j) << alignof<T>()));
          const value = load<T>(x);
          // Nothing beats a NaN but another.
          if (!(greatest ? value >= best : value <= best) && !(isFloat<T>() && value != value)) place = before;
        }
        store<usize>(out, place);
        out += 4;
        x += sizeof<T>();
      }
    }
  }
  return Status.Ok;
}
