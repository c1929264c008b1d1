// How wrong numerical differentiation is, by the size of its step; and what the three methods cost, by the number of inputs.
//   npx tsx examples/epsilon.ts [--inputs 256]
import { exp, grad, jvp, log, numericalGradient, scope, sin, tensor, type Tensor } from "wengert";
import { draw, write, type Series } from "./chart.js";
import { ANY_FOLDER, choose, whole } from "./options.js";

const { inputs: MOST_INPUTS, out } = choose("How wrong numerical differentiation is, and what it costs.", {
  inputs: whole(256, "most inputs of a function that is timed", 4),
  out: ANY_FOLDER,
});

/** f(x) = e^x sin x + ln x, and its derivative on paper. */
const f = (x: Tensor): Tensor => exp(x).mul(sin(x)).add(log(x));
const X = 1.5;
const exact = Math.exp(X) * (Math.sin(X) + Math.cos(X)) + 1 / X;

type Method = (epsilon: number) => number;

const at = (x: number): number => scope(() => f(tensor(x, { dtype: "f64" })).item());
const derivative = (options: { epsilon: number; extrapolations: number }): number =>
  scope(() => numericalGradient(f, options)(tensor(X, { dtype: "f64" })).item());

/** Steps are relative to x, as the library's. */
const methods: Readonly<Record<string, Method>> = {
  "forward difference": (epsilon) => (at(X + epsilon * X) - at(X)) / (X + epsilon * X - X),
  "central difference": (epsilon) => derivative({ epsilon, extrapolations: 0 }),
  "Richardson, twice": (epsilon) => derivative({ epsilon, extrapolations: 2 }),
};
const automatic = scope(() => grad(f)(tensor(X, { dtype: "f64" })).item());

/** An error of exactly nothing cannot stand on a logarithmic axis: half of the last bit. */
const LEAST = 1.1e-16;
const error = (found: number): number => Math.max(LEAST, Math.abs(found - exact) / Math.abs(exact));

const epsilons = Array.from({ length: 55 }, (_, i) => 10 ** (-14 + i / 4));
const courses = Object.entries(methods).map(([label, method]): Series => {
  return { label, points: epsilons.map((epsilon) => [epsilon, error(method(epsilon))] as const) };
});

console.log("Relative error of the derivative of e^x sin x + ln x at 1.5, by the relative step ε, in f64\n");
console.log(`       ε${courses.map(({ label }) => label.padStart(22)).join("")}`);
for (const [i, epsilon] of epsilons.entries()) {
  if (i % 4 !== 0) continue;
  const cells = courses.map(({ points }) => points[i]![1].toExponential(1).padStart(22));
  console.log(epsilon.toExponential(0).padStart(8) + cells.join(""));
}

interface Best {
  readonly label: string;
  readonly epsilon: number;
  readonly error: number;
  /** Slopes of the error on logarithmic axes: rounding to the left of the best step, truncation to the right. */
  readonly slopes: readonly [rounding: number, truncation: number];
}

/** The best step, and how the error grows from it on either side. */
function bestOf({ label, points }: Series): Best {
  const [epsilon, least] = points.reduce((a, b) => (b[1] < a[1] ? b : a));
  // The error jumps about: slopes through the middles of the sides, one end at the outermost.
  const slope = (side: readonly (readonly [number, number])[]): number => {
    const logs = side.map(([x, y]) => [Math.log10(x), Math.log10(y)] as const);
    const mean = (of: 0 | 1): number => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
    const [mx, my] = [mean(0), mean(1)];
    const up = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
    return up / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  };
  const left = points.filter(([x]) => x < epsilon / 3);
  const right = points.filter(([x, y]) => x > epsilon * 5 && y > 100 * LEAST);
  return { label, epsilon, error: least, slopes: [slope(left), slope(right)] };
}

