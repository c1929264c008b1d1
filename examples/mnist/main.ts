// Trains a network on MNIST, prints how well it reads digits, and writes a page about it. Options: --help.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { configure, seed as setSeed, type Tensor } from "wengert";
import { DataLoader } from "wengert/data";
import { limited, loadMnist, type Digits } from "./dataset.js";
import { confusionOf, evaluate, worstMistakes } from "./evaluate.js";
import { explain } from "./failure.js";
import { readOptions, type Options } from "./options.js";
import { renderPage } from "./page.js";
import { ProgressBar } from "./progress.js";
import { confusionTable, describeEpoch, describeRun, grouped, percent, speedOf, verdict, type Result } from "./summary.js";
import { makeModel, makeOptimizer, trainEpoch, type Batch } from "./train.js";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") return console.log(options);
  const { epochs, batch, dtype, seed } = options;

  configure({ dtype });
  setSeed(seed);
  const data = loadMnist(options.data);
  const training = limited(data.training, options.limit);
  const trainingLoader = batches(training, { batchSize: batch, shuffle: true, seed });
  const testLoader = batches(data.test, { batchSize: 1000 });
  const model = makeModel(options.hidden);
  const optimizer = makeOptimizer(model, options);
  const about = describeRun(options, model, training, data.test);
  console.log(`${about.join("\n")}\n`);

  const images = training.labels.size;
  const results: Result[] = [];
  const bar = new ProgressBar();
  let evaluation = evaluate(model, testLoader);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    bar.start(`${epoch}/${epochs}`, trainingLoader.length);
    const trained = trainEpoch(model, trainingLoader, optimizer, (step, loss) => bar.update(step, loss));
    bar.stop();
    evaluation = evaluate(model, testLoader);
    const result = { ...trained, testAccuracy: evaluation.accuracy };
    results.push(result);
    console.log(describeEpoch(result, epoch, epochs, images));
  }

  const confusion = confusionOf(evaluation);
  const { seconds, imagesPerSecond } = speedOf(results, images);
  console.log(`\nTest accuracy ${percent(evaluation.accuracy)} of ${grouped(evaluation.labels.length)} images\n`);
  console.log(`${confusionTable(confusion)}\n`);
  console.log(`Training took ${seconds.toFixed(2)} s, ${grouped(imagesPerSecond)} images/s`);
  console.log(verdict(results));

  const mistakes = worstMistakes(evaluation, 24);
  await write(options, await renderPage({ options, about, images, results, confusion, mistakes, test: data.test }));
}

/** Batches of images as rows of numbers in [0, 1]: the bytes are scaled a batch at a time. */
function batches(
  { images, labels }: Digits,
  options: { batchSize: number; shuffle?: boolean; seed?: number },
): DataLoader<{ x: Tensor; y: Tensor }, Batch> {
  const map = ({ x, y }: Batch): Batch => ({ x: x.flatten(1).mul(1 / 255), y });
  return new DataLoader({ x: images, y: labels }, { ...options, map });
}
