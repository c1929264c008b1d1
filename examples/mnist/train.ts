import { compile, crossEntropy, type Tensor } from "wengert";
import { Linear, ReLU, Sequential, type Module } from "wengert/nn";
import { Adam, SGD, type Optimizer } from "wengert/optim";
import { CLASSES, SIDE, type Batches } from "./dataset.js";
import { Failure } from "../failure.js";
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
export function makeOptimizer(model: Module, { optimizer, lr }: Pick<Options, "optimizer" | "lr">): Optimizer {
  return optimizer === "adam"
    ? new Adam(model.parameters(), { lr })
    : new SGD(model.parameters(), { lr, momentum: 0.9 });
}

/** The learning rate of an epoch, counted from 1. With a falling rate the last steps scatter less. */
export function rateOf({ lr, schedule, epochs }: Options, epoch: number): number {
  return schedule === "linear" ? (lr * (epochs + 1 - epoch)) / epochs : lr;
}

/** One step of training on a batch: its loss, and how many of its images were read right before it. */
export type Step = (x: Tensor, y: Tensor) => { readonly loss: Tensor; readonly correct: Tensor };

/** The step as it is written, one operation after another. */
export function eagerStep(model: Module, optimizer: Optimizer): Step {
  return (x, y) => {
    const scores = model(x);
    const loss = crossEntropy(scores, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return { loss, correct: scores.argMax(1).eq(y).sum() };
  };
}

/** The same step as one program; the smaller batch at the end of an epoch gets a program of its own. */
export function compiledStep(model: Module, optimizer: Optimizer): Step {
  return compile(eagerStep(model, optimizer), { name: "the training step" });
}

/** One pass over the training images, with a step of the optimiser for each batch. */
export function trainEpoch(step: Step, loader: Batches, onStep: (step: number, loss: number) => void): Epoch {
  const losses: number[] = [];
  let correct = 0;
  const start = performance.now();

  for (const { x, y } of loader) {
    const result = step(x, y);
    const loss = result.loss.item();
    losses.push(finite(loss, losses.length));
    correct += result.correct.item();
    onStep(losses.length, loss);
  }

  const seconds = (performance.now() - start) / 1000;
  return { losses, accuracy: correct / loader.examples, seconds };
}

/** Images a second of several steps, each on the same batches, in turn; the first batch is for warming up. */
export function speedsOf(steps: readonly Step[], loader: Batches, batches: number): number[] {
  const seconds = steps.map(() => 0);
  let images = 0;
  let taken = 0;
  for (const { x, y } of loader) {
    if (taken > 0) images += x.shape[0]!;
    for (const [i, step] of steps.entries()) {
      const start = performance.now();
      step(x, y).loss.item();
      if (taken > 0) seconds[i]! += (performance.now() - start) / 1000;
    }
    if (taken++ === batches) break;
  }
  return seconds.map((each) => images / each);
}

function finite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new Failure(`the loss is ${loss} at step ${step + 1}: training diverged, try a smaller --lr`);
}
