// A module as a tree: names, modes, frozen parameters, states, other values in its place, summaries.
import { describe, expect, test } from "vitest";
import {
  checkGradients,
  compile,
  crossEntropy,
  Generator,
  grad,
  memory,
  name,
  parameter,
  scope,
  stack,
  tensor,
  ValueError,
  variable,
  vmap,
  zeros,
  type Tensor,
  type TensorLike,
} from "../../bindings/index.js";
import {
  BatchNorm1d,
  Bilinear,
  Conv2d,
  ConvTranspose1d,
  Dropout,
  Embedding,
  Flatten,
  functionalCall,
  init,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  ModuleDict,
  ModuleList,
  MultiheadAttention,
  ReLU,
  Residual,
  Sequential,
  StateError,
  Tanh,
  type StateDict,
} from "../../bindings/nn/index.js";
import { Adam, SGD } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";

const generator = new Generator(0);

/** A module of every kind of place: a variable, modules, a list of each, and a shared one. */
class Net extends Module {
  readonly scale = parameter(2, { dtype: "f64" });
  readonly steps = variable(0, { dtype: "i32" });
  readonly blocks = [new Linear(3, 3, { dtype: "f64" }), new Linear(3, 3, { dtype: "f64" })];
  readonly offsets = [parameter([1, 2, 3], { dtype: "f64" })];
  readonly head = new Sequential(new Tanh(), new Linear(3, 3, { dtype: "f64" }));
  readonly tied: Module = this.blocks[0]!;

  forward(x: TensorLike): Tensor {
    let y = this.blocks[0]!(x);
    for (const block of [this.blocks[1]!, this.tied]) y = block(y).tanh();
    return this.head(y.add(this.offsets[0]!)).mul(this.scale);
  }
}

