// Layers against plain computations and the functions that they stand for; what they begin with; errors.
import { describe, expect, test } from "vitest";
import * as wengert from "../../bindings/index.js";
import {
  checkGradients,
  conv1d,
  conv2d,
  Generator,
  pad,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

const normal = (seed: number, ...shape: number[]): Tensor => new Generator(seed).normal(shape, { dtype: "f64" });
const f64 = (seed = 1) => ({ dtype: "f64", generator: new Generator(seed) }) as const;

function expectNear(got: Tensor, want: Tensor | readonly number[], tolerance = 1e-12): void {
  const values = got.data();
  const wanted = want instanceof wengert.Tensor ? want.data() : want;
  if (want instanceof wengert.Tensor) expect(got.shape).toEqual(want.shape);
  for (const [i, value] of [...wanted].entries()) expect(Math.abs(values[i]! - value)).toBeLessThan(tolerance);
}

const activations: Record<string, [layer: nn.Module, f: (x: number) => number]> = {
  ReLU: [new nn.ReLU(), (x) => Math.max(x, 0)],
  ReLU6: [new nn.ReLU6(), (x) => Math.min(Math.max(x, 0), 6)],
  LeakyReLU: [new nn.LeakyReLU({ negativeSlope: 0.2 }), (x) => (x > 0 ? x : 0.2 * x)],
  PReLU: [new nn.PReLU(1, f64()), (x) => (x > 0 ? x : 0.25 * x)],
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
  const slopes = new nn.PReLU(4, { ...f64(), init: 0.5 });
  expectNear(
    slopes(x),
    rows.flat().map((v) => (v > 0 ? v : v / 2)),
  );
});

test("linear, bilinear and embedding", () => {
  const x = normal(1, 2, 3);
  const linear = new nn.Linear(3, 4, f64());
  const [w, b] = [linear.weight.toArray() as number[][], linear.bias!.toArray() as number[]];
  const rows = x.toArray() as number[][];
  const affine = rows.flatMap((row) => w.map((weights, i) => weights.reduce((sum, v, j) => sum + v * row[j]!, b[i]!)));
  expectNear(linear(x), affine);
  const bilinear = new nn.Bilinear(3, 2, 4, f64());
  const y = normal(2, 2, 2);
  const [W, c] = [bilinear.weight.toArray() as number[][][], bilinear.bias!.toArray() as number[]];
  const others = y.toArray() as number[][];
  const forms = rows.flatMap((row, n) =>
    W.map((matrix, o) =>
      matrix.reduce((sum, line, i) => line.reduce((s, v, j) => s + v * row[i]! * others[n]![j]!, sum), c[o]!),
    ),
  );
  expectNear(bilinear(x, y), forms);
  const table = new nn.Embedding(5, 3, f64());
  const index = tensor([[4, 0], [1, 4]], { dtype: "i32" }); // prettier-ignore
  const looked = table(index);
  expect(looked.toArray()).toEqual([4, 0, 1, 4].map((i) => (table.weight.toArray() as number[][])[i]).reduce<number[][][]>((all, row, i) => (i % 2 ? all.at(-1).push(row!) : all.push([row!]), all), [])); // prettier-ignore
});

test("the padding of an embedding is 0, and stays so", () => {
  const table = new nn.Embedding(4, 2, { ...f64(), paddingIdx: -1 });
  expect((table.weight.toArray() as number[][])[3]).toEqual([0, 0]);
  const index = tensor([3, 1, 3, 1], { dtype: "i32" });
  table(index).add(1).square().sum().backward();
  const gradient = table.weight.grad!.toArray() as number[][];
  expect([gradient[0], gradient[2], gradient[3]]).toEqual([[0, 0], [0, 0], [0, 0]]); // prettier-ignore
  expect(gradient[1]!.every((g) => g !== 0)).toBe(true);
  expect(() => new nn.Embedding(4, 2, { paddingIdx: 4 })).toThrow(/paddingIdx from -4 to 3, got 4/);
});

