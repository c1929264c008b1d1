import { tensor } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { showShape, type Shape } from "../../core/shape.js";
import { ValueError } from "../../errors.js";
import { reshape } from "../../primitives/movement.js";

// What the functions that move windows over images have in common.

/** A number for all axes, or one for each. */
export type PerAxis = number | readonly number[];

/** What is given for all axes, or for each, as a list; its length is for the caller to look at. */
export function listOver<T>(axes: number, given: T | readonly T[]): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : new Array<T>(axes).fill(given as T);
}

/** More rows than any image has. */
const MOST_ROWS = 16_777_216;

/** Refuses numbers that are not whole, less than `least`, or so large that no image has as many rows. */
export function wholes(name: string, what: string, values: readonly number[], least: number): void {
  for (const value of values) {
    if (!Number.isInteger(value) || value < least || value > MOST_ROWS)
      throw new ValueError(name, `${what} as whole numbers from ${least} to ${MOST_ROWS}`, String(value));
  }
}

/** A number for rows, and one for columns. */
export type Pair = readonly [number, number];

/** A parameter for rows and columns, each at least `least`, which is that of rows where there is only length. */
export function pairOf(name: string, what: string, axes: 1 | 2, value: PerAxis, least: number): Pair {
  const list = listOver(axes, value);
  if (list.length !== axes) throw new ValueError(name, `${what} as a number or ${axes} numbers`, showShape(list));
  wholes(name, what, list, least);
  return axes === 1 ? [least, list[0]!] : [list[0]!, list[1]!];
}

/** How a window moves over rows and columns: from place to place, from before the first element on, and from tap to tap. */
export interface Steps {
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilation: Pair;
}

/** The steps that options name; `apart` is the stride where they name none. */
export function stepsOf(
  name: string,
  axes: 1 | 2,
  { stride, padding = 0, dilation = 1 }: { stride?: PerAxis; padding?: PerAxis; dilation?: PerAxis },
  apart: PerAxis = 1,
): Steps {
  return {
    stride: pairOf(name, "stride", axes, stride ?? apart, 1),
    pad: pairOf(name, "padding", axes, padding, 0),
    dilation: pairOf(name, "dilation", axes, dilation, 1),
  };
}

/** Numbers that were worked out here, as a constant of some shape and type. */
export function constantOf(values: readonly number[], shape: Shape, dtype: DTypeName): Tensor {
  return reshape(tensor(values, { dtype }), shape);
}
