import { expect, test } from "vitest";
import {
  arange,
  checkGradients,
  compile,
  IndexError,
  maxPool1d,
  maxPool2d,
  maxUnpool1d,
  maxUnpool2d,
  ShapeError,
  tensor,
  vmap,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused } from "../support/refusal.js";

const places = (list: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(list), { shape: [...shape] });

test("what was pooled comes back where it was, with zeros elsewhere", () => {
  const x = tensor([[1, 5, 2, 3, 9, 4, 8]], { dtype: "f64" });
  const { values, indices } = maxPool1d(x, 2, { returnIndices: true });
  expect(maxUnpool1d(values, indices, 2).toArray()).toEqual([[0, 5, 0, 3, 9, 0]]);
  expect(maxUnpool1d(values, indices, 2, { outputSize: 7 }).toArray()).toEqual([[0, 5, 0, 3, 9, 0, 0]]);
  // The examples of PyTorch's documentation; in another size the places are others.
  const image = arange(1, 17).cast("f32").reshape([1, 1, 4, 4]);
  const pooled = maxPool2d(image, 2, { stride: 2, returnIndices: true });
  const [rows, odd] = [
    [[0, 0, 0, 0], [0, 6, 0, 8], [0, 0, 0, 0], [0, 14, 0, 16]],
    [[0, 0, 0, 0, 0], [6, 0, 8, 0, 0], [0, 0, 0, 14, 0], [16, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
  ]; // prettier-ignore
  const unpool = (values: Tensor, indices: Tensor): Tensor => maxUnpool2d(values, indices, 2, { stride: 2 });
  expect(unpool(pooled.values, pooled.indices).toArray()).toEqual([[rows]]);
  expect(compile(unpool)(pooled.values, pooled.indices).toArray()).toEqual([[rows]]);
  expect(maxUnpool2d(pooled.values, pooled.indices, 2, { outputSize: [5, 5] }).toArray()).toEqual([[odd]]);
  expect(vmap(unpool)(pooled.values, pooled.indices).toArray()).toEqual([[rows]]);
});

test("windows, strides and padding say how large the image was", () => {
  const options = { stride: [3, 2], padding: [1, 0] } as const;
  const { values, indices } = maxPool2d(arange(72).cast("f32").reshape([2, 6, 6]), [2, 3], {
    ...options,
    returnIndices: true,
  });
  expect(values.shape).toEqual([2, 3, 2]);
  expect(maxUnpool2d(values, zeros([2, 3, 2]), [2, 3], options).shape).toEqual([2, 6, 5]);
  const back = maxUnpool2d(values, indices, [2, 3], { ...options, outputSize: [6, 6] });
  // Where windows overlap the last one counts.
  expect(maxPool2d(back, [2, 3], options).toArray()).toEqual(values.toArray());
  expect(maxUnpool1d(zeros([0, 3]), places([], [0, 3]), 2).shape).toEqual([0, 6]);
});

test("the derivative goes back to what was put there", () => {
  const at = places([3, 0, 5, 2], [2, 2]);
  const unpool = (x: Tensor): Tensor => maxUnpool1d(x, at, 3).square().sum();
  checkGradients(unpool, [tensor([[1, 2], [3, 4]], { dtype: "f64" })]); // prettier-ignore
});

test("other indices and sizes are refused", () => {
  const x = zeros([1, 2, 2]);
  const at = places([0, 1, 2, 3], [1, 2, 2]);
  const refused = { temporaries: true };
  expectRefused(() => maxUnpool2d(x, places([0], [1]), 2), ShapeError, /indices \[1, 2, 2\], got \[1\]/, refused);
  // PyTorch refuses them, too: -1 is no place that a pooling gives.
  for (const place of [-1, 16]) {
    const outside = [() => maxUnpool2d(x, places([0, 1, 2, place], [1, 2, 2]), 2), IndexError] as const;
    expectRefused(...outside, new RegExp(`^maxUnpool2d: expected .* got ${place}`), refused);
  }
  const negative = (index: Tensor): Tensor => maxUnpool1d(zeros([1, 2]), index, 2);
  expect(() => compile(negative)(places([0, -4], [1, 2]))).toThrow(IndexError);
  const sizes = /maxUnpool2d: expected an image within a stride of \[4, 4\], got \[6, 4\]/;
  expectRefused(() => maxUnpool2d(x, at, 2, { outputSize: [6, 4] }), ShapeError, sizes, refused);
});