describe("convolutions", () => {
  test.each([
    ["zeros", "constant"],
    ["reflect", "reflect"],
    ["replicate", "replicate"],
    ["circular", "circular"],
  ] as const)("with padding by %s", (paddingMode, mode) => {
    const [x, y] = [normal(1, 2, 4, 5, 6), normal(2, 2, 4, 7)];
    const two = new nn.Conv2d(4, 6, [3, 2], { ...f64(), paddingMode, padding: [2, 1], stride: [1, 2], groups: 2 });
    const around = pad(x, [[0, 0], [0, 0], [2, 2], [1, 1]], { mode }); // prettier-ignore
    expectNear(two(x), conv2d(around, two.weight, two.bias, { stride: [1, 2], groups: 2 }));
    const one = new nn.Conv1d(4, 3, 4, { ...f64(), paddingMode, padding: "same", bias: false });
    expectNear(one(y), conv1d(pad(y, [[0, 0], [0, 0], [1, 2]], { mode }), one.weight)); // prettier-ignore
    expect(one(y).shape).toEqual([2, 3, 7]);
  });

  test("transposed ones are the adjoints of those that share their weight", () => {
    const options = { stride: 2, padding: 1 };
    const up = new nn.ConvTranspose2d(3, 2, 3, { ...f64(), ...options, outputPadding: 1, bias: false });
    const [x, y] = [normal(1, 2, 3, 4, 4), normal(2, 2, 2, 8, 8)];
    expect(up(x).shape).toEqual([2, 2, 8, 8]);
    const [left, right] = [
      up(x).mul(y).sum().item(),
      x
        .mul(conv2d(y, up.weight, null, options))
        .sum()
        .item(),
    ];
    expect(Math.abs(left - right)).toBeLessThan(1e-10);
    const longer = new nn.ConvTranspose1d(3, 4, 4, { ...f64(), stride: 2, groups: 1 });
    expect([longer(normal(1, 2, 3, 5)).shape, longer.weight.shape]).toEqual([[2, 4, 12], [3, 4, 4]]); // prettier-ignore
  });

  test("groups that do not fit and images of another kind are refused", () => {
    expectRefused(
      () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
      ValueError,
      /Conv2d: .* divides 4 and 6 channels, got 4/,
    );
    expectRefused(() => new nn.Conv2d(3, 4, [3]), ValueError, /kernelSize as a number or 2 numbers/);
    const conv = new nn.Conv2d(3, 4, 3);
    expectRefused(() => conv(zeros([2, 4, 5, 5])), ShapeError, /conv2d/, { temporaries: true });
  });
});

test("pooling layers are the functions", () => {
  const [x, y] = [normal(1, 2, 3, 6, 5), normal(2, 2, 3, 7)];
  const pairs: [Tensor, Tensor][] = [
    [new nn.MaxPool2d(2, { stride: 1, padding: 1 })(x), wengert.maxPool2d(x, 2, { stride: 1, padding: 1 })],
    [new nn.MaxPool1d(3)(y), wengert.maxPool1d(y, 3)],
    [
      new nn.AvgPool2d([3, 2], { countIncludePad: false, padding: 1 })(x),
      wengert.avgPool2d(x, [3, 2], { countIncludePad: false, padding: 1 }),
    ],
    [new nn.AvgPool1d(2, { ceilMode: true })(y), wengert.avgPool1d(y, 2, { ceilMode: true })],
    [new nn.AdaptiveAvgPool2d([2, 3])(x), wengert.adaptiveAvgPool2d(x, [2, 3])],
    [new nn.AdaptiveAvgPool2d(1)(x).flatten(1), x.mean([2, 3])],
    [new nn.AdaptiveAvgPool1d(3)(y), wengert.adaptiveAvgPool1d(y, 3)],
    [new nn.AdaptiveMaxPool2d(2)(x), wengert.adaptiveMaxPool2d(x, 2)],
    [new nn.AdaptiveMaxPool1d(2)(y), wengert.adaptiveMaxPool1d(y, 2)],
  ];
  for (const [got, want] of pairs) expectNear(got, want);
  expect(String(new nn.AvgPool2d([3, 2], { padding: 1 }))).toBe("AvgPool2d([3, 2], padding: 1)");
});

