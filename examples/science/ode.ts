// An ordinary differential equation differentiated with respect to its parameters: through every step of the solver.
//   npx tsx examples/science/ode.ts
import { jvp, numericalGradient, scope, stack, tensor, valueAndGrad, type Tensor } from "wengert";
import { draw, write } from "../chart.js";
import { ANY_FOLDER, choose } from "../options.js";

const { out } = choose("Differentiates hares and lynxes with respect to their parameters.", { out: ANY_FOLDER });
const END = 6;
const STEPS = 120;

/** Hares and lynxes (Lotka and Volterra): x' = a x - b x y, y' = d x y - c y. */
function change(p: Tensor, state: Tensor): Tensor {
  const [a, b, c, d] = [p.slice(0), p.slice(1), p.slice(2), p.slice(3)];
  const [x, y] = [state.slice(0), state.slice(1)];
  const meetings = x.mul(y);
  return stack([a.mul(x).sub(b.mul(meetings)), d.mul(meetings).sub(c.mul(y))]);
}

/** Runge and Kutta's steps of fourth order; the states at all times [steps + 1, 2]. */
function solve(p: Tensor): Tensor {
  const h = END / STEPS;
  const states = [tensor(Float64Array.of(1, 0.5))];
  for (let k = 0; k < STEPS; k++) {
    const s = states[k]!;
    const k1 = change(p, s);
    const k2 = change(p, s.add(k1.mul(h / 2)));
    const k3 = change(p, s.add(k2.mul(h / 2)));
    const k4 = change(p, s.add(k3.mul(h)));
    states.push(
      s.add(
        k1
          .add(k2.mul(2))
          .add(k3.mul(2))
          .add(k4)
          .mul(h / 6),
      ),
    );
  }
  return stack(states);
}

const NAMES = ["a", "b", "c", "d"];
const vector = (p: readonly number[]): Tensor => tensor(Float64Array.from(p));
const TRUTH = [1.5, 1, 1, 0.8];
const observed = solve(vector(TRUTH));

/** How far the course is from what was observed: mean squares. */
const loss = (p: Tensor): Tensor => solve(p).sub(observed).square().mean();

const start = [1.2, 0.8, 1.2, 0.6];
const [value, gradient] = valueAndGrad(loss)(vector(start));
const along = (i: number): number => {
  const direction = vector(NAMES.map((_, k) => (k === i ? 1 : 0)));
  return scope(() => jvp(loss, [vector(start)], [direction])[1].item());
};
const [reverse, numerical] = [
  gradient.toArray() as number[],
  numericalGradient(loss, { extrapolations: 1 })(vector(start)).toArray() as number[],
];
console.log(`Loss ${value.item().toFixed(6)} at (${start.join(", ")}); its gradient through ${STEPS} steps\n`);
console.log("          reverse         forward       numerical");
let agree = true;
for (const [i, name] of NAMES.entries()) {
  const row = [reverse[i]!, along(i), numerical[i]!];
  agree &&= Math.abs(row[0]! - row[1]!) < 1e-12 && Math.abs(row[0]! - row[2]!) < 1e-8;
  console.log(`∂/∂${name}${row.map((x) => x.toFixed(10).padStart(16)).join("")}`);
}

/** How the hares' course moves with the first parameter: forward mode carries it along. */
const [course, sensitivity] = jvp(solve, [vector(TRUTH)], [vector([1, 0, 0, 0])]);
console.log(agree ? "\nreverse and forward to 1e-12, numerical to 1e-8" : "\nTHEY PART");
if (!agree) process.exitCode = 1;

const column = (states: Tensor, i: number): (readonly [number, number])[] =>
  (states.slice("...", i).toArray() as number[]).map((x, k) => [(k * END) / STEPS, x]);
write(
  `${out}/ode.svg`,
  await draw({
    title: "Hares and lynxes, and how the hares answer to their own growth rate",
    x: "time",
    y: "animals (thousands)",
    series: [
      { label: "hares x", points: column(course, 0) },
      { label: "lynxes y", points: column(course, 1) },
      { label: "∂x/∂a", points: column(sensitivity, 0) },
    ],
  }),
);
