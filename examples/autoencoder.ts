// Digits through two numbers and back: an autoencoder, against the two principal components of the same images.
//   npx tsx examples/autoencoder.ts [--epochs 8] [--limit 20000] [--claim 0.85] [--out out]
import { compile, Generator, linalg, mseLoss, noGrad, seed, tensor, type Tensor } from "wengert";
import { Linear, ReLU, Sequential, Sigmoid, Softsign } from "wengert/nn";
import { Adam, OneCycleLR } from "wengert/optim";
import { draw, write } from "./chart.js";
import { gallery, inkPng } from "./images.js";
import { batchesOf, CLASSES, firstOf, loadMnist, SIDE } from "./mnist/dataset.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Takes digits through two numbers and back.", {
  epochs: whole(8, "passes over the training images"),
  limit: whole(20000, "training images, the first of 60,000", 64),
  claim: positive(0.85, "most that its error may be of that of two principal components"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { epochs: EPOCHS, limit: LIMIT, claim: CLAIM, seed: SEED, out } = chosen;
const [BATCH, SHOWN, PIXELS, PLACES] = [64, 2000, SIDE * SIDE, 16];

const mnist = loadMnist();
const [training, test] = [firstOf(mnist.training, LIMIT), firstOf(mnist.test, Math.min(LIMIT, SHOWN))];
const images = test.images.flatten(1).div(255);

seed(SEED);
const encoder = new Sequential(
  ...[new Linear(PIXELS, 256), new ReLU(), new Linear(256, 64), new ReLU(), new Linear(64, 2), new Softsign()],
);
const decoder = new Sequential(
  ...[new Linear(2, 64), new ReLU(), new Linear(64, 256), new ReLU(), new Linear(256, PIXELS), new Sigmoid()],
);
const batches = batchesOf(training, { batchSize: BATCH, shuffle: true, seed: SEED, dropLast: true });
const optimizer = new Adam([encoder.parameters(), decoder.parameters()]);
const schedule = new OneCycleLR(optimizer, { maxLr: 2e-3, totalSteps: EPOCHS * batches.length });
const step = compile((x: Tensor) => optimizer.minimize(() => mseLoss(decoder(encoder(x)), x)));

/** The images to test with, through two numbers and back. */
const back = (): Tensor => noGrad(() => decoder(encoder(images)));
const errorOf = (other: Tensor): number => mseLoss(other, images).item();

for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  let sum = 0;
  for (const { x } of batches) {
    sum += step(x).item();
    schedule.step();
  }
  const loss = (sum / batches.length).toFixed(4);
  console.log(`epoch ${epoch}/${EPOCHS}  mean squared error ${loss} training, ${errorOf(back()).toFixed(4)} test`);
}

// The best that two numbers do linearly: the directions in which the images vary most, by subspace iteration.
const pixels = training.images.flatten(1).div(255);
const mean = pixels.mean(0);
const covariance = pixels.sub(mean).T.matmul(pixels.sub(mean));
let axes = new Generator(SEED).normal([PIXELS, 2]);
for (let i = 0; i < 50; i++) axes = linalg.qr(covariance.matmul(axes)).q;
const linear = images.sub(mean).matmul(axes).matmul(axes.T).add(mean);

const [ours, theirs] = [errorOf(back()), errorOf(linear)];
const reached = ours < CLAIM * theirs;
console.log(
  `\nMean squared error: ${ours.toFixed(4)}, ${reached ? "" : "not "}below ${CLAIM} of ${theirs.toFixed(4)}, ` +
    "that of two principal components",
);
if (!reached) process.exitCode = 1;

const labels = test.labels.data();
const columns = Array.from({ length: CLASSES }, (_, digit) => labels.indexOf(digit));
const tiles = [images, back(), linear].flatMap((x) =>
  columns.map((i) => ({ image: inkPng(SIDE, SIDE, x.slice(i).data()) })),
);
const rows = ["digits", "by two numbers", "by two components"];
write(
  `${out}/autoencoder.svg`,
  gallery({ title: "Digits, and what two numbers say of them", tiles, rows, columns: CLASSES, side: 64 }),
);

/** What the decoder makes of the square of all pairs of numbers, place by place, in one image. */
function plane(): string {
  const at = (i: number): number => (2 * i + 1) / PLACES - 1;
  const pairs = Array.from({ length: PLACES ** 2 }, (_, i) => [at(i % PLACES), -at(Math.floor(i / PLACES))]);
  const made = noGrad(() => decoder(tensor(pairs)).mul(0.6)).reshape([PLACES, PLACES, SIDE, SIDE]);
  return inkPng(PLACES * SIDE, PLACES * SIDE, made.permute([0, 2, 1, 3]).flatten().data());
}

const points = noGrad(() => encoder(images)).toArray() as [number, number][];
const chart = {
  title: "Where digits are among all pairs of numbers",
  ...{ x: "first number", y: "second number", width: 640, height: 640 },
  background: { image: plane(), x: [-1, 1], y: [-1, 1] },
  series: Array.from({ length: CLASSES }, (_, digit) => ({
    label: String(digit),
    points: points.filter((_, i) => labels[i] === digit),
    dots: true,
  })),
} as const;
write(`${out}/latent.svg`, await draw(chart));
