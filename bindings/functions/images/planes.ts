import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { float } from "../../primitives/define.js";
import { reshape } from "../../primitives/movement.js";
import { maxPool, maxPoolIndices, type Pooling } from "../../primitives/pooling.js";

// What all poolings have in common: they work on planes, and length is a plane of one row.

/** The axes that windows move over: length, or rows and columns. */
export type Axes = 1 | 2;

/** The largest elements, and the place (i32) of each in its plane, row times width and column. */
export interface Pooled {
  /** The largest elements. */
  values: Tensor;
  /** Their places in the plane, i32. */
  indices: Tensor;
}

/** For the places of the largest elements, too. */
export interface Placing {
  /** Gives `Pooled` instead of the elements alone. */
  returnIndices: true;
}

/** x as [.., h, w]; length alone is a single row. */
export function planes(name: string, axes: Axes, input: TensorLike): Tensor {
  const x = float(asTensor(name, input));
  if (x.rank !== axes + 1 && x.rank !== axes + 2) {
    const expected = axes === 1 ? "[n, c, length] or [c, length]" : "[n, c, h, w] or [c, h, w]";
    throw new ShapeError(name, expected, showShape(x.shape));
  }
  return axes === 2 ? x : reshape(x, [...x.shape.slice(0, -1), 1, x.shape[x.rank - 1]!]);
}

/** Without the axis of the single row. */
export function finish(y: Tensor, axes: Axes): Tensor {
  return axes === 2 ? y : reshape(y, [...y.shape.slice(0, -2), y.shape[y.rank - 1]!]);
}

/** The largest elements of windows, with their places if those are asked for. */
export function pooled(x: Tensor, windows: Pooling, axes: Axes, { returnIndices }: Partial<Placing>): Tensor | Pooled {
  const values = finish(maxPool(x, windows), axes);
  return returnIndices ? { values, indices: finish(maxPoolIndices(x, windows), axes) } : values;
}
