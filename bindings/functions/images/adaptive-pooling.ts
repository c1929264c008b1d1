import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import { permute } from "../../primitives/movement.js";
import { finish, planes, pooled, type Axes, type Placing, type Pooled } from "./planes.js";
import { constantOf, listOver, wholes } from "./window.js";

/** A number for all axes, or one for each, where null stands for the length of the input. */
export type OutputSize = number | readonly (number | null)[];

/**
 * The largest elements of as many windows over length as the result shall have elements, as alike as can be.
 * PyTorch: `adaptive_max_pool1d`.
 */
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize): Tensor;
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize, options: Placing): Pooled;
export function adaptiveMaxPool1d(input: TensorLike, outputSize: OutputSize, options?: Placing): Tensor | Pooled {
  return adaptiveLargest("adaptiveMaxPool1d", 1, input, outputSize, options);
}

/**
 * The largest elements of as many windows as the result shall have rows and columns, as alike as can be.
 * PyTorch: `adaptive_max_pool2d`.
 */
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize): Tensor;
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize, options: Placing): Pooled;
export function adaptiveMaxPool2d(input: TensorLike, outputSize: OutputSize, options?: Placing): Tensor | Pooled {
  return adaptiveLargest("adaptiveMaxPool2d", 2, input, outputSize, options);
}

/**
 * Averages of as many windows over length as the result shall have elements, as alike as can be.
 * PyTorch: `adaptive_avg_pool1d`.
 */
export function adaptiveAvgPool1d(input: TensorLike, outputSize: OutputSize): Tensor {
  return adaptiveAverage("adaptiveAvgPool1d", 1, input, outputSize);
}

/**
 * Averages of as many windows as the result shall have rows and columns, as alike as can be. PyTorch: `adaptive_avg_pool2d`.
 */
export function adaptiveAvgPool2d(input: TensorLike, outputSize: OutputSize): Tensor {
  return adaptiveAverage("adaptiveAvgPool2d", 2, input, outputSize);
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
  const list = listOver<number | null>(axes, outputSize).map((count, i) => count ?? x.shape[x.rank - axes + i]!);
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