describe("normalisation", () => {
  /** Mean and variance of numbers, with so much less than their count as the divisor. */
  const moments = (all: readonly number[], less = 0): [number, number] => {
    const mean = all.reduce((a, b) => a + b) / all.length;
    return [mean, all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (all.length - less)];
  };

  test.each([
    ["BatchNorm1d of vectors", nn.BatchNorm1d, [6, 3]],
    ["BatchNorm1d of sequences", nn.BatchNorm1d, [4, 3, 5]],
    ["BatchNorm2d", nn.BatchNorm2d, [2, 3, 4, 2]],
  ] as const)("%s: by the batch in training, which goes into running statistics, else by these", (_, Layer, shape) => {
    const layer = new Layer(3, { ...f64(), momentum: 0.3, eps: 1e-3 });
    nn.init.normal(layer.weight!, f64(3));
    nn.init.normal(layer.bias!, f64(4));
    const [w, b] = [layer.weight!.toArray() as number[], layer.bias!.toArray() as number[]];
    const running = [0, 1, 2].map(() => [0, 1]);
    const channel = (x: Tensor, c: number): number[] => [...x.select(1, c).data()];
    for (const seed of [5, 6]) {
      const x = normal(seed, ...shape)
        .mul(2)
        .add(1);
      const y = layer(x);
      for (const c of [0, 1, 2]) {
        const [mean, variance] = moments(channel(x, c));
        expectNear(
          y.select(1, c).flatten(),
          channel(x, c).map((v) => ((v - mean) / Math.sqrt(variance + 1e-3)) * w[c]! + b[c]!),
        );
        running[c] = [0.7 * running[c]![0]! + 0.3 * mean, 0.7 * running[c]![1]! + 0.3 * moments(channel(x, c), 1)[1]];
      }
    }
    expectNear(
      layer.running_mean!,
      running.map(([mean]) => mean!),
    );
    expectNear(
      layer.running_var!,
      running.map(([, variance]) => variance!),
    );
    expect([layer.num_batches_tracked!.item(), layer.num_batches_tracked!.dtype]).toEqual([2, "i32"]);
    layer.eval();
    const x = normal(7, ...shape);
    for (const c of [0, 1, 2]) {
      const [mean, variance] = running[c] as [number, number];
      expectNear(
        layer(x).select(1, c).flatten(),
        channel(x, c).map((v) => ((v - mean) / Math.sqrt(variance + 1e-3)) * w[c]! + b[c]!),
      );
    }
    expect(layer.num_batches_tracked!.item()).toBe(2);
  });

  test("batch normalisation without running statistics, or without weight", () => {
    const layer = new nn.BatchNorm1d(2, { ...f64(), trackRunningStats: false, affine: false });
    expect(Object.keys(layer.stateDict())).toEqual([]);
    const x = normal(1, 4, 2);
    expect(layer.eval()(x).toArray()).toEqual(layer.train()(x).toArray());
    const single = new nn.BatchNorm1d(2);
    expectRefused(() => single(zeros([1, 2])), ShapeError, /more than one value for each channel/, {
      temporaries: true,
    });
  });

  test("a refused batch leaves the statistics as they were", () => {
    const layer = new nn.BatchNorm1d(2);
    expect(() => layer(zeros([1, 2]))).toThrow(ShapeError);
    expect(layer.num_batches_tracked!.item()).toBe(0);
    expectRefused(() => layer(zeros([1, 2, 3, 4])), ShapeError, /BatchNorm1d: expected \[n, channels\] or/, {
      temporaries: true,
    });
    const images = new nn.BatchNorm2d(2);
    const groups = new nn.GroupNorm(1, 3);
    expectRefused(
      () => images(zeros([1, 4, 2, 2])),
      ShapeError,
      /^BatchNorm2d: expected 2 channels on axis 1, got \[1, 4, 2, 2\]$/,
      { temporaries: true },
    );
    expectRefused(() => groups(zeros([1, 4])), ShapeError, /^GroupNorm: expected 3 channels .* \[1, 4\]$/, {
      temporaries: true,
    });
    expectRefused(() => images(zeros([4, 2])), ShapeError, /BatchNorm2d: expected \[n, channels, h, w\]/, {
      temporaries: true,
    });
  });

  test("layer, group, instance and RMS normalisation", () => {
    const x = normal(1, 2, 4, 3);
    const rows = x.toArray() as number[][][];
    const scaled = (all: number[], eps: number): number[] => {
      const [mean, variance] = moments(all);
      return all.map((v) => (v - mean) / Math.sqrt(variance + eps));
    };
    expectNear(
      new nn.LayerNorm([4, 3], f64())(x),
      rows.flatMap((matrix) => scaled(matrix.flat(), 1e-5)),
    );
    expectNear(
      new nn.LayerNorm(3, { ...f64(), eps: 0.1 })(x),
      rows.flat().flatMap((row) => scaled(row, 0.1)),
    );
    expectNear(new nn.GroupNorm(2, 4, f64())(x), rows.flatMap((m) => [m.slice(0, 2), m.slice(2)].flatMap((part) => scaled(part.flat(), 1e-5)))); // prettier-ignore
    expectNear(
      new nn.InstanceNorm1d(4, f64())(x),
      rows.flat().flatMap((row) => scaled(row, 1e-5)),
    );
    expectNear(
      new nn.InstanceNorm2d(4, f64())(x.unsqueeze(3)),
      rows.flat().flatMap((row) => scaled(row, 1e-5)),
    );
    const rms = rows
      .flat()
      .flatMap((row) => row.map((v) => v / Math.sqrt(row.reduce((a, b) => a + b * b, 0) / 3 + 0.01)));
    expectNear(new nn.RMSNorm(3, { ...f64(), eps: 0.01 })(x), rms);
    const affine = new nn.InstanceNorm1d(4, { ...f64(), affine: true });
    affine.bias!.assign([1, 2, 3, 4]);
    expectNear(affine(x).mean([0, 2]), [1, 2, 3, 4]);
    expect(() => new nn.GroupNorm(3, 4)).toThrow(/divides the 4 channels, got 3/);
    expect(() => new nn.LayerNorm([])).toThrow(/at least one axis/);
    expect(() => affine(zeros([2, 3, 5]))).toThrow(/4 channels on axis 1, got \[2, 3, 5\]/);
  });
});

