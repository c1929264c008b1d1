import { crossEntropy, Generator, type Tensor } from "../../bindings/index.js";
import { DataLoader } from "../../bindings/data/index.js";
import { Linear, Sequential, Tanh, type Module } from "../../bindings/nn/index.js";
import { SGD, type Optimizer } from "../../bindings/optim/index.js";

/** Points of the plane in three classes. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** A network 2-8-3, the same for the same seed. */
export function network(seed: number): { model: Module; optimizer: Optimizer } {
  const generator = new Generator(seed);
  const model = new Sequential(new Linear(2, 8, { generator }), new Tanh(), new Linear(8, 3, { generator }));
  return { model, optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }) };
}

/** 64 random points in batches of 16, shuffled. */
export function batches({ seed }: { seed: number }): DataLoader<Batch> {
  const generator = new Generator(seed + 100);
  const x = generator.uniform([64, 2], { low: -1, high: 1 });
  const y = x.sum(1).gt(0.3).cast("i32").add(x.sum(1).gt(-0.3).cast("i32"));
  return new DataLoader<Batch>({ x, y }, { batchSize: 16, shuffle: true, seed });
}

/** Trains in the ordinary style; the losses of all steps. */
export function train(model: Module, optimizer: Optimizer, loader: DataLoader<Batch>, epochs: number): number[] {
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const { x, y } of loader) {
      const loss = crossEntropy(model(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
  }
  return losses;
}
