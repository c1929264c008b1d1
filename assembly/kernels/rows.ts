// Softmax and its kin, over the rows of a contiguous [Rows, Columns], F32 and F64. Every row is shifted by its maximum, so
// that no exponential overflows; a row of -inf alone gives NaN. Outputs may take the place of x1 or x2.

import { DType } from "../abi/dtype";
import { RowsWord } from "../abi/form";
import { Status } from "../abi/status";
import { fail } from "../control";
import { Log, Maximum } from "../lanes/arithmetic";
import { extremeRow } from "./reduce/extreme";
import { dotRow, each, expBelow, peakRow, scaleRow, sumExponentials } from "./rows/exponentials";
import { sumRow } from "./reduce/sum";
import { dtypeOf } from "./box/walk";

/** Runs a Softmax instruction: exp(x - max) times 1 / sum, which is rounded once as the sum would be. */
export function softmax(instruction: usize): i32 {
  return rows<Softmax>(instruction);
}

/** Runs a LogSoftmax instruction: (x - max) - log(sum of exp(x - max)). */
export function logSoftmax(instruction: usize): i32 {
  return rows<LogSoftmax>(instruction);
}

/** Runs a Logsumexp instruction: max + log(sum of exp(x - max)), or the maximum itself where it is infinite. */
export function logSumExp(instruction: usize): i32 {
  return rows<LogSumExp>(instruction);
}

/** Runs a SoftmaxBackward instruction: y * (g - sum(g * y)). */
export function softmaxBackward(instruction: usize): i32 {
  return rows<SoftmaxBackward>(instruction);
}

/** Runs a LogSoftmaxBackward instruction: g - exp(y) * sum(g). */
export function logSoftmaxBackward(instruction: usize): i32 {
  return rows<LogSoftmaxBackward>(instruction);
}

/** Runs a CrossEntropy instruction: log(sum of exp(x - max)) - (x[target] - max). Targets are checked before any write. */
export function crossEntropy(instruction: usize): i32 {
  return checked<CrossEntropy>(instruction);
}

/** Runs a CrossEntropyBackward instruction: (softmax(x) - onehot) * g. Targets are checked before any write. */
export function crossEntropyBackward(instruction: usize): i32 {
  return checked<CrossEntropyBackward>(instruction);
}

/** A target counts from 0: an index from the end would hide a wrong label. */
function checked<F>(instruction: usize): i32 {
  const targets = load<usize>(instruction, RowsWord.X2 << 2);
  const count = load<usize>(instruction, RowsWord.Rows << 2);
  const columns = load<u32>(instruction, RowsWord.Columns << 2);
  for (let i: usize = 0; i < count; i++) {
    const target = load<i32>(targets + (i << 2));
    if (<u32>target >= columns) return fail(Status.OutsideFromStart, i, <f64>target, columns);
  }
  return rows<F>(instruction);
}

function rows<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) typed<f32, F>(instruction);
  else if (dtype == DType.F64) typed<f64, F>(instruction);
  else return Status.Unsupported;
  return Status.Ok;
}

function typed<T, F>(instruction: usize): void {
  const out = load<usize>(instruction, RowsWord.Out << 2);
  const x1 = load<usize>(instruction, RowsWord.X1 << 2);
  const x2 = load<usize>(instruction, RowsWord.X2 << 2);
  const x3 = load<usize>(instruction, RowsWord.X3 << 2);
  const count = load<usize>(instruction, RowsWord.Rows << 2);
  const columns = load<usize>(instruction, RowsWord.Columns << 2);
  if (!columns) return;
  for (let i: usize = 0; i < count; i++) changetype<F>(0).row<T>(i, columns, out, x1, x2, x3);
}

function logarithm<T>(x: f64): T {
  return v128.extract_lane<T>(changetype<Log>(0).apply<T>(v128.splat<T>(<T>x)), 0);
}

/** The address of row i. */
function at<T>(x: usize, i: usize, n: usize): usize {
  return x + ((i * n) << alignof<T>());
}

/** exp(x - max) * (1 / sum). */
@unmanaged
class Softmax {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const x = at<T>(x1, i, n);
    const y = at<T>(out, i, n);
    const total = sumExponentials<T>(y, x, n, peakRow<T>(x, n));
    scaleRow<T>(y, y, n, <T>(1 / total));
  }
}

/** (x - max) - log(sum). */
@unmanaged
class LogSoftmax {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const x = at<T>(x1, i, n);
    const peak = peakRow<T>(x, n);
    const total = sumExponentials<T>(0, x, n, peak);
    each<T, Lower>(at<T>(out, i, n), x, x, n, peak, logarithm<T>(total));
  }
}

/** max + log(sum). */
@unmanaged
class LogSumExp {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const x = at<T>(x1, i, n);
    const peak = extremeRow<T, Maximum>(x, n);
    const finite = abs<T>(peak) < <T>Infinity;
    store<T>(at<T>(out, i, 1), finite ? peak + logarithm<T>(sumExponentials<T>(0, x, n, peak)) : peak);
  }
}

/** y * (g - sum(g * y)). */
@unmanaged
class SoftmaxBackward {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const y = at<T>(x1, i, n);
    const g = at<T>(x2, i, n);
    each<T, Centre>(at<T>(out, i, n), y, g, n, <T>dotRow<T>(y, g, n), 0);
  }
}

/** g - exp(y) * sum(g). */
@unmanaged
class LogSoftmaxBackward {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const g = at<T>(x2, i, n);
    each<T, Spread>(at<T>(out, i, n), at<T>(x1, i, n), g, n, <T>sumRow<T, f64>(g, n), 0);
  }
}

/** log(sum) - (x[target] - max). */
@unmanaged
class CrossEntropy {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const x = at<T>(x1, i, n);
    const chosen = load<T>(at<T>(x, load<usize>(x2 + (i << 2)), 1));
    const peak = peakRow<T>(x, n);
    store<T>(at<T>(out, i, 1), logarithm<T>(sumExponentials<T>(0, x, n, peak)) - (chosen - peak));
  }
}

/** exp(x - max) * (g / sum), less g at the target. */
@unmanaged
class CrossEntropyBackward {

  @inline row<T>(i: usize, n: usize, out: usize, x1: usize, x2: usize, x3: usize): void {
    const x = at<T>(x1, i, n);
    const y = at<T>(out, i, n);
    const g = load<T>(at<T>(x3, i, 1));
    const chosen = at<T>(y, load<usize>(x2 + (i << 2)), 1);
    const total = sumExponentials<T>(y, x, n, peakRow<T>(x, n));
    scaleRow<T>(y, y, n, g / <T>total);
    store<T>(chosen, load<T>(chosen) - g);
  }
}

/** (x - s) - t. */
@unmanaged
class Lower {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return v128.sub<T>(v128.sub<T>(x, s), t);
  }
}

/** x * (y - s). */
@unmanaged
class Centre {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return v128.mul<T>(x, v128.sub<T>(y, s));
  }
}

/** y - exp(x) * s. */
@unmanaged
class Spread {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return v128.sub<T>(y, v128.mul<T>(expBelow<T>(x), s));
  }
}