test("shapes, dropout and identity", () => {
  const x = normal(1, 2, 3, 4);
  expect(new nn.Flatten()(x).shape).toEqual([2, 12]);
  expect(new nn.Unflatten(2, [2, 2])(x).toArray()).toEqual(x.reshape([2, 3, 2, 2]).toArray());
  expect(new nn.Identity()(x)).toBe(x);
  const drop = new nn.Dropout(0.25, { generator: new Generator(1) });
  const kept = drop(wengert.ones([10_000]));
  const values = [...new Set(kept.data())].sort();
  expect(values).toEqual([0, Math.fround(1 / 0.75)]);
  expect(Math.abs(kept.mean().item() - 1)).toBeLessThan(0.02);
  expect(() => new nn.Dropout(1.5)).toThrow(/from 0 to 1, got 1.5/);
});

test("losses are the functions", () => {
  const [x, y] = [normal(1, 4, 3), normal(2, 4, 3).sigmoid()];
  const classes = tensor([0, 2, 1, 2], { dtype: "i32" });
  const pairs: [Tensor, Tensor][] = [
    [new nn.MSELoss()(x, y), wengert.mseLoss(x, y)],
    [new nn.L1Loss({ reduction: "sum" })(x, y), wengert.l1Loss(x, y, { reduction: "sum" })],
    [new nn.HuberLoss({ delta: 0.5 })(x, y), wengert.huberLoss(x, y, { delta: 0.5 })],
    [new nn.SmoothL1Loss({ beta: 0.5 })(x, y), wengert.smoothL1Loss(x, y, { beta: 0.5 })],
    [
      new nn.CrossEntropyLoss({ labelSmoothing: 0.1 })(x, classes),
      wengert.crossEntropy(x, classes, { labelSmoothing: 0.1 }),
    ],
    [new nn.NLLLoss()(x.logSoftmax(), classes), wengert.nllLoss(x.logSoftmax(), classes)],
    [new nn.BCELoss()(x.sigmoid(), y), wengert.binaryCrossEntropy(x.sigmoid(), y)],
    [new nn.BCEWithLogitsLoss()(x, y), wengert.binaryCrossEntropyWithLogits(x, y)],
    [
      new nn.KLDivLoss({ reduction: "batchmean" })(x.logSoftmax(), y),
      wengert.klDiv(x.logSoftmax(), y, { reduction: "batchmean" }),
    ],
  ];
  for (const [got, want] of pairs) expectNear(got, want);
});

// How each parameter begins in PyTorch: uniform within ±bound, normal, or one value.
const MANY = 60;
const beginnings: Record<
  string,
  [layer: nn.AnyModule, Record<string, [shape: number[], bound: number | "normal" | [value: number]]>]
