// What is computed beside what is expected.
import type { GoldenTensor, Tolerance } from "./file.js";

/** A tensor read out: ordinary numbers. */
export interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** One quantity of a check: what the file says, what the library computed. */
export interface Pair {
  /** Which output, gradient or number. */
  readonly where: string;
  readonly expected: GoldenTensor;
  readonly got: Values;
}

/** The largest error among the quantities of a check, or why they cannot be compared. */
export interface Mismatch {
  readonly where: string;
  readonly problem: string;
  readonly absolute?: number;
  readonly relative?: number;
}

/** What each type of the file is in the library. */
export const DTYPES = { i64: () => "i32", bool: () => "bool", f64: (dtype: string) => dtype } as const;

/**
 * The worst mismatch among pairs, or null if all agree: |got - expected| <= atol + rtol |expected|, element by element. NaN
 * equals NaN, infinities are equal by sign, and 0 equals -0. In f32 the expected numbers are rounded to f32 first, so that
 * what is too large for it is infinite. `slack(pair, i)` allows more for an element.
 */
export function compare(
  pairs: readonly Pair[],
  dtype: "f32" | "f64",
  { rtol, atol }: Tolerance,
  slack: (pair: number, element: number) => number = () => 0,
): Mismatch | null {
  let worst: (Mismatch & { excess: number }) | null = null;
  for (const [p, { where, expected, got }] of pairs.entries()) {
    const wanted = DTYPES[expected.dtype](dtype);
    if (got.dtype !== wanted) return { where, problem: `dtype ${got.dtype}, expected ${wanted}` };
    if (got.shape.join() !== expected.shape.join() || got.data.length !== expected.data.length) {
      return { where, problem: `shape [${got.shape.join(", ")}], expected [${expected.shape.join(", ")}]` };
    }
    const exact = expected.dtype !== "f64";
    for (const [i, number] of expected.data.entries()) {
      const right = dtype === "f32" && !exact ? toF32(number) : number;
      const value = got.data[i]!;
      if (Object.is(right, value) || right === value) continue;
      const absolute = Math.abs(value - right);
      const allowed = (exact ? 0 : atol + rtol * Math.abs(right)) + slack(p, i);
      // An infinity on one side only, and a NaN on one side only, are never close.
      const excess = Number.isFinite(right) && Number.isFinite(value) ? absolute / allowed : Infinity;
      if (excess <= 1 || (worst && excess <= worst.excess)) continue;
      const position = expected.data.length > 1 ? ` at ${i}` : "";
      worst = {
        where,
        excess,
        problem: `${value}${position}, expected ${right}`,
        absolute,
        relative: right === 0 ? Infinity : absolute / Math.abs(right),
      };
    }
  }
  if (!worst) return null;
  const { excess: _, ...mismatch } = worst;
  return mismatch;
}

/** A number rounded to f32; the greatest one of f64 stands for the greatest of its type. */
function toF32(number: number): number {
  return Math.abs(number) === Number.MAX_VALUE ? Math.sign(number) * GREATEST_F32 : Math.fround(number);
}
const GREATEST_F32 = 3.4028234663852886e38;

/** A number or a nested list of them as the file's kind of tensor. */
export function golden(numbers: number | readonly number[] | readonly (readonly number[])[]): GoldenTensor {
  if (typeof numbers === "number") return { dtype: "f64", shape: [], data: [numbers] };
  const [first] = numbers;
  const rows = Array.isArray(first) ? [(first as readonly number[]).length] : [];
  return { dtype: "f64", shape: [numbers.length, ...rows], data: numbers.flat() };
}
