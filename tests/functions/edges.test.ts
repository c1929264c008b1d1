import { expect, test } from "vitest";
import {
  amax,
  amin,
  arange,
  compile,
  div,
  floorDivide,
  grad,
  maxPool1d,
  maxPool2d,
  pixelShuffle,
  pixelUnshuffle,
  repeatInterleave,
  sum,
  tensor,
  topk,
  ValueError,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused } from "../support/refusal.js";

// What a comparison with NumPy over unusual shapes and values found.

test("a floor division of floats by 0 is infinite, and by an infinity -1 or 0", () => {
  for (const dtype of ["f32", "f64"] as const) {
    const x = tensor([1, -1, 1, 0, -1, 5, 1, -1e-20, 7, -7, Infinity, Infinity], { dtype });
    const y = tensor([0, 0, -0, 0, Infinity, -Infinity, Infinity, 1, -2, -2, 0, 2], { dtype });
    const quotients = [Infinity, -Infinity, -Infinity, NaN, -1, -1, 0, -1, -4, 3, Infinity, NaN];
    for (const f of [floorDivide, compile((a: Tensor, b: Tensor) => floorDivide(a, b))])
      expect(f(x, y).toArray()).toEqual(quotients);
    expect(div(x, y, { roundingMode: "floor" }).toArray()).toEqual(quotients);
  }
  expect(grad((v: Tensor) => sum(floorDivide(v, tensor([0, 2]))))(tensor([1, 3])).toArray()).toEqual([0, 0]);
});

test("there are no 0 greatest of a number", () => {
  expectRefused(() => topk(tensor(3), 0), ValueError, /topk: expected k from 1 to 1, got 0/, { temporaries: true });
  expect(topk(tensor(3), 1).values.item()).toBe(3);
  expect(topk(tensor([3, 4]), 0).values.shape).toEqual([0]);
});

test("a window that steps over the whole image is refused", () => {
  const row = arange(5).cast("f32").reshape([1, 1, 1, 5]);
  const options = { padding: 1, dilation: 2 };
  const over = /maxPool2d: expected windows that hold elements of the image, got one that steps over all 1/;
  expectRefused(() => maxPool2d(row, 2, options), ValueError, over, { temporaries: true });
  expectRefused(() => maxPool1d(tensor([[4]]), 2, options), ValueError, /maxPool1d/, { temporaries: true });
  expect(maxPool1d(tensor([[4, 5]]), 2, { ...options, stride: 1 }).toArray()).toEqual([[5, 4]]);
});

test("a number can be repeated along the axis that it would have", () => {
  expect(repeatInterleave(tensor(3), 2, 0).toArray()).toEqual([3, 3]);
  expect(repeatInterleave(tensor(3), [2], -1).toArray()).toEqual([3, 3]);
});

test("counts and factors that are none are refused by the name of what was called", () => {
  const image = zeros([4, 2, 2]);
  expect(() => pixelShuffle(image, "1" as never)).toThrow(/^pixelShuffle: /);
  expect(() => pixelUnshuffle(image, "1" as never)).toThrow(/^pixelUnshuffle: /);
  expect(() => pixelUnshuffle(zeros([4, 3, 3]), 1.5)).toThrow(/^pixelUnshuffle: /);
  for (const count of [-1, "a" as never])
    expect(() => repeatInterleave(zeros([0]), count)).toThrow(/^repeatInterleave: /);
  expect(() => repeatInterleave(zeros([2]), 1e10)).toThrow(/^repeatInterleave: /);
  expect(() => amax(zeros([0]))).toThrow(/^amax: /);
  expect(() => amin(zeros([2]), 3)).toThrow(/^amin: /);
  expect(() => zeros([0]).amax()).toThrow(/^amax: /);
});
