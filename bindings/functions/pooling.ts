import { asTensor, type TensorLike } from "../core/create.js";
import type { Spans } from "../core/encode-window.js";
import type { Tensor } from "../core/graph.js";
import { checkOptions } from "../core/options.js";
import { composed } from "../core/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { ShapeError, ValueError } from "../errors.js";
import { div } from "../primitives/arithmetic.js";
import { convolution } from "../primitives/convolution.js";
import { matmul } from "../primitives/contraction.js";
import { asIndex, float } from "../primitives/define.js";
import { fill, iota } from "../primitives/generate.js";
import { permute, reshape } from "../primitives/movement.js";
import { maxPool, maxPoolIndices, type Pooling } from "../primitives/pooling.js";
import { pick } from "./choose.js";
import { put } from "./update.js";
import { constantOf, pairOf, wholes, type PerAxis } from "./window.js";

/** What every pooling with a window of given size can be told. */
export interface PoolOptions {
  /** From one window to the next. Default: the size of the window. */
  stride?: PerAxis;
  /** Elements that windows may reach beyond the image on either side; at most half of the window. Default 0. */
  padding?: PerAxis;
  /** Whether a last window that the image does not fill counts too. Default false. */
  ceilMode?: boolean;
}

/** The largest elements, and the place (i32) of each in its plane, row times width and column. */
export interface Pooled {
  /** The largest elements. */
  values: Tensor;
  /** Their places in the plane, i32. */
  indices: Tensor;
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

/** For the places of the largest elements, too. */
export interface Placing {
  /** Gives `Pooled` instead of the elements alone. */
  returnIndices: true;
}

/** A number for all axes, or one for each, where null stands for the length of the input. */
export type OutputSize = number | readonly (number | null)[];

type Axes = 1 | 2;

/** The largest elements of windows over length, of [n, c, length] or [c, length]. As PyTorch's; of equals the first counts. */
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options?: MaxPoolOptions): Tensor;
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions & Placing): Pooled;
export function maxPool1d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor | Pooled {
  return largest("maxPool1d", 1, input, kernelSize, options);
}

/** The largest elements of windows over images, [n, c, h, w] or [c, h, w]. As PyTorch's; of equals the first counts. */
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options?: MaxPoolOptions): Tensor;
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions & Placing): Pooled;
export function maxPool2d(input: TensorLike, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor | Pooled {
  return largest("maxPool2d", 2, input, kernelSize, options);
}

/** Elements back where `maxPool1d` found them, zeros elsewhere. As PyTorch's. */
export function maxUnpool1d(
  input: TensorLike,
  indices: TensorLike,
  kernelSize: PerAxis,
  options: UnpoolOptions = {},
): Tensor {
  return unpooled("maxUnpool1d", 1, input, indices, kernelSize, options);
}

/** Elements back where `maxPool2d` found them, zeros elsewhere. As PyTorch's; of several for one place the last one counts. */
export function maxUnpool2d(
  input: TensorLike,
  indices: TensorLike,
  kernelSize: PerAxis,
  options: UnpoolOptions = {},
): Tensor {
  return unpooled("maxUnpool2d", 2, input, indices, kernelSize, options);
}

/** Averages of windows over length, of [n, c, length] or [c, length]. As PyTorch's. */
export function avgPool1d(input: TensorLike, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return average("avgPool1d", 1, input, kernelSize, options);
}

/** Averages of windows over images, [n, c, h, w] or [c, h, w]. As PyTorch's. */
export function avgPool2d(input: TensorLike, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return average("avgPool2d", 2, input, kernelSize, options);
}

/** The largest elements of as many windows as the result shall have, as alike as can be. As PyTorch's. */
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize): Tensor;
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize, options: Placing): Pooled;
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize, options?: Placing): Tensor | Pooled {
  return adaptiveLargest("adaptiveMaxPool1d", 1, input, outputSize, options);
}

/** The largest elements of as many windows as the result shall have rows and columns, as alike as can be. As PyTorch's. */
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize): Tensor;
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize, options: Placing): Pooled;
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize, options?: Placing): Tensor | Pooled {
  return adaptiveLargest("adaptiveMaxPool2d", 2, input, outputSize, options);
}

/** Averages of as many windows as the result shall have elements, as alike as can be. As PyTorch's. */
export function adaptiveAvgPool1d(input: TensorLike, outputSize: OutputSize): Tensor {
  return adaptiveAverage("adaptiveAvgPool1d", 1, input, outputSize);
}

/** Averages of as many windows as the result shall have rows and columns, as alike as can be. As PyTorch's. */
export function adaptiveAvgPool2d(input: TensorLike, outputSize: OutputSize): Tensor {
  return adaptiveAverage("adaptiveAvgPool2d", 2, input, outputSize);
}

/** x as [.., h, w]; length alone is a single row. */
function planes(name: string, axes: Axes, input: TensorLike): Tensor {
  const x = float(asTensor(name, input));
  if (x.rank !== axes + 1 && x.rank !== axes + 2) {
    const expected = axes === 1 ? "[n, c, length] or [c, length]" : "[n, c, h, w] or [c, h, w]";
    throw new ShapeError(name, expected, showShape(x.shape));
  }
  return axes === 2 ? x : reshape(x, [...x.shape.slice(0, -1), 1, x.shape[x.rank - 1]!]);
}

