// A run that is saved, loaded into a model built anew and gone on with is the run that was not interrupted, bit for bit.
import { expect, test } from "vitest";
import { compile, Generator, type Tensor } from "../../bindings/index.js";
import { formatCheckpoint, formatSafetensors, loadCheckpoint, readSafetensors } from "../../bindings/io/index.js";
import * as nn from "../../bindings/nn/index.js";
import { AdamW } from "../../bindings/optim/index.js";

/** Convolution with statistics, recurrence with dropout, attention, and a weight that is used twice. */
class Net extends nn.Module {
  readonly images: nn.Sequential;
  readonly steps: nn.LSTM;
  readonly mix: nn.TransformerEncoderLayer;
  readonly again: nn.Module;

  constructor(generator: Generator) {
    super();
    const options = { generator, dropout: 0.2 };
    this.images = new nn.Sequential(new nn.Conv1d(2, 4, 3, { generator }), new nn.BatchNorm1d(4), new nn.PReLU());
    this.steps = new nn.LSTM(4, 4, { ...options, numLayers: 2 });
    this.mix = new nn.TransformerEncoderLayer(4, 2, { ...options, dimFeedforward: 8, normFirst: true });
    this.again = this.mix.linear2;
  }

  forward(x: Tensor): Tensor {
    const rows = this.images(x).permute([2, 0, 1]);
    return this.again(this.mix(this.steps(rows)[0]).repeat([1, 1, 2]));
  }
}

function begin(seed: number) {
  const generator = new Generator(seed);
  const model = new Net(generator);
  const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
  const step = (): Tensor =>
    optimizer.minimize(() =>
      model(generator.normal([3, 2, 6]))
        .square()
        .mean(),
    );
  const state = (): string[] => Object.entries(model.stateDict()).map(([name, v]) => `${name} ${v.toJSON()}`);
  return { parts: { model, optimizer, generator }, step, state };
}

test.each(["eager", "compiled"])("%s", async (way) => {
  const wrap = (f: () => Tensor): (() => Tensor) => (way === "compiled" ? compile(f) : f);
  const whole = begin(1);
  const wholeStep = wrap(whole.step);
  for (let i = 0; i < 2; i++) wholeStep();
  const file = formatCheckpoint({ ...whole.parts, step: 2 });
  for (let i = 0; i < 2; i++) wholeStep();

  const resumed = begin(2);
  const resumedStep = wrap(resumed.step);
  resumedStep(); // What was captured and remembered before serves the state that is taken up.
  expect(await loadCheckpoint(file, resumed.parts)).toEqual({ step: 2 });
  for (let i = 0; i < 2; i++) resumedStep();
  expect(resumed.state()).toEqual(whole.state());
});

test("the weights alone go by a safetensors file under PyTorch's names", async () => {
  const [a, b] = [begin(1), begin(2)];
  const { tensors } = await readSafetensors(formatSafetensors(a.parts.model.stateDict()));
  expect(Object.keys(tensors)).toContain("mix.self_attn.in_proj_weight");
  b.parts.model.loadStateDict(tensors);
  expect(b.state()).toEqual(a.state());
});
