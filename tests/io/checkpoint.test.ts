import { expect, test } from "vitest";
import { Generator, scope, tensor, variable, type Tensor, type Variable } from "../../bindings/index.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import { formatCheckpoint, formatSafetensors, loadCheckpoint, parseSafetensors } from "../../bindings/io/index.js";
import { Linear, Module, Sequential, Tanh } from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

/** A model with a buffer. */
class Model extends Module {
  readonly layers: Sequential;
  readonly count = variable(0, { dtype: "i32", label: "count" });

  constructor(seed: number) {
    super();
    const generator = new Generator(seed);
    this.layers = new Sequential(new Linear(3, 4, { generator }), new Tanh(), new Linear(4, 2, { generator }));
  }

  forward(x: Tensor): Tensor {
    this.count.assign(this.count.add(1));
    return this.layers(x);
  }
}

type State = Record<string, Tensor | number | boolean | string | null>;

/** An optimiser as far as a checkpoint sees one. */
class Stepper {
  readonly mean: Variable = variable([0, 0], { dtype: "f64" });
  lr = 0.1;
  nesterov = false;

  stateDict(): State {
    return { mean: this.mean, lr: this.lr, nesterov: this.nesterov, name: "step \u2713", none: null };
  }

  loadStateDict({ mean, lr, nesterov }: State): void {
    if (typeof lr !== "number" || typeof nesterov !== "boolean" || !(lr >= 0))
      throw new ValueError("loadStateDict", "lr from 0", String(lr));
    this.mean.assign(mean as Tensor);
    this.lr = lr;
    this.nesterov = nesterov;
  }
}

function valuesOf(model: Model): unknown[] {
  return [...model.namedParameters().map(([, x]) => x.toArray()), model.count.item()];
}

test("model, optimiser, generator and numbers come back to the last bit", async () => {
  const model = new Model(1);
  const optimizer = new Stepper();
  const generator = new Generator(7);
  scope(() => model(generator.normal([5, 3])));
  optimizer.mean.assign([Number.MIN_VALUE, -0]);
  optimizer.lr = 0.1 + 0.2;
  optimizer.nesterov = true;
  const saved = { model, optimizer, generator, step: 12, best: Infinity, loss: NaN, zero: -0, tag: '"a"', done: false };
  const bytes = formatCheckpoint(saved);
  const drawn = scope(() => generator.uniform([3]).toArray());

  const other = { model: new Model(2), optimizer: new Stepper(), generator: new Generator() };
  const values = await loadCheckpoint(bytes, other);
  expect(values).toEqual({ step: 12, best: Infinity, loss: NaN, zero: -0, tag: '"a"', done: false });
  expect(valuesOf(other.model)).toEqual(valuesOf(model));
  expect(other.optimizer.mean.data()).toEqual(optimizer.mean.data());
  expect([other.optimizer.lr, other.optimizer.nesterov]).toEqual([0.1 + 0.2, true]);
  expect(other.generator.uniform([3]).toArray()).toEqual(drawn);
  const { tensors } = parseSafetensors(bytes);
  expect(Object.keys(tensors)).toContain("model.layers.0.weight");
});

test("a part may be loaded alone", async () => {
  const model = new Model(1);
  const bytes = formatCheckpoint({ model, optimizer: new Stepper(), step: 3 });
  const other = new Model(2);
  expect(await loadCheckpoint(bytes, { model: other })).toEqual({ step: 3 });
  expect(valuesOf(other)).toEqual(valuesOf(model));
});

test("everything that does not fit is named at once, and nothing is changed", async () => {
  const bytes = formatCheckpoint({
    first: new Generator(5),
    model: new Sequential(new Linear(3, 5), new Tanh(), new Linear(4, 2)),
    optimizer: new SGD(new Linear(2, 2).parameters(), { lr: 0.1, momentum: 0.9 }),
    generator: { stateDict: () => ({ state: 3, other: tensor([1]) }), loadStateDict: () => undefined },
  });
  const model = new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 2), new Linear(2, 1));
  const optimizer = new SGD(model.parameters(), { lr: 0.5 });
  const parts = { first: new Generator(1), model, optimizer, generator: new Generator(2) };
  const values = (): unknown => [
    Object.values(model.stateDict()).map((x) => x.toArray()),
    optimizer.lr,
    parts.first.state.toArray(),
    parts.generator.state.toArray(),
  ];
  const before = values();
  const error: unknown = await loadCheckpoint(bytes, parts).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ValueError);
  const { got } = error as ValueError;
  for (const problem of [
    'model: no "3.weight"',
    'no "3.bias"',
    '"0.weight" of shape [5, 3] instead of [4, 3]',
    '"0.bias" of shape [5] instead of [4]',
    "optimizer: ",
    "generator: state 3 and other",
  ])
    expect(got).toContain(problem);
  expect(got).not.toContain("first");
  expect(values()).toEqual(before);
});