/** Without the axis of the single row. */
function finish(y: Tensor, axes: Axes): Tensor {
  return axes === 2 ? y : reshape(y, [...y.shape.slice(0, -2), y.shape[y.rank - 1]!]);
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly size: readonly [number, number];
}

function windowOf(name: string, axes: Axes, x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions): Window {
  const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
  const kernel = pairOf(name, "kernelSize", axes, kernelSize, 1, 1);
  const s = pairOf(name, "stride", axes, stride, 1, 1);
  const pad = pairOf(name, "padding", axes, padding, 0, 0);
  const d = pairOf(name, "dilation", axes, dilation, 1, 1);
  const size = [0, 1].map((i) => {
    const reach = d[i]! * (kernel[i]! - 1) + 1;
    if (2 * pad[i]! > reach) throw new ValueError(name, "padding of at most half of the window", String(pad[i]));
    const length = x.shape[x.rank - 2 + i]!;
    const room = length + 2 * pad[i]! - reach;
    if (room < 0)
      throw new ShapeError(name, `an image at least as large as the window, ${showShape(kernel)}`, showShape(x.shape));
    const count = (ceilMode ? Math.ceil(room / s[i]!) : Math.floor(room / s[i]!)) + 1;
    // A last window must begin inside the image or the padding before it.
    return ceilMode && (count - 1) * s[i]! >= length + pad[i]! ? count - 1 : count;
  }) as [number, number];
  return { kernel, stride: s, pad, dilation: d, size };
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
  const { kernel, stride, pad, dilation, size } = windowOf(name, axes, x, kernelSize, options);
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

function pooled(x: Tensor, windows: Pooling, axes: Axes, { returnIndices }: Partial<Placing>): Tensor | Pooled {
  const values = finish(maxPool(x, windows), axes);
  return returnIndices ? { values, indices: finish(maxPoolIndices(x, windows), axes) } : values;
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
    const { stride = kernelSize, padding = 0, outputSize } = options;
    const kernel = pairOf(name, "kernelSize", axes, kernelSize, 1, 1);
    const s = pairOf(name, "stride", axes, stride, 1, 1);
    const pad = pairOf(name, "padding", axes, padding, 0, 0);
    const lead = x.shape.slice(0, -2);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const least = [rows, columns].map((count, i) => (count - 1) * s[i]! - 2 * pad[i]! + kernel[i]!);
    const size = outputSize === undefined ? least : pairOf(name, "outputSize", axes, outputSize, 1, 1);
    if (size.some((length, i) => length < 0 || Math.abs(length - least[i]!) >= s[i]!)) {
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
  const { kernel, stride, pad, size } = windowOf(name, axes, x, kernelSize, options);
  const [h, w] = x.shape.slice(-2) as [number, number];
  const count = x.shape.slice(0, -2).reduce((product, length) => product * length, 1);
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

/** Windows of adaptive pooling: the i-th of n begins at floor(i length / n) and ends before ceil((i + 1) length / n). */
function adaptive(length: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * length) / count),
    Math.ceil(((i + 1) * length) / count),
  ]);
}

function adaptiveSizes(
  name: string,
  axes: Axes,
  x: Tensor,
  outputSize: OutputSize,
): [[number, number][], [number, number][]] {
  const given = Array.isArray(outputSize)
    ? (outputSize as readonly (number | null)[])
    : new Array(axes).fill(outputSize);
  const list = (given as readonly (number | null)[]).map((count, i) => count ?? x.shape[x.rank - axes + i]!);
  if (list.length !== axes) throw new ValueError(name, `outputSize as a number or ${axes} numbers`, showShape(list));
  wholes(name, "outputSize", list, 0);
  const [h, w] = x.shape.slice(-2) as [number, number];
  if (h === 0 || w === 0) throw new ShapeError(name, "an image of at least one element", showShape(x.shape));
  return [adaptive(h, axes === 1 ? 1 : list[0]!), adaptive(w, list[axes - 1]!)];
}

function adaptiveLargest(
  name: string,
  axes: Axes,
  input: TensorLike,
  outputSize: OutputSize,
  options: Partial<Placing> = {},
): Tensor | Pooled {
  checkOptions(name, options, { returnIndices: false });
  const x = planes(name, axes, input);
  const [rows, columns] = adaptiveSizes(name, axes, x, outputSize);
  return pooled(x, { rows: { bounds: rows, step: 1 }, columns: { bounds: columns, step: 1 } }, axes, options);
}

/** Rows of weights that take the averages of windows of an axis. */
function averages(bounds: readonly (readonly [number, number])[], length: number, x: Tensor): Tensor {
  const table = bounds.flatMap(([first, end]) =>
    Array.from({ length }, (_, i) => (i >= first && i < end ? 1 / (end - first) : 0)),
  );
  return constantOf(table, [bounds.length, length], x.dtype);
}

function adaptiveAverage(name: string, axes: Axes, input: TensorLike, outputSize: OutputSize): Tensor {
  const x = planes(name, axes, input);
  const [rows, columns] = adaptiveSizes(name, axes, x, outputSize);
  const [h, w] = x.shape.slice(-2) as [number, number];
  const across = matmul(x, permute(averages(columns, w, x), [1, 0]));
  return finish(axes === 1 ? across : matmul(averages(rows, h, x), across), axes);
}
