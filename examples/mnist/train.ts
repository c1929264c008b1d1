import { crossEntropy } from "wengert";
import { Linear, ReLU, Sequential, type Module } from "wengert/nn";
import { Adam, SGD, type Optimizer } from "wengert/optim";
import { CLASSES, SIDE, type Batches } from "./dataset.js";
import { Failure } from "./failure.js";
import type { Options } from "./options.js";

/** What one pass over the training images gave. */
export interface Epoch {
  /** Loss of each step. */
  readonly losses: readonly number[];
  /** Share of the images that were read right, each before its own step. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** Fully connected layers with ReLU between them: 784, the hidden sizes, 10. */
export function makeModel(hidden: readonly number[]): Sequential {
  const sizes = [SIDE * SIDE, ...hidden];
  const layers = hidden.flatMap((units, i) => [new Linear(sizes[i]!, units), new ReLU()]);
  return new Sequential(...layers, new Linear(sizes[hidden.length]!, CLASSES));
}

/** The optimiser that the options name, over the model's parameters. */
export function makeOptimizer(model: Module, { optimizer, lr }: Options): Optimizer {
  return optimizer === "adam"
    ? new Adam(model.parameters(), { lr })
    : new SGD(model.parameters(), { lr, momentum: 0.9 });
}

/** The learning rate of an epoch, counted from 1. With a falling rate the last steps scatter less. */
export function rateOf({ lr, schedule, epochs }: Options, epoch: number): number {
  return schedule === "linear" ? (lr * (epochs + 1 - epoch)) / epochs : lr;
}

/** One pass over the training images, with a step of the optimiser for each batch. */
export function trainEpoch(
  model: Module,
  loader: Batches,
  optimizer: Optimizer,
  onStep: (step: number, loss: number) => void,
): Epoch {
  const losses: number[] = [];
  let correct = 0;
  const start = performance.now();

  for (const { x, y } of loader) {
    const scores = model(x);
    const loss = crossEntropy(scores, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();

    losses.push(finite(loss.item(), losses.length));
    correct += scores.argMax(1).eq(y).sum().item();
    onStep(losses.length, loss.item());
  }

  const seconds = (performance.now() - start) / 1000;
  return { losses, accuracy: correct / loader.examples, seconds };
}

function finite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new Failure(`the loss is ${loss} at step ${step + 1}: training diverged, try a smaller --lr`);
}
