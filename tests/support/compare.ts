import { expect } from "vitest";
import { Tensor, type DTypeName } from "../../bindings/index.js";
import { positions, type Plain } from "./plain.js";

/** Distance between 1 and the next number. */
const EPSILON: Partial<Record<DTypeName, number>> = { f32: 2 ** -23, f64: 2 ** -52 };
/** Smallest positive number. */
const TINY: Partial<Record<DTypeName, number>> = { f32: 2 ** -149, f64: 2 ** -1074 };

/** A failed comparison, with the first element that differs. */
function report(what: string, got: Plain, want: Plain, i: number): never {
  const at = `[${(positions(want.shape)[i] ?? []).join(", ")}]`;
  throw new Error(`${what}: at ${at} expected ${want.data[i]}, got ${got.data[i]}`);
}

function checkShapes(what: string, got: Plain, want: Plain): void {
  if (got.shape.join() === want.shape.join()) return;
  throw new Error(`${what}: expected the shape [${want.shape.join(", ")}], got [${got.shape.join(", ")}]`);
}

/** The same bits, but that any NaN is as good as another. */
export function checkSame(what: string, got: Plain, want: Plain): void {
  checkShapes(what, got, want);
  for (let i = 0; i < want.data.length; i++) if (!Object.is(got.data[i], want.data[i])) report(what, got, want, i);
}

/** As `checkSame`, but that a zero has no sign. */
export function checkEqual(what: string, got: Plain, want: Plain): void {
  const unsigned = (x: Plain): Plain => ({ shape: x.shape, data: x.data.map((value) => value + 0) });
  checkSame(what, unsigned(got), unsigned(want));
}

/**
 * Within so many units in the last place of `scale`, by default of the wanted values. Infinities and NaN must be the same.
 */
export function checkUlps(what: string, got: Plain, want: Plain, ulps: number, dtype: DTypeName, scale = want): void {
  checkShapes(what, got, want);
  const epsilon = EPSILON[dtype] ?? 0;
  const tiny = TINY[dtype] ?? 0;
  for (const [i, value] of want.data.entries()) {
    const difference = Math.abs(got.data[i]! - value);
    if (Object.is(got.data[i], value) || difference <= ulps * Math.max(epsilon * Math.abs(scale.data[i]!), tiny))
      continue;
    report(what, got, want, i);
  }
}

/** Within a tolerance relative to the larger of the two values and, by `floor` of it, to the largest value of all. */
export function checkClose(what: string, got: Plain, want: Plain, tolerance: number, floor = 1): void {
  checkShapes(what, got, want);
  const largest = Math.max(1e-3, ...want.data.map(Math.abs));
  for (const [i, value] of want.data.entries()) {
    const scale = Math.max(Math.abs(value), Math.abs(got.data[i]!), floor * largest);
    if (!(Math.abs(got.data[i]! - value) <= tolerance * scale)) report(what, got, want, i);
  }
}

/** A number within a relative tolerance. */
export function expectClose(got: number, want: number, tolerance = 1e-9): void {
  expect(Math.abs(got - want), `expected ${want}, got ${got}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(want)),
  );
}

/** Numbers, however nested, each within an absolute tolerance; of a tensor the shape too. */
export function expectNear(got: Tensor | readonly number[], want: unknown, tolerance = 1e-12): void {
  if (want instanceof Tensor) expect((got as Tensor).shape).toEqual(want.shape);
  const values = got instanceof Tensor ? [...got.data()] : got;
  const wanted = want instanceof Tensor ? [...want.data()] : ([want].flat(Infinity) as number[]);
  expect(values).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries())
    expect(Math.abs(values[i]! - value), `at ${i}, got ${values[i]} for ${value}`).toBeLessThan(tolerance);
}
