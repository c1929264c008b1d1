import { expect, test } from "vitest";
import { compile, parameter, tensor, type Tensor, type Variable } from "../../bindings/index.js";
import { formatCheckpoint, loadCheckpoint } from "../../bindings/io/index.js";
import { LBFGS, type LBFGSOptions } from "../../bindings/optim/index.js";
import { strongWolfe, type Point } from "../../bindings/optim/methods/line-search.js";

/** (1-x)² + 100 (y-x²)², summed over neighbours. */
function rosenbrock(p: Tensor): Tensor {
  const n = p.size;
  const [x, y] = [p.slice([0, n - 1]), p.slice([1, n])];
  return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100)).sum();
}

function descend(start: readonly number[], steps: number, options: LBFGSOptions) {
  const p = parameter(start, { dtype: "f64" });
  const optimizer = new LBFGS(p, options);
  let calls = 0;
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) {
    const loss = optimizer.step(() => {
      calls++;
      optimizer.zeroGrad();
      const value = rosenbrock(p);
      value.backward();
      return value;
    });
    losses.push(loss.item());
  }
  return { p, optimizer, calls, losses };
}

test.each([
  [[-1.2, 1], 3],
  [[-1.2, 1, -0.5, 2, 0.3], 5],
] as const)("with a line search it finds the minimum of Rosenbrock's function from %j", (start, steps) => {
  const { p, calls, losses } = descend(start, steps, { lineSearchFn: "strong_wolfe", toleranceChange: 1e-15 });
  for (const x of p.data()) expect(Math.abs(x - 1)).toBeLessThan(1e-6);
  expect(rosenbrock(p).item()).toBeLessThan(1e-12);
  expect(losses[0]).toBeGreaterThan(losses[1]!);
  expect(calls).toBeLessThan(130);
});

test.each([
  [[-1.2, 1], 2, 44, 35, 4.22145751115e-10],
  [[-1.2, 1, -0.5, 2, 0.3], 3, 57, 49, 5.66801705e-11],
  [[-3, 4, 0], 2, 50, 37, 0.29774038],
] as const)(
  "it takes the steps of PyTorch's lbfgs.py, transcribed line by line, from %j",
  (start, steps, calls, iterations, loss) => {
    const { p, optimizer } = descend(start, steps, { lineSearchFn: "strong_wolfe" });
    expect(optimizer.stateDict()).toMatchObject({ evaluations: calls, iterations });
    expect(rosenbrock(p).item() / loss).toBeCloseTo(1, 6);
  },
);

/** PyTorch's method without a line search, on a quadratic in plain numbers. */
function transcribed(
  curvatures: readonly number[],
  start: readonly number[],
  lr: number,
  iterations: number,
): number[] {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const gradient = (x: readonly number[]): number[] => x.map((value, i) => curvatures[i]! * value);
  let x = [...start];
  let g = gradient(x);
  let d = g.map((value) => -value);
  let length = Math.min(1, 1 / g.reduce((sum, value) => sum + Math.abs(value), 0)) * lr;
  const pairs: { s: number[]; y: number[]; ratio: number }[] = [];
  for (let n = 1; n <= iterations; n++) {
    if (n > 1) {
      const next = gradient(x);
      const [y, s] = [next.map((value, i) => value - g[i]!), d.map((value) => value * length)];
      pairs.push({ s, y, ratio: 1 / dot(y, s) });
      if (pairs.length > 3) pairs.shift();
      g = next;
      let q = g.map((value) => -value);
      const shares = pairs.map(() => 0);
      for (let i = pairs.length - 1; i >= 0; i--) {
        shares[i] = dot(pairs[i]!.s, q) * pairs[i]!.ratio;
        q = q.map((value, j) => value - shares[i]! * pairs[i]!.y[j]!);
      }
      d = q.map((value) => (value * dot(y, s)) / dot(y, y));
      for (const [i, pair] of pairs.entries()) {
        const back = shares[i]! - dot(pair.y, d) * pair.ratio;
        d = d.map((value, j) => value + back * pair.s[j]!);
      }
      length = lr;
    }
    x = x.map((value, i) => value + length * d[i]!);
  }
  return x;
}

