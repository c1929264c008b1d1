import { Generator } from "../functions/random/random.js";
import { ValueError } from "../errors.js";

/** A random order of 0 .. n-1: the same for the same seed, everywhere. */
export function shuffled(n: number, seed: number | Generator): Int32Array {
  const generator = generatorOf(seed);
  const order = generator.permutation(n);
  const positions = order.data() as Int32Array;
  order.dispose();
  if (generator !== seed) generator.state.dispose();
  return positions;
}

/** Uniform numbers in [0, 1), in f64. */
export function uniforms(n: number, generator: Generator): Float64Array {
  const drawn = generator.uniform([n], { dtype: "f64" });
  const numbers = drawn.data() as Float64Array;
  drawn.dispose();
  return numbers;
}

/** A generator of a seed, or the one that is given. */
export function generatorOf(seed: number | Generator): Generator {
  return seed instanceof Generator ? seed : new Generator(seed);
}

/**
 * How many of `total` each part gets: whole numbers as they are; fractions, of which at least one is below 1, so that the parts
 * differ from them by less than one example (the largest remainders are rounded up).
 */
export function sizesOf(parts: readonly number[], total: number): number[] {
  const counts = parts.every((part) => Number.isInteger(part) && part >= 0) && !isOne(parts);
  const sum = parts.reduce((a, b) => a + b, 0);
  if (counts && sum <= total) return [...parts];
  if (counts || !parts.every((part) => part >= 0) || sum > 1 + 1e-9)
    throw new ValueError("split", `fractions up to 1, or at most ${total} examples, in all`, `[${parts.join(", ")}]`);
  const exact = parts.map((part) => part * total);
  const sizes = exact.map(Math.floor);
  const left = Math.round(sum * total) - sizes.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((size, i) => [size - sizes[i]!, i] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, i] of byRemainder.slice(0, left)) sizes[i]!++;
  return sizes;
}

/** All of it: [1], also with empty parts, is a fraction. */
function isOne(parts: readonly number[]): boolean {
  return parts.reduce((a, b) => a + b, 0) === 1;
}
