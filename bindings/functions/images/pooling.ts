import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Spans } from "../../core/encode/window.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { sameShape, showShape, sizeOf } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { div } from "../../primitives/elementwise/arithmetic.js";
import { convolution } from "../../primitives/convolution.js";
import { asIndex } from "../../primitives/define.js";
import { fill, iota } from "../../primitives/generate.js";
import { reshape } from "../../primitives/movement.js";
import { pick } from "../indexing/choose.js";
import { put } from "../indexing/update.js";
import { finish, planes, pooled, type Axes, type Placing, type Pooled } from "./planes.js";
import { constantOf, pairOf, stepsOf, type Pair, type PerAxis, type Steps } from "./window.js";

/** What every pooling with a window of given size can be told. */
export interface PoolOptions {
  /** From one window to the next. Default: the size of the window. */
  stride?: PerAxis;
  /** Elements that windows may reach beyond the image on either side; at most half of the window. Default 0. */
  padding?: PerAxis;
  /** Whether a last window that the image does not fill counts too. Default false. */
  ceilMode?: boolean;
}

/** Options of `maxPool1d` and `maxPool2d`. */
export interface MaxPoolOptions extends PoolOptions {
  /** From one element of the window to the next. Default 1. */
  dilation?: PerAxis;
}

/** Options of `maxUnpool1d` and `maxUnpool2d`. */
export interface UnpoolOptions {
  /** What it was for the pooling. Default: the size of the window. */
  stride?: PerAxis;
  /** What it was for the pooling. Default 0. */
  padding?: PerAxis;
  /** The lengths of the image, where windows left some of it out. Default: as short as it can have been. */
  outputSize?: PerAxis;
}

/** Options of `avgPool1d` and `avgPool2d`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count in the average. Default true. */
  countIncludePad?: boolean;
  /** What sums are divided by, instead of the number of elements. */
  divisorOverride?: number;
}

/**
 * The largest elements of windows over length, of [n, c, length] or [c, length]; of equals the first counts.
 * PyTorch: `max_pool1d`.
 *
 * @throws ShapeError for an input of other axes, or smaller than the window
 * @throws ValueError for a step that is not whole, or a padding of more than half of the window
 */
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options?: MaxPoolOptions): Tensor;
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions & Placing): Pooled;
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor | Pooled {
  return largest("maxPool1d", 1, input, kernelSize, options);
}

/**
 * The largest elements of windows over images, [n, c, h, w] or [c, h, w]; of equals the first counts. PyTorch: `max_pool2d`.
 *
 * @throws ShapeError for an input of other axes, or smaller than the window
 * @throws ValueError for a step that is not whole, or a padding of more than half of the window
 */
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options?: MaxPoolOptions): Tensor;
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions & Placing): Pooled;
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor | Pooled {
  return largest("maxPool2d", 2, input, kernelSize, options);
}

/**
 * Elements back where `maxPool1d` found them, zeros elsewhere. PyTorch: `max_unpool1d`.
 *
 * @throws ShapeError for indices of another shape, or an outputSize that the pooling cannot have had
 * @throws IndexError for an index outside the image
 */
export function maxUnpool1d(
  input: TensorLike,
  indices: TensorLike,
  kernelSize: PerAxis,
  options: UnpoolOptions = {},
): Tensor {
  return unpooled("maxUnpool1d", 1, input, indices, kernelSize, options);
}

/**
 * Elements back where `maxPool2d` found them, zeros elsewhere. Of several for one place the last one counts.
 * PyTorch: `max_unpool2d`.
 *
 * @throws ShapeError for indices of another shape, or an outputSize that the pooling cannot have had
 * @throws IndexError for an index outside the image
 */
export function maxUnpool2d(
  input: TensorLike,
  indices: TensorLike,
  kernelSize: PerAxis,
  options: UnpoolOptions = {},
): Tensor {
  return unpooled("maxUnpool2d", 2, input, indices, kernelSize, options);
}

/**
 * Averages of windows over length, of [n, c, length] or [c, length]. PyTorch: `avg_pool1d`.
 *
 * @throws ShapeError for an input of other axes, or smaller than the window
 * @throws ValueError for a step that is not whole, or a padding of more than half of the window
 */
export function avgPool1d(input: TensorLike, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return average("avgPool1d", 1, input, kernelSize, options);
}

/**
 * Averages of windows over images, [n, c, h, w] or [c, h, w]. PyTorch: `avg_pool2d`.
 *
 * @throws ShapeError for an input of other axes, or smaller than the window
 * @throws ValueError for a step that is not whole, or a padding of more than half of the window
 */
export function avgPool2d(input: TensorLike, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return average("avgPool2d", 2, input, kernelSize, options);
}

/** A window that moves, and in how many places it is along rows and columns. */
interface Windows extends Steps {
  readonly kernel: Pair;
  readonly size: Pair;
}

