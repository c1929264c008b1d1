// Schedules against closed forms, written down in plain numbers; those of groups, and in programs.
import { expect, test } from "vitest";
import { compile, parameter } from "../../bindings/index.js";
import {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  SGD,
  StepLR,
  WarmupCosine,
  type Optimizer,
} from "../../bindings/optim/index.js";
import { expectRates, half, rates, sgd } from "./rates.js";

test.each<[string, (o: Optimizer) => { step(): void }, (t: number) => number]>([
  ["StepLR", (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 }), (t) => 0.5 ** Math.floor(t / 3)],
  ["MultiStepLR", (o) => new MultiStepLR(o, { milestones: [2, 5, 5] }), (t) => (t < 2 ? 1 : t < 5 ? 0.1 : 0.1 ** 3)],
  ["ExponentialLR", (o) => new ExponentialLR(o, { gamma: 0.9 }), (t) => 0.9 ** t],
  ["ConstantLR", (o) => new ConstantLR(o, { factor: 0.25, totalIters: 4 }), (t) => (t < 4 ? 0.25 : 1)],
  [
    "LinearLR",
    (o) => new LinearLR(o, { startFactor: 0.5, endFactor: 0.125, totalIters: 6 }),
    (t) => 0.5 + ((0.125 - 0.5) * Math.min(t, 6)) / 6,
  ],
  ["PolynomialLR", (o) => new PolynomialLR(o, { totalIters: 6, power: 2 }), (t) => (1 - Math.min(t, 6) / 6) ** 2],
  ["LambdaLR", (o) => new LambdaLR(o, (t) => 1 / (1 + t)), (t) => 1 / (1 + t)],
  ["MultiplicativeLR", (o) => new MultiplicativeLR(o, () => 0.5), (t) => 0.5 ** t],
  ["CosineAnnealingLR", (o) => new CosineAnnealingLR(o, { tMax: 4 }), (t) => half(t / 4)],
  ["CosineAnnealingLR of one step", (o) => new CosineAnnealingLR(o, { tMax: 1 }), (t) => half(t)],
  [
    "CosineAnnealingWarmRestarts",
    (o) => new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2, etaMin: 0.05 }),
    (t) => 0.1 + 0.9 * half(t < 2 ? t / 2 : t < 6 ? (t - 2) / 4 : (t - 6) / 8),
  ],
  [
    "WarmupCosine",
    (o) => new WarmupCosine(o, { warmupSteps: 3, totalSteps: 8, minLr: 0.05 }),
    (t) => (t < 3 ? (t + 1) / 3 : 0.1 + 0.9 * half(Math.min(1, (t - 3) / 5))),
  ],
  [
    "CyclicLR",
    (o) => new CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2, stepSizeDown: 3, mode: "triangular2" }),
    (t) => 0.2 + 0.8 * 0.5 ** Math.floor(t / 5) * (t % 5 <= 2 ? (t % 5) / 2 : (5 - (t % 5)) / 3),
  ],
])("%s", (_, make, factor) => {
  const optimizer = sgd();
  const schedule = make(optimizer);
  expectRates(
    rates(optimizer, schedule, 12),
    Array.from({ length: 12 }, (_unused, t) => 0.5 * factor(t)),
  );
});

test.each([1, 3, 7, 8, 10, 49])("a line ends at exactly 0, in %d steps", (totalIters) => {
  for (const startFactor of [0.01, 1 / 3, 0.3, 1]) {
    const optimizer = sgd(0.7);
    const got = rates(optimizer, new LinearLR(optimizer, { startFactor, endFactor: 0, totalIters }), totalIters + 3);
    expect(got.slice(totalIters)).toEqual([0, 0, 0]);
    expectRates(
      got.slice(0, totalIters),
      Array.from({ length: totalIters }, (_, t) => 0.7 * startFactor * (1 - t / totalIters)),
    );
  }
});

test("a cosine is followed closely over many steps", () => {
  const optimizer = sgd(1);
  const schedule = new CosineAnnealingLR(optimizer, { tMax: 400, etaMin: 0.25 });
  for (let t = 1; t <= 800; t++) {
    schedule.step();
    if (t % 80 === 0) expect(Math.abs(optimizer.lr - (0.25 + 0.75 * half(t / 400)))).toBeLessThan(1e-11);
  }
});

test("warm restarts can be led by fractions of an epoch", () => {
  const optimizer = sgd();
  const schedule = new CosineAnnealingWarmRestarts(optimizer, { t0: 2 });
  for (const epoch of [0.25, 1.5, 2, 3.75]) {
    schedule.step(epoch);
    expectRates([optimizer.lr], [0.5 * half((epoch % 2) / 2)]);
  }
});

test("all groups follow, each from its own rate", () => {
  const [a, b] = [parameter([1]), parameter([1])];
  const optimizer = new SGD([{ params: a }, { params: b, lr: 0.25 }], { lr: 1 });
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  schedule.step();
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.5, 0.125]);
  new LambdaLR(optimizer, [(t) => t, (t) => t + 2]);
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0, 0.5]);
});

test("a momentum that begins to be scheduled is seen by a program that is there, as it changes", () => {
  const run = (compiled: boolean): unknown => {
    const p = parameter([1, -2]);
    const optimizer = new SGD(p, { lr: 0.1, momentum: 0.9 });
    let captures = 0;
    const train = (): void => {
      captures++;
      optimizer.minimize(() => p.square().sum());
    };
    const step = compiled ? compile(train) : train;
    step();
    for (const momentum of [0.5, 0.25, 0.75]) {
      optimizer.groups[0]!.momentum = momentum;
      step();
    }
    if (compiled) expect(captures).toBe(2);
    return p.toArray();
  };
  expect(run(true)).toEqual(run(false));
});

test("a schedule inside of a program is refused, and says what to do", () => {
  const p = parameter([1]);
  const optimizer = new SGD(p, { lr: 1 });
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  const step = compile(() => {
    p.sum().backward();
    optimizer.step();
    schedule.step();
  });
  expect(() => step()).toThrow(/^Scheduler.step: expected to be called outside of programs/);
  expect(optimizer.lr).toBe(1);
});
