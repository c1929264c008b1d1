import { expect, test } from "vitest";
import { arange, Generator, tensor, zeros } from "../bindings/index.js";
import { formatTensor } from "../bindings/core/values/format.js";

test("a small tensor is printed whole, with aligned numbers, shape and type", () => {
  expect(String(tensor([[1, -2.5], [30, 0]]))).toBe("tensor([[ 1.0, -2.5],\n        [30.0,  0.0]], shape [2, 2], f32)"); // prettier-ignore
  expect(String(tensor([1, 2], { dtype: "i32" }))).toBe("tensor([1, 2], shape [2], i32)");
  expect(String(tensor([true, false]))).toBe("tensor([ true, false], shape [2], bool)");
  expect(String(tensor([NaN, -Infinity, 1e-9]))).toBe("tensor([      nan,      -inf, 1.0000e-9], shape [3], f32)");
  expect(String(zeros([2, 0]))).toBe("tensor([[],\n        []], shape [2, 0], f32)");
});

test("of a long axis three elements at each end are printed, of one that is not too long all", () => {
  expect(String(arange(1001))).toBe("tensor([   0,    1,    2, ...,  998,  999, 1000], shape [1001], i32)");
  expect(String(arange(1000))).not.toContain("...");
  expect(String(arange(2000).reshape([1000, 2]))).toMatch(
    /^tensor\(\[\[ +0, +1\],\n +\[ +2, +3\],\n +\[ +4, +5\],\n +\.\.\.,/,
  );
});

test("long axes are cut short where others are empty", () => {
  expect(String(zeros([1_000_000_000, 0]))).toMatch(
    /^tensor\(\[\[\],(\n +\[\],){2}\n +\.{3},(\n +\[\],){2}\n +\[\]\], shape/,
  );
  expect(String(zeros([0, 3]))).toBe("tensor([], shape [0, 3], f32)");
});

test("no other elements are looked at", () => {
  const looked = new Set<number>();
  const elements = new Proxy(new Float32Array(0), { get: (_, place) => (looked.add(Number(place)), Number(place)) });
  const last = 2 ** 32 - 1;
  expect(formatTensor(elements, [2 ** 31, 2], "f64")).toMatch(/shape \[2147483648, 2\], f64\)$/);
  expect([...looked].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, ...[5, 4, 3, 2, 1, 0].map((i) => last - i)]);
});

test("a generator is printed by its state", () => {
  expect(String(new Generator(3))).toBe("Generator(tensor([3, 0, 0, 0], shape [4], i32))");
});
