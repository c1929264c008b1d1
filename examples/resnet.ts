// A small residual network reads the digits of MNIST.
//   npx tsx examples/resnet.ts [--epochs 2] [--limit 60000] [--out out]
import { compile, crossEntropy, seed, zeros, type Tensor } from "wengert";
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  init,
  Linear,
  ReLU,
  Residual,
  Sequential,
  Unflatten,
  type Module,
} from "wengert/nn";
import { SGD } from "wengert/optim";
import { draw, write } from "./chart.js";
import { batchesOf, CLASSES, firstOf, loadMnist, SIDE } from "./mnist/dataset.js";
import { evaluate } from "./mnist/evaluate.js";
import { withProgress } from "./mnist/progress.js";
import { ANY_FOLDER, ANY_SEED, choose, whole } from "./options.js";

const chosen = choose("Reads digits by residual blocks.", {
  epochs: whole(2, "passes over the training images"),
  limit: whole(60000, "training images, the first of 60,000", 64),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { epochs: EPOCHS, limit: LIMIT, seed: SEED, out } = chosen;
const [BATCH, RATE] = [64, 0.1];

/** A 3 × 3 convolution, normalised: it needs no bias. */
function convolution(from: number, to: number, stride: number): Module[] {
  return [new Conv2d(from, to, 3, { stride, padding: 1, bias: false }), new BatchNorm2d(to)];
}

/** Two convolutions beside a shortcut (He et al. 2016), which a convolution of one pixel fits where shapes change. */
function block(from: number, to: number, stride: number): Module[] {
  const body = new Sequential(...convolution(from, to, stride), new ReLU(), ...convolution(to, to, 1));
  const changes = from !== to || stride !== 1;
  const shortcut = changes
    ? new Sequential(new Conv2d(from, to, 1, { stride, bias: false }), new BatchNorm2d(to))
    : null;
  return [new Residual(body, { shortcut }), new ReLU()];
}

seed(SEED);
const model = new Sequential(
  new Unflatten(1, [1, SIDE, SIDE]),
  ...[...convolution(1, 12, 2), new ReLU()],
  ...[...block(12, 12, 1), ...block(12, 24, 2), ...block(24, 48, 2)],
  ...[new AdaptiveAvgPool2d(1), new Flatten(), new Linear(48, CLASSES)],
);
model.apply((layer) => {
  if (layer instanceof Conv2d) init.kaimingNormal(layer.weight, { mode: "fan_out", nonlinearity: "relu" });
});
console.log(`${String(model.summary(zeros([1, SIDE * SIDE])))}\n`);

const optimizer = new SGD(model.parameters(), { lr: RATE, momentum: 0.9, nesterov: true, weightDecay: 1e-4 });
const step = compile(
  (x: Tensor, y: Tensor) => {
    const scores = model(x);
    const loss = crossEntropy(scores, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return { loss, correct: scores.argMax(1).eq(y).sum() };
  },
  { name: "the training step" },
);

const { training, test: tests } = loadMnist();
const test = firstOf(tests, Math.min(LIMIT, tests.labels.size));
const batches = batchesOf(firstOf(training, LIMIT), { batchSize: BATCH, shuffle: true, seed: SEED, dropLast: true });
const testBatches = batchesOf(test, { batchSize: 500 });
const steps = EPOCHS * batches.length;
const losses: number[] = [];
let accuracy = 0;
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const start = performance.now();
  let correct = 0;
  model.train();
  withProgress(`epoch ${epoch}/${EPOCHS}`, batches.length, (onStep) => {
    for (const { x, y } of batches) {
      // Rises over the first tenth of the steps, then falls to nothing.
      const done = losses.length / steps;
      optimizer.lr = RATE * Math.min(10 * done + 0.01, (1 - done) / 0.9);
      const result = step(x, y);
      losses.push(result.loss.item());
      correct += result.correct.item();
      onStep((losses.length - 1) % batches.length, losses.at(-1));
    }
  });
  const seconds = (performance.now() - start) / 1000;
  ({ accuracy } = evaluate(model.eval(), testBatches));
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const training = correct / (batches.length * BATCH);
  console.log(
    `epoch ${epoch}/${EPOCHS}  accuracy ${percent(training)} training, ${percent(accuracy)} test  ` +
      `${seconds.toFixed(1)} s  ${Math.round((batches.length * BATCH) / seconds).toLocaleString("en")} images/s`,
  );
}
console.log(`\nTest accuracy: ${(100 * accuracy).toFixed(2)} % of ${test.labels.size.toLocaleString("en")} images`);

/** Means of neighbours, so that a course is seen. */
const width = Math.max(1, Math.floor(losses.length / 100));
const means = Array.from({ length: Math.floor(losses.length / width) }, (_, i): [number, number] => {
  const part = losses.slice(i * width, (i + 1) * width);
  return [(i + 1) * width, part.reduce((a, b) => a + b) / width];
});
const series = [{ label: "training", points: means }];
write(
  `${out}/resnet.svg`,
  await draw({ title: "A residual network learns to read digits", x: "step", y: "loss", log: "y", series }),
);
