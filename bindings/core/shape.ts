import { Limit } from "../../assembly/abi/limit.js";
import { AxisError, IndexError, ShapeError } from "../errors.js";

/** The length of each axis: [2, 3] of a matrix with two rows and three columns, [] of a 0-d tensor. */
export type Shape = readonly number[];

/** A tensor has at most so many axes. */
export const MOST_AXES: number = Limit.Rank;

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Strides, in elements, of a dense row-major layout. */
export function denseStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Whether the elements lie densely in row-major order. Axes of length 1, and empty tensors, do not matter. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  let dense = true;
  for (let axis = shape.length - 1, expected = 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length === 0) return true;
    if (length !== 1 && strides[axis] !== expected) dense = false;
    expected *= length;
  }
  return dense;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** NumPy's rule: align at the last axis; lengths agree, or one of them is 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let axis = 1; axis <= rank; axis++) {
    const x = a[a.length - axis] ?? 1;
    const y = b[b.length - axis] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(operation, "shapes that broadcast", `${showShape(a)} and ${showShape(b)}`);
    }
    shape[rank - axis] = x === 1 ? y : x;
  }
  return shape;
}

/** Strides of a tensor read as a larger shape: 0 along every axis that is repeated. */
export function broadcastStrides(shape: Shape, strides: readonly number[], to: Shape): number[] {
  const lead = to.length - shape.length;
  return to.map((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? 0 : strides[axis - lead]!,
  );
}

/** The axis counted from the front; an error if there is no such axis. Where 0-d tensors count as 1-d, `rank` is `x.rank || 1`. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new AxisError(
      operation,
      rank === 0 ? "no axis, for a 0-d tensor" : `an axis from ${-rank} to ${rank - 1}`,
      String(axis),
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** The position counted from the front, along `length` entries; an error if there is no such. `place`: where, for that error. */
export function normalizePosition(operation: string, position: number, length: number, place: string): number {
  if (!Number.isInteger(position) || position < -length || position >= length)
    throw new IndexError(operation, `a whole position from ${-length} to ${length - 1} ${place}`, String(position));
  return position < 0 ? position + length : position;
}

/** Two different axes, in the order given: of a plane, or of matrices. */
export function normalizePair(operation: string, axes: readonly [number, number], rank: number): [number, number] {
  const [a, b] = listOf(axes).map((axis) => normalizeAxis(operation, axis, rank));
  if (a === undefined || b === undefined || a === b || axes.length > 2)
    throw new AxisError(operation, "two axes", a === b && a !== undefined ? `axis ${a} twice` : String(axes));
  return [a, b];
}

/**
 * Several axes in ascending order, all of them if none are given; an error for one that is named twice. A 0-d tensor can be
 * named as if it had one, as in PyTorch.
 */
export function normalizeAxes(
  operation: string,
  axes: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const listed = listOf(axes).map((axis) => normalizeAxis(operation, axis, rank || 1));
  listed.sort((a, b) => a - b);
  for (const [i, axis] of listed.entries()) {
    if (axis === listed[i - 1]) throw new AxisError(operation, "each axis once", `axis ${axis} twice`);
  }
  return rank === 0 ? [] : listed;
}

/** What a user gives as a list, or as one alone. Whoever looks at an element refuses what it should not be. */
export function listOf<T>(list: T | readonly T[]): readonly T[] {
  return Array.isArray(list) ? (list as readonly T[]) : [list as T];
}

/** A shape given by a user: whole lengths from 0 on, not too many axes. One length alone is that of a vector. */
export function checkShape(operation: string, lengths: number | Shape): Shape {
  const shape = listOf(lengths);
  if (shape.length > MOST_AXES) throw new ShapeError(operation, `at most ${MOST_AXES} axes`, `${shape.length}`);
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError(operation, "whole lengths from 0 on", showShape(shape));
    }
  }
  return [...shape]; // The caller's own array may change later.
}

/** A shape as messages print it. */
export function showShape(shape: Shape): string {
  return `[${listOf(shape).map(String).join(", ")}]`;
}
