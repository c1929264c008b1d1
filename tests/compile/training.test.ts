import { expect, test } from "vitest";
import { compile, crossEntropy, Generator, Tensor, tensor } from "../../bindings/index.js";
import { Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import { Adam, AdamW, SGD, type Optimizer } from "../../bindings/optim/index.js";

const optimizers: Record<string, (parameters: object) => Optimizer> = {
  SGD: (parameters) => new SGD(parameters, { lr: 0.1 }),
  "SGD with momentum": (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9, dampening: 0.1 }),
  Nesterov: (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  Adam: (parameters) => new Adam(parameters, { lr: 0.01 }),
  AdamW: (parameters) => new AdamW(parameters, { lr: 0.01 }),
};

/** A small classifier, its optimiser and noise, all from one seed. */
function setup(make: (parameters: object) => Optimizer) {
  const generator = new Generator(7);
  const model = new Sequential(new Linear(5, 8, { generator }), new Tanh(), new Linear(8, 3, { generator }));
  const optimizer = make(model.parameters());
  return { generator, model, optimizer };
}
type Setup = ReturnType<typeof setup>;

const styles: Record<string, (setup: Setup) => (x: Tensor, y: Tensor) => Tensor> = {
  "zeroGrad first":
    ({ generator, model, optimizer }) =>
    (x, y) => {
      const loss = crossEntropy(model(x.add(generator.normal([4, 5], { std: 0.1 }))), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    },
  "zeroGrad last":
    ({ model, optimizer }) =>
    (x, y) => {
      const loss = crossEntropy(model(x), y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    },
  accumulating:
    ({ model, optimizer }) =>
    (x, y) => {
      const loss = crossEntropy(model(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    },
  "minimize twice":
    ({ model, optimizer }) =>
    (x, y) => {
      optimizer.minimize(() => crossEntropy(model(x), y));
      return optimizer.minimize(() => crossEntropy(model(x.mul(2)), y));
    },
};

const state = ({ model, optimizer, generator }: Setup) => ({
  parameters: model.namedParameters().map(([name, p]) => [name, p.toArray(), p.grad?.toArray()]),
  rest: Object.entries(optimizer.stateDict()).map(([name, x]) => [name, x instanceof Tensor ? x.toArray() : x]),
  generator: generator.state.toArray(),
});

for (const [method, make] of Object.entries(optimizers)) {
  for (const [style, stepOf] of Object.entries(styles)) {
    test(`${method}, ${style}: the compiled step has the bits of the eager one`, () => {
      const [eager, compiled] = [setup(make), setup(make)];
      const data = new Generator(3);
      const y = tensor([0, 1, 2, 1], { dtype: "i32" });
      const run = stepOf(eager);
      const program = compile(stepOf(compiled));
      for (let i = 0; i < 4; i++) {
        const x = data.normal([4, 5]);
        expect(program(x, y).item()).toBe(run(x, y).item());
        expect(state(compiled)).toEqual(state(eager));
      }
    });
  }
}
