// A convolutional network reads the digits of MNIST, and shows the worst of what it gets wrong.
//   npx tsx examples/cnn.ts [--epochs 3] [--limit 60000] [--claim 98.5] [--out out]
import { compile, crossEntropy, seed, zeros, type Tensor } from "wengert";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, Unflatten } from "wengert/nn";
import { Adam, OneCycleLR } from "wengert/optim";
import { write } from "./chart.js";
import { gallery, inkPng } from "./images.js";
import { batchesOf, CLASSES, firstOf, loadMnist, SIDE } from "./mnist/dataset.js";
import { evaluate, worstMistakes, type Evaluation } from "./mnist/evaluate.js";
import { withProgress } from "./mnist/progress.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Reads digits by convolutions.", {
  epochs: whole(3, "passes over the training images"),
  limit: whole(60000, "training images, the first of 60,000", 64),
  claim: positive(98.5, "least test accuracy in percent"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { epochs: EPOCHS, limit: LIMIT, claim: CLAIM, seed: SEED, out } = chosen;
const BATCH = 64;

seed(SEED);
const model = new Sequential(
  new Unflatten(1, [1, SIDE, SIDE]),
  ...[new Conv2d(1, 8, 5), new ReLU(), new MaxPool2d(2)], // 8 × 12 × 12
  ...[new Conv2d(8, 16, 5), new ReLU(), new MaxPool2d(2)], // 16 × 4 × 4
  ...[new Flatten(), new Linear(256, 64), new ReLU(), new Linear(64, CLASSES)],
);
console.log(`${String(model.summary(zeros([1, SIDE * SIDE])))}\n`);

const { training, test: tests } = loadMnist();
const test = firstOf(tests, Math.min(LIMIT, tests.labels.size));
const batches = batchesOf(firstOf(training, LIMIT), { batchSize: BATCH, shuffle: true, seed: SEED, dropLast: true });
const testBatches = batchesOf(test, { batchSize: 500 });

const optimizer = new Adam(model.parameters());
const schedule = new OneCycleLR(optimizer, { maxLr: 4e-3, totalSteps: EPOCHS * batches.length });
const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => crossEntropy(model(x), y)), {
  name: "the training step",
});

const start = performance.now();
let evaluation!: Evaluation;
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  let sum = 0;
  withProgress(`epoch ${epoch}/${EPOCHS}`, batches.length, (onStep) => {
    let i = 0;
    for (const { x, y } of batches) {
      const loss = step(x, y).item();
      schedule.step();
      sum += loss;
      onStep(i++, loss);
    }
  });
  evaluation = evaluate(model, testBatches);
  const [loss, percent] = [(sum / batches.length).toFixed(4), (100 * evaluation.accuracy).toFixed(2)];
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`epoch ${epoch}/${EPOCHS}  loss ${loss}  test accuracy ${percent} %  ${seconds} s`);
}

const accuracy = 100 * evaluation.accuracy;
const reached = accuracy >= CLAIM;
console.log(
  `\nTest accuracy: ${accuracy.toFixed(2)} % of ${test.labels.size.toLocaleString("en")} images; ` +
    `${CLAIM} % was ${reached ? "" : "not "}reached`,
);
if (!reached) process.exitCode = 1;

const tiles = worstMistakes(evaluation, 32).map(({ index, label, predicted }) => {
  const ink = Array.from(test.images.slice(index).data(), (byte) => byte / 255);
  return { image: inkPng(SIDE, SIDE, ink), caption: `${label}, read ${predicted}` };
});
write(
  `${out}/cnn.svg`,
  gallery({ title: "The worst mistakes of a convolutional network", tiles, columns: 8, side: 84 }),
);
