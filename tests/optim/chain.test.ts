// Schedules of schedules: one after another, and all at once.
import { expect, test } from "vitest";
import {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  ExponentialLR,
  LinearLR,
  SequentialLR,
  StepLR,
} from "../../bindings/optim/index.js";
import { expectRates, rates, sgd } from "./rates.js";

test("schedules that follow one another", () => {
  const optimizer = sgd(1);
  const schedulers = [
    new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
    new ExponentialLR(optimizer, { gamma: 0.5 }),
    new CosineAnnealingLR(optimizer, { tMax: 2 }),
  ];
  const schedule = new SequentialLR(optimizer, { schedulers, milestones: [3, 6] });
  expectRates(rates(optimizer, schedule, 9), [0.5, 0.75, 1, 1, 0.5, 0.25, 1, 0.5, 0]);
});

test("schedules that are followed all at once, and those among others that follow one another", () => {
  const optimizer = sgd(1);
  const chained = new ChainedScheduler([
    new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 }),
    new ExponentialLR(optimizer, { gamma: 0.5 }),
  ]);
  expectRates(rates(optimizer, chained, 4), [0.5, 0.25, 0.25, 0.125]);
  const other = sgd(1);
  const parts = [
    new ConstantLR(other, { factor: 0.5 }),
    new ChainedScheduler([new ExponentialLR(other, { gamma: 0.5 }), new StepLR(other, { stepSize: 2 })]),
  ];
  const schedule = new SequentialLR(other, { schedulers: parts, milestones: [2] });
  expectRates(rates(other, schedule, 6), [0.5, 0.5, 1, 0.5, 0.025, 0.0125]);
});

test("schedules of other optimisers, or without their milestones, are refused", () => {
  const [a, b] = [sgd(), sgd()];
  const schedulers = [new ConstantLR(a), new ExponentialLR(b, { gamma: 0.5 })];
  expect(() => new SequentialLR(a, { schedulers, milestones: [3] })).toThrow(/schedules of one optimiser/);
  expect(() => new ChainedScheduler(schedulers)).toThrow(/schedules of one optimiser/);
  expect(() => new ChainedScheduler([])).toThrow(/expected schedules, got none/);
  const own = [new ConstantLR(a), new ExponentialLR(a, { gamma: 0.5 })];
  expect(() => new SequentialLR(a, { schedulers: own, milestones: [] })).toThrow(/expected 1 milestones, got 0/);
});
