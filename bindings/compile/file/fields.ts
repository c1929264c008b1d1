import { checkDType, type DTypeName } from "../../core/dtype.js";
import { checkShape, sizeOf, type Shape } from "../../core/shape.js";
import { FormatError } from "../../errors.js";

// Reads what a file says as the type that it should have; anything else is an error that says where.

/** The longest list in a file: so many values, say. */
export const MOST = 32768;

/** An object of a file. */
export type Fields = Readonly<Record<string, unknown>>;

/** The error of a file that says something else than it should. */
export function invalid(expected: string, got: unknown): FormatError {
  const text = typeof got === "string" ? JSON.stringify(got.slice(0, 40)) : Array.isArray(got) ? "a list" : String(got);
  return new FormatError("load", expected, text);
}

/** An object, with whatever in its fields. */
export function fields(x: unknown, what: string): Fields {
  if (typeof x !== "object" || x === null || Array.isArray(x)) throw invalid(`${what} with fields`, x);
  return x as Fields;
}

/** A list, not longer than what can be planned in reasonable time. */
export function list(x: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(x)) throw invalid(`a list of ${what}`, x);
  if (x.length > MOST) throw invalid(`at most ${MOST} ${what}`, x.length);
  return x as readonly unknown[];
}

/** A string. */
export function text(x: unknown, what: string): string {
  if (typeof x !== "string") throw invalid(`${what} as text`, x);
  return x;
}

/** A whole number from 0 on, below a limit. */
export function whole(x: unknown, limit: number, what: string): number {
  if (typeof x !== "number" || !Number.isInteger(x) || x < 0 || x >= limit)
    throw invalid(`${what}, a whole number from 0 to ${limit - 1}`, x);
  return x;
}

/** Whole numbers of any sign. */
export function wholes(x: unknown, what: string): readonly number[] {
  const numbers = list(x, what);
  for (const number of numbers) if (!Number.isSafeInteger(number)) throw invalid(`whole numbers as ${what}`, number);
  return numbers as readonly number[];
}

/** The name of a dtype. */
export function dtypeOf(x: unknown): DTypeName {
  return checkDType("load", text(x, "a dtype"));
}

/** A shape of at most so many elements. */
export function shapeOf(x: unknown, most: number): Shape {
  const shape = checkShape("load", wholes(x, "a shape"));
  // A length beside a 0 counts, too: products of some of them must not run over.
  if (!(sizeOf(shape.map((length) => Math.max(length, 1))) <= most))
    throw invalid(`a shape of at most ${most} elements; see { maxBytes }`, `[${shape.join(", ")}]`);
  return shape;
}
