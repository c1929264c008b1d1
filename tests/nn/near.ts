import { expect } from "vitest";
import { Generator, Tensor } from "../../bindings/index.js";

/** Normal numbers of a seed, in f64. */
export const normal = (seed: number, ...shape: number[]): Tensor => new Generator(seed).normal(shape, { dtype: "f64" });
/** Options of a layer in f64 whose numbers come from a seed. */
export const f64 = (seed = 1) => ({ dtype: "f64", generator: new Generator(seed) }) as const;

/** The numbers, and of a tensor the shape. */
export function expectNear(got: Tensor, want: Tensor | readonly number[], tolerance = 1e-12): void {
  const values = got.data();
  const wanted = want instanceof Tensor ? want.data() : want;
  if (want instanceof Tensor) expect(got.shape).toEqual(want.shape);
  for (const [i, value] of [...wanted].entries()) expect(Math.abs(values[i]! - value)).toBeLessThan(tolerance);
}
