import { bfloat16ToFloat, floatToBfloat16, floatToHalf, halfToFloat } from "../../bindings/io/half.js";
import { tensor, type DTypeName, type Tensor, type TensorOptions } from "../../bindings/index.js";

/** An array as the references see it: a shape, and the elements in row-major order. Slow, and obviously right. */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type Position = readonly number[];

/** Number of elements of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

const listed = new Map<string, readonly Position[]>();

/** Every position of a shape, in row-major order; kept for the next call, since listing them takes most of a test's time. */
export function positions(shape: readonly number[]): readonly Position[] {
  const key = shape.join();
  let all = listed.get(key);
  if (!all) {
    all = shape.reduce<Position[]>(
      (leads, length) => leads.flatMap((lead) => Array.from({ length }, (_, i) => [...lead, i])),
      [[]],
    );
    if (listed.size === 256) listed.clear();
    listed.set(key, all);
  }
  return all;
}

/** The array whose element at each position is what `element` says, to whom one list is given that moves on: a list each is waste. */
export function build(shape: readonly number[], element: (at: Position) => number): Plain {
  const at = new Array<number>(shape.length).fill(0);
  const data = new Array<number>(count(shape));
  for (let i = 0; i < data.length; i++) {
    data[i] = element(at);
    for (let axis = at.length - 1; axis >= 0 && ++at[axis]! === shape[axis]; axis--) at[axis] = 0;
  }
  return { shape, data };
}

/** Where a position stands in row-major order. */
export function rank(shape: readonly number[], at: Position): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) flat = flat * shape[axis]! + at[axis]!;
  return flat;
}

/** The element at a position. */
export function get(x: Plain, at: Position): number {
  return x.data[rank(x.shape, at)]!;
}

/** The element that a position of a larger shape reads, by NumPy's broadcasting. */
export function getBroadcast(x: Plain, at: Position): number {
  const lead = at.length - x.shape.length;
  let flat = 0;
  for (const [axis, length] of x.shape.entries()) flat = flat * length + (length === 1 ? 0 : at[lead + axis]!);
  return x.data[flat]!;
}

/** The shape that shapes broadcast to, or null. */
export function broadcast(...shapes: (readonly number[])[]): number[] | null {
  const axes = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const lengths = shapes.flatMap((shape) => shape[axis - axes + shape.length] ?? []);
    const wide = lengths.filter((length) => length !== 1);
    if (wide.some((length) => length !== wide[0])) return null;
    result.push(wide[0] ?? 1);
  }
  return result;
}

/** Elementwise, with broadcasting. */
export function mapped(inputs: readonly Plain[], f: (...x: number[]) => number): Plain {
  const shape = broadcast(...inputs.map((x) => x.shape));
  if (!shape) throw new RangeError("shapes do not broadcast");
  return build(shape, (at) => f(...inputs.map((x) => getBroadcast(x, at))));
}

/** The element as a dtype holds it. Integers wrap. */
export function rounded(value: number, dtype: DTypeName): number {
  switch (dtype) {
    case "f64":
      return value;
    case "f32":
      return Math.fround(value);
    case "i32":
      return value | 0;
    case "u8":
      return value & 255;
    case "bool":
      return value === 0 ? 0 : 1;
    case "f16":
      return halfToFloat(floatToHalf(Float64Array.of(value)))[0]!;
    case "bf16":
      return bfloat16ToFloat(floatToBfloat16(Float64Array.of(value)))[0]!;
  }
}

/** The array as a dense tensor. */
export function toTensor(x: Plain, dtype: DTypeName, options: TensorOptions = {}): Tensor {
  return tensor(new Float64Array(x.data), { ...options, dtype, shape: x.shape });
}

/** The values of a tensor. */
export function toPlain(x: Tensor): Plain {
  const values = x.data();
  const data = new Array<number>(values.length);
  // Array.from takes ten times as long, and this is called more often than anything else.
  for (let i = 0; i < values.length; i++) data[i] = values[i]!;
  return { shape: [...x.shape], data };
}