test("without one it is the two-loop recursion, over several calls and parameters", () => {
  const [curvatures, start] = [
    [1, 4, 9, 0.5],
    [1, -2, 3, 1],
  ];
  const parts = [parameter(start.slice(0, 1), { dtype: "f64" }), parameter([start.slice(1)], { dtype: "f64" })];
  const optimizer = new LBFGS(parts, { lr: 0.5, maxIter: 4, historySize: 3 });
  const weights = [tensor(curvatures.slice(0, 1), { dtype: "f64" }), tensor([curvatures.slice(1)], { dtype: "f64" })];
  for (let t = 0; t < 2; t++) {
    optimizer.minimize(() =>
      parts.map((p, i) => p.square().mul(weights[i]!).sum().mul(0.5)).reduce((a, b) => a.add(b)),
    );
  }
  const got = parts.flatMap((p) => [...p.data()]);
  for (const [i, want] of transcribed(curvatures, start, 0.5, 8).entries())
    expect(Math.abs(got[i]! - want)).toBeLessThan(1e-12);
});

test("it goes on with the same bits", () => {
  for (const lineSearchFn of ["strong_wolfe", null] as const) {
    const options: LBFGSOptions = { lineSearchFn, maxIter: 3, historySize: 4, ...(!lineSearchFn && { lr: 0.1 }) };
    const whole = descend([-1.2, 1, 0.5], 6, options);
    const first = descend([-1.2, 1, 0.5], 3, options);
    const second = descend([0, 0, 0], 1, options);
    second.optimizer.loadStateDict(first.optimizer.stateDict());
    second.p.assign(first.p);
    const step = (p: Variable, optimizer: LBFGS): Tensor => optimizer.minimize(() => rosenbrock(p));
    for (let t = 0; t < 3; t++) step(second.p, second.optimizer);
    expect(second.p.toArray()).toEqual(whole.p.toArray());
  }
});

/** A long flat approach, then a steep wall; infinite from 92 on. */
const wall = (x: number): Point<null> => ({
  at: x,
  loss: Math.log(1 + Math.exp(8 * (x - 3))) - 0.5 * x,
  slope: 8 / (1 + Math.exp(-8 * (x - 3))) - 0.5,
  gradient: null,
});

// Where lbfgs.py comes to, and after how many looks; from an infinite loss it does not come back.
test.each([
  [0.001, 2.4106605794230993, 12],
  [0.5, 2.6001030715550417, 10],
  [2.7, 2.7, 1],
  [3.2, 2.598523167535775, 3],
  [5, 2.3810914752838555, 9],
  [20, 2.3679998228487014, 3],
  [100, null, null],
])("a line search from %d meets the strong Wolfe conditions", (first, at, looks) => {
  const start = wall(0);
  const { point, evaluations } = strongWolfe(wall, start, first, 1);
  expect(point.loss).toBeLessThanOrEqual(start.loss + 1e-4 * point.at * start.slope);
  expect(Math.abs(point.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope));
  if (at === null) return;
  expect(point.at).toBeCloseTo(at, 9);
  expect(evaluations).toBe(looks);
});

test("it comes back from a checkpoint, with as many steps as that has", async () => {
  const options: LBFGSOptions = { lineSearchFn: "strong_wolfe", maxIter: 3 };
  const { p, optimizer } = descend([-1.2, 1, 0.5], 2, options);
  const bytes = formatCheckpoint({ optimizer });
  const other = new LBFGS(parameter([0, 0, 0], { dtype: "f64" }), options);
  await loadCheckpoint(bytes, { optimizer: other });
  const [want, got] = [optimizer, other].map((each) => String(Object.entries(each.stateDict())));
  expect(got).toBe(want);
  expect(got).toContain("pairs.2.ratio");
  const smaller = new LBFGS(parameter([0, 0], { dtype: "f64" }), options);
  await expect(loadCheckpoint(bytes, { optimizer: smaller })).rejects.toThrow(
    /pairs\.0\.step is f64 \[3\] instead of f64 \[2\]/,
  );
  expect(Object.keys(smaller.stateDict())).not.toContain("pairs.0.step");
  expect(p.size).toBe(3);
});

test("what it cannot do is refused", () => {
  const p = parameter([1]);
  expect(() => new LBFGS([{ params: p }, { params: parameter([2]) }])).toThrow(/one group, got 2 groups/);
  expect(() => new LBFGS(p).step()).toThrow(/^LBFGS.step: expected a closure/);
  expect(() => new LBFGS(p, { lineSearchFn: "armijo" as "strong_wolfe" })).toThrow(
    /"strong_wolfe" or null, got armijo/,
  );
  expect(() => compile(() => new LBFGS(p))()).toThrow(/new one in every call/);
  const optimizer = new LBFGS(p);
  expect(() => compile(() => optimizer.minimize(() => p.square().sum()))()).toThrow(/known while the program is made/);
  const state = { ...optimizer.stateDict(), "pairs.0.ratio": 1 };
  expect(() => optimizer.loadStateDict(state)).toThrow(/pairs\.0\.step is missing/);
  expect(Object.keys(optimizer.stateDict())).not.toContain("pairs.0.ratio");
});
