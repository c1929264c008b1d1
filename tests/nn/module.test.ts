// A module as a tree: names, places, frozen parameters.
import { describe, expect, test } from "vitest";
import {
  compile,
  Generator,
  name,
  parameter,
  stack,
  tensor,
  ValueError,
  zeros,
  type Tensor,
  type TensorLike,
} from "../../bindings/index.js";
import {
  BatchNorm1d,
  Dropout,
  functionalCall,
  init,
  Linear,
  Module,
  ReLU,
  Residual,
  Sequential,
  Tanh,
} from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";
import { NAMES, Net } from "./net.js";

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

  test("may have names that all objects have", () => {
    const heads: Record<string, unknown> = { constructor: new Linear(1, 1), toString: [new Linear(1, 1)] };
    Object.defineProperty(heads, "__proto__", { value: new Linear(1, 1), enumerable: true });
    class Held extends Module {
      readonly heads = heads;
      forward = (x: TensorLike): Tensor => stack([x]);
    }
    const net = new Held();
    const names = net.namedParameters().map(([key]) => key);
    expect(names).toEqual(
      ["constructor", "toString.0", "__proto__"].flatMap((key) => [`heads.${key}.weight`, `heads.${key}.bias`]),
    );
    expect(new SGD(net.parameters()).groups[0]!.names).toEqual(names);
    expect([Object.hasOwn(Object, "weight"), "weight" in {}]).toEqual([false, false]);
    expect(functionalCall(net, net.parameters(), 2).item()).toBe(2);
  });

  test("are refused where keys with dots lead to two variables, or to one and through it", () => {
    const look = (heads: object) => (): unknown =>
      new (class Held extends Module {
        readonly heads = heads;
        forward = (x: TensorLike): Tensor => stack([x]);
      })().parameters();
    const [p, q] = [parameter(1), parameter(2)];
    expectRefused(
      look({ "a.b": p, a: { b: q } }),
      ValueError,
      /a name for each variable, got two of the name "heads.a.b"/,
    );
    expectRefused(look({ a: p, "a.b": q }), ValueError, /not both, got both as "a" of "heads.a.b"/);
    expectRefused(look({ "a.b": q, a: p }), ValueError, /not both, got both as "a" of "heads.a"/);
    expect(JSON.stringify(look({ "a.b": p, a: { b: p, c: q } })())).toBe('{"heads":{"a":{"b":1,"c":2}}}');
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

test("a module without forward says so when it is called", () => {
  class Silent extends (Module as unknown as new () => (x: Tensor) => Tensor) {}
  expect(() => new Silent()(zeros([1]))).toThrow(/^Silent: expected a method forward, .* got none$/);
});
