// What people who come from PyTorch write.
import { expect, test } from "vitest";
import { compile, Generator, ShapeError, ValueError, type Tensor } from "../../bindings/index.js";
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  BatchNorm1d,
  Conv2d,
  Linear,
  ModuleDict,
  MultiheadAttention,
  Sequential,
  Tanh,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from "../../bindings/nn/index.js";
import { LambdaLR, SGD } from "../../bindings/optim/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

const generator = new Generator(0);

test("layers come in arrays, too, and what is no layer is refused", () => {
  const layers = [new Linear(2, 2), new Tanh()];
  expect(Object.keys(new Sequential(layers).stateDict())).toEqual(["0.weight", "0.bias"]);
  expect(new Sequential(layers, new Linear(2, 1)).length).toBe(3);
  const message = /Sequential: expected modules, such as layers, got Function$/;
  expectRefused(() => new Sequential(wrong((x: Tensor) => x.tanh())), ValueError, message);
  expectRefused(() => new Sequential(wrong({ 0: layers[0] })), ValueError, /got Object$/);
});

test("null leaves an axis of adaptive pooling as long as it is", () => {
  const x = generator.normal([2, 3, 4, 6]);
  expect(new AdaptiveAvgPool2d([2, null])(x).toArray()).toEqual(new AdaptiveAvgPool2d([2, 6])(x).toArray());
  expect(new AdaptiveMaxPool2d([null, 3])(x).toArray()).toEqual(new AdaptiveMaxPool2d([4, 3])(x).toArray());
  expect(new AdaptiveAvgPool2d(null)(x).shape).toEqual(x.shape);
  expect(new AdaptiveAvgPool1d([null])(x.select(0, 0)).shape).toEqual([3, 4, 6]);
  expect(String(new AdaptiveAvgPool2d([1, null]))).toBe("AdaptiveAvgPool2d([1, null])");
  expectRefused(() => new AdaptiveAvgPool2d([2, null])([1, 2]), ShapeError, /adaptiveAvgPool2d/, { temporaries: true });
});

test.each([false, true])("running statistics without momentum are means over all batches, compiled: %s", (compiled) => {
  const norm = new BatchNorm1d(3, { momentum: null, dtype: "f64" });
  const call = compiled ? compile((x: Tensor) => norm(x)) : norm;
  const batches = [1, 2, 3, 4].map(() => generator.normal([5, 3], { dtype: "f64" }));
  for (const x of batches) call(x);
  const means = batches.map((x) => x.mean(0)).reduce((a, b) => a.add(b)).div(4); // prettier-ignore
  const spread = batches.map((x) => x.variance(0, { correction: 1 })).reduce((a, b) => a.add(b)).div(4); // prettier-ignore
  expect(norm.running_mean!.sub(means).abs().max().item()).toBeLessThan(1e-14);
  expect(norm.running_var!.sub(spread).abs().max().item()).toBeLessThan(1e-14);
  expect(norm.num_batches_tracked!.item()).toBe(4);
});

test("layers refuse what they cannot use when they are made, in their own name", () => {
  const inner = { dtype: "f32" } as const;
  const cases: [() => unknown, string][] = [
    [() => new Conv2d(1, 1, 3, { paddingMode: "zero" as never }), "Conv2d: expected paddingMode to be one of zeros"],
    [() => new BatchNorm1d(3, { momentum: "a" as never }), "BatchNorm1d: expected a momentum, a number or null, got a"],
    [() => new TransformerEncoderLayer(6, 4, inner), "TransformerEncoderLayer: expected a number of heads"],
    [
      () => new TransformerDecoderLayer(6, 2, { dropout: 3 }),
      "TransformerDecoderLayer: expected a dropout from 0 to 1",
    ],
    [() => new ModuleDict({ a: 1 as never }), "ModuleDict: expected modules, such as layers, got 1"],
  ];
  for (const [make, message] of cases) expect(make).toThrow(message);
});

test("a decoder without a memory is refused, and so are values of another length than their keys", () => {
  const [x, keys, values] = [3, 4, 5].map((n) => generator.normal([n, 1, 6])) as [Tensor, Tensor, Tensor];
  const decoder = new TransformerDecoderLayer(6, 2);
  expect(() => decoder(x, undefined as never)).toThrow(/^TransformerDecoderLayer: .* got undefined/);
  expect(() => new MultiheadAttention(6, 2)(x, keys, values)).toThrow(/^multiHeadAttention: expected query/);
});

test("a schedule that is given no function says so", () => {
  const optimizer = new SGD(new Linear(1, 1).parameters(), { lr: 0.1 });
  const options = wrong({ lrLambda: () => 1 });
  expectRefused(() => new LambdaLR(optimizer, options), ValueError, /a function of the steps taken, got object/);
});