function windowsOf(name: string, axes: Axes, x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions): Windows {
  const kernel = pairOf(name, "kernelSize", axes, kernelSize, 1);
  const steps = stepsOf(name, axes, options, kernelSize);
  const { stride, pad, dilation } = steps;
  const { ceilMode } = options;
  const size = [0, 1].map((i) => {
    const reach = dilation[i]! * (kernel[i]! - 1) + 1;
    if (2 * pad[i]! > reach) throw new ValueError(name, "padding of at most half of the window", String(pad[i]));
    const length = x.shape[x.rank - 2 + i]!;
    const room = length + 2 * pad[i]! - reach;
    if (room < 0)
      throw new ShapeError(name, `an image at least as large as the window, ${showShape(kernel)}`, showShape(x.shape));
    const count = (ceilMode ? Math.ceil : Math.floor)(room / stride[i]!) + 1;
    // A last window must begin inside the image or the padding before it.
    return ceilMode && (count - 1) * stride[i]! >= length + pad[i]! ? count - 1 : count;
  }) as [number, number];
  return { kernel, ...steps, size };
}

function largest(
  name: string,
  axes: Axes,
  input: TensorLike,
  kernelSize: PerAxis,
  options: MaxPoolOptions & Partial<Placing>,
): Tensor | Pooled {
  checkOptions(name, options, { stride: null, padding: null, ceilMode: false, dilation: null, returnIndices: false });
  const x = planes(name, axes, input);
  const { kernel, stride, pad, dilation, size } = windowsOf(name, axes, x, kernelSize, options);
  const spans = ([0, 1] as const).map((i): Spans => {
    const length = x.shape[x.rank - 2 + i]!;
    const step = dilation[i];
    const bounds = Array.from({ length: size[i] }, (_, j): [number, number] => {
      const start = j * stride[i] - pad[i];
      const first = start < 0 ? start + step * Math.ceil(-start / step) : start;
      if (first >= length)
        throw new ValueError(name, "windows that hold elements of the image", `one that steps over all ${length}`);
      return [first, Math.min(start + step * (kernel[i] - 1) + 1, length)];
    });
    return { bounds, step };
  });
  return pooled(x, { rows: spans[0]!, columns: spans[1]! }, axes, options);
}

function unpooled(
  name: string,
  axes: Axes,
  input: TensorLike,
  indices: TensorLike,
  kernelSize: PerAxis,
  options: UnpoolOptions,
): Tensor {
  checkOptions(name, options, { stride: null, padding: null, outputSize: null });
  return composed(name, input, () => {
    const given = asTensor(name, input);
    const places = asIndex(indices, name);
    const x = planes(name, axes, given);
    if (!sameShape(places.shape, given.shape))
      throw new ShapeError(name, `indices ${showShape(given.shape)}`, showShape(places.shape));
    const { outputSize } = options;
    const kernel = pairOf(name, "kernelSize", axes, kernelSize, 1);
    const { stride, pad } = stepsOf(name, axes, options, kernelSize);
    const lead = x.shape.slice(0, -2);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const least = [rows, columns].map((count, i) => (count - 1) * stride[i]! - 2 * pad[i]! + kernel[i]!);
    const size = outputSize === undefined ? least : pairOf(name, "outputSize", axes, outputSize, 1);
    if (size.some((length, i) => length < 0 || Math.abs(length - least[i]!) >= stride[i]!)) {
      const expected = `an image within a stride of ${showShape(least.slice(-axes))}`;
      throw new ShapeError(name, expected, showShape(size.slice(-axes)));
    }
    const [flat, at] = [x, places].map((each) => reshape(each, [...lead, rows * columns])) as [Tensor, Tensor];
    const none = fill([...lead, size[0] * size[1]], 0, x.dtype);
    const chosen = pick(name, reshape(iota(none.size, "i32"), none.shape), at);
    return finish(reshape(put(none, chosen, flat), [...lead, ...size]), axes);
  });
}

function average(name: string, axes: Axes, input: TensorLike, kernelSize: PerAxis, options: AvgPoolOptions): Tensor {
  checkOptions(name, options, {
    stride: null,
    padding: null,
    ceilMode: false,
    countIncludePad: false,
    divisorOverride: 0,
  });
  const { countIncludePad = true, divisorOverride } = options;
  if (!(divisorOverride ?? 1)) throw new ValueError(name, "a divisor other than 0", String(divisorOverride));
  const x = planes(name, axes, input);
  const { kernel, stride, pad, size } = windowsOf(name, axes, x, kernelSize, options);
  const [h, w] = x.shape.slice(-2) as [number, number];
  const count = sizeOf(x.shape.slice(0, -2));
  // Every plane is an image of its own, and the window a kernel of ones.
  const sums = convolution(reshape(x, [count, 1, h, w]), fill([1, 1, ...kernel], 1, x.dtype), {
    ...{ stride, pad, dilation: [1, 1], groups: 1, size },
  });
  const y = finish(reshape(sums, [...x.shape.slice(0, -2), ...size]), axes);
  if (divisorOverride !== undefined) return div(y, divisorOverride);
  const counts = ([0, 1] as const).map((i) =>
    Array.from({ length: size[i] }, (_, j) => {
      const start = j * stride[i] - pad[i];
      const length = [h, w][i]!;
      return countIncludePad
        ? Math.min(start + kernel[i], length + pad[i]) - start
        : Math.min(start + kernel[i], length) - Math.max(start, 0);
    }),
  ) as [number[], number[]];
  const [first] = counts[0];
  const [other] = counts[1];
  if (counts[0].every((n) => n === first) && counts[1].every((n) => n === other))
    return div(y, (first ?? 1) * (other ?? 1));
  const table = counts[0].flatMap((rows) => counts[1].map((columns) => rows * columns));
  return div(y, constantOf(table, axes === 2 ? size : [size[1]], y.dtype));
}
