import { data } from "../core/values/access.js";
import type { Tensor } from "../core/graph.js";
import { showShape } from "../core/shape.js";

const DIGITS = 5;
/** Of the figures of a summary. */
const FEW_DIGITS = 3;
/** Tensors of so many elements are shown whole. */
const MOST_ELEMENTS = 4;

/** A number with five significant digits, or as many as asked for, as short as it can be. */
export function showNumber(value: number, digits = DIGITS): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "−inf";
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? exponential(value, digits) : fixed(value, digits);
  return text.replaceAll("-", "−");
}

/** `6.2e-10`: no zeros at the end. */
function exponential(value: number, digits: number): string {
  return value.toExponential(digits - 1).replace(/\.?0*e\+?/, "e");
}

function fixed(value: number, digits: number): string {
  if (Math.abs(value) >= 1000) return String(Number(value.toPrecision(Math.max(digits, DIGITS))));
  const text = value.toPrecision(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A value in a cell: a number, a short list or a small matrix, or shape, mean and range. */
export function showValue(x: Tensor): string {
  const elements = Array.from(data(x), Number);
  if (x.rank === 0) return showNumber(elements[0]!);
  if (x.size === 0) return showShape(x.shape);
  if (x.rank <= 2 && x.size <= MOST_ELEMENTS) {
    const texts = elements.map((value) => showNumber(value));
    if (x.rank === 1) return `[${texts.join(", ")}]`;
    const [rows, columns] = x.shape as [number, number];
    const lines = Array.from({ length: rows }, (_, i) => texts.slice(i * columns, (i + 1) * columns).join(", "));
    return `[[${lines.join("], [")}]]`;
  }
  const { mean, least, most } = summary(elements);
  if (least === most) return `${showShape(x.shape)} all ${showNumber(least)}`;
  const [middle, low, high] = [mean, least, most].map((value) => showNumber(value, FEW_DIGITS));
  return `${showShape(x.shape)} mean ${middle}, ${low} .. ${high}`;
}

/** Mean, least and largest of some numbers. */
export function summary(elements: readonly number[]): { mean: number; least: number; most: number } {
  let [sum, least, most] = [0, Infinity, -Infinity];
  for (const value of elements) {
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { mean: sum / elements.length, least, most };
}

/** A constant inside a formula: its number, or its shape. */
export function showConstant(x: Tensor): string {
  return x.storage && x.size === 1 ? showNumber(Number(data(x)[0])) : `const ${showShape(x.shape)}`;
}
