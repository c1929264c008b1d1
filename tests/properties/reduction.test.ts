import fc from "fast-check";
import { expect, test } from "vitest";
import { argMax, argMin, data, Generator, max, mean, min, scope, ShapeError, sum } from "../../bindings/index.js";
import { array, RUNS, scattered } from "../support/arbitrary.js";
import { checkSame, checkUlps } from "../support/compare.js";
import { build, count, get, positions, rounded, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

const total = (elements: readonly number[]) => elements.reduce((partial, value) => partial + value, 0);

/** Reduces over any axes, by collecting the elements of each position that stays. */
function reduced(x: Plain, axes: readonly number[], keepDims: boolean, f: (elements: number[]) => number): Plain {
  const gone = positions(axes.map((axis) => x.shape[axis]!));
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const result = build(kept, (at) =>
    f(
      gone.map((part) =>
        get(
          x,
          at.map((i, axis) => (axes.includes(axis) ? part[axes.indexOf(axis)]! : i)),
        ),
      ),
    ),
  );
  return keepDims ? result : { shape: x.shape.filter((_, axis) => !axes.includes(axis)), data: result.data };
}

const cases = fc.record({
  values: array,
  mask: fc.nat(31),
  keepDims: fc.boolean(),
  negative: fc.boolean(),
  way: fc.nat(3),
  type: fc.constantFrom("f32" as const, "f64" as const, "i32" as const),
});

/** The axes that a mask chooses, as a user may name them. */
function axesOf({ values, mask, negative }: { values: Plain; mask: number; negative: boolean }) {
  const axes = values.shape.map((_, axis) => axis).filter((axis) => (mask >> axis) & 1);
  const given = axes.map((axis) => (negative ? axis - values.shape.length : axis)).reverse();
  return { axes, given: given.length === 1 && mask % 2 ? given[0]! : given };
}

const reductions = {
  sum: [sum, total],
  max: [max, (e: number[]) => Math.max(...e)],
  min: [min, (e: number[]) => Math.min(...e)],
} as const;

test.each(Object.keys(reductions) as (keyof typeof reductions)[])("%s over any axes", (name) => {
  const [reduce, model] = reductions[name];
  fc.assert(
    fc.property(cases, (drawn) =>
      scope(() => {
        const { values, keepDims, way, type } = drawn;
        const { axes, given } = axesOf(drawn);
        const x = { shape: values.shape, data: values.data.map((value) => rounded(value, type)) };
        const run = () => reduce(scattered(x, type, way), given, { keepDims });
        if (name !== "sum" && axes.some((axis) => x.shape[axis] === 0)) {
          expect(run).toThrow(ShapeError);
          return;
        }
        const y = run();
        expect(y.dtype).toBe(type);
        // Halves add up exactly, in whatever order.
        checkSame(`${name} [${x.shape}] over [${axes}]`, toPlain(y), reduced(x, axes, keepDims, model));
      }),
    ),
    { ...RUNS, numRuns: 300 },
  );
});

test("mean over any axes; of nothing it is NaN", () => {
  fc.assert(
    fc.property(cases, (drawn) =>
      scope(() => {
        const { values, keepDims, way } = drawn;
        const { axes, given } = axesOf(drawn);
        const y = mean(scattered(values, "f64", way), given, { keepDims });
        checkUlps(
          "mean",
          toPlain(y),
          reduced(values, axes, keepDims, (e) => total(e) / e.length),
          2,
          "f64",
        );
      }),
    ),
    RUNS,
  );
});

test.each([
  ["argMax", argMax, Math.max],
  ["argMin", argMin, Math.min],
] as const)("%s along an axis is the first of equals", (name, reduce, extreme) => {
  fc.assert(
    fc.property(cases, ({ values, mask, keepDims, negative, way, type }) =>
      scope(() => {
        const x = { shape: values.shape, data: values.data.map((value) => rounded(value, type)) };
        const first = (elements: number[]) => elements.indexOf(extreme(...elements));
        if (x.shape.length === 0 || x.data.length === 0) return;
        const axis = mask % x.shape.length;
        const y = reduce(scattered(x, type, way), negative ? axis - x.shape.length : axis, { keepDims });
        expect(y.dtype).toBe("i32");
        checkSame(`${name} [${x.shape}]`, toPlain(y), reduced(x, [axis], keepDims, first));
        expect(reduce(scattered(x, type, way)).item()).toBe(first([...x.data]));
      }),
    ),
    RUNS,
  );
});

test.each([
  [[3, 5000], 1],
  [[5000, 3], 0],
  [[7, 300, 11], 1],
  [[40_000], 0],
  [[2, 70, 67], 0],
] as const)("large ones, %j along axis %i, in whole numbers", (of, axis) => {
  scope(() => {
    const random = new Random(`large ${of}`);
    const x = { shape: [...of], data: Array.from({ length: count(of) }, () => random.integer(-99, 100)) };
    for (const type of ["f32", "f64", "i32"] as const) {
      const t = toTensor(x, type);
      checkSame(
        "sum",
        toPlain(sum(t, axis)),
        reduced(x, [axis], false, (e) => total(e) + 0),
      );
      checkSame(
        "max",
        toPlain(max(t, axis)),
        reduced(x, [axis], false, (e) => Math.max(...e)),
      );
      checkSame(
        "min",
        toPlain(min(t, axis)),
        reduced(x, [axis], false, (e) => Math.min(...e)),
      );
      checkSame(
        "argMax",
        toPlain(argMax(t, axis)),
        reduced(x, [axis], false, (e) => e.indexOf(Math.max(...e))),
      );
      checkSame(
        "argMin",
        toPlain(argMin(t, axis)),
        reduced(x, [axis], false, (e) => e.indexOf(Math.min(...e))),
      );
    }
  });
});

test("a sum of ten million numbers is as exact as a short one, whichever way it runs", () => {
  scope(() => {
    const x = new Generator(3).uniform([10_000_000], { dtype: "f32" });
    // Of numbers below 2^0 with 24 bits each, so many add up exactly in f64.
    let exact = 0;
    for (const value of data(x)) exact += value;
    for (const shape of [[10_000_000], [10, 1_000_000], [1_000_000, 10]]) {
      const y = sum(sum(x.reshape(shape), 0));
      expect(Math.abs(y.item() - exact) / exact).toBeLessThan(1e-6);
    }
  });
});
