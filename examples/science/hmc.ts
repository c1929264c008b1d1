// Hamiltonian Monte Carlo: samples of a correlated Gaussian, from the gradient of its log density alone.
//   npx tsx examples/science/hmc.ts [--samples 1500]
import { Generator, tensor, valueAndGrad, scope, type Tensor } from "wengert";
import { draw, write } from "../chart.js";
import { ANY_FOLDER, choose, whole } from "../options.js";

const { samples: SAMPLES, out } = choose("Samples a correlated Gaussian by Hamiltonian Monte Carlo.", {
  samples: whole(1500, "samples that are kept", 2),
  out: ANY_FOLDER,
});
const WARM_UP = 100;
const STEP = 0.25;
const LEAPS = 12;

const MEAN = tensor(Float64Array.of(1, -2));
/** [[1, 0.9], [0.9, 1.5]]; the density needs its inverse. */
const COVARIANCE = [
  [1, 0.9],
  [0.9, 1.5],
] as const;
const determinant = 1 * 1.5 - 0.9 * 0.9;
const PRECISION = tensor(
  Float64Array.of(1.5, -0.9, -0.9, 1).map((x) => x / determinant),
  { shape: [2, 2] },
);

/** Minus the log density, up to a constant: ½ (q - μ)ᵀ Σ⁻¹ (q - μ). */
function energy(q: Tensor): Tensor {
  const off = q.sub(MEAN);
  return off.dot(PRECISION.matmul(off)).div(2);
}
const energyAndForce = valueAndGrad(energy);

type Pair = readonly [number, number];

/** The energy at q, and its gradient. */
function slopeAt(q: Pair): [number, Pair] {
  return scope(() => {
    const [value, gradient] = energyAndForce(tensor(Float64Array.from(q)));
    return [value.item(), gradient.toArray() as unknown as Pair];
  });
}

const generator = new Generator(7);
const [momenta, chances] = scope(() => [
  generator.normal([SAMPLES + WARM_UP, 2], { dtype: "f64" }).toArray() as [number, number][],
  generator.uniform([SAMPLES + WARM_UP], { dtype: "f64" }).toArray() as number[],
]);

const samples: Pair[] = [];
let accepted = 0;
let q: Pair = [0, 0];
let [potential, slope] = slopeAt(q);
for (const [k, momentum] of momenta.entries()) {
  // Leapfrog: half a kick, then drifts and kicks in turn; the energy is kept to second order in the step.
  let [x, y, px, py] = [...q, ...momentum];
  let [now, [gx, gy]] = [potential, slope];
  for (let leap = 0; leap < LEAPS; leap++) {
    [px, py] = [px - (STEP / 2) * gx, py - (STEP / 2) * gy];
    [x, y] = [x + STEP * px, y + STEP * py];
    [now, [gx, gy]] = slopeAt([x, y]);
    [px, py] = [px - (STEP / 2) * gx, py - (STEP / 2) * gy];
  }
  const change = now + (px * px + py * py) / 2 - potential - (momentum[0] ** 2 + momentum[1] ** 2) / 2;
  if (chances[k]! < Math.exp(-change)) {
    [q, potential, slope] = [[x, y], now, [gx, gy]];
    accepted++;
  }
  if (k >= WARM_UP) samples.push(q);
}

const mean = [0, 1].map((i) => samples.reduce((sum, sample) => sum + sample[i]!, 0) / SAMPLES);
const covariance = [0, 1].map((i) =>
  [0, 1].map((j) => samples.reduce((sum, s) => sum + (s[i]! - mean[i]!) * (s[j]! - mean[j]!), 0) / (SAMPLES - 1)),
);
const show = (numbers: readonly number[]): string => numbers.map((x) => x.toFixed(3).padStart(8)).join("");
console.log(`${SAMPLES} samples, ${((100 * accepted) / momenta.length).toFixed(0)} % of the proposals accepted\n`);
console.log(`            sampled             true\nmean       ${show(mean)}  ${show([1, -2])}`);
for (const [i, row] of covariance.entries())
  console.log(`${i === 0 ? "covariance" : "          "} ${show(row)}  ${show(COVARIANCE[i]!)}`);

// Of n samples, the standard error of a mean is √(σᵢᵢ/n), of a covariance √((σᵢᵢ σⱼⱼ + σᵢⱼ²)/n): five of them are ample.
const errorOf = (i: number, j: number): number =>
  Math.sqrt(COVARIANCE[i]![i]! * COVARIANCE[j]![j]! + COVARIANCE[i]![j]! ** 2);
const tolerance = 5 / Math.sqrt(SAMPLES);
const good =
  mean.every((x, i) => Math.abs(x - [1, -2][i]!) < tolerance * Math.sqrt(COVARIANCE[i]![i]!)) &&
  covariance.every((row, i) => row.every((x, j) => Math.abs(x - COVARIANCE[i]![j]!) < tolerance * errorOf(i, j)));
console.log(good ? "\nwithin five standard errors" : "\nNOT THE DISTRIBUTION");
if (!good) process.exitCode = 1;

write(
  `${out}/hmc.svg`,
  await draw({
    title: "Hamiltonian Monte Carlo on a correlated Gaussian",
    x: "q1",
    y: "q2",
    series: [{ label: "samples", points: samples, dots: true }],
  }),
);
