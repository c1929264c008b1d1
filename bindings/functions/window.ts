import { tensor } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { showShape, type Shape } from "../core/shape.js";
import { ValueError } from "../errors.js";
import { reshape } from "../primitives/movement.js";

// What the functions that move windows over images have in common.

/** A number for all axes, or one for each. */
export type PerAxis = number | readonly number[];

/** Refuses numbers that are not whole, less than `least`, or so large that no image has as many rows. */
export function wholes(name: string, what: string, values: readonly number[], least: number): void {
  for (const value of values) {
    if (!Number.isInteger(value) || value < least || value > 16_777_216)
      throw new ValueError(name, `${what} as whole numbers from ${least} to 16777216`, String(value));
  }
}

/** A parameter for rows and columns, each at least `least`; where there is only length, rows have the neutral one. */
export function pairOf(
  name: string,
  what: string,
  axes: 1 | 2,
  value: PerAxis,
  neutral: number,
  least: number,
): readonly [number, number] {
  const list = Array.isArray(value) ? (value as readonly number[]) : new Array<number>(axes).fill(value as number);
  if (list.length !== axes) throw new ValueError(name, `${what} as a number or ${axes} numbers`, showShape(list));
  wholes(name, what, list, least);
  return axes === 1 ? [neutral, list[0]!] : [list[0]!, list[1]!];
}

/** Numbers that were worked out here, as a constant of some shape and type. */
export function constantOf(values: readonly number[], shape: Shape, dtype: DTypeName): Tensor {
  return reshape(tensor(values, { dtype }), shape);
}
