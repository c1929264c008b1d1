import type { DTypeName, TypedArray } from "../dtype.js";
import { showShape, sizeOf, type Shape } from "../shape.js";

/** Tensors with more elements than this are printed with their middle left out, as NumPy does. */
const MOST_ELEMENTS = 1000;
/** How many are shown at each end of a long axis, all of a small tensor; fewer where that is still too many. */
const EDGES = [Infinity, 3, 2, 1];
const DIGITS = 4;
const WIDTH = 100;

/** A tensor as text: nested brackets with aligned numbers, then shape and dtype. `elements` are dense. */
export function formatTensor(elements: TypedArray, shape: Shape, dtype: DTypeName): string {
  const edge = edgeFor(shape);
  const shown = positionsShown(shape, edge).map((i) => elements[i]!);
  const print = numberFormat(shown, dtype);
  const width = shown.reduce((widest, value) => Math.max(widest, print(value).length), 0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const level = (axis: number, at: number, indent: string): string => {
    if (axis === shape.length) return print(elements[at]!).padStart(width);
    const parts = axisPositions(shape[axis]!, edge).map((i) =>
      i < 0 ? "..." : level(axis + 1, at + i * strides[axis]!, `${indent} `),
    );
    if (axis === shape.length - 1) return `[${wrap(parts, `${indent} `)}]`;
    return `[${parts.join(`,${"\n".repeat(shape.length - 1 - axis)}${indent} `)}]`;
  };
  const heading = "tensor(";
  const body = level(0, 0, " ".repeat(heading.length));
  return `${heading}${body}, shape ${showShape(shape)}, ${dtype})`;
}

/** How many elements to show at each end of an axis: as if none were empty, since brackets are printed all the same. */
function edgeFor(shape: Shape): number {
  return EDGES.find((edge) => sizeOf(shape.map((length) => Math.min(length || 1, 2 * edge))) <= MOST_ELEMENTS) ?? 1;
}

/** Which positions of an axis are printed; -1 stands for those left out. */
function axisPositions(length: number, edge: number): number[] {
  const count = Math.min(length, 2 * edge);
  const all = Array.from({ length: count }, (_, i) => (i < edge ? i : length - count + i));
  if (count < length) all.splice(edge, 0, -1);
  return all;
}

function positionsShown(shape: Shape, edge: number): number[] {
  let positions = [0];
  for (const [axis, length] of shape.entries()) {
    const stride = sizeOf(shape.slice(axis + 1));
    const along = axisPositions(length, edge).filter((i) => i >= 0);
    positions = positions.flatMap((at) => along.map((i) => at + i * stride));
  }
  return sizeOf(shape) === 0 ? [] : positions;
}

/** One format for all numbers that are shown: whole, fixed with as many decimals as they need, or scientific. */
function numberFormat(shown: readonly number[], dtype: DTypeName): (value: number) => string {
  if (dtype === "bool") return (value) => (value === 0 ? "false" : "true");
  if (dtype === "i32" || dtype === "u8") return String;
  const finite = shown.filter(Number.isFinite);
  const special = (value: number): string | null =>
    Number.isNaN(value) ? "nan" : Number.isFinite(value) ? null : value > 0 ? "inf" : "-inf";
  const magnitudes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = magnitudes.reduce((a, b) => Math.min(a, b), Infinity);
  if (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e6) {
    return (value) => special(value) ?? value.toExponential(DIGITS);
  }
  const decimalsOf = (value: number): number => (value.toFixed(DIGITS).replace(/0+$/, "").split(".")[1] ?? "").length;
  const decimals = finite.reduce((most, value) => Math.max(most, decimalsOf(value)), 0);
  return (value) => special(value) ?? (decimals === 0 ? `${value.toFixed(0)}.` : value.toFixed(decimals));
}

/** Joins the numbers of a row, in lines that are not too long. */
function wrap(parts: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}, ${part}`;
    if (line !== "" && indent.length + longer.length > WIDTH) {
      lines.push(line);
      line = part;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join(`,\n${indent}`);
}
