import type { Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import { sameShape, showShape, sizeOf, type Shape } from "../core/shape.js";
import { DTypeError, ShapeError } from "../errors.js";

// What the rows of linear algebra have in common. Matrices stand in the last two axes.

/** The shape of matrices of a floating-point type; a square one is asked for unless `tall`: as many rows as columns, or more. */
export function matrices(
  operation: string,
  x: Tensor | undefined,
  tall = false,
): { readonly lead: Shape; readonly m: number; readonly n: number } {
  const { shape, dtype, type } = x!;
  if (!type.float) throw new DTypeError(operation, "a floating-point dtype", dtype);
  const [m, n] = shape.slice(-2) as [number, number];
  if (shape.length < 2 || (tall ? m < n : m !== n))
    throw new ShapeError(operation, tall ? "[.., m, n] with m >= n" : "square matrices, [.., n, n]", showShape(shape));
  return { lead: shape.slice(0, -2), m, n };
}

/** The shape of x in A x = b for square matrices A [.., n, n] and b [.., n, k] of one batch. */
export function solutions(operation: string, [a, b]: readonly (Tensor | undefined)[]): Shape {
  const { lead, n } = matrices(operation, a);
  const { shape, dtype } = b!;
  if (dtype !== a!.dtype) throw new DTypeError(operation, a!.dtype, dtype);
  if (shape.length !== lead.length + 2 || !sameShape(lead, shape.slice(0, -2)) || shape.at(-2) !== n)
    throw new ShapeError(operation, "[.., n, n] and [.., n, k]", `${showShape(a!.shape)} and ${showShape(shape)}`);
  return shape;
}

/** The last two axes exchanged. */
export function transposed(o: Operations, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(axes.splice(-2, 1)[0]!);
  return o.permute(x, axes);
}

/** The symmetric part (A + Aᵀ) / 2. */
export function symmetric(o: Operations, a: Tensor): Tensor {
  return o.mul(o.add(a, transposed(o, a)), 0.5);
}

/** Whether elements of [n, n] lie where a comparison of row and column numbers says. */
export function places(o: Operations, n: number, compare: "eq" | "gt" | "ge" | "lt" | "le"): Tensor {
  return o[compare](o.reshape(o.iota(n, "i32"), [n, 1]), o.iota(n, "i32"));
}

/** The unit matrix [n, n]. */
export function unit(o: Operations, n: number, { dtype }: Tensor): Tensor {
  return o.cast(places(o, n, "eq"), dtype);
}

/** The diagonals [.., n] of square matrices. */
export function diagonals(o: Operations, a: Tensor): Tensor {
  return o.sum(o.where(places(o, a.shape.at(-1)!, "eq"), a, 0), -1);
}

/** Σ x y over each matrix. */
export function inner(o: Operations, x: Tensor, y: Tensor): Tensor {
  return o.sum(o.mul(x, y), [-2, -1]);
}

/** Parts of a batch, one behind the other in a new last axis. */
export function packed(o: Operations, lead: Shape, parts: readonly Tensor[]): Tensor {
  const flat = parts.map((x) => o.reshape(x, [...lead, sizeOf(x.shape.slice(lead.length))]));
  const lengths = flat.map((x) => x.shape.at(-1)!);
  const boxes = lengths.map((length, i) => boxOf(lead, sizeOfAll(lengths.slice(0, i)), length));
  return o.embed(flat, boxes, [...lead, sizeOfAll(lengths)], true);
}

/** Such parts by themselves, in their shapes. */
export function unpacked(o: Operations, y: Tensor, shapes: readonly Shape[]): Tensor[] {
  const lead = y.shape.slice(0, -1);
  return shapes.map((shape, i) => {
    const before = sizeOfAll(shapes.slice(0, i).map(sizeOf));
    return o.reshape(o.stridedSlice(y, boxOf(lead, before, sizeOf(shape))), [...lead, ...shape]);
  });
}

function sizeOfAll(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

function boxOf(lead: Shape, start: number, length: number): { starts: number[]; sizes: number[]; steps: number[] } {
  const zeros = lead.map(() => 0);
  return { starts: [...zeros, start], sizes: [...lead, length], steps: [...zeros.map(() => 1), 1] };
}
