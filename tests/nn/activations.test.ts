// Layers of activations against plain computations, and what they are told.
import { expect, test } from "vitest";
import { tensor } from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { wrong } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";
import { normal, seeded } from "../support/tensors.js";

const activations: Record<string, [layer: nn.Module, f: (x: number) => number]> = {
  ReLU: [new nn.ReLU(), (x) => Math.max(x, 0)],
  ReLU6: [new nn.ReLU6(), (x) => Math.min(Math.max(x, 0), 6)],
  LeakyReLU: [new nn.LeakyReLU({ negativeSlope: 0.2 }), (x) => (x > 0 ? x : 0.2 * x)],
  PReLU: [new nn.PReLU(1, seeded()), (x) => (x > 0 ? x : 0.25 * x)],
  ELU: [new nn.ELU({ alpha: 2 }), (x) => (x > 0 ? x : 2 * Math.expm1(x))],
  CELU: [new nn.CELU({ alpha: 2 }), (x) => (x > 0 ? x : 2 * Math.expm1(x / 2))],
  SELU: [new nn.SELU(), (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  "GELU, tanh": [
    new nn.GELU({ approximate: "tanh" }),
    (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  SiLU: [new nn.SiLU(), (x) => x / (1 + Math.exp(-x))],
  Mish: [new nn.Mish(), (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  Softplus: [new nn.Softplus(), (x) => Math.log1p(Math.exp(x))],
  Softsign: [new nn.Softsign(), (x) => x / (1 + Math.abs(x))],
  Sigmoid: [new nn.Sigmoid(), (x) => 1 / (1 + Math.exp(-x))],
  LogSigmoid: [new nn.LogSigmoid(), (x) => -Math.log1p(Math.exp(-x))],
  Tanh: [new nn.Tanh(), Math.tanh],
  Tanhshrink: [new nn.Tanhshrink(), (x) => x - Math.tanh(x)],
  Hardtanh: [new nn.Hardtanh({ minVal: -0.5, maxVal: 2 }), (x) => Math.min(Math.max(x, -0.5), 2)],
  Hardsigmoid: [new nn.Hardsigmoid(), (x) => Math.min(Math.max(x + 3, 0), 6) / 6],
  Hardswish: [new nn.Hardswish(), (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6],
  Hardshrink: [new nn.Hardshrink({ lambda: 1 }), (x) => (Math.abs(x) > 1 ? x : 0)],
  Softshrink: [new nn.Softshrink(), (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0)],
  Threshold: [new nn.Threshold(0.5, -1), (x) => (x > 0.5 ? x : -1)],
};

test.each(Object.entries(activations))("the activation %s", (_, [layer, f]) => {
  const x = normal(1, 40).mul(3);
  expectNear(layer(x), [...x.data()].map(f));
});

test("activations are told what they are told by position as well, as in PyTorch", () => {
  const pairs: [byPosition: nn.Module, byName: nn.Module][] = [
    [new nn.LeakyReLU(0.2), new nn.LeakyReLU({ negativeSlope: 0.2 })],
    [new nn.ELU(2), new nn.ELU({ alpha: 2 })],
    [new nn.CELU(2), new nn.CELU({ alpha: 2 })],
    [new nn.GELU("tanh"), new nn.GELU({ approximate: "tanh" })],
    [new nn.Softplus(2, 1), new nn.Softplus({ beta: 2, threshold: 1 })],
    [new nn.Hardtanh(-0.5, 2), new nn.Hardtanh({ minVal: -0.5, maxVal: 2 })],
    [new nn.Hardshrink(1), new nn.Hardshrink({ lambda: 1 })],
    [new nn.Softshrink(1), new nn.Softshrink({ lambda: 1 })],
  ];
  const x = normal(1, 40).mul(3);
  for (const [byPosition, byName] of pairs) {
    expect(String(byPosition)).toBe(String(byName));
    expect(byPosition(x).toArray(), String(byName)).toEqual(byName(x).toArray());
    const plain = new (byName.constructor as new () => nn.Module)();
    expect(plain(x).toArray(), String(byName)).not.toEqual(byName(x).toArray());
  }
  expect(() => new nn.ELU(wrong(null))).toThrow(/^ELU: expected an object with options, got null$/);
});

test("activations along an axis, and the exact GELU", () => {
  const x = normal(1, 3, 4);
  const rows = x.toArray() as number[][];
  const soft = rows.map((row) => {
    const all = row.map((v) => Math.exp(v));
    return all.map((v) => v / all.reduce((a, b) => a + b));
  });
  expectNear(new nn.Softmax()(x), soft.flat());
  expectNear(new nn.LogSoftmax(1)(x), soft.flat().map(Math.log));
  expectNear(new nn.Softmax(0)(x), x.T.softmax(1).T);
  expectNear(
    new nn.GLU()(x),
    rows.flatMap(([a, b, c, d]) => [a! / (1 + Math.exp(-c!)), b! / (1 + Math.exp(-d!))]),
  );
  expectNear(new nn.GELU()(tensor([1], { dtype: "f64" })), [0.8413447460685429]);
  const slopes = new nn.PReLU(4, { ...seeded(), init: 0.5 });
  expectNear(
    slopes(x),
    rows.flat().map((v) => (v > 0 ? v : v / 2)),
  );
});
