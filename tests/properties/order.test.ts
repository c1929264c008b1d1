import { describe, expect, test } from "vitest";
import {
  argsort,
  cummax,
  cummin,
  cumprod,
  cumsum,
  grad,
  mul,
  scope,
  sort,
  square,
  sum,
  takeAlongAxis,
  tensor,
  topk,
  type Tensor,
} from "../../bindings/index.js";
import { Random } from "../support/random.js";

const list = (x: Tensor): unknown => x.toArray();

describe("sort", () => {
  const special = [2, NaN, -0, Infinity, 0, -Infinity, 2, -3];

  test("puts NaN last, keeps equal elements in order, and takes zeros of both signs as equal", () => {
    for (const dtype of ["f32", "f64"] as const) {
      const { values, indices } = sort(tensor(special, { dtype }));
      expect(list(values)).toEqual([-Infinity, -3, -0, 0, 2, 2, Infinity, NaN]);
      expect(list(indices)).toEqual([5, 7, 2, 4, 0, 6, 3, 1]);
      expect([values.dtype, indices.dtype]).toEqual([dtype, "i32"]);
      expect(list(argsort(tensor(special, { dtype }), 0, { descending: true }))).toEqual([1, 3, 0, 6, 2, 4, 7, 5]);
    }
  });

  test("orders integers and truth values", () => {
    expect(list(sort(tensor(new Int32Array([3, -2147483648, 2147483647, -1]))).values)).toEqual([
      -2147483648, -1, 3, 2147483647,
    ]);
    expect(list(sort(tensor(new Uint8Array([200, 3, 255])), 0, { descending: true }).indices)).toEqual([2, 0, 1]);
    expect(list(tensor([true, false, true]).sort().values)).toEqual([false, true, true]);
  });

  test("agrees with JavaScript's on many elements, along either axis", () => {
    const random = new Random("many");
    for (const dtype of ["f32", "f64"] as const) {
      const x = tensor(
        Float64Array.from({ length: 3000 }, () => random.uniform(-1, 1)),
        { dtype, shape: [3, 1000] },
      );
      const rows = [0, 1, 2].map((i) => x.slice(i).data().sort());
      expect([0, 1, 2].map((i) => x.sort().values.slice(i).data())).toEqual(rows);
      expect([0, 1, 2].map((i) => x.T.sort(0).values.T.slice(i).data())).toEqual(rows);
      const reversed = rows.map((row) => row.slice(-7).reverse());
      expect([0, 1, 2].map((i) => topk(x, 7).values.slice(i).data())).toEqual(reversed);
      expect([0, 1, 2].map((i) => topk(x.T, 7, 0, { largest: false }).values.T.slice(i).data())).toEqual(
        rows.map((row) => row.slice(0, 7)),
      );
    }
  });

  test("sends the adjoint of a value to the element that it is", () => {
    const weights = tensor([1, 10, 100]);
    const x = tensor([5, -1, 3]);
    expect(list(grad((v: Tensor) => sum(mul(sort(v).values, weights)))(x))).toEqual([100, 1, 10]);
    expect(list(grad((v: Tensor) => sum(mul(topk(v, 2).values, [1, 10])))(x))).toEqual([1, 0, 10]);
    // Twice: the second derivative of Σ w y², row by row.
    const twice = grad((v: Tensor) => sum(grad((u: Tensor) => sum(mul(square(sort(u).values), weights)))(v)));
    expect(list(twice(x))).toEqual([200, 2, 20]);
  });
});

test("cummax and cummin name the last of equal elements, and from a NaN on the last NaN", () => {
  const x = tensor([
    [2, 1, 2, 3, NaN, 5, NaN, 4],
    [-0, 0, -1, -1, Infinity, -Infinity, 7, 7],
  ]);
  expect(list(cummax(x).indices)).toEqual([
    [0, 0, 2, 3, 4, 4, 6, 6],
    [0, 1, 1, 1, 4, 4, 4, 4],
  ]);
  expect(list(cummin(x).indices)).toEqual([
    [0, 1, 1, 1, 4, 4, 6, 6],
    [0, 1, 2, 3, 3, 5, 5, 5],
  ]);
  expect(list(cummax(x, 0).indices)).toEqual([
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 1],
  ]);
  expect(list(cummax(x).values)).toEqual([
    [2, 2, 2, 3, NaN, NaN, NaN, NaN],
    [-0, 0, 0, 0, Infinity, Infinity, Infinity, Infinity],
  ]);
  expect(list(cummin(tensor(new Uint8Array([200, 3, 255]))).values)).toEqual([200, 3, 3]);
  expect(list(cummax(tensor([false, true, false])).values)).toEqual([false, true, true]);
  expect(list(cummax(tensor(3)).indices)).toBe(0);
});

describe("takeAlongAxis", () => {
  const x = tensor([
    [3, 1, 2],
    [4, 6, 5],
  ]);

  test("picks what argsort and argMax name", () => {
    expect(list(takeAlongAxis(x, argsort(x)))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(list(x.takeAlongAxis(x.argMax(0, { keepDims: true }), 0))).toEqual([[4, 6, 5]]);
  });

  test("broadcasts either side", () => {
    expect(list(takeAlongAxis(x, [[0, -1]]))).toEqual([
      [3, 2],
      [4, 5],
    ]);
    expect(list(takeAlongAxis([[7, 8]], [[0], [1]]))).toEqual([[7], [8]]);
  });
});

describe("running sums and products", () => {
  test("of a million f32 are those of f64, rounded", () => {
    scope(() => {
      const random = new Random("million");
      const numbers = Float32Array.from({ length: 1e6 }, () => random.next());
      const got = cumsum(tensor(numbers)).data();
      let total = 0;
      let worst = 0;
      for (const [i, value] of numbers.entries()) {
        total += value;
        worst = Math.max(worst, Math.abs(got[i]! - total) / total);
      }
      expect(worst).toBeLessThan(6e-8);
    });
  });

  test("count truth values", () => {
    const counted = cumsum(tensor([true, false, true, true]));
    expect([list(counted), counted.dtype]).toEqual([[1, 1, 2, 3], "i32"]);
  });

  test("have exact derivatives where elements are 0, of every order", () => {
    const last = (x: Tensor) => cumprod(x).slice(-1);
    const first = grad(last);
    expect(list(first(tensor([2, 3, 5])))).toEqual([15, 10, 6]);
    expect(list(first(tensor([0, 3, 5])))).toEqual([15, 0, 0]);
    expect(list(first(tensor([0, 0, 5])))).toEqual([0, 0, 0]);
    const second = grad((x: Tensor) => first(x).slice(0));
    expect(list(second(tensor([0, 0, 5])))).toEqual([0, 5, 0]);
    const third = grad((x: Tensor) => second(x).slice(1));
    expect(list(third(tensor([0, 0, 0])))).toEqual([0, 0, 1]);
    // All prefixes: Σ of x0, x0 x1, x0 x1 x2.
    expect(list(grad((x: Tensor) => sum(cumprod(x)))(tensor([2, 0, 7])))).toEqual([1, 16, 0]);
  });
});
