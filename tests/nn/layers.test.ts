// Layers against plain computations and the functions that they stand for; errors; gradients.
import { describe, expect, test } from "vitest";
import * as wengert from "../../bindings/index.js";
import {
  checkGradients,
  conv1d,
  conv2d,
  DTypeError,
  Generator,
  pad,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type DTypeName,
  type Tensor,
} from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";
import { normal, seeded } from "../support/tensors.js";

test("linear, bilinear and embedding", () => {
  const x = normal(1, 2, 3);
  const linear = new nn.Linear(3, 4, seeded());
  const [w, b] = [linear.weight.toArray() as number[][], linear.bias!.toArray() as number[]];
  const rows = x.toArray() as number[][];
  const affine = rows.flatMap((row) => w.map((weights, i) => weights.reduce((sum, v, j) => sum + v * row[j]!, b[i]!)));
  expectNear(linear(x), affine);
  const bilinear = new nn.Bilinear(3, 2, 4, seeded());
  const y = normal(2, 2, 2);
  const [W, c] = [bilinear.weight.toArray() as number[][][], bilinear.bias!.toArray() as number[]];
  const others = y.toArray() as number[][];
  const forms = rows.flatMap((row, n) =>
    W.map((matrix, o) =>
      matrix.reduce((sum, line, i) => line.reduce((s, v, j) => s + v * row[i]! * others[n]![j]!, sum), c[o]!),
    ),
  );
  expectNear(bilinear(x, y), forms);
  expect(() => bilinear(x, normal(3, 4, 2))).toThrow(/^bilinear: /);
  const table = new nn.Embedding(5, 3, seeded());
  const index = tensor([[4, 0], [1, 4]], { dtype: "i32" }); // prettier-ignore
  const looked = table(index);
  expect(looked.toArray()).toEqual([4, 0, 1, 4].map((i) => (table.weight.toArray() as number[][])[i]).reduce<number[][][]>((all, row, i) => (i % 2 ? all.at(-1).push(row!) : all.push([row!]), all), [])); // prettier-ignore
});

test("the padding of an embedding is 0, and stays so", () => {
  const table = new nn.Embedding(4, 2, { ...seeded(), paddingIdx: -1 });
  expect((table.weight.toArray() as number[][])[3]).toEqual([0, 0]);
  const index = tensor([3, 1, 3, 1], { dtype: "i32" });
  table(index).add(1).square().sum().backward();
  const gradient = table.weight.grad!.toArray() as number[][];
  expect([gradient[0], gradient[2], gradient[3]]).toEqual([[0, 0], [0, 0], [0, 0]]); // prettier-ignore
  expect(gradient[1]!.every((g) => g !== 0)).toBe(true);
  expect(() => new nn.Embedding(4, 2, { paddingIdx: 4 })).toThrow(/from -4 to 3 as paddingIdx, got 4/);
});

describe("convolutions", () => {
  test.each([
    ["zeros", "constant"],
    ["reflect", "reflect"],
    ["replicate", "replicate"],
    ["circular", "circular"],
  ] as const)("with padding by %s", (paddingMode, mode) => {
    const [x, y] = [normal(1, 2, 4, 5, 6), normal(2, 2, 4, 7)];
    const two = new nn.Conv2d(4, 6, [3, 2], { ...seeded(), paddingMode, padding: [2, 1], stride: [1, 2], groups: 2 });
    const around = pad(x, [[0, 0], [0, 0], [2, 2], [1, 1]], { mode }); // prettier-ignore
    expectNear(two(x), conv2d(around, two.weight, two.bias, { stride: [1, 2], groups: 2 }));
    const one = new nn.Conv1d(4, 3, 4, { ...seeded(), paddingMode, padding: "same", bias: false });
    expectNear(one(y), conv1d(pad(y, [[0, 0], [0, 0], [1, 2]], { mode }), one.weight)); // prettier-ignore
    expect(one(y).shape).toEqual([2, 3, 7]);
  });

  test("transposed ones are the adjoints of those that share their weight", () => {
    const options = { stride: 2, padding: 1 };
    const up = new nn.ConvTranspose2d(3, 2, 3, { ...seeded(), ...options, outputPadding: 1, bias: false });
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
    const longer = new nn.ConvTranspose1d(3, 4, 4, { ...seeded(), stride: 2, groups: 1 });
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
    for (const paddingMode of ["zeros", "reflect", "replicate", "circular"] as const) {
      const strided = new nn.Conv1d(1, 1, 3, { padding: "same", stride: 2, paddingMode });
      expect(() => strided(zeros([1, 1, 5]))).toThrow(/a stride of 1 with padding "same", got/);
    }
  });
});

test("parameters of a dtype that is not trained in are refused in the layer's name", () => {
  const makers: Record<string, (how: { dtype: DTypeName }) => unknown> = {
    Linear: (how) => new nn.Linear(2, 2, how),
    LayerNorm: (how) => new nn.LayerNorm(2, how),
    Embedding: (how) => new nn.Embedding(2, 2, how),
    GRUCell: (how) => new nn.GRUCell(2, 2, how),
    TransformerEncoderLayer: (how) => new nn.TransformerEncoderLayer(2, 1, how),
  };
  for (const [name, make] of Object.entries(makers))
    for (const dtype of ["f16", "bf16", "i32"] as const)
      expectRefused(
        () => make({ dtype }),
        DTypeError,
        new RegExp(`^${name}: expected a floating-point dtype to differentiate, got ${dtype}$`),
      );
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
  // All layers print options alike, and what is undefined is not given.
  const given = { stride: [2, 1], padding: undefined } as object;
  expect(String(new nn.MaxPool2d(2, given))).toBe("MaxPool2d(2, stride: [2, 1])");
  expect(String(new nn.Conv2d(1, 1, 3, given))).toBe("Conv2d(1, 1, [3, 3], stride: [2, 1])");
  expect(String(new nn.ELU({ alpha: undefined } as object))).toBe("ELU()");
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

const smooth: Record<string, [layer: nn.AnyModule, ...inputs: Tensor[]]> = {
  Bilinear: [new nn.Bilinear(2, 3, 2, seeded()), normal(1, 2, 2), normal(2, 2, 3)],
  Conv1d: [new nn.Conv1d(2, 3, 2, { ...seeded(), padding: 1, paddingMode: "circular" }), normal(1, 2, 2, 3)],
  ConvTranspose2d: [new nn.ConvTranspose2d(2, 1, 2, { ...seeded(), stride: 2 }), normal(1, 1, 2, 2, 2)],
  BatchNorm1d: [new nn.BatchNorm1d(2, seeded()), normal(1, 4, 2)],
  GroupNorm: [new nn.GroupNorm(2, 4, seeded()), normal(1, 2, 4, 2)],
  RMSNorm: [new nn.RMSNorm(3, seeded()), normal(1, 2, 3)],
  GRU: [new nn.GRU(2, 2, seeded()), normal(1, 2, 1, 2)],
  Residual: [
    new nn.Residual(new nn.Sequential(new nn.LayerNorm(3, seeded()), new nn.Linear(3, 3, seeded()), new nn.GELU())),
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
