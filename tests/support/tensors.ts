// What tests in f64 begin with, and how far two of them are from one another.
import { Generator, tensor, type NestedArray, type Tensor } from "../../bindings/index.js";
import { count } from "./plain.js";
import { Random } from "./random.js";

/** A number, or nested arrays of them. */
export function f64(values: number | NestedArray): Tensor {
  return tensor(values, { dtype: "f64" });
}

/** Numbers of a name, spread over [-bound, bound] with a gap between any two. */
export function noise(name: string, shape: readonly number[], bound = 2): Tensor {
  return tensor(Float64Array.from(new Random(name).spread(count(shape), -bound, bound)), { shape });
}

/** Normal numbers of a seed. */
export function normal(seed: number, ...shape: number[]): Tensor {
  return new Generator(seed).normal(shape, { dtype: "f64" });
}

/** Options of a layer in f64 whose numbers come from a seed. */
export function seeded(seed = 1) {
  return { dtype: "f64", generator: new Generator(seed) } as const;
}

/** The largest difference of two elements. */
export function distance(x: Tensor, y: Tensor): number {
  return x.sub(y).abs().max().item();
}
