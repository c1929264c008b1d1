// Initial values: what defines each, beside the spreads that the golden file compares.
import { describe, expect, test } from "vitest";
import {
  conv1d,
  conv2d,
  DTypeError,
  Generator,
  parameter,
  ShapeError,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { init } from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";

const random = {
  uniform: (shape: readonly number[], options: object) => init.uniform(shape, options),
  normal: (shape: readonly number[], options: object) => init.normal(shape, options),
  truncNormal: (shape: readonly number[], options: object) => init.truncNormal(shape, options),
  xavierUniform: (shape: readonly number[], options: object) => init.xavierUniform(shape, options),
  xavierNormal: (shape: readonly number[], options: object) => init.xavierNormal(shape, options),
  kaimingUniform: (shape: readonly number[], options: object) => init.kaimingUniform(shape, options),
  kaimingNormal: (shape: readonly number[], options: object) => init.kaimingNormal(shape, options),
  orthogonal: (shape: readonly number[], options: object) => init.orthogonal(shape, options),
  sparse: (shape: readonly number[], options: object) => init.sparse(shape, { sparsity: 0.3, ...options }),
};

test.each(Object.entries(random))("%s: the same seed draws the same numbers, of the dtype asked for", (_, draw) => {
  const drawn = (seed: number, dtype: string): Tensor => draw([4, 6], { generator: new Generator(seed), dtype });
  expect(drawn(1, "f64").toArray()).toEqual(drawn(1, "f64").toArray());
  expect(drawn(1, "f64").toArray()).not.toEqual(drawn(2, "f64").toArray());
  expect([drawn(1, "f32").dtype, drawn(1, "f64").dtype]).toEqual(["f32", "f64"]);
});

test("a variable takes the values, in its own shape and dtype, and keeps its gradients", () => {
  const weight = parameter(new Float64Array(6), { shape: [2, 3], dtype: "f64" });
  expect(init.xavierUniform(weight, { generator: new Generator(3) })).toBe(weight);
  const alone = init.xavierUniform([2, 3], { generator: new Generator(3), dtype: "f64" });
  expect(weight.toArray()).toEqual(alone.toArray());
  expect(weight.requiresGrad).toBe(true);
  init.constant(weight, { val: 2.5 });
  expect(weight.toArray()).toEqual([
    [2.5, 2.5, 2.5],
    [2.5, 2.5, 2.5],
  ]);
});

/** Mean and standard deviation. */
function moments(x: Tensor): [number, number] {
  return [x.mean().item(), x.std(null, { correction: 0 }).item()];
}

test("uniform, normal and truncated normal have the moments that they are told", () => {
  const generator = new Generator(1);
  const shape = [200, 200];
  const near = ([mean, std]: [number, number], wanted: readonly [number, number]): void => {
    expect(Math.abs(mean - wanted[0])).toBeLessThan(0.02 * wanted[1]);
    expect(Math.abs(std - wanted[1])).toBeLessThan(0.02 * wanted[1]);
  };
  near(moments(init.uniform(shape, { a: -1, b: 3, generator })), [1, 4 / Math.sqrt(12)]);
  near(moments(init.normal(shape, { mean: 5, std: 2, generator })), [5, 2]);
  const cut = init.truncNormal(shape, { mean: 1, std: 2, a: -1, b: 3, generator });
  expect([cut.min().item() >= -1, cut.max().item() <= 3]).toEqual([true, true]);
  // Of a normal distribution cut at one standard deviation: 1 - 2 φ(1) / (2 Φ(1) - 1).
  near(moments(cut), [1, 2 * Math.sqrt(1 - (2 * 0.24197072451914337) / 0.6826894921370859)]);
});

describe("orthogonal", () => {
  test.each([
    [[5, 3], "columns"],
    [[3, 5], "rows"],
    [[4, 4], "rows"],
    [[6, 2, 2, 2], "rows"],
  ] as const)("%j: %s are orthonormal, times the gain", (shape, side) => {
    const x = init.orthogonal(shape, { gain: 3, dtype: "f64", generator: new Generator(2) });
    expect(x.shape).toEqual(shape);
    const matrix = x.reshape([shape[0], -1]);
    const gram = (side === "rows" ? matrix.matmul(matrix.T) : matrix.T.matmul(matrix)).toArray() as number[][];
    for (const [i, row] of gram.entries())
      for (const [j, value] of row.entries()) expect(Math.abs(value - (i === j ? 9 : 0))).toBeLessThan(1e-13 * 9);
  });

  test("a large one in f32 is orthonormal to f32", () => {
    const x = init.orthogonal([64, 64], { generator: new Generator(2) }).cast("f64");
    const gram = x.matmul(x.T).toArray() as number[][];
    const worst = Math.max(...gram.flatMap((row, i) => row.map((value, j) => Math.abs(value - Number(i === j)))));
    expect(worst).toBeLessThan(1e-6);
  });
});

test("eye and dirac let what comes in pass", () => {
  expect(init.eye([2, 3]).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  const x = new Generator(1).normal([2, 4, 5, 6], { dtype: "f64" });
  const kernel = init.dirac([4, 4, 3, 3], { dtype: "f64" });
  expect(conv2d(x, kernel, null, { padding: 1 }).toArray()).toEqual(x.toArray());
  // More outputs than inputs: those beyond are 0. In groups each begins anew.
  const wide = conv2d(x, init.dirac([6, 4, 1, 1], { dtype: "f64" }));
  expect(wide.slice([], [0, 4]).toArray()).toEqual(x.toArray());
  expect(wide.slice([], [4, 6]).abs().max().item()).toBe(0);
  const row = x.select(2, 0);
  const grouped = conv1d(row, init.dirac([4, 2, 3], { groups: 2, dtype: "f64" }), null, { padding: 1, groups: 2 });
  expect(grouped.toArray()).toEqual(row.toArray());
});

test("each column of a sparse matrix has its share of zeros, at places of its own", () => {
  const x = init.sparse([10, 8], { sparsity: 0.35, std: 2, generator: new Generator(1) });
  const columns = x.T.toArray() as number[][];
  const places = columns.map((column) => column.flatMap((value, i) => (value === 0 ? [i] : [])));
  expect(places.map(({ length }) => length)).toEqual(new Array(8).fill(4));
  expect(new Set(places.map(String)).size).toBeGreaterThan(1);
});

test("modes, nonlinearities and slopes change the spread as they should", () => {
  const bound = (options: object): number =>
    init
      .kaimingUniform([50, 20, 3], { generator: new Generator(1), dtype: "f64", ...options })
      .abs()
      .max()
      .item();
  const all = { fan_in: 60, fan_out: 150 };
  for (const [mode, fan] of Object.entries(all)) {
    const wanted = Math.SQRT2 * Math.sqrt(3 / fan);
    expect(bound({ mode, nonlinearity: "relu" }) / wanted).toBeCloseTo(1, 2);
  }
  expect(bound({ a: 1 }) / Math.sqrt(3 / 60)).toBeCloseTo(1, 2);
  expect(init.calculateGain("leaky_relu", 2)).toBe(Math.sqrt(2 / 5));
});

test("what has no elements needs no numbers", () => {
  for (const draw of [init.xavierUniform, init.xavierNormal, init.kaimingUniform, init.kaimingNormal])
    for (const shape of [
      [3, 0],
      [0, 3],
      [0, 0],
      [2, 3, 0],
    ])
      expect(draw(shape).shape).toEqual(shape);
});

test("what no distribution can be made of is refused", () => {
  expectRefused(() => init.xavierUniform([3]), ShapeError, /xavierUniform: expected \[outputs, inputs, \.\.\]/);
  expectRefused(
    () => init.kaimingNormal([3, 3], { mode: "fan" as never }),
    ValueError,
    /"fan_in" or "fan_out", got fan/,
  );
  expectRefused(() => init.calculateGain("swish" as never), ValueError, /one of linear, conv1d,/);
  expectRefused(() => init.calculateGain("toString" as never), ValueError, /got toString/);
  expectRefused(() => init.sparse([3, 3], { sparsity: 2 }), ValueError, /from 0 to 1, got 2/);
  expectRefused(() => init.dirac([3, 3]), ShapeError, /\[outputs, inputs, \.\.\]/);
  expectRefused(() => init.dirac([4, 2, 3], { groups: 3 }), ValueError, /divides the 4 outputs, got 3/);
  expectRefused(() => init.eye([3, 3, 3]), ShapeError, /a matrix/);
  expectRefused(() => init.orthogonal([3]), ShapeError, /two axes/);
  expectRefused(() => init.xavierUniform([3, 3], { gain: NaN }), ValueError, /^xavierUniform: .* got NaN and NaN$/);
  expectRefused(
    () => init.truncNormal([3], { mean: 100 }),
    ValueError,
    /^truncNormal: expected low or high within 7 std/,
  );
  expectRefused(() => init.kaimingNormal([3, 3], { dtype: "f16" }), DTypeError, /^kaimingNormal: .* got f16$/);
});

test("what is neither a variable nor a shape is refused in the function's name", () => {
  for (const [name, draw] of Object.entries(random))
    for (const none of [undefined, null, {}, -1, [2, 0.5], tensor([1, 2])] as never[])
      expect(() => draw(none, {})).toThrow(
        new RegExp(`^${name}: expected a variable, or a shape of whole lengths from 0`),
      );
  expect(init.ones(3 as never).toArray()).toEqual([1, 1, 1]);
});
