import type { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { sameShape, showShape, type Shape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import { expandTo } from "./define.js";

/** The lengths of the part of x from which an index picks; an error where the index does not fit. */
export function checkWithin(name: string, x: Tensor, index: Tensor, axis: number): Shape {
  const box = x.shape.map((length, i) => (i === axis ? length : (index.shape[i] ?? 0)));
  if (index.rank !== x.rank || box.some((length, i) => length > x.shape[i]!)) {
    throw new ShapeError(
      name,
      `an index no longer than ${showShape(x.shape)} but for axis ${axis}`,
      showShape(index.shape),
    );
  }
  return box;
}

/** An element for each place of an index: those at the beginning of a tensor of as many axes, or one for all. */
export function sourceFor(name: string, source: Tensor, shape: Shape): Tensor {
  if (source.rank === 0) return expandTo(source, shape);
  if (source.rank !== shape.length || shape.some((length, i) => length > source.shape[i]!))
    throw new ShapeError(name, `a number or a source of at least ${showShape(shape)}`, showShape(source.shape));
  return leading(source, shape);
}

/** The beginning of x along every axis. */
export function leading(x: Tensor, sizes: Shape): Tensor {
  if (sameShape(x.shape, sizes)) return x;
  return operations.stridedSlice(x, { starts: sizes.map(() => 0), sizes, steps: sizes.map(() => 1) });
}
