import { expect, test } from "vitest";
import {
  adaptiveAvgPool2d,
  amax,
  amin,
  arange,
  atan2,
  avgPool2d,
  AxisError,
  cat,
  cdist,
  compile,
  diff,
  div,
  floorDivide,
  fmax,
  fmin,
  grad,
  hardtanh,
  indexAdd,
  IndexError,
  indexFill,
  interpolate,
  jvp,
  logaddexp2,
  logit,
  maxPool1d,
  maxPool2d,
  ones,
  onesLike,
  pixelShuffle,
  pixelUnshuffle,
  repeatInterleave,
  segmentMean,
  segmentSum,
  ShapeError,
  sum,
  tensor,
  tensordot,
  topk,
  transpose,
  ValueError,
  zeros,
  zerosLike,
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

test("differences of more orders than there are elements are none, at once", () => {
  expect(diff(tensor([1, 2, 4]), 1e9).shape).toEqual([0]);
  expect(diff(zeros([2, 3]), 1e9, 0).shape).toEqual([0, 3]);
});

test("the angle of the least numbers is that of others", () => {
  const leasts = { f32: 2 ** -149, f64: Number.MIN_VALUE } as const;
  for (const dtype of ["f32", "f64"] as const) {
    const x = tensor([leasts[dtype], -leasts[dtype]], { dtype });
    const quarters = div(atan2(x, x), Math.PI / 4);
    expect(quarters.sub([1, -3]).abs().max().item()).toBeLessThan(1e-6);
  }
});

test("an empty vector goes with tensors of any rank, and has a gradient", () => {
  const nothing = zeros([0], { dtype: "f64" });
  const x = tensor([[1, 2]], { dtype: "f64" });
  expect(cat([nothing, x, nothing, x]).toArray()).toEqual([[1, 2], [1, 2]]); // prettier-ignore
  expect(cat([x, nothing], 1).shape).toEqual([1, 2]);
  expect(cat([nothing, nothing]).shape).toEqual([0]);
  const [ofNothing, ofX] = grad((a: Tensor, b: Tensor) => cat([a, b]).square().sum(), { argnums: [0, 1] })(nothing, x);
  expect(ofNothing.shape).toEqual([0]);
  expect(ofX.toArray()).toEqual([[2, 4]]);
  expect(() => cat([zeros([1, 0]), zeros([2, 2])])).toThrow(ShapeError);
});

test("the bounds of logit are numbers, of any precision", () => {
  const [low, high] = logit(tensor([0, 1], { dtype: "f64" }), 0.1).toArray() as number[];
  expect(low).toBeCloseTo(-Math.log(9), 14);
  expect(high).toBeCloseTo(Math.log(9), 14);
});

test("zeros and ones like another tensor may be of another type", () => {
  const x = tensor([1, 2]).cast("i32");
  expect(zerosLike(x).dtype).toBe("i32");
  expect(zerosLike(x, { dtype: "f64" }).dtype).toBe("f64");
  expect(onesLike(x, { dtype: "bool" }).toArray()).toEqual([true, true]);
});

test("corners have no meaning for the nearest element", () => {
  const x = arange(4).cast("f32").reshape([1, 1, 4]);
  const refused =
    /interpolate: expected mode with alignCorners to be one of linear, bilinear, trilinear, bicubic, got nearest/;
  expectRefused(() => interpolate(x, { size: 7, alignCorners: true }), ValueError, refused);
  expect(interpolate(x, { size: 2, alignCorners: false }).toArray()).toEqual([[[0, 2]]]);
});

test("a number can be repeated along the axis that it would have", () => {
  expect(repeatInterleave(tensor(3), 2, 0).toArray()).toEqual([3, 3]);
  expect(repeatInterleave(tensor(3), [2], -1).toArray()).toEqual([3, 3]);
});

test("parameters without a meaning are refused, not computed with", () => {
  const m = zeros([2, 2]);
  expect(() => hardtanh(m, { minVal: 2, maxVal: 1 })).toThrow("hardtanh: expected minVal up to maxVal, got 2 and 1");
  expect(() => cdist(m, m, { p: -1 })).toThrow("cdist: expected a p from 0, got -1");
  expect(() => avgPool2d(zeros([1, 4, 4]), 2, { divisorOverride: NaN })).toThrow(/^avgPool2d: expected a divisor/);
});

test("an index outside of a table is refused by the name of what was called, in programs too", () => {
  const x = tensor([1, 2, 3]);
  const segments = tensor([0, 1, 5], { dtype: "i32" });
  expect(() => segmentSum(x, segments, 2)).toThrow(/^segmentSum: expected indices from -2 to 1, got 5 at position 2/);
  expect(() => segmentMean(x, segments, 2)).toThrow(/^segmentMean: expected indices/);
  expect(() => compile((v: Tensor) => segmentSum(v, segments, 2))(x)).toThrow(/^segmentSum/);
  expect(() => indexAdd(x, 0, segments, x)).toThrow(/^indexAdd: expected indices from -3 to 2, got 5/);
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

test("counts, axes and lengths that no memory holds are refused at once", () => {
  const x = tensor([1, 2, 3]);
  expectRefused(
    () => repeatInterleave(x, [1e9, 1, 1]),
    ValueError,
    /^repeatInterleave: expected at most 536870912 in all/,
  );
  expectRefused(() => tensordot(x, x, 1e9), ShapeError, /^tensordot: expected 1000000000 axes/);
  const image = zeros([1, 1, 4, 4]);
  for (const size of [1e9, [1e9, 1] as [number, number]]) {
    const lengths = /as whole numbers from \d to 16777216, got 1000000000$/;
    expectRefused(() => interpolate(image, { size }), ValueError, lengths);
    expectRefused(() => adaptiveAvgPool2d(image, size), ValueError, lengths);
  }
});

test("the greater and the lesser of a number and NaN are the number, which has the derivative", () => {
  const [x, y] = [tensor([1, NaN, NaN, 2, -0]), tensor([NaN, 3, NaN, 2, 0])];
  expect(fmax(x, y).toArray()).toEqual([1, 3, NaN, 2, 0]);
  expect(fmin(x, y).toArray()).toEqual([1, 3, NaN, 2, -0]);
  expect(fmax(tensor([[1], [5]], { dtype: "i32" }), [2, 3]).toArray()).toEqual([[2, 3], [5, 5]]); // prettier-ignore
  const part = (f: typeof fmax) => grad((a: Tensor, b: Tensor) => sum(f(a, b)), { argnums: [0, 1] })(x, y);
  for (const f of [fmax, fmin])
    expect(part(f).map((g) => (g.toArray() as number[]).slice(0, 4))).toEqual([[1, 0, 0, 0.5], [0, 1, 0, 0.5]]); // prettier-ignore
  expect(jvp(fmax, [x, y], [ones([5]), zeros([5])])[1].toArray()).toEqual([1, 0, 0, 0.5, 0.5]);
});

test("the logarithm of a sum of powers of two is exact where they are equal, and finite far out", () => {
  expect(logaddexp2([3, -2000, 1e30, -Infinity, Infinity], [3, -2000, -1e30, 1, Infinity]).toArray()).toEqual([4, -1999, Math.fround(1e30), 1, Infinity]); // prettier-ignore
  expect(logaddexp2(-Infinity, -Infinity).item()).toBe(-Infinity);
  expect(grad((a: Tensor) => sum(logaddexp2(a, [1, 0])))(tensor([1, -Infinity])).toArray()).toEqual([0.5, 0]);
});

test("one value goes where an index says, however often", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  expect(indexFill(x, -1, [0, -1, 0], 9).toArray()).toEqual([[9, 2, 9], [9, 5, 9]]); // prettier-ignore
  expect(x.T.indexFill(0, 1, 0).toArray()).toEqual([[1, 4], [0, 0], [3, 6]]); // prettier-ignore
  expect(indexFill(tensor(7), 0, [0], 2).toArray()).toBe(2);
  expect(indexFill(zeros([2, 0]), 1, [], 1).shape).toEqual([2, 0]);
  const whole = tensor([1, 2], { dtype: "u8" });
  expect(indexFill(whole, 0, [1], 200).dtype).toBe("u8");
  expectRefused(() => indexFill(whole, 0, [1], 256), ValueError, /^indexFill: /);
  expectRefused(() => indexFill(x, 0, [2], 1), IndexError, /^indexFill: .*got 2/);
  expectRefused(() => indexFill(x, 2, [0], 1), AxisError, /^indexFill: /);
  expectRefused(() => indexFill(x, 0, [0.5], 1), IndexError, /^indexFill: /);
  expectRefused(() => indexFill(x, 0, [0], [1, 2]), ShapeError, /^indexFill: expected a number or a 0-d tensor, got \[2\]/, { temporaries: true }); // prettier-ignore
});

test("what has fewer than two axes is its own transpose, in another handle", () => {
  for (const x of [tensor(3), tensor([1, 2])]) {
    const y = x.T;
    expect(y.toArray()).toEqual(x.toArray());
    y.dispose();
    expect(x.sum().item()).toBe(3);
  }
  expect(() => transpose(tensor([1, 2]))).toThrow(AxisError);
});
