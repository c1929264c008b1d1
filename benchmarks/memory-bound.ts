// The memory-bound problems: what is computed, of which shape, and how many bytes must at least move.
import { noise } from "./problems.js";

/** Names of what is computed; x and y have the shape of the setting. */
export type Traffic =
  | "x + y"
  | "x + scalar"
  | "x + row"
  | "x + column"
  | "x + transposed"
  | "x < y"
  | "where"
  | "last two axes exchanged"
  | "channels last"
  | "sum"
  | "max"
  | "argmax"
  | "prod"
  | "variance"
  | "logsumexp"
  | "sum of the transpose";

export interface TrafficSetting {
  readonly traffic: Traffic;
  readonly shape: readonly number[];
  readonly dtype: "f32" | "f64" | "i32";
  /** Of reductions: the axis, or all. */
  readonly axis?: number | null;
}

/** Whether the result is as large as the operands: then the limit is that of copying, else that of reading. */
export function writes({ axis }: TrafficSetting): boolean {
  return axis === undefined;
}

/** Bytes that are read and written, if every element of operands and results is so once. */
export function bytesOf({ traffic, shape, dtype, axis }: TrafficSetting): number {
  const size = sizeOf(shape);
  const bytes = dtype === "f64" ? 8 : 4;
  if (axis !== undefined) return size * bytes;
  switch (traffic) {
    case "x + y":
    case "x + transposed":
      return 3 * size * bytes;
    case "x < y":
      return size * (2 * bytes + 1);
    case "where":
      return size * (3 * bytes + 1);
    default:
      return 2 * size * bytes;
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** An operand: numbers on [1/2, 3/2), whole ones for integers. */
export function operand(
  seed: number,
  size: number,
  dtype: TrafficSetting["dtype"],
): Float32Array | Float64Array | Int32Array {
  const data = noise(seed, size).map((value) => value + 1);
  if (dtype === "f64") return data;
  return dtype === "f32" ? Float32Array.from(data) : Int32Array.from(data, (value) => value * 1000);
}