console.log(
  "\nThe best step, and the slope of log error against log ε left of it (rounding) and right of it (truncation)\n",
);
for (const { label, epsilon, error, slopes } of courses.map(bestOf)) {
  const [rounding, truncation] = slopes.map((slope) => (Number.isFinite(slope) ? slope.toFixed(1) : "").padStart(6));
  console.log(
    `${label.padEnd(20)}  ε ${epsilon.toExponential(0)}  error ${error.toExponential(1)}  slopes ${rounding} ${truncation}`,
  );
}
console.log(`${"automatic".padEnd(20)}  no ε     error ${error(automatic).toExponential(1)}`);

const flat = epsilons.map((epsilon) => [epsilon, error(automatic)] as const);
write(
  `${out}/epsilon.svg`,
  await draw({
    title: "Rounding to the left, truncation to the right",
    x: "relative step ε",
    y: "relative error of the derivative",
    log: "both",
    series: [...courses, { label: "automatic", points: flat }],
  }),
);

/** Σ sin(x_i) x_{i+1}: a scalar function of many inputs. */
const chain = (x: Tensor): Tensor =>
  sin(x.slice([0, -1]))
    .mul(x.slice([1, null]))
    .sum();

/** The gradient by forward mode: a pass an input. */
function forward(x: Tensor): void {
  for (let i = 0; i < x.size; i++) {
    const direction = new Float64Array(x.size);
    direction[i] = 1;
    scope(() => void jvp(chain, [x], [tensor(direction)])[1].item());
  }
}

const ways: Readonly<Record<string, (x: Tensor) => void>> = {
  numerical: (x) => scope(() => void numericalGradient(chain)(x)),
  "forward mode": forward,
  "reverse mode": (x) => scope(() => void grad(chain)(x)),
};

/** A measurement is the median of so many. */
const REPEATS = 15;
/** Once the ways are warm, so many milliseconds are spent on a measurement at most: the slow ones are repeated less. */
const MOST_MILLISECONDS = 300;

function elapsed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Milliseconds: the median of some repetitions. */
function milliseconds(work: () => void): number {
  const first = elapsed(work);
  const repeats = Math.max(1, Math.min(REPEATS, Math.floor(MOST_MILLISECONDS / first)));
  const times = Array.from({ length: repeats }, () => elapsed(work)).sort((a, b) => a - b);
  return times[Math.floor(repeats / 2)]!;
}

const inputs = (n: number): Tensor => tensor(Float64Array.from({ length: n }, (_, i) => Math.sin(i)));

const sizes: number[] = [];
for (let n = 4; n <= MOST_INPUTS; n *= 4) sizes.push(n);
// What runs first is interpreted: until the compiler has seen it, times tell of that, and not of the method.
for (const way of Object.values(ways)) {
  const end = performance.now() + MOST_MILLISECONDS;
  while (performance.now() < end) way(inputs(16));
}
console.log("\nMilliseconds for the gradient of a scalar function of n inputs\n");
console.log(
  `       n${Object.keys(ways)
    .map((name) => name.padStart(16))
    .join("")}`,
);
const costs: [number, number[]][] = sizes.map((n) => {
  const x = inputs(n);
  const row = Object.values(ways).map((way) => milliseconds(() => way(x)));
  console.log(String(n).padStart(8) + row.map((time) => time.toFixed(3).padStart(16)).join(""));
  return [n, row];
});
const growth = Object.keys(ways).map((name, k) => {
  const [first, last] = [costs[0]![1][k]!, costs[costs.length - 1]![1][k]!];
  return `${name} ${(last / first).toFixed(1)}x`;
});
console.log(`\nFrom ${sizes[0]} inputs to ${sizes[sizes.length - 1]}: ${growth.join(", ")}`);
write(
  `${out}/epsilon-cost.svg`,
  await draw({
    title: "Reverse mode takes one pass, the others one or two an input",
    x: "inputs",
    y: "milliseconds for a gradient",
    log: "both",
    series: Object.keys(ways).map((label, k) => ({ label, points: costs.map(([n, row]) => [n, row[k]!] as const) })),
  }),
);
if (!(error(automatic) < 1e-15 && courses.every(({ points }) => points.every(([, y]) => y >= LEAST))))
  process.exitCode = 1;
