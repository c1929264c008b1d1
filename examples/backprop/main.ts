// Training as the lecture writes it: gradients of the loss summed over T instances, steps of η/T until they are small, with
// gradients by hand, numerical and automatic.
//   npx tsx examples/backprop/main.ts [--steps 2000]
import { draw, write } from "../chart.js";
import {
  automatically,
  byHand,
  numerically,
  output,
  type Gradient,
  type Instance,
  type Parameters,
} from "./network.js";
import { ANY_FOLDER, choose, whole } from "../options.js";

const { steps: MOST_STEPS, out } = choose("Trains a network of four parameters, by three kinds of gradients.", {
  steps: whole(2000, "most training steps"),
  out: ANY_FOLDER,
});
const ETA = 8;
/** Converged: no component of the mean gradient is larger. */
const SMALL = 1e-5;
const T = 16;
const START: Parameters = [0.5, 0.1, 0.5, -0.1];
/** Calls before the clock starts: what runs first is interpreted. */
const WARM_UP = 200;

/** What a network with other parameters does: so it can be learnt. */
const TEACHER: Parameters = [3, -1, 4, -2];
const instances: Instance[] = Array.from({ length: T }, (_, t) => {
  const x = -2 + (4 * t) / (T - 1);
  return { x, d: output(TEACHER, x) };
});

interface Run {
  readonly parameters: Parameters;
  /** The loss before each step. */
  readonly losses: readonly number[];
  readonly converged: boolean;
  readonly seconds: number;
}

/** Σ ½ (y - d)² over the instances. */
function totalLoss(parameters: Parameters): number {
  return instances.reduce((sum, { x, d }) => sum + (output(parameters, x) - d) ** 2 / 2, 0);
}

function train(gradient: Gradient): Run {
  let parameters = START;
  for (let i = 0; i < WARM_UP; i++) gradient(parameters, instances[0]!);
  const losses: number[] = [];
  const start = performance.now();
  for (let step = 0; step < MOST_STEPS; step++) {
    losses.push(totalLoss(parameters));
    const sum = [0, 0, 0, 0];
    for (const instance of instances) gradient(parameters, instance).forEach((g, i) => (sum[i]! += g));
    parameters = parameters.map((p, i) => p - (ETA / T) * sum[i]!) as unknown as Parameters;
    const converged = sum.every((g) => Math.abs(g) / T < SMALL);
    if (converged) return { parameters, losses, converged, seconds: (performance.now() - start) / 1000 };
  }
  return { parameters, losses, converged: false, seconds: (performance.now() - start) / 1000 };
}

const runs = { "by hand": train(byHand), numerical: train(numerically), automatic: train(automatically) };
const reference = runs["by hand"];

console.log(`T = ${T} instances, η = ${ETA}; until every component of the mean gradient is below ${SMALL}\n`);
console.log("                steps       loss        w1        b1        w2        b2   off by hand's       time");
let agree = true;
for (const [name, { parameters, losses, converged, seconds }] of Object.entries(runs)) {
  const off = Math.max(...parameters.map((p, i) => Math.abs(p - reference.parameters[i]!)));
  // Rounding alone parts the exact two; differences are right to some nine digits.
  agree &&= off < (name === "numerical" ? 1e-6 : 1e-10) && losses.length === reference.losses.length;
  const cells = [
    name.padEnd(12),
    (losses.length + (converged ? "" : "+")).padStart(9),
    totalLoss(parameters).toExponential(3).padStart(11),
    ...parameters.map((p) => p.toFixed(5).padStart(10)),
    off.toExponential(1).padStart(16),
    `${(1000 * seconds).toFixed(1)} ms`.padStart(11),
  ];
  console.log(cells.join(""));
}
console.log(`
Times are those of calls, not of arithmetic: of an instance with 4 parameters, 8 evaluations of the loss (numerical) and one that is
recorded and walked back (automatic) cost about as much, and plain numbers next to nothing. With more parameters the numerical
gradient costs two evaluations more for each, and the automatic one stays as it is: see examples/epsilon.`);
console.log(`\n${agree ? "The three agree: exactly but for rounding, the numerical one to 1e-6." : "THE THREE PART."}`);
if (!agree) process.exitCode = 1;

const course = reference.losses.map((loss, step) => [step + 1, loss] as const);
write(
  `${out}/backprop-loss.svg`,
  await draw({
    title: "Loss summed over the instances",
    x: "step",
    y: "loss",
    log: "both",
    series: [{ label: "loss", points: course }],
  }),
);
const grid = Array.from({ length: 101 }, (_, i) => -2 + i / 25);
write(
  `${out}/backprop-fit.svg`,
  await draw({
    title: "What was learnt",
    x: "x",
    y: "y",
    series: [
      { label: "instances", points: instances.map(({ x, d }) => [x, d] as const), dots: true },
      { label: "network", points: grid.map((x) => [x, output(reference.parameters, x)] as const) },
    ],
  }),
);
