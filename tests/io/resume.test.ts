// A run that goes through a file, into objects made anew, has the bits of one that was not interrupted.
import { expect, test } from "vitest";
import { compile, Generator, scope, type Tensor } from "../../bindings/index.js";
import { formatCheckpoint, loadCheckpoint } from "../../bindings/io/index.js";
import { BatchNorm1d, Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import * as optim from "../../bindings/optim/index.js";

const METHODS: Readonly<Record<string, (parameters: object) => optim.Optimizer>> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.05 }),
  Lion: (p) => new optim.Lion(p, { lr: 0.01 }),
  LBFGS: (p) => new optim.LBFGS(p, { lr: 0.1, maxIter: 3 }),
};

function setup(make: (parameters: object) => optim.Optimizer, seed: number, compiled: boolean) {
  const generator = new Generator(seed);
  const layer = { generator };
  const model = new Sequential(new Linear(3, 5, layer), new BatchNorm1d(5), new Tanh(), new Linear(5, 1, layer));
  const optimizer = make(model.parameters());
  const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.9 });
  const step = (): Tensor => {
    const x = generator.normal([8, 3]);
    return optimizer.minimize(() =>
      model(x)
        .sub(x.sum(1, { keepDims: true }))
        .square()
        .mean(),
    );
  };
  const run = compiled ? compile(step) : step;
  const steps = (count: number): number[] =>
    Array.from({ length: count }, () => {
      const loss = scope(() => run().item());
      schedule.step();
      return loss;
    });
  return { parts: { model, optimizer, schedule, generator }, steps };
}

for (const [name, make] of Object.entries(METHODS)) {
  // A line search decides by values, which a program cannot.
  for (const compiled of name === "LBFGS" ? [false] : [false, true]) {
    test(`${name}, ${compiled ? "compiled" : "eager"}`, async () => {
      const whole = setup(make, 1, compiled);
      whole.steps(4);
      const file = formatCheckpoint({ ...whole.parts, step: 4 });
      const rest = whole.steps(4);
      const resumed = setup(make, 2, compiled);
      resumed.steps(1);
      expect(await loadCheckpoint(file, resumed.parts)).toEqual({ step: 4 });
      expect(resumed.steps(4)).toEqual(rest);
      expect([...formatCheckpoint(resumed.parts)]).toEqual([...formatCheckpoint(whole.parts)]);
    });
  }
}
