import { expect, test } from "vitest";
import { Generator, scope, tensor, variable, type Tensor, type Variable } from "../../bindings/index.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import {
  formatCheckpoint,
  formatSafetensors,
  loadCheckpoint,
  loadState,
  parseSafetensors,
  type State,
} from "../../bindings/io/index.js";
import { Linear, Module, Sequential, Tanh } from "../../bindings/nn/index.js";
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

test("a state may be a tree", async () => {
  const made = (scale: number): { stateDict(): object; loadStateDict(state: object): void; loaded: unknown } => ({
    loaded: null,
    stateDict: () => ({ groups: [{ lr: scale, decay: [2 * scale, "x"] }, { lr: 0 }], means: { a: tensor([scale]) } }),
    loadStateDict(state: { means?: { a: Tensor } }) {
      this.loaded = { ...state, means: state.means!.a.toArray() };
    },
  });
  const part = made(1);
  expect(await loadCheckpoint(formatCheckpoint({ part: made(3) }), { part })).toEqual({});
  expect(part.loaded).toEqual({ groups: [{ lr: 3, decay: [6, "x"] }, { lr: 0 }], means: [3] });
});

test("a part may be loaded alone", async () => {
  const model = new Model(1);
  const bytes = formatCheckpoint({ model, optimizer: new Stepper(), step: 3 });
  const other = new Model(2);
  expect(await loadCheckpoint(bytes, { model: other })).toEqual({ step: 3 });
  expect(valuesOf(other)).toEqual(valuesOf(model));
});

test("everything that does not match is named at once, and nothing is changed", async () => {
  const bytes = formatCheckpoint({
    model: new Sequential(new Linear(3, 5), new Tanh(), new Linear(4, 2)),
    optimizer: { stateDict: () => ({ mean: 3, extra: tensor([1]) }), loadStateDict: () => undefined },
  });
  const model = new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 2), new Linear(2, 1));
  const before = model.namedParameters().map(([, x]) => x.toArray());
  const error: unknown = await loadCheckpoint(bytes, { model, optimizer: new Stepper() }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ValueError);
  expect((error as ValueError).got).toBe(
    "10 differences: model.3.weight is missing; model.3.bias is missing; model.0.bias is f32 [5], not f32 [4]; " +
      "model.0.weight is f32 [5, 3], not f32 [4, 3]; optimizer.lr is missing; optimizer.nesterov is missing; " +
      "optimizer.name is missing; optimizer.none is missing; optimizer.extra is not known; " +
      "optimizer.mean is 3, not a tensor",
  );
  expect(model.namedParameters().map(([, x]) => x.toArray())).toEqual(before);
});

test("a part that refuses its state leaves all parts as they were", async () => {
  const wrongRate = new Stepper();
  wrongRate.lr = -1;
  const bytes = formatCheckpoint({ model: new Model(1), optimizer: wrongRate });
  const parts = { model: new Model(2), optimizer: new Stepper() };
  const before = valuesOf(parts.model);
  await expect(loadCheckpoint(bytes, parts)).rejects.toThrow(/lr from 0, got -1/);
  expect(valuesOf(parts.model)).toEqual(before);
});

test("loads the tensors of a file into a model, cast to its element types", () => {
  const source = new Linear(2, 2, { dtype: "f64" });
  const { tensors } = parseSafetensors(formatSafetensors(Object.fromEntries(source.namedParameters())));
  const model = new Linear(2, 2);
  loadState(model, tensors);
  expect(model.weight.toArray()).toEqual(source.weight.cast("f32").toArray());
  const other = new Linear(2, 2, { bias: false });
  expectRefused(() => loadState(other, tensors), ValueError, /got one difference: bias is not known$/);
});

test("says what is no checkpoint, and what cannot be part of one", async () => {
  await expect(loadCheckpoint(formatSafetensors({}), {})).rejects.toThrow(FormatError);
  const odd = formatSafetensors({}, { metadata: { wengert: "checkpoint 1", step: "[1]" } });
  await expect(loadCheckpoint(odd, {})).rejects.toThrow(/in the metadata step, got \[1\]/);
  await expect(loadCheckpoint(odd, { "a.b": new Generator() })).rejects.toThrow(/without a dot/);
  expectRefused(() => formatCheckpoint({ "a.b": 1 }), ValueError, /without a dot, .* got "a\.b"/);
  expectRefused(() => formatCheckpoint({ wengert: 1 }), ValueError, /other than wengert/);
  expectRefused(() => formatCheckpoint({ step: wrong([1]) }), ValueError, /as step, got \[object Array\]/);
});
