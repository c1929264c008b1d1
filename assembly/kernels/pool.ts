// The largest element of windows over images, F32 and F64.

import { DType } from "../abi/dtype";
import { Head, PoolWord } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";

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
  const indices = op == Op.MaxPoolIndices;
  // The first columns of the output that halve those of the input: the usual way, taken by vectors.
  let halving = 0;
  if (sizeof<T>() == 4 && across == 1) {
    while (halving < columns && load<i64>(columnSpans + ((<usize>halving) << 3)) == halved(halving)) halving++;
  }
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < rows; i++) {
      const top = load<i32>(rowSpans + ((<usize>i) << 3));
      const bottom = load<i32>(rowSpans + ((<usize>i) << 3), 4);
      let j = 0;
      if (halving >= 4 && bottom - top == 2 && down == 1) {
        // The last four may overlap those before them.
        for (; j < halving; j += 4) {
          const from = min(j, halving - 4);
          four(x, top * width + 2 * from, width, indices, out + ((<usize>from) << 2));
        }
        j = halving;
        out += (<usize>halving) << 2;
      }
      for (; j < columns; j++) {
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
        if (indices) {
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

/** The span from 2 j to 2 j + 2, as it lies in memory. */
// @ts-ignore: decorator
@inline
function halved(j: i32): i64 {
  return (<i64>(2 * j)) | ((<i64>(2 * j + 2)) << 32);
}

/** The largest elements of four windows of 2x2 f32 side by side, the first of which begins at `at`, or their positions. */
function four(x: usize, at: i32, width: i32, indices: bool, out: usize): void {
  const first = x + ((<usize>at) << 2);
  const second = first + ((<usize>width) << 2);
  const left = pairs(first, 0);
  const right = pairs(first, 1);
  const lowerLeft = pairs(second, 0);
  const lowerRight = pairs(second, 1);
  const over = beats(right, left);
  const under = beats(lowerRight, lowerLeft);
  const upper = v128.bitselect(right, left, over);
  const lower = v128.bitselect(lowerRight, lowerLeft, under);
  const below = beats(lower, upper);
  if (!indices) return v128.store(out, v128.bitselect(lower, upper, below));
  const start = i32x4.add(i32x4.splat(at), i32x4(0, 2, 4, 6));
  const above = i32x4.sub(start, over);
  v128.store(out, v128.bitselect(i32x4.sub(i32x4.add(start, i32x4.splat(width)), under), above, below));
}

/** Every other of eight f32, from the first or from the second on. */
// @ts-ignore: decorator
@inline
function pairs(x: usize, odd: i32): v128 {
  const a = v128.load(x);
  const b = v128.load(x, 16);
  return odd ? v128.shuffle<u32>(a, b, 1, 3, 5, 7) : v128.shuffle<u32>(a, b, 0, 2, 4, 6);
}

/** All ones where y is larger than x, or the first NaN. */
// @ts-ignore: decorator
@inline
function beats(y: v128, x: v128): v128 {
  return v128.andnot(f32x4.eq(x, x), f32x4.le(y, x));
}

/** The position of the larger of two elements. */
// @ts-ignore: decorator
@inline
function larger<T>(x: usize, at: i32, other: i32): i32 {
  const best = load<T>(x + ((<usize>at) << alignof<T>()));
  const value = load<T>(x + ((<usize>other) << alignof<T>()));
  return select<i32>(other, at, i32(!(value <= best)) & i32(best == best));
}
