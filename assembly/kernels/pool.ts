// The largest element of windows over images, F32 and F64.

import { DType, Head, Op, PoolWord, Status } from "../abi";

/** Runs an instruction of the form Pool. Of equals the first counts, and NaN is larger than anything. */
export function pool(instruction: usize): i32 {
  switch (load<i32>(instruction, Head.DType << 2)) {
    case DType.F32:
      return run<f32>(instruction);
    case DType.F64:
      return run<f64>(instruction);
    default:
      return Status.Unsupported;
  }
}

function run<T>(instruction: usize): i32 {
  const op = load<i32>(instruction, Head.Op << 2);
  let x = load<usize>(instruction, PoolWord.X << 2);
  let out = load<usize>(instruction, PoolWord.Out << 2);
  const count = load<i32>(instruction, PoolWord.Count << 2);
  const height = load<i32>(instruction, PoolWord.Height << 2);
  const width = load<i32>(instruction, PoolWord.Width << 2);
  const rows = load<i32>(instruction, PoolWord.OutHeight << 2);
  const columns = load<i32>(instruction, PoolWord.OutWidth << 2);
  const down = load<i32>(instruction, PoolWord.StepHeight << 2);
  const across = load<i32>(instruction, PoolWord.StepWidth << 2);
  const rowSpans = instruction + (PoolWord.Spans << 2);
  const columnSpans = rowSpans + ((<usize>rows) << 3);
  const plane = <usize>(height * width) * sizeof<T>();
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < rows; i++) {
      const top = load<i32>(rowSpans + ((<usize>i) << 3));
      const bottom = load<i32>(rowSpans + ((<usize>i) << 3), 4);
      for (let j = 0; j < columns; j++) {
        const left = load<i32>(columnSpans + ((<usize>j) << 3));
        const right = load<i32>(columnSpans + ((<usize>j) << 3), 4);
        let at = top * width + left;
        if (bottom - top == 2 && right - left == 2 && down == 1 && across == 1) {
          // Without branches, which would be mispredicted every other time.
          at = larger<T>(x, larger<T>(x, at, at + 1), larger<T>(x, at + width, at + width + 1));
        } else {
          for (let r = top; r < bottom; r += down) {
            for (let c = left; c < right; c += across) at = larger<T>(x, at, r * width + c);
          }
        }
        if (op == Op.MaxPoolIndices) {
          store<i32>(out, at);
          out += 4;
        } else {
          store<T>(out, load<T>(x + ((<usize>at) << alignof<T>())));
          out += sizeof<T>();
        }
      }
    }
    x += plane;
  }
  return Status.Ok;
}

/** The position of the larger of two elements. */
// @ts-ignore: decorator
@inline
function larger<T>(x: usize, at: i32, other: i32): i32 {
  const best = load<T>(x + ((<usize>at) << alignof<T>()));
  const value = load<T>(x + ((<usize>other) << alignof<T>()));
  return select<i32>(other, at, i32(!(value <= best)) & i32(best == best));
}
