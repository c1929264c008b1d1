// What several of the references share: lines along an axis, and the cases.
import type { DTypeName } from "../../bindings/index.js";
import { build, get, type Plain, type Position } from "../support/plain.js";

const without = (shape: readonly number[], axis: number): number[] => shape.filter((_, i) => i !== axis);
const put = (at: Position, axis: number, i: number): number[] => [...at.slice(0, axis), i, ...at.slice(axis)];
export const line = (x: Plain, at: Position, axis: number): number[] =>
  Array.from({ length: x.shape[axis]! }, (_, i) => get(x, put(at, axis, i)));
/** Each line along an axis becomes a number. */
export const reduced = (x: Plain, axis: number, f: (line: number[]) => number): Plain =>
  build(without(x.shape, axis), (at) => f(line(x, at, axis)));
/** Each line along an axis becomes another one. */
export const lines = (x: Plain, axis: number, length: number, f: (line: number[], i: number) => number): Plain =>
  build(x.shape.map((n, i) => (i === axis ? length : n)), (at) => f(line(x, without(at, axis), axis), at[axis]!)); // prettier-ignore
export const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
export const flat = (shape: number[], data: number[]): Plain => ({ shape, data });
export const anyType = { integers: (dtype: DTypeName): DTypeName => dtype } as const;
export const counts = {
  integers: (dtype: DTypeName): DTypeName => (dtype === "u8" || dtype === "bool" ? "i32" : dtype),
} as const;
export const SHAPES = [[[3, 4]], [[2, 1, 3]], [[2, 0]], [[0, 3]]] as const;
export const FULL = [[[3, 4]], [[2, 5, 3]]] as const;
export const last = (x: Plain): number => x.shape.length - 1;
export const mod = (i: number, n: number): number => ((i % n) + n) % n;