> = {
  Linear: [new nn.Linear(25, MANY), { weight: [[MANY, 25], 1 / 5], bias: [[MANY], 1 / 5] }],
  Bilinear: [new nn.Bilinear(16, 3, MANY), { weight: [[MANY, 16, 3], 1 / 4], bias: [[MANY], 1 / 4] }],
  Embedding: [new nn.Embedding(MANY, 9), { weight: [[MANY, 9], "normal"] }],
  Conv1d: [new nn.Conv1d(4, MANY, 9), { weight: [[MANY, 4, 9], 1 / 6], bias: [[MANY], 1 / 6] }],
  Conv2d: [new nn.Conv2d(8, MANY, 3, { groups: 2 }), { weight: [[MANY, 4, 3, 3], 1 / 6], bias: [[MANY], 1 / 6] }],
  // What feeds an output is counted along the second axis here too.
  ConvTranspose1d: [new nn.ConvTranspose1d(MANY, 4, 9), { weight: [[MANY, 4, 9], 1 / 6], bias: [[4], 1 / 6] }],
  ConvTranspose2d: [new nn.ConvTranspose2d(MANY, 4, 3), { weight: [[MANY, 4, 3, 3], 1 / 6], bias: [[4], 1 / 6] }],
  BatchNorm2d: [
    new nn.BatchNorm2d(7),
    {
      weight: [[7], [1]],
      bias: [[7], [0]],
      running_mean: [[7], [0]],
      running_var: [[7], [1]],
      num_batches_tracked: [[], [0]],
    },
  ],
  LayerNorm: [new nn.LayerNorm([3, 2]), { weight: [[3, 2], [1]], bias: [[3, 2], [0]] }],
  GroupNorm: [new nn.GroupNorm(2, 4), { weight: [[4], [1]], bias: [[4], [0]] }],
  InstanceNorm2d: [new nn.InstanceNorm2d(4), {}],
  RMSNorm: [new nn.RMSNorm(5), { weight: [[5], [1]] }],
  PReLU: [new nn.PReLU(), { weight: [[1], [0.25]] }],
  RNN: [
    new nn.RNN(5, 16),
    {
      weight_ih_l0: [[16, 5], 1 / 4],
      weight_hh_l0: [[16, 16], 1 / 4],
      bias_ih_l0: [[16], 1 / 4],
      bias_hh_l0: [[16], 1 / 4],
    },
  ],
  GRU: [new nn.GRU(5, 16, { bias: false }), { weight_ih_l0: [[48, 5], 1 / 4], weight_hh_l0: [[48, 16], 1 / 4] }],
  MultiheadAttention: [
    new nn.MultiheadAttention(16, 2),
    {
      in_proj_weight: [[48, 16], Math.sqrt(6 / 64)],
      in_proj_bias: [[48], [0]],
      "out_proj.weight": [[16, 16], 1 / 4],
      "out_proj.bias": [[16], [0]],
    },
  ],
};

test.each(Object.entries(beginnings))("%s begins as PyTorch's, under its names", (_, [layer, wanted]) => {
  const state = layer.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(wanted));
  for (const [key, [shape, bound]] of Object.entries(wanted)) {
    const x = state[key]!;
    expect([key, x.shape]).toEqual([key, shape]);
    const all = [...x.data()];
    if (Array.isArray(bound)) {
      expect(all.every((v) => v === bound[0])).toBe(true);
    } else {
      // The standard deviation is within six of its own from what it should be.
      const std = bound === "normal" ? 1 : bound / Math.sqrt(3);
      const spread = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length);
      expect(Math.abs(spread / std - 1)).toBeLessThan(6 * Math.sqrt(0.5 / all.length));
      if (bound !== "normal") expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(bound * (1 + 1e-6));
    }
  }
});

const smooth: Record<string, [layer: nn.AnyModule, ...inputs: Tensor[]]> = {
  Bilinear: [new nn.Bilinear(2, 3, 2, f64()), normal(1, 2, 2), normal(2, 2, 3)],
  Conv1d: [new nn.Conv1d(2, 3, 2, { ...f64(), padding: 1, paddingMode: "circular" }), normal(1, 2, 2, 3)],
  ConvTranspose2d: [new nn.ConvTranspose2d(2, 1, 2, { ...f64(), stride: 2 }), normal(1, 1, 2, 2, 2)],
  BatchNorm1d: [new nn.BatchNorm1d(2, f64()), normal(1, 4, 2)],
  GroupNorm: [new nn.GroupNorm(2, 4, f64()), normal(1, 2, 4, 2)],
  RMSNorm: [new nn.RMSNorm(3, f64()), normal(1, 2, 3)],
  GRU: [new nn.GRU(2, 2, f64()), normal(1, 2, 1, 2)],
  Residual: [
    new nn.Residual(new nn.Sequential(new nn.LayerNorm(3, f64()), new nn.Linear(3, 3, f64()), new nn.GELU())),
    normal(1, 2, 3),
  ],
};

test.each(Object.entries(smooth))("gradients of %s by inputs and parameters", (_, [layer, ...inputs]) => {
  const f = (parameters: nn.VariableTree, ...xs: Tensor[]): Tensor => {
    const y = nn.functionalCall(layer as unknown as nn.Module<Tensor[], Tensor | Tensor[]>, parameters, ...xs);
    return [y].flat()[0]!.square().sum();
  };
  const check = checkGradients(f, [layer.parameters(), ...inputs], { order: 1 });
  expect(check.passed, String(check)).toBe(true);
  expect(check.compared).toBeGreaterThan(8);
});
