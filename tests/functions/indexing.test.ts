import { expect, test } from "vitest";
import {
  CaptureError,
  compile,
  diag,
  diagEmbed,
  diagonal,
  grad,
  gt,
  IndexError,
  maskedSelect,
  median,
  memory,
  nanmedian,
  nanquantile,
  nonzero,
  quantile,
  scope,
  searchsorted,
  slice,
  tensor,
  uniqueAll,
  where,
  zeros,
  type Tensor,
} from "../../bindings/index.js";

const i32 = (values: number[], shape = [values.length]) => tensor(values, { dtype: "i32", shape });
const counted = (shape: number[]) =>
  tensor(shape.reduce((n, length) => n * length, 1) === 0 ? [] : count(shape), { shape });
const count = (shape: number[]) => Array.from({ length: shape.reduce((n, length) => n * length, 1) }, (_, i) => i);

test("a slice takes tensors of integers, as NumPy does", () => {
  scope(() => {
    const x = counted([3, 4, 2]);
    expect(slice(x, i32([2, -3]), 1).toArray()).toEqual([[18, 19], [2, 3]]); // prettier-ignore
    expect(slice(x, [], i32([0, 3, 3, 0], [2, 2]), 1).toArray()).toEqual([[[1, 7], [7, 1]], [[9, 15], [15, 9]], [[17, 23], [23, 17]]]); // prettier-ignore
    // Two neighbours broadcast, and stand where they were.
    expect(slice(x, i32([0, 2]), i32([[1], [0]].flat(), [2, 1])).toArray()).toEqual([[[2, 3], [18, 19]], [[0, 1], [16, 17]]]); // prettier-ignore
    expect(slice(x, 1, "...", i32([1, 0])).toArray()).toEqual([[9, 8], [11, 10], [13, 12], [15, 14]]); // prettier-ignore
    // Apart from each other, they come first.
    expect(slice(x, i32([0, 1]), [], i32([0, 1])).toArray()).toEqual([[0, 2, 4, 6], [9, 11, 13, 15]]); // prettier-ignore
    expect(slice(x, [], i32([1]), i32([0, 1])).shape).toEqual([3, 2]);
    for (const outside of [i32([3]), i32([-4])]) expect(() => slice(x, outside)).toThrow(IndexError);
    expect(() => slice(x, i32([0]), i32([4]))).toThrow(IndexError);
    expect(() => slice(x, i32([0]), i32([-5]), i32([1]))).toThrow(IndexError);
  });
});

test("a slice takes truth values for as many axes as they have", () => {
  scope(() => {
    const x = counted([2, 3]);
    expect(slice(x, gt(x, 1)).toArray()).toEqual([2, 3, 4, 5]);
    expect(slice(x, [], tensor([true, false, true])).toArray()).toEqual([[0, 2], [3, 5]]); // prettier-ignore
    expect(slice(x, gt(x, 9)).shape).toEqual([0]);
    expect(() => slice(x, tensor([true, false, true]))).toThrow(IndexError);
    const g = grad((t: Tensor) => slice(t, gt(t, 1)).square().sum())(x);
    expect(g.toArray()).toEqual([[0, 0, 4], [6, 8, 10]]); // prettier-ignore
  });
});

test("what holds is found in row-major order", () => {
  scope(() => {
    const x = tensor([[0, 2, 0], [3, 0, NaN]]); // prettier-ignore
    expect(nonzero(x).toArray()).toEqual([[0, 1], [1, 0], [1, 2]]); // prettier-ignore
    expect(nonzero(tensor(5)).shape).toEqual([1, 0]);
    expect(nonzero(tensor([], { shape: [0, 2] })).shape).toEqual([0, 2]);
    expect(maskedSelect(counted([2, 2]), tensor([true, false])).toArray()).toEqual([0, 2]);
  });
});