const NAMES = [
  ...["scale", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias", "offsets.0"],
  ...["head.1.weight", "head.1.bias"],
];

describe("names", () => {
  test("parameters have the names of their places, a shared one the first of its names", () => {
    const net = new Net();
    expect(net.namedParameters().map(([key]) => key)).toEqual(NAMES);
    expect(net.namedBuffers().map(([key]) => key)).toEqual(["steps"]);
    expect(Object.keys(net.parameters())).toEqual(["scale", "blocks", "offsets", "head"]);
    expect(net.namedModules().map(([key, { constructor }]) => `${key}: ${constructor.name}`)).toEqual([
      ...[": Net", "blocks.0: Linear", "blocks.1: Linear", "head: Sequential", "head.0: Tanh", "head.1: Linear"],
    ]);
    expect(net.namedChildren().map(([key]) => key)).toEqual(["blocks.0", "blocks.1", "head", "tied"]);
  });

  test("variables take them as labels, from the first call or look on, and do not lose them again", () => {
    const net = new Net();
    const { weight } = net.blocks[1]!;
    expect(weight.label).toBe("weight");
    net(zeros([1, 3], { dtype: "f64" }));
    expect(weight.label).toBe("blocks.1.weight");
    net.blocks[1]!.parameters();
    expect(weight.label).toBe("blocks.1.weight");
    const outer = new Sequential(net, new Tanh());
    outer.parameters();
    expect(weight.label).toBe("0.blocks.1.weight");
    // A name that a user gave stays.
    const own = new (class extends Module {
      readonly gain = parameter(1, { label: "volume" });
      forward = (x: TensorLike): Tensor => this.gain.mul(x);
    })();
    own.parameters();
    expect(own.gain.label).toBe("volume");
    expect(name(own.gain, "again")).toBe(own.gain);
  });

  test("programs show them", () => {
    const model = new Sequential(new Linear(2, 3), new Residual(new Linear(3, 3)));
    const program = compile((x: Tensor) => model(x));
    program(zeros([1, 2]));
    expect(program.explain()).toMatch(/\b0\.weight\b[^]*\b1\.body\.bias\b/);
  });

  test("apply visits inner modules first, each once", () => {
    const seen: string[] = [];
    new Net().apply((module) => seen.push(module.constructor.name));
    expect(seen).toEqual(["Linear", "Linear", "Tanh", "Linear", "Sequential", "Net"]);
    const model = new Sequential(new Linear(2, 2), new ReLU(), new Linear(2, 2));
    model.apply((module) => {
      if (module instanceof Linear) init.ones(module.weight);
    });
    expect(model.namedParameters().flatMap(([key, p]) => (key.endsWith("weight") ? p.toArray() : []))).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("modules in plain objects and in arrays of arrays", () => {
  class Heads extends Module {
    readonly heads = { a: new Linear(4, 1), deep: { b: [new Dropout(0.5)] }, scale: parameter(1), note: "none" };
    readonly grid = [[new Linear(1, 1)], [new BatchNorm1d(1)]];

    forward(x: TensorLike): Tensor {
      return this.grid[1]![0]!(this.heads.deep.b[0]!(this.heads.a(x))).mul(this.heads.scale);
    }
  }

  test("have the names of their places, everywhere", () => {
    const net = new Heads();
    const trained = ["heads.a.weight", "heads.a.bias", "heads.scale", "grid.0.0.weight", "grid.0.0.bias"];
    trained.push("grid.1.0.weight", "grid.1.0.bias");
    expect(net.namedParameters().map(([key]) => key)).toEqual(trained);
    expect(Object.keys(net.parameters())).toEqual(["heads", "grid"]);
    expect(Object.keys(net.stateDict())).toEqual([
      ...trained,
      ...["running_mean", "running_var", "num_batches_tracked"].map((key) => `grid.1.0.${key}`),
    ]);
    expect(net.namedChildren().map(([key]) => key)).toEqual(["heads.a", "heads.deep.b.0", "grid.0.0", "grid.1.0"]);
    expect(net.heads.a.weight.label).toBe("heads.a.weight");
    expect(net.summary().parameters).toBe(5 + 1 + 2 + 2);
  });

  test("are loaded, trained and put out of training", () => {
    const [net, other] = [new Heads(), new Heads()];
    other.loadStateDict(net.stateDict());
    expect(other.heads.a.weight.toArray()).toEqual(net.heads.a.weight.toArray());
    net.eval();
    expect([net.heads.deep.b[0]!.training, net.grid[1]![0]!.training]).toEqual([false, false]);
    const step = (model: Heads): (() => Tensor) => {
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      return () => optimizer.minimize(() => model([[1, 2, 3, 4]]).sum());
    };
    other.eval();
    const [eager, compiled] = [step(net), compile(step(other))];
    for (let i = 0; i < 3; i++) expect(compiled().item()).toBe(eager().item());
    expect(other.heads.a.weight.toArray()).toEqual(net.heads.a.weight.toArray());
    const scaled = functionalCall(net, { heads: { scale: 0 } }, [[1, 2, 3, 4]]);
    expect(scaled.item()).toBeCloseTo(0);
    expect(net.heads.scale.item()).not.toBe(0);
  });

  test("are refused in a Map or a Set, which has no such places", () => {
    for (const heads of [new Map([["a", new Linear(4, 1)]]), new Set([parameter(1)])]) {
      class Held extends Module {
        readonly heads = heads;
        forward = (x: TensorLike): Tensor => stack([x]);
      }
      const net = new Held();
      for (const look of [() => net.namedParameters(), () => net.eval(), () => net.stateDict(), () => net(1)])
        expectRefused(
          look,
          ValueError,
          /^Held: expected .* in arrays or in plain objects, got some in a (Map|Set), "heads"$/,
        );
    }
  });

  test("a part may refer to the whole, and an object to itself", () => {
    const knot: Record<string, unknown> = { layer: new Linear(1, 1) };
    knot["self"] = [knot];
    class Part extends Module {
      parent: Module | null = null;
      readonly inner = new Linear(1, 1);
      readonly knot = knot;
      forward = (x: TensorLike): Tensor => this.inner(x);
    }
    const part = new Part();
    const whole = new Sequential(part);
    part.parent = whole;
    expect(whole.namedParameters().map(([key]) => key)).toEqual([
      ...["0.inner.weight", "0.inner.bias", "0.knot.layer.weight", "0.knot.layer.bias"],
    ]);
    expect(whole([[2]]).shape).toEqual([1, 1]);
  });
});

describe("freezing", () => {
  const model = (): Sequential =>
    new Sequential(
      new Linear(2, 3, { generator: new Generator(1) }),
      new Tanh(),
      new Linear(3, 1, { generator: new Generator(2) }),
    );
  const step = (net: Sequential, optimizer: SGD): Tensor =>
    optimizer.minimize(() =>
      net(tensor([[1, 2]]))
        .square()
        .sum(),
    );

  test("frozen parameters are constants, and stay in the state", () => {
    const net = model();
    net[0]!.freeze();
    expect(net.namedParameters().map(([key]) => key)).toEqual(["2.weight", "2.bias"]);
    expect(net.namedBuffers()).toEqual([]);
    expect(Object.keys(net.stateDict())).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
    const before = net[0]!.stateDict()["weight"]!.toArray();
    step(net, new SGD(net.parameters(), { lr: 0.1 }));
    expect(net[0]!.stateDict()["weight"]!.toArray()).toEqual(before);
    expect((net[0] as Linear).weight.grad).toBe(null);
    net.unfreeze();
    step(net, new SGD(net.parameters(), { lr: 0.1 }));
    expect(net[0]!.stateDict()["weight"]!.toArray()).not.toEqual(before);
  });

  test("freezing forgets gradients: none of before is there afterwards", () => {
    const net = model();
    net(tensor([[1, 2]])).sum().backward(); // prettier-ignore
    const { weight } = net[0] as Linear;
    expect(weight.grad).not.toBe(null);
    expect(net.freeze().unfreeze()).toBe(net);
    expect([weight.requiresGrad, weight.grad]).toEqual([true, null]);
  });

  test("an optimiser leaves alone what is frozen later, and goes on when it is not any more", () => {
    const net = model();
    const optimizer = new SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
    const weight = (): unknown => (net[0] as Linear).weight.toArray();
    step(net, optimizer);
    net[0]!.freeze();
    const before = weight();
    step(net, optimizer);
    expect(weight()).toEqual(before);
    net[0]!.unfreeze();
    step(net, optimizer);
    expect(weight()).not.toEqual(before);
  });

  test("a compiled step follows", () => {
    const run = (wrap: (f: () => Tensor) => () => Tensor): unknown => {
      const net = model();
      const optimizer = new SGD(net.parameters(), { lr: 0.1 });
      const program = wrap(() => step(net, optimizer));
      program();
      net[0]!.freeze();
      program();
      net.unfreeze();
      program();
      return net.namedParameters().map(([, p]) => p.toArray());
    };
    expect(run((f) => compile(f))).toEqual(run((f) => f));
  });
});

describe("states", () => {
  const model = (seed: number): Sequential =>
    new Sequential(new Linear(2, 3, { generator: new Generator(seed) }), new BatchNorm1d(3), new Tanh());

  test("a state is the variables by name, and carries over parameters and buffers", () => {
    const [a, b] = [model(1), model(2)];
    a(tensor([[1, 2], [3, 5]])); // prettier-ignore
    expect(Object.keys(a.stateDict())).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
    ]);
    expect(a.stateDict()["0.weight"]).toBe((a[0] as Linear).weight);
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [] });
    const values = (net: Sequential): unknown[] => Object.values(net.stateDict()).map((v) => v.toArray());
    expect(values(b)).toEqual(values(a));
    expect(b.namedParameters().map(([, p]) => p.requiresGrad)).toEqual([true, true, true, true]);
  });

  test("a state that does not fit is refused with all that is wrong, and nothing is changed", () => {
    const net = model(1);
    const before = Object.values(net.stateDict()).map((v) => v.toArray());
    const { "0.bias": _, ...rest } = net.stateDict();
    const state = {
      ...rest,
      "0.weight": zeros([3, 3]),
      "1.bias": tensor([1, 2, 3], { dtype: "i32" }),
      other: tensor(1),
    };
    const error = expectRefused(
      () => net.loadStateDict(state),
      StateError,
      /Sequential\.loadStateDict: expected values/,
    );
    expect((error as StateError).problems).toEqual([
      'no "0.bias"',
      'an unknown "other"',
      '"0.weight" of shape [3, 3] instead of [3, 2]',
      '"1.bias" of dtype i32 instead of f32',
    ]);
    expect(Object.values(net.stateDict()).map((v) => v.toArray())).toEqual(before);
    expectRefused(() => net.loadStateDict(new Map() as never), ValueError, /an object with values by name/);
  });

  test("without strictness other names are told, not refused; values are cast", () => {
    const net = model(1);
    const given = { "0.bias": tensor([1, 2, 3], { dtype: "f64" }), other: 1 };
    const { missing, unexpected } = net.loadStateDict(given, { strict: false });
    expect(unexpected).toEqual(["other"]);
    expect(missing).toHaveLength(6);
    expect([(net[0] as Linear).bias!.toArray(), (net[0] as Linear).bias!.dtype]).toEqual([[1, 2, 3], "f32"]);
    expectRefused(
      () => net.loadStateDict({ "0.bias": [1, 2] }, { strict: false }),
      StateError,
      /"0\.bias" of shape \[2\]/,
    );
  });

  test("what is shared stands under all of its names", () => {
    const net = new Net();
    const state = net.stateDict();
    expect(state["tied.weight"]).toBe(state["blocks.0.weight"]);
    expect(new Net().loadStateDict(state).missing).toEqual([]);
  });

  test("training goes on from a state as if it had not stopped, bit for bit", () => {
    const x = new Generator(3).normal([6, 2]);
    const y = tensor([0, 1, 2, 0, 1, 2], { dtype: "i32" });
    const train = (net: Sequential, optimizer: SGD, steps: number): void => {
      for (let i = 0; i < steps; i++) optimizer.minimize(() => crossEntropy(net(x), y));
    };
    const whole = model(1);
    train(whole, new SGD(whole.parameters(), { lr: 0.1 }), 6);
    const half = model(1);
    train(half, new SGD(half.parameters(), { lr: 0.1 }), 3);
    const saved = Object.fromEntries(Object.entries(half.stateDict()).map(([key, v]) => [key, v.toArray()]));
    const resumed = model(2);
    resumed.loadStateDict(saved);
    train(resumed, new SGD(resumed.parameters(), { lr: 0.1 }), 3);
    expect(Object.values(resumed.stateDict()).map(String)).toEqual(Object.values(whole.stateDict()).map(String));
  });
});

describe("functionalCall", () => {
  const x = new Generator(4).normal([2, 3], { dtype: "f64" });

  test("computes with other values, under full names or as a tree, and puts the own ones back", () => {
    const [a, b] = [new Net(), new Net()];
    const want = b(x).toArray();
    expect(functionalCall(a, b.parameters(), x).toArray()).toEqual(want);
    expect(functionalCall(a, Object.fromEntries(b.namedParameters()), x).toArray()).toEqual(want);
    expect(a.namedParameters().map(([key]) => key)).toEqual(NAMES);
    expect(functionalCall(a, {}, x).toArray()).toEqual(a(x).toArray());
  });

  test("its gradient is that of backward, and of differences", () => {
    const net = new Net();
    const loss = (p: ReturnType<Net["parameters"]>): Tensor => functionalCall(net, p, x).square().sum();
    const gradients = grad(loss)(net.parameters()) as unknown as Record<string, Record<string, Record<string, Tensor>>>;
    net(x).square().sum().backward();
    expect(gradients["head"]!["1"]!["weight"]!.toArray()).toEqual(net.stateDict()["head.1.weight"]!.grad!.toArray());
    expect(gradients["blocks"]!["0"]!["bias"]!.toArray()).toEqual(net.stateDict()["blocks.0.bias"]!.grad!.toArray());
    const check = checkGradients(loss, [net.parameters()], { order: 1 });
    expect(check.passed, String(check)).toBe(true);
  });

  test("many models at once", () => {
    const models = [1, 2, 3].map((seed) => new Linear(3, 2, { generator: new Generator(seed), dtype: "f64" }));
    const weights = stack(models.map(({ weight }) => weight));
    const biases = stack(models.map(({ bias }) => bias!));
    const all = vmap((weight: Tensor, bias: Tensor) => functionalCall(models[0]!, { weight, bias }, x));
    const got = all(weights, biases).data();
    const want = stack(models.map((model) => model(x))).data();
    for (const [i, value] of want.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(1e-14);
  });

  test("values that do not fit are refused all at once, and the model is whole after any error", () => {
    const net = new Net();
    const error = expectRefused(
      () => functionalCall(net, { scale: [1, 2], blocks: { 7: { weight: 1 } } }, x),
      StateError,
      /scale/,
      {
        temporaries: true,
      },
    );
    expect((error as StateError).problems).toEqual([
      '"scale" of shape [2] instead of []',
      'an unknown "blocks.7.weight"',
    ]);
    expect(() => functionalCall(net, { scale: 1 }, zeros([2, 2]))).toThrow(/linear/);
    expect(net.stateDict()["scale"]).toBe(net.scale);
  });
});

describe("containers", () => {
  test("a list and a dictionary hold modules under positions and names", () => {
    const list = new ModuleList([new Linear(2, 2), new Linear(2, 3)]);
    expect([list.length, list.at(-1)!.outputs, [...list].length]).toEqual([2, 3, 2]);
    const chain = new Sequential(...list, new ReLU());
    expect([chain.length, chain.at(-1)!.constructor.name, [...chain][0]]).toEqual([3, "ReLU", list[0]]);
    const heads = new ModuleDict({ value: new Linear(2, 1), policy: new Linear(2, 4) });
    expect([[...heads.keys()], heads.get("policy").outputs]).toEqual([["value", "policy"], 4]);
    const net = new (class extends Module {
      readonly list = list;
      readonly heads = heads;
      forward(x: TensorLike): Tensor {
        return this.heads.get("value")(this.list[0]!(x));
      }
    })();
    expect(net(zeros([5, 2])).shape).toEqual([5, 1]);
    expect(net.namedParameters().map(([key]) => key)).toEqual([
      ...["list.0.weight", "list.0.bias", "list.1.weight", "list.1.bias"],
      ...["heads.value.weight", "heads.value.bias", "heads.policy.weight", "heads.policy.bias"],
    ]);
    expect(() => heads.get("other")).toThrow(/a name among value, policy, got "other"/);
    expect(() => new ModuleDict({ forward: new ReLU() })).toThrow(/got "forward"/);
    expect(() => (list as unknown as Module)(1)).toThrow(/a call of one of its modules/);
  });

  test("a residual adds its input, or what a shortcut makes of it", () => {
    const body = new Linear(2, 3, { dtype: "f64" });
    const shortcut = new Linear(2, 3, { dtype: "f64", bias: false });
    const x = tensor([[1, -2]], { dtype: "f64" });
    const with0 = new Residual(body, { shortcut });
    expect(with0(x).toArray()).toEqual(shortcut(x).add(body(x)).toArray());
    expect(new Residual(new Tanh())(x).toArray()).toEqual(x.add(x.tanh()).toArray());
    expect(with0.namedParameters().map(([key]) => key)).toEqual(["body.weight", "body.bias", "shortcut.weight"]);
  });

  test("modes reach everything inside, and only what differs by mode changes", () => {
    const net = new Sequential(new Residual(new Dropout(0.5, { generator })), new Tanh());
    const x = tensor(new Float32Array(64).fill(1));
    net.eval();
    expect(net.namedModules().map(([, { training }]) => training)).toEqual([false, false, false, false]);
    expect(net(x).toArray()).toEqual(net(x).toArray());
    net.train();
    expect(net(x).toArray()).not.toEqual(net(x).toArray());
  });
});

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

test("Adam in a compiled step of a functional model has the bits of eager", () => {
  const run = (wrap: <F extends (x: Tensor) => Tensor>(f: F) => F): unknown => {
    const net = new Linear(3, 2, { generator: new Generator(5) });
    const optimizer = new Adam(net.parameters(), { lr: 0.01 });
    const half = wrap((x: Tensor) =>
      optimizer.minimize(() =>
        functionalCall(net, { weight: net.weight.mul(0.5) }, x)
          .square()
          .sum(),
      ),
    );
    for (let i = 0; i < 3; i++) half(tensor([[1, 2, i]]));
    return net.namedParameters().map(([, p]) => p.toArray());
  };
  expect(run((f) => compile(f) as never)).toEqual(run((f) => f));
});

test("a state is told of all its values that are no tensors by name, and a residual takes modules", () => {
  const state = { weight: "x", bias: null } as unknown as StateDict;
  expect(() => new Linear(2, 3).loadStateDict(state)).toThrow(/"weight" of string; "bias" of /);
  expect(() => new Residual(null as unknown as Module)).toThrow(/Residual: expected modules, such as layers, got null/);
  expect(() => new Residual(new Tanh(), { shortcut: 3 as unknown as Module })).toThrow(
    /modules, such as layers, got 3/,
  );
});
