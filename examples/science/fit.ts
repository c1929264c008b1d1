// Levenberg and Marquardt's fit of a damped oscillation to noisy measurements; the Jacobian is automatic.
//   npx tsx examples/science/fit.ts
import { Generator, jacobian, scope, tensor, type Tensor } from "wengert";
import { draw, write } from "../chart.js";
import { solve } from "./solve.js";
import { ANY_FOLDER, choose } from "../options.js";

const { out } = choose("Fits a damped oscillation.", { out: ANY_FOLDER });
const NAMES = ["amplitude", "decay", "frequency", "phase"];
const TRUTH = [2, 0.3, 2.5, 0.4];
const NOISE = 0.05;

const times = tensor(Float64Array.from({ length: 60 }, (_, i) => i / 10));
const noise = new Generator(1).normal([60], { dtype: "f64", std: NOISE });

/** a e^{-λ t} cos(ω t + φ) */
function oscillation(p: Tensor): Tensor {
  const [a, decay, frequency, phase] = [p.slice(0), p.slice(1), p.slice(2), p.slice(3)];
  return a.mul(times.mul(decay).neg().exp()).mul(times.mul(frequency).add(phase).cos());
}

const vector = (p: readonly number[]): Tensor => tensor(Float64Array.from(p));
const measured = oscillation(vector(TRUTH)).add(noise);
const residuals = (p: Tensor): Tensor => oscillation(p).sub(measured);
const cost = (p: readonly number[]): number => scope(() => residuals(vector(p)).square().sum().item());

/** JᵀJ and Jᵀr at p. */
function normal(p: readonly number[]): [number[][], number[]] {
  return scope(() => {
    const j = jacobian(residuals)(vector(p));
    return [j.T.matmul(j).toArray() as number[][], j.T.matmul(residuals(vector(p))).toArray() as number[]];
  });
}

let p = [1, 0.1, 2, 0];
let damping = 1e-2;
console.log(` step        cost   damping  ${NAMES.map((name) => name.padStart(11)).join("")}`);
let steps = 0;
for (; steps < 100; steps++) {
  const before = cost(p);
  const row = p.map((x) => x.toFixed(5).padStart(11)).join("");
  console.log(
    `${String(steps).padStart(5)}${before.toFixed(5).padStart(12)}${damping.toExponential(0).padStart(10)}  ${row}`,
  );
  const [a, b] = normal(p);
  const damped = a.map((line, i) => line.map((x, k) => (i === k ? x * (1 + damping) : x)));
  const move = solve(damped, b);
  const next = p.map((x, i) => x - move[i]!);
  const better = cost(next) < before;
  damping = better ? damping / 10 : damping * 10;
  if (better) p = next;
  if (Math.max(...move.map(Math.abs)) < 1e-9 || damping > 1e12) break;
}

// The covariance of the parameters is σ² (JᵀJ)⁻¹: within three standard deviations of the truth, or something is wrong.
const [a] = normal(p);
const sigma = Math.sqrt(cost(p) / (times.size - p.length));
const errors = p.map(
  (_, i) =>
    sigma *
    Math.sqrt(
      solve(
        a,
        p.map((__, k) => (i === k ? 1 : 0)),
      )[i]!,
    ),
);
console.log("\n             fitted            true");
for (const [i, name] of NAMES.entries())
  console.log(
    `${name.padEnd(10)}${p[i]!.toFixed(4).padStart(9)} ± ${errors[i]!.toFixed(4)}${TRUTH[i]!.toFixed(4).padStart(9)}`,
  );
const good = p.every((x, i) => Math.abs(x - TRUTH[i]!) < 3 * errors[i]!) && Math.abs(sigma / NOISE - 1) < 0.3;
console.log(
  good ? `within three standard errors, in ${steps} steps; noise ${sigma.toFixed(4)}, true ${NOISE}` : "NOT FITTED",
);
if (!good) process.exitCode = 1;

const t = times.toArray() as number[];
const pairs = (y: Tensor): (readonly [number, number])[] => (y.toArray() as number[]).map((value, i) => [t[i]!, value]);
write(
  `${out}/fit.svg`,
  await draw({
    title: "A damped oscillation, fitted",
    x: "time",
    y: "displacement",
    series: [
      { label: "measured", points: pairs(measured), dots: true },
      { label: "first guess", points: pairs(oscillation(vector([1, 0.1, 2, 0]))) },
      { label: "fitted", points: pairs(oscillation(vector(p))) },
    ],
  }),
);
