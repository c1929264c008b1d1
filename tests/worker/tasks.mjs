// What the tests run in a worker, by the built package.
import { crossEntropy, memory, tensor, variable } from "wengert";
import { DataLoader } from "wengert/data";
import { Linear, ReLU, Sequential } from "wengert/nn";
import { SGD } from "wengert/optim";
import { expose } from "wengert/worker";

/** @typedef {import("wengert").Tensor} Tensor */
/** @template P @typedef {import("wengert/worker").TaskContext<P>} Context */

const counter = variable([0, 0]);

export const tasks = expose({
  /**
   * @param {{ x: Tensor, y: Tensor, epochs: number }} input
   * @param {Context<{ epoch: number, loss: number, weight: Tensor }>} context
   */
  async train({ x, y, epochs }, { report, signal }) {
    const model = new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2));
    const optimizer = new SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
    const loader = new DataLoader({ x, y }, { batchSize: 16, shuffle: true, seed: 1, signal });
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let loss = 0;
      for await (const batch of loader) loss += optimizer.minimize(() => crossEntropy(model(batch.x), batch.y)).item();
      report({ epoch, loss: loss / loader.length, weight: model.stateDict()["0.weight"] ?? tensor(0) });
    }
    return model.stateDict();
  },
  /** @param {Tensor} x */
  double: (x) => x.mul(2),
  /** @param {{ x: Tensor }} input */
  same: ({ x }) => ({ x, named: [x.permute(x.shape.map((_, i) => x.rank - 1 - i)), 7, "seven", null] }),
  counter: () => counter,
  /** @param {number} by */
  count: (by) => void counter.assign(counter.add(by)),
  mismatch: () => tensor([1, 2]).add(tensor([1, 2, 3])),
  unclonable: () => () => 0,
  /** @param {unknown} _ @param {Context<number>} context */
  spin(_, { report }) {
    for (let i = 0; ; i++) report(i);
  },
  /** @param {unknown} _ @param {Context<string>} context */
  async wait(_, { report, signal }) {
    report("waiting");
    await new Promise((resume) => signal.addEventListener("abort", resume));
    counter.assign([-1, -1]);
  },
  die: () => void setTimeout(() => process.exit(3)),
  throwLater: async () => {
    setTimeout(() => {
      throw new RangeError("later");
    });
    await new Promise(() => {});
  },
  tensors: () => memory().tensors,
});
