// The page: it starts the training, and draws what the worker's memory holds, frame by frame.
import { startWorker } from "wengert/worker";
import { drawLosses, drawWeights, meanOf } from "./draw.js";
import { watchFrames } from "./frames.js";
import type { tasks } from "./train.js";

const EPOCHS = 3;

/** An element of index.html. */
const element = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;

const worker = await startWorker<typeof tasks>(new Worker(new URL("./train.js", import.meta.url), { type: "module" }));

// Where memory is shared, the files' bytes go straight into the worker's.
const images = await worker.allocate([60_000, 28, 28], { dtype: "u8" });
const labels = await worker.allocate([60_000], { dtype: "u8" });
images.elements.set(await bytesOf("mnist/train-images-idx3-ubyte", 16));
labels.elements.set(await bytesOf("mnist/train-labels-idx1-ubyte", 8));

let weights = await worker.run("weights", null).result;
element("#memory").textContent = weights.shared
  ? "These are the weights in the worker's own memory, without a copy."
  : "This page may not share memory, so the weights are copied twice a second.";
const copy = async (): Promise<void> => void (weights = await worker.run("weights", null).result);
const copying = weights.shared ? undefined : setInterval(() => void copy(), 500);

const losses: number[] = [];
const run = worker.run("train", { images, labels, epochs: EPOCHS });
element<HTMLButtonElement>("#stop").onclick = () => run.abort();
const frames = watchFrames(() => {
  drawWeights(element<HTMLCanvasElement>("#weights"), weights);
  drawLosses(element<HTMLCanvasElement>("#losses"), losses);
  const [steps, loss, longest] = [losses.length.toLocaleString("en"), meanOf(losses.slice(-100)), frames.longest];
  element("#step").textContent = `${steps} steps, loss ${loss.toFixed(3)}; longest frame ${longest.toFixed(1)} ms.`;
});

try {
  for await (const loss of run) losses.push(loss);
  element("#state").textContent = "It has learnt.";
} catch (error) {
  element("#state").textContent = (error as Error).name === "AbortError" ? "It was stopped." : String(error);
} finally {
  frames.stop();
  element<HTMLButtonElement>("#stop").disabled = true;
  clearInterval(copying);
  worker.terminate();
}
Object.assign(globalThis, { finished: { longest: frames.longest, frames: frames.count, losses } });

/** A file, from its first element on. */
async function bytesOf(path: string, start: number): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer(), start);
}
