// A small network tells the arms of a spiral apart, and shows where it draws the line.
//   npx tsx examples/spiral.ts [--steps 600] [--claim 99] [--out out]
import { compile, crossEntropy, Generator, noGrad, seed, tensor, type Tensor } from "wengert";
import { accuracy } from "wengert/data";
import { Linear, Sequential, Tanh } from "wengert/nn";
import { Adam } from "wengert/optim";
import { COLORS, draw, write } from "./chart.js";
import { png } from "./images.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Tells the arms of a spiral apart.", {
  steps: whole(600, "training steps"),
  claim: positive(99, "test accuracy in percent that must be surpassed"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { steps: STEPS, claim: CLAIM, seed: SEED, out } = chosen;
const [ARMS, POINTS, NOISE, EDGE, PIXELS] = [3, 200, 0.2, 1.1, 220];

/** Points of each arm, a turn long, with noise in their angles: their places [n, 2] and their arms [n]. */
function spiral(generator: Generator): { x: Tensor; y: Tensor } {
  const noise = generator.normal([ARMS * POINTS], { std: NOISE }).data();
  const y = Int32Array.from({ length: ARMS * POINTS }, (_, i) => Math.floor(i / POINTS));
  const places = Array.from(y, (arm, i) => {
    const radius = ((i % POINTS) + 0.5) / POINTS;
    const angle = 2 * Math.PI * (radius + arm / ARMS) + noise[i]!;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return { x: tensor(places), y: tensor(y) };
}

seed(SEED);
const generator = new Generator(SEED + 1);
const [training, test] = [spiral(generator), spiral(generator)];
const model = new Sequential(new Linear(2, 32), new Tanh(), new Linear(32, 32), new Tanh(), new Linear(32, ARMS));
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => crossEntropy(model(x), y)));
const percentOf = ({ x, y }: { x: Tensor; y: Tensor }): number =>
  100 *
  accuracy(
    noGrad(() => model(x)),
    y,
  );

console.log(`${ARMS} arms of ${POINTS} points to learn from, and as many others to test with\n`);
for (let t = 1; t <= STEPS; t++) {
  const loss = step(training.x, training.y).item();
  if (t % Math.ceil(STEPS / 6) === 0)
    console.log(
      `step ${String(t).padStart(4)}  loss ${loss.toFixed(4)}  ` +
        `accuracy ${percentOf(training).toFixed(2)} % training, ${percentOf(test).toFixed(2)} % test`,
    );
}
const reached = percentOf(test) > CLAIM;
console.log(`\nTest accuracy: ${percentOf(test).toFixed(2)} %, ${reached ? "" : "not "}above ${CLAIM} %`);
if (!reached) process.exitCode = 1;

/** The colour of the likeliest arm at every pixel, paler where the network is less sure. */
function regions(): string {
  const at = (i: number): number => EDGE * ((2 * (i + 0.5)) / PIXELS - 1);
  const grid = Float32Array.from({ length: 2 * PIXELS ** 2 }, (_, i) => {
    const pixel = i >> 1;
    return i % 2 === 0 ? at(pixel % PIXELS) : -at(Math.floor(pixel / PIXELS));
  });
  const shares = noGrad(() => model(tensor(grid, { shape: [PIXELS ** 2, 2] })).softmax(-1));
  const arms = shares.argMax(-1).data();
  const sure = shares.max(-1).data();
  const pixels = Array.from(arms, (arm, i) => {
    const color = COLORS[arm]!;
    const channels = [1, 3, 5].map((from) => parseInt(color.slice(from, from + 2), 16));
    return [...channels, Math.round((110 * (sure[i]! - 1 / ARMS)) / (1 - 1 / ARMS))];
  });
  return png(PIXELS, PIXELS, pixels.flat());
}

const places = training.x.toArray() as [number, number][];
const chart = {
  title: "The arms of a spiral, told apart",
  ...{ x: "x", y: "y", width: 520, height: 520 },
  background: { image: regions(), x: [-EDGE, EDGE], y: [-EDGE, EDGE] },
  series: Array.from({ length: ARMS }, (_, arm) => ({
    label: `arm ${arm + 1}`,
    points: places.slice(arm * POINTS, (arm + 1) * POINTS),
    dots: true,
  })),
} as const;
write(`${out}/spiral.svg`, await draw(chart));
