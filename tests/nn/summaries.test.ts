// What a module says of itself: its summary and its printed form.
import { describe, expect, test } from "vitest";
import { memory, scope, tensor, zeros, type Tensor, type TensorLike } from "../../bindings/index.js";
import {
  BatchNorm1d,
  Bilinear,
  Conv2d,
  ConvTranspose1d,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  MultiheadAttention,
  ReLU,
  Residual,
  Sequential,
} from "../../bindings/nn/index.js";
import { Net } from "./net.js";

describe("summaries", () => {
  const net = new Sequential(
    ...[new Conv2d(1, 4, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Flatten()],
    ...[new Linear(4 * 4 * 4, 10), new BatchNorm1d(10)],
  );

  test("shapes, parameters and multiply-adds are those of the layers", () => {
    const summary = net.summary(zeros([2, 1, 8, 8]));
    expect(
      summary.rows.map(({ name: key, type, output, parameters, multiplyAdds }) => [
        key,
        type,
        output,
        parameters,
        multiplyAdds,
      ]),
    ).toEqual([
      ["", "Sequential", [[2, 10]], 0, 0],
      ["0", "Conv2d", [[2, 4, 8, 8]], 4 * 9 + 4, 2 * 4 * 8 * 8 * 9],
      ["1", "ReLU", [[2, 4, 8, 8]], 0, 0],
      ["2", "MaxPool2d", [[2, 4, 4, 4]], 0, 0],
      ["3", "Flatten", [[2, 64]], 0, 0],
      ["4", "Linear", [[2, 10]], 650, 2 * 640],
      ["5", "BatchNorm1d", [[2, 10]], 20, 0],
    ]);
    expect(summary).toMatchObject({ parameters: 710, trainable: 710, buffers: 21, multiplyAdds: 4608 + 1280 });
    expect(String(summary)).toBe(
      [
        "layer             output        parameters  multiply-adds",
        "---------------------------------------------------------",
        "Sequential        [2, 10]",
        "  0: Conv2d       [2, 4, 8, 8]          40          4,608",
        "  1: ReLU         [2, 4, 8, 8]",
        "  2: MaxPool2d    [2, 4, 4, 4]",
        "  3: Flatten      [2, 64]",
        "  4: Linear       [2, 10]              650          1,280",
        "  5: BatchNorm1d  [2, 10]               20",
        "---------------------------------------------------------",
        "710 parameters; 21 numbers in buffers; 5,888 multiply-adds",
      ].join("\n"),
    );
  });

  test("Node prints the table", () => {
    const summary = net.summary();
    const { [Symbol.for("nodejs.util.inspect.custom")]: inspect } = summary as unknown as Record<symbol, () => string>;
    expect(inspect!()).toBe(String(summary));
  });

  test("it changes neither modes, nor statistics, nor memory, and forward is as before", () => {
    net[3]!.eval();
    const before = Object.values(net.stateDict()).map(String);
    const x = zeros([2, 1, 8, 8]);
    const { bytes } = memory();
    net.summary(x);
    expect(() => net.summary(zeros([2, 3, 8, 8]))).toThrow(/conv2d/);
    scope(() => net.summary(x));
    expect(Object.values(net.stateDict()).map(String)).toEqual(before);
    expect(net.namedModules().map(([, { training }]) => training)).toEqual([true, true, true, true, false, true, true]);
    expect(Object.getOwnPropertyNames(net[0])).not.toContain("forward");
    expect(memory().bytes - bytes).toBeLessThanOrEqual(2 * 3 * 8 * 8 * 4);
  });

  test("without an example it says what there is; frozen and shared parameters count as they are", () => {
    const tied = new Net();
    tied.head.freeze();
    const summary = tied.summary();
    expect(summary).toMatchObject({ parameters: 1 + 3 + 3 * 12, trainable: 1 + 3 + 2 * 12, multiplyAdds: 0 });
    expect(String(summary)).toContain("40 parameters, 28 of them trained; 1 number in buffers");
    expect(String(summary)).not.toContain("multiply-adds");
  });

  test("a layer that is called twice works twice; recurrent and attention layers count their products", () => {
    expect(new Net().summary(zeros([1, 3], { dtype: "f64" })).rows[1]).toMatchObject({ multiplyAdds: 2 * 9 });
    const lstm = new LSTM(3, 2, { numLayers: 2 });
    expect(lstm.summary(zeros([5, 4, 3])).multiplyAdds).toBe(5 * 4 * (8 * 3 + 8 * 2 + 8 * 2 + 8 * 2));
    const attention = new MultiheadAttention(4, 2, { batchFirst: true });
    expect(attention.summary(zeros([2, 3, 4]), zeros([2, 5, 4]), zeros([2, 5, 4])).multiplyAdds).toBe(
      2 * (3 + 5 + 5 + 3) * 4 * 4 + 2 * 2 * 3 * 5 * 4,
    );
    expect(new Bilinear(2, 3, 4).summary(zeros([5, 2]), zeros([5, 3])).multiplyAdds).toBe(5 * 2 * 3 * 4);
    expect(new ConvTranspose1d(2, 3, 4).summary(zeros([1, 2, 5])).multiplyAdds).toBe(2 * 5 * 3 * 4);
    expect(new Embedding(9, 2).summary(tensor([1, 2], { dtype: "i32" })).rows[0]).toMatchObject({ output: [[2, 2]] });
  });
});

test("a tree of modules is printed with what it is made of", () => {
  const net = new Sequential(
    new Conv2d(1, 2, 3, { stride: 2, bias: false }),
    new Residual(new Linear(2, 2)),
    new Dropout(0.1),
  );
  expect(String(net)).toBe(
    [
      "Sequential(",
      "  (0): Conv2d(1, 2, [3, 3], stride: 2, bias: false)",
      "  (1): Residual(",
      "    (body): Linear(2, 2)",
      "  )",
      "  (2): Dropout(0.1)",
      ")",
    ].join("\n"),
  );
});

test("a module whose part holds its parent is printed to an end, again and again", () => {
  class Part extends Module {
    parent: Module | null = null;
    readonly inner = new Linear(1, 1);
    forward = (x: TensorLike): Tensor => this.inner(x);
  }
  const part = new Part();
  const whole = new Sequential(part, part);
  part.parent = whole;
  const printed = ["Part(", "    (parent): Sequential(..)", "    (inner): Linear(1, 1)", "  )"].join("\n");
  for (let i = 0; i < 2; i++) expect(String(whole)).toBe(`Sequential(\n  (0): ${printed}\n  (1): ${printed}\n)`);
});
