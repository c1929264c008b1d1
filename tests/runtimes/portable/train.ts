// One epoch of MNIST, as `npm start -- --epochs 1` trains it, and a hash of the parameters that it ends with.
import { configure, seed, type ConfigureOptions } from "wengert";
import { parseIdx } from "wengert/data";
import type { Module } from "wengert/nn";
import { batchesOf } from "../../../examples/mnist/dataset.js";
import { compiledStep, makeModel, makeOptimizer, trainEpoch } from "../../../examples/mnist/train.js";
import { readBytes } from "./read.js";

export interface Training {
  readonly loss: number;
  readonly seconds: number;
  /** SHA-256 of the bytes of all parameters, in the order of their names. */
  readonly hash: string;
}

/** Trains on the images in a folder, by the build that is named or by the fastest one. */
export default async function train(options: {
  data: string;
  build?: "baseline";
  settings?: ConfigureOptions;
}): Promise<Training> {
  configure({ ...options.settings, ...(options.build && { build: options.build }) });
  seed(0);
  const [images, labels] = await Promise.all(
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"].map(async (name) =>
      parseIdx(await readBytes(`${options.data}/${name}`)),
    ),
  );
  const batches = batchesOf({ images: images!, labels: labels! }, { batchSize: 128, shuffle: true, seed: 0 });
  const model = makeModel([128]);
  const optimizer = makeOptimizer(model, { optimizer: "sgd", lr: 0.1 });
  const { losses, seconds } = trainEpoch(compiledStep(model, optimizer), batches, () => {});
  return { loss: losses.at(-1)!, seconds, hash: await hashOf(model) };
}

async function hashOf(model: Module): Promise<string> {
  const values = Object.values(model.stateDict()).map((x) => x.data() as BlobPart);
  const bytes = await new Blob(values).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
