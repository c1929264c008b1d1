// What runs in the worker: a network that learns digits.
import { compile, crossEntropy, type Tensor } from "wengert";
import { DataLoader } from "wengert/data";
import { Linear, ReLU, Sequential } from "wengert/nn";
import { SGD } from "wengert/optim";
import { expose, type TaskContext } from "wengert/worker";

/** Units of the hidden layer, each of which looks at the whole image. */
const UNITS = 24;

const hidden = new Linear(784, UNITS);
const model = new Sequential(hidden, new ReLU(), new Linear(UNITS, 10));
const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });

const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => crossEntropy(model(x), y)));

interface Digits {
  /** Bytes [n, 28, 28]. */
  readonly images: Tensor;
  readonly labels: Tensor;
  readonly epochs: number;
}

export const tasks = expose({
  /** What each hidden unit looks for, [units, 784]: the variable itself, which changes while the network learns. */
  weights: () => hidden.weight,

  /** Trains, and reports the loss of each step. */
  async train({ images, labels, epochs }: Digits, { report, signal }: TaskContext<number>) {
    const map = ({ x, y }: { x: Tensor; y: Tensor }) => ({ x: x.flatten(1).mul(1 / 255), y });
    const loader = new DataLoader({ x: images, y: labels }, { batchSize: 64, shuffle: true, seed: 0, signal, map });
    for (let epoch = 0; epoch < epochs; epoch++) for await (const { x, y } of loader) report(step(x, y).item());
  },
});
