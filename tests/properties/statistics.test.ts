import { describe, expect, test } from "vitest";
import {
  all,
  any,
  backward,
  logsumexp,
  prod,
  scope,
  std,
  sum,
  tensor,
  variance,
  type DTypeName,
} from "../../bindings/index.js";
import { Random } from "../support/random.js";
import { f64 } from "../support/tensors.js";

test.each([[[2, 3, 4, 5]], [[2, 0, 4, 5]], [[0, 3, 0, 5]], [[0, 0, 0, 5, 1]], [[7]]])(
  "the gradient of the product of %j is the product of the others",
  (data) => {
    scope(() => {
      const x = tensor(data, { dtype: "f64", requiresGrad: true });
      backward(prod(x));
      const others = data.map((_, i) => data.reduce((product, value, j) => (i === j ? product : product * value), 1));
      expect([...x.grad!.data()]).toEqual(others);
    });
  },
);

test("logsumexp of infinities", () => {
  scope(() => {
    const x = f64([-Infinity, -Infinity, 1, Infinity, -Infinity, 2, 1000, 1000, NaN, 1, NaN, Infinity]).reshape(6, 2);
    const want = [-Infinity, Infinity, 2, 1000 + Math.log(2), NaN, NaN];
    expect([...logsumexp(x, 1).data()]).toEqual(want);
    expect([...logsumexp(x.T.copy(), 0).data()]).toEqual(want);
    expect(logsumexp(f64([])).item()).toBe(-Infinity);
    expect(logsumexp(f64([1, 2, 3, 4]).reshape(1, 2, 1, 2), [1, 3], { keepDims: true }).shape).toEqual([1, 1, 1, 1]);
  });
});

describe("variance and standard deviation", () => {
  test.each([0, 1, 2])("with correction %d, over any axes", (correction) => {
    scope(() => {
      const data = new Random("variance").spread(3 * 4 * 5, 1e6, 1e6 + 1);
      const x = f64(data).reshape(3, 4, 5);
      const mean = data.reduce((total, value) => total + value, 0) / 60;
      const want = data.reduce((total, value) => total + (value - mean) ** 2, 0) / (60 - correction);
      expect(variance(x, null, { correction }).item()).toBeCloseTo(want, 9);
      expect(std(x, [2, 0, 1], { correction }).item()).toBeCloseTo(Math.sqrt(want), 9);
      const rows = [...variance(x.permute([1, 0, 2]).copy().reshape([4, 15]), 1, { correction }).data()];
      for (const y of [variance(x, [0, 2], { correction }), variance(x.permute([2, 1, 0]), [0, 2], { correction })])
        for (const [i, value] of [...y.data()].entries()) expect(value).toBeCloseTo(rows[i]!, 9);
      expect(variance(x, [0, 2], { correction, keepDims: true }).shape).toEqual([1, 4, 1]);
    });
  });

  test("of too few are NaN, of equals 0, with a derivative of 0", () => {
    scope(() => {
      expect(variance(f64([3])).item()).toBeNaN();
      expect(variance(f64([])).item()).toBeNaN();
      expect(variance(f64([3]), null, { correction: 0 }).item()).toBe(0);
      const x = tensor([2, 2, 2], { dtype: "f64", requiresGrad: true });
      backward(std(x));
      expect([...x.grad!.data()]).toEqual([0, 0, 0]);
    });
  });
});

test.each<DTypeName>(["f32", "f64", "i32", "u8", "bool"])("any and all of %s", (dtype) => {
  scope(() => {
    const x = tensor([0, 0, 0, 0, 1, 0, 1, 1, 1], { shape: [3, 3], dtype });
    expect([...any(x, 1).data()]).toEqual([0, 1, 1]);
    expect([...all(x, 1).data()]).toEqual([0, 0, 1]);
    expect([...any(x, 0, { keepDims: true }).data()]).toEqual([1, 1, 1]);
    expect(all(x).dtype).toBe("bool");
    expect([...any(tensor([], { shape: [2, 0], dtype }), 1).data()]).toEqual([0, 0]);
    expect([...all(tensor([], { shape: [2, 0], dtype }), 1).data()]).toEqual([1, 1]);
  });
});

test("reductions of permuted views are those of copies, and leave the view to be disposed of", () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  scope(() => {
    const x = tensor(
      Array.from({ length: 70 * 3 * 5 }, (_, i) => ((i * 7) % 11) - 5),
      { shape: [70, 3, 5] },
    );
    for (const order of orders) {
      const view = x.permute(order);
      const dense = view.copy();
      for (const axes of [0, 1, 2, [0, 1], [0, 2], [1, 2], null]) {
        for (const keepDims of [false, true]) {
          const [got, want] = [sum(view, axes, { keepDims }), sum(dense, axes, { keepDims })];
          expect(got.shape).toEqual(want.shape);
          expect(got.toArray()).toEqual(want.toArray());
          expect(view.max(axes).toArray()).toEqual(dense.max(axes).toArray());
        }
      }
      for (const axis of [0, 1, 2]) expect(view.argMax(axis).toArray()).toEqual(dense.argMax(axis).toArray());
    }
  });
});