test("a condition alone gives a list of places for each axis", () => {
  const x = tensor([[0, 3, 0], [NaN, 0, -1]]); // prettier-ignore
  expect(where(x).map((places) => places.toArray())).toEqual([[0, 1, 1], [1, 0, 2]]); // prettier-ignore
  expect(where(x.T.gt(0)).map((places) => [places.dtype, places.toArray()])).toEqual([["i32", [1]], ["i32", [0]]]); // prettier-ignore
  expect(x.slice(...where(x)).toArray()).toEqual([3, NaN, -1]);
  expect(where(tensor(2)).map((places) => places.toArray())).toEqual([[0]]);
  expect(where(tensor(false)).map((places) => places.toArray())).toEqual([[]]);
  expect(where(zeros([2, 0, 3])).map((places) => places.shape)).toEqual([[0], [0], [0]]); // prettier-ignore
  expect(where([true, false], 1, 2).toArray()).toEqual([1, 2]);
  expect(() => (where as (c: unknown, x: unknown) => unknown)([true], 1)).toThrow(/^where: /);
  expect(() => compile(() => where(x))()).not.toThrow();
  expect(() => compile((c: Tensor) => where(c))(x)).toThrow(CaptureError);
});

test("different elements, their places and their numbers", () => {
  scope(() => {
    const { values, inverse, counts } = uniqueAll(tensor([[3, 1, Infinity], [1, 1, Infinity]])); // prettier-ignore
    expect(values.toArray()).toEqual([1, 3, Infinity]);
    expect(inverse.toArray()).toEqual([[1, 0, 2], [0, 0, 2]]); // prettier-ignore
    expect(counts.toArray()).toEqual([3, 1, 2]);
    expect(uniqueAll(tensor([])).counts.shape).toEqual([0]);
    expect(uniqueAll(tensor([true, false, true])).values.toArray()).toEqual([false, true]);
  });
});

test.each([0, 1, 2, 7, 8, 9])("values find their place among %d others", (n) => {
  scope(() => {
    const sorted = tensor(count([n]).map((i) => i >> 1));
    for (const right of [false, true]) {
      const got = searchsorted(sorted, [-1, 0, 0.5, 1, 3, 9], { right }).data();
      const want = [-1, 0, 0.5, 1, 3, 9].map(
        (v) => count([n]).filter((i) => (right ? i >> 1 <= v : i >> 1 < v)).length,
      );
      expect([...got]).toEqual(want);
    }
  });
});

test("a search among many leaves one array for each step, not all that it was worked out from", () => {
  scope(() => {
    const values = counted([10_000]);
    const before = memory().bytes;
    searchsorted(counted([1023]), values);
    // The sequence, which values are NaN, and places: at first, and after each of ten steps.
    expect(memory().bytes - before).toBeLessThan(13 * 4 * 10_000);
  });
});

test("diagonals, and their transposes", () => {
  scope(() => {
    const x = counted([2, 3, 4]);
    expect(diagonal(x, 1, 1, 2).toArray()).toEqual([[1, 6, 11], [13, 18, 23]]); // prettier-ignore
    expect(diagonal(x, -1, 2, 1).toArray()).toEqual(diagonal(x, 1, 1, 2).toArray());
    expect(diagonal(x, -5, 1, 2).shape).toEqual([2, 0]);
    expect(diagEmbed(tensor([1, 2]), -1).toArray()).toEqual([[0, 0, 0], [1, 0, 0], [0, 2, 0]]); // prettier-ignore
    expect(diag(diag(tensor([1, 2, 3]), 2), 2).toArray()).toEqual([1, 2, 3]);
  });
});

test("medians and quantiles", () => {
  scope(() => {
    const x = tensor([[3, 1, 2, 4], [NaN, 5, 7, 6]]); // prettier-ignore
    expect(median(x, 1).values.toArray()).toEqual([2, NaN]);
    expect(median(x, 1).indices.toArray()).toEqual([2, 0]);
    expect(nanmedian(x, 1).values.toArray()).toEqual([2, 6]);
    expect(nanmedian(x).item()).toBe(4);
    expect(median(tensor([5, 4, 9])).item()).toBe(5);
    expect(quantile(x, [0, 0.5, 1], 1).toArray()).toEqual([[1, NaN], [2.5, NaN], [4, NaN]]); // prettier-ignore
    expect(nanquantile(x, 0.25, 1, { keepDims: true }).toArray()).toEqual([[1.75], [5.5]]);
    const at = (interpolation: "lower" | "higher" | "midpoint" | "nearest") =>
      quantile(tensor([0, 10, 20, 30]), 0.4, null, { interpolation }).item();
    expect([at("lower"), at("higher"), at("midpoint"), at("nearest")]).toEqual([10, 20, 15, 10]);
  });
});