test("a part that refuses its state leaves all parts as they were", async () => {
  const wrongRate = new Stepper();
  wrongRate.lr = -1;
  const bytes = formatCheckpoint({ model: new Model(1), optimizer: wrongRate });
  const parts = { model: new Model(2), optimizer: new Stepper() };
  const before = valuesOf(parts.model);
  await expect(loadCheckpoint(bytes, parts)).rejects.toThrow(/got optimizer: -1$/);
  expect(valuesOf(parts.model)).toEqual(before);
});

test("the tensors of a file are the state of a model, in its element types", () => {
  const source = new Linear(2, 2, { dtype: "f64" });
  const { tensors } = parseSafetensors(formatSafetensors(source.stateDict(), { store: "f32" }));
  const model = new Linear(2, 2);
  model.loadStateDict(tensors);
  expect(model.weight.toArray()).toEqual(source.weight.cast("f32").toArray());
});

test("says what is no checkpoint, and what cannot be part of one", async () => {
  await expect(loadCheckpoint(formatSafetensors({}), {})).rejects.toThrow(FormatError);
  const odd = formatSafetensors({}, { metadata: { wengert: "checkpoint 1", step: "[1]" } });
  await expect(loadCheckpoint(odd, {})).rejects.toThrow(/in the metadata step, got \[1\]/);
  await expect(loadCheckpoint(odd, { "a.b": new Generator() })).rejects.toThrow(/without a dot/);
  expectRefused(() => formatCheckpoint({ "a.b": 1 }), ValueError, /without a dot, .* got "a\.b"/);
  expectRefused(
    () => formatCheckpoint(JSON.parse('{"__proto__":1}') as Record<string, number>),
    ValueError,
    /and __proto__, got "__proto__"/,
  );
  expectRefused(() => formatCheckpoint({ wengert: 1 }), ValueError, /other than wengert/);
  expectRefused(() => formatCheckpoint({ step: wrong([1]) }), ValueError, /as step, got \[object Array\]/);
});

test("halves are stored as they are, and read as the f32 that they are worth", () => {
  for (const dtype of ["f16", "bf16"] as const) {
    const x = tensor([1.5, -2, 0.1], { dtype });
    const { tensors } = parseSafetensors(formatSafetensors({ x }));
    expect(tensors["x"]!.toArray()).toEqual(x.toArray());
    const stored = parseSafetensors(formatSafetensors({ x }, { store: "f32" }));
    expect(stored.tensors["x"]!.toArray()).toEqual(x.toArray());
  }
});

test("a tensor by itself is no part", () => {
  expect(() => formatCheckpoint({ a: tensor([1, 2]) as never, step: 3 })).toThrow(
    /formatCheckpoint: expected a part with a state.* for a, got a tensor f32 \[2\]/,
  );
});

test("a model of very many small parts is saved and loaded", async () => {
  const weights = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`w${i}`, variable(i)]));
  const part = {
    stateDict: () => weights,
    loadStateDict: (state: State) => {
      for (const [name, x] of Object.entries(state)) weights[name]!.assign(x as Tensor);
    },
  };
  const bytes = formatCheckpoint({ part });
  weights["w2999"]!.assign(0);
  await loadCheckpoint(bytes, { part });
  expect(weights["w2999"]!.item()).toBe(2999);
  expectRefused(() => parseSafetensors(bytes), FormatError, /at most \d+ tensors in so few bytes/);
  expect(Object.keys(parseSafetensors(bytes, { maxNames: 3000 }).tensors)).toHaveLength(3000);
});
