import { expect, test } from "vitest";
import { backward, crossEntropy, layerNorm, rmsNorm, ShapeError, softmax, tensor } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";

test("layerNorm takes the last axes together, with what is given of weight and bias", () => {
  const x = tensor([1, 2, 3, 4, 5, 6, 7, 9], { shape: [2, 2, 2], dtype: "f64" });
  const flat = layerNorm(x.reshape([2, 4]));
  expect(layerNorm(x, [2, 2]).toArray()).toEqual(flat.reshape([2, 2, 2]).toArray());
  const bias = tensor([1, 2, 3, 4], { dtype: "f64" });
  expect(layerNorm(x.reshape([2, 4]), 4, { bias }).toArray()).toEqual(flat.add(bias).toArray());
  expect(x.layerNorm(2).shape).toEqual([2, 2, 2]);
  expect(layerNorm(tensor([[1, 2]]), 2, { weight: bias.slice([0, 2]) }).dtype).toBe("f64");
});

test("rmsNorm has the epsilon of its dtype", () => {
  const x = tensor([[3, 4]], { dtype: "f64" });
  expect(rmsNorm(x).toArray()).toEqual([[3 / Math.sqrt(12.5 + 2 ** -52), 4 / Math.sqrt(12.5 + 2 ** -52)]]);
  expect(rmsNorm(tensor([[0, 0]])).toArray()).toEqual([[0, 0]]);
});

test("a norm over other axes than the last is refused", () => {
  const x = tensor([[1, 2, 3]]);
  expect(() => layerNorm(x, [2])).toThrow(ShapeError);
  expect(() => layerNorm(x, [1, 1, 3])).toThrow(ShapeError);
  expect(() => layerNorm(x, [])).toThrow(ShapeError);
  expect(() => layerNorm(x, 3, { weight: [1, 2] })).toThrow(ShapeError);
});

test("rows without columns have definitions too", () => {
  for (const name of ["softmax", "logSoftmax"] as const) {
    const { derivative } = operations[name].primitive;
    if (derivative.kind !== "fused") throw new Error(`${name} is not fused`);
    expect(derivative.definition(operations, [tensor([], { shape: [3, 0] })], null).shape).toEqual([3, 0]);
  }
  expect(crossEntropy(tensor([], { shape: [0, 4] }), tensor([], { shape: [0], dtype: "i32" })).item()).toBeNaN();
});

test("softmax of a row with NaN, infinity or nothing but -Infinity is NaN, and -Infinity among others counts as 0", () => {
  const row = (...values: number[]) => softmax(tensor(values)).toArray();
  for (const length of [2, 5, 40]) {
    const rest = new Array<number>(length - 1).fill(1);
    for (const odd of [NaN, Infinity]) {
      for (const values of [
        [odd, ...rest],
        [...rest, odd],
      ])
        expect(row(...values)).toEqual(values.map(() => NaN));
    }
    expect(row(-Infinity, ...rest)).toEqual([0, ...rest.map(() => Math.fround(1 / rest.length))]);
    expect(row(...rest.map(() => -Infinity))).toEqual(rest.map(() => NaN));
  }
});

test("rows of softmax sum to 1", () => {
  const x = operations
    .iota(64 * 257, "f64")
    .reshape([64, 257])
    .sin()
    .mul(30);
  for (const dtype of ["f32", "f64"] as const) {
    for (const total of softmax(x.cast(dtype)).cast("f64").sum(1).toArray() as number[])
      expect(Math.abs(total - 1)).toBeLessThan(dtype === "f32" ? 3e-7 : 1e-15);
  }
});

test("gradients reach x, weight and bias", () => {
  const x = tensor([[1, 2, 4]], { requiresGrad: true });
  const weight = tensor([1, 2, 3], { requiresGrad: true });
  const bias = tensor([0, 0, 0], { requiresGrad: true });
  backward(layerNorm(x, 3, { weight, bias }).sum());
  expect(bias.grad!.toArray()).toEqual([1, 1, 1]);
  expect(weight.grad!.toArray()).toEqual((layerNorm(x.detach()).toArray() as number[][])[0]);
  expect(Math.abs(x.grad!.sum().item())).toBeLessThan(1e-6);
});
