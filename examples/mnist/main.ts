// Trains a network on MNIST, prints how well it reads digits, and writes a page about it. Options: --help.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { configure, seed as setSeed } from "wengert";
import { batchesOf, firstOf, loadMnist, type Batches } from "./dataset.js";
import { confusionOf, evaluate, worstMistakes } from "./evaluate.js";
import { explain } from "../failure.js";
import { readOptions, type Options } from "./options.js";
import { renderPage } from "./page.js";
import { withProgress } from "./progress.js";
import {
  confusionTable,
  describeEpoch,
  describeRun,
  describeSpeeds,
  grouped,
  percent,
  speedOf,
  verdict,
  type Result,
} from "./summary.js";
import { compiledStep, eagerStep, makeModel, makeOptimizer, rateOf, speedsOf, trainEpoch } from "./train.js";

try {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") console.log(options);
  else await run(options);
} catch (error) {
  const line = explain(error);
  if (line === null) throw error;
  console.error(`mnist: ${line}`);
  process.exitCode = 1;
}

async function run(options: Options): Promise<void> {
  const { epochs, batch, dtype, seed, limit } = options;
  configure({ dtype });
  setSeed(seed);

  const { training, test } = loadMnist(options.data);
  const images = limit ?? training.labels.size;
  const trainingBatches = batchesOf(firstOf(training, images), { batchSize: batch, shuffle: true, seed });
  const testBatches = batchesOf(test, { batchSize: 1000 });
  const model = makeModel(options.hidden);
  const optimizer = makeOptimizer(model, options);
  const step = (options.eager ? eagerStep : compiledStep)(model, optimizer);
  const about = describeRun(options, model, images, test.labels.size);
  console.log(`${about.join("\n")}\n`);

  const results: Result[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    optimizer.lr = rateOf(options, epoch);
    const trained = withProgress(`epoch ${epoch}/${epochs}`, trainingBatches.length, (onStep) =>
      trainEpoch(step, trainingBatches, onStep),
    );
    results.push({ ...trained, evaluation: evaluate(model, testBatches) });
    console.log(describeEpoch(results, epochs, images));
  }

  const { evaluation } = results[results.length - 1]!;
  const confusion = confusionOf(evaluation);
  const { seconds, imagesPerSecond } = speedOf(results, images);
  console.log(`\nTest accuracy: ${percent(evaluation.accuracy)} of ${grouped(test.labels.size)} images\n`);
  console.log(`${confusionTable(confusion)}\n`);
  console.log(`Training took ${seconds.toFixed(2)} s, ${grouped(imagesPerSecond)} images/s.`);
  console.log(describeSpeeds(compareWays(options, trainingBatches)));
  console.log(verdict(results));

  const mistakes = worstMistakes(evaluation, 24);
  const page = await renderPage({ about, batch, images, results, confusion, mistakes, test: test.images });
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, page);
  console.log(`Charts and the worst mistakes: ${options.out}`);
}

/** Images a second of the compiled step and of the eager one, each on a model of its own. */
function compareWays(options: Options, batches: Batches): number[] {
  const steps = [compiledStep, eagerStep].map((stepOf) => {
    const model = makeModel(options.hidden);
    return stepOf(model, makeOptimizer(model, options));
  });
  return speedsOf(steps, batches, 50);
}
