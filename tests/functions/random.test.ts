import { expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  compile,
  exponential,
  gamma,
  Generator,
  normal,
  rand,
  randn,
  scope,
  ShapeError,
  tensor,
  truncatedNormal,
  uniform,
  ValueError,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { erf } from "../support/special.js";

const N = 1_000_000;

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

test("a draw whose parameters do not fit is refused before anything is drawn", () => {
  const generator = new Generator(11);
  const two = tensor([1, 2]);
  const refused = [
    () => exponential([3], { rate: two, generator }),
    () => gamma(two, [3], { generator }),
    () => gamma(1, [], { rate: two, generator }),
    () => bernoulli(two.div(4), [1], { generator }),
  ];
  for (const draw of refused) expect(draw).toThrow(ShapeError);
  expect(generator.uniform([2]).toArray()).toEqual(new Generator(11).uniform([2]).toArray());
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

test("a rate may be a tensor that broadcasts to the shape, in a program too", () => {
  const rate = tensor([[1], [10]]);
  const draws = [
    () => exponential([2, 20_000], { rate, generator: new Generator(2) }),
    () => gamma(1, [2, 20_000], { rate, generator: new Generator(2) }),
  ];
  for (const draw of draws) {
    const [first, second] = draw().mean(1).toArray() as [number, number];
    expect(Math.abs(first - 1)).toBeLessThan(0.03);
    expect(Math.abs(second - 0.1)).toBeLessThan(0.003);
  }
  const generator = new Generator(2);
  const program = compile((r: Tensor) => exponential([2, 3], { rate: r, generator }));
  expect(program(rate).toArray()).toEqual(exponential([2, 3], { rate, generator: new Generator(2) }).toArray());
  expect(exponential([3], { rate: tensor([1, 2, 3]) }).shape).toEqual([3]);
});

test("a draw has the dtype that it is told, whatever that of its parameters", () => {
  const two = tensor(2, { dtype: "f64" });
  expect(exponential([2], { rate: two, dtype: "f32" }).dtype).toBe("f32");
  expect(gamma(two, [2], { dtype: "f32" }).dtype).toBe("f32");
  expect(gamma(two, [2]).dtype).toBe("f64");
});

test("categorical draws so many as the shape says", () => {
  const logits = tensor([
    [0, Math.LN2],
    [-Infinity, 0],
  ]);
  const drawn = categorical(logits, { shape: [30_000], generator: new Generator(4) });
  expect(drawn.shape).toEqual([30_000, 2]);
  const [first, second] = drawn.mean(0).toArray() as [number, number];
  expect(Math.abs(first - 2 / 3)).toBeLessThan(0.011);
  expect(second).toBe(1);
  expect(() => categorical(logits, { shape: [-1] })).toThrow(ShapeError);
  expect(() => categorical(zeros([2, 0]))).toThrow("categorical: expected logits [.., classes], got [2, 0]");
});

test("a class that has no probability is never drawn, by no number that there is", () => {
  // Of 2^24 numbers one is 0, whose noise would have been infinite.
  const logits = tensor([[-Infinity, 0, -Infinity, -Infinity]]).expand([1 << 19, 4]);
  const generator = new Generator(1);
  let others = 0;
  for (let i = 0; i < 40; i++) others += scope(() => categorical(logits, { generator }).ne(1).sum().item());
  expect(others).toBe(0);
});

test("parameters that no distribution has are refused by the name of what was called", () => {
  const cases: [() => unknown, string][] = [
    [
      () => uniform([2], { low: 0, high: Infinity }),
      "uniform: expected low up to high, both finite, got 0 and Infinity",
    ],
    [
      () => normal([2], { mean: NaN }),
      "normal: expected a finite mean, and a standard deviation from 0, got NaN and 1",
    ],
    [() => normal([2], { std: Infinity }), "normal: expected a finite mean"],
    [() => truncatedNormal([2], { std: Infinity }), "truncatedNormal: expected low < high and a finite std > 0"],
    [() => gamma(Infinity, [2]), "gamma: expected a finite concentration above 0, got Infinity"],
    [() => exponential([2], { rate: 0 }), "exponential: expected a finite rate above 0, got 0"],
    [() => bernoulli(tensor([[0.5], [0.5]]), [2]), "bernoulli: expected parameters that broadcast to [2], got [2, 2]"],
    [() => rand([2], { dtype: "i32" }), "rand: expected a floating-point dtype, got i32"],
    [() => randn([2], { dtype: "i32" }), "randn: expected a floating-point dtype, got i32"],
    [() => rand([2], { generator: 5 as never }), "rand: expected a Generator as generator, got 5"],
  ];
  for (const [draw, message] of cases) expect(draw).toThrow(message);
});
