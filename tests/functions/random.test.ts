import { expect, test } from "vitest";
import { exponential, gamma, Generator, tensor, truncatedNormal, uniform, ValueError } from "../../bindings/index.js";

const N = 1_000_000;

/** Abramowitz and Stegun 7.1.26: the error function within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - p * Math.exp(-x * x));
}

function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return { mean, variance: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length };
}

test.each(["f32", "f64"] as const)("normal numbers of %s follow the normal distribution", (dtype) => {
  const drawn = new Generator(7).normal([N], { dtype }).data();
  const { mean, variance } = moments(drawn);
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(N));
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
  const sorted = drawn.slice().sort();
  // Kolmogorov and Smirnov: beyond 1.63 / √n one time in a hundred.
  let worst = 0;
  for (let i = 0; i < N; i++) {
    const below = (1 + erf(sorted[i]! / Math.SQRT2)) / 2;
    worst = Math.max(worst, Math.abs(below - i / N), Math.abs(below - (i + 1) / N));
  }
  expect(worst).toBeLessThan(1.63 / Math.sqrt(N));
});

test("a mean and a deviation shift and scale the same numbers, and draws go on where the last ended", () => {
  const standard = new Generator(3).normal([9], { dtype: "f64" }).toArray() as number[];
  const moved = new Generator(3).normal([9], { dtype: "f64", mean: -2, std: 3 }).toArray() as number[];
  expect(moved).toEqual(standard.map((z) => z * 3 + -2));
  const generator = new Generator(3);
  const [first, second] = [generator.normal([4]), generator.normal([4])];
  const whole = new Generator(3).normal([8]).toArray() as number[];
  expect([...first.data(), ...second.data()]).toEqual(whole);
});

test("integers fall evenly between their bounds", () => {
  const drawn = new Generator(5).integers(-2, 4, [60_000]);
  expect(drawn.dtype).toBe("i32");
  const counts = new Map<number, number>();
  for (const value of drawn.data()) counts.set(value, (counts.get(value) ?? 0) + 1);
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

test("truth values come true with their probability", () => {
  const generator = new Generator(6);
  const drawn = generator.bernoulli(0.3, [100_000]);
  expect(drawn.dtype).toBe("bool");
  expect(Math.abs(drawn.mean().item() - 0.3)).toBeLessThan(0.006);
  expect(generator.bernoulli(tensor([0, 1, 0, 1])).toArray()).toEqual([false, true, false, true]);
  expect(generator.bernoulli(0.5, [0]).shape).toEqual([0]);
});

test("what cannot be drawn is refused", () => {
  const generator = new Generator(1);
  expect(() => generator.normal([2], { std: -1 })).toThrow(ValueError);
  expect(() => generator.integers(3, 3, [2])).toThrow(ValueError);
  expect(() => generator.integers(0.5, 3, [2])).toThrow(ValueError);
  expect(() => generator.bernoulli(1.5, [2])).toThrow(ValueError);
});

test("truncated normal numbers lie in the tails as they should", () => {
  const means = [
    [6, 7, 6.158],
    [-7, -6, -6.158],
    [3, Infinity, 3.283],
  ] as const;
  for (const [low, high, mean] of means) {
    const x = truncatedNormal([20000], { low, high });
    expect(x.min().item()).toBeGreaterThanOrEqual(low);
    expect(x.max().item()).toBeLessThanOrEqual(high);
    expect(x.mean().item()).toBeCloseTo(mean, 1);
    expect(new Set(x.data()).size).toBeGreaterThan(2000);
  }
  expect(() => truncatedNormal([1], { low: 8, high: 9 })).toThrow(/within 7 std of the mean/);
});

test("draws refuse what no distribution has", () => {
  expect(() => exponential([1], { rate: -1 })).toThrow(ValueError);
  expect(() => gamma(-1, [1])).toThrow(ValueError);
  expect(() => uniform([1], { low: 2, high: 1 })).toThrow(ValueError);
});
