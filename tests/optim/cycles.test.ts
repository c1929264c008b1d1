// Schedules that lead the momentum too: one cycle, and many.
import { describe, expect, test } from "vitest";
import { parameter } from "../../bindings/index.js";
import { Adagrad, Adam, CyclicLR, OneCycleLR, SGD } from "../../bindings/optim/index.js";
import { expectRates, half, rates, sgd } from "./rates.js";

describe("OneCycleLR", () => {
  const cosine = (from: number, to: number, share: number): number => to + (from - to) * half(share);
  const line = (from: number, to: number, share: number): number => from + (to - from) * share;

  test.each([
    ["cos", cosine],
    ["linear", line],
  ] as const)("in two phases, %s", (annealStrategy, anneal) => {
    const optimizer = new Adam(parameter([1]), { lr: 7 });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, epochs: 2, stepsPerEpoch: 5, annealStrategy });
    const momenta: number[] = [];
    const got = Array.from({ length: 10 }, () => {
      const [{ lr, momentum }] = [optimizer.groups[0]!];
      momenta.push(Number(momentum));
      schedule.step();
      return lr;
    });
    const at = (t: number, low: number, high: number, end: number): number =>
      t <= 2 ? anneal(low, high, t / 2) : anneal(high, end, (t - 2) / 7);
    const steps = Array.from({ length: 10 }, (_, t) => t);
    expectRates(
      got,
      steps.map((t) => at(t, 0.04, 1, 0.04 / 1e4)),
    );
    expectRates(
      momenta,
      steps.map((t) => at(t, 0.95, 0.85, 0.95)),
    );
    expect(() => schedule.step()).toThrow(/^OneCycleLR.step: expected at most 10 steps, got 11/);
  });

  test("in three phases, without momentum", () => {
    const optimizer = sgd();
    const options = { maxLr: 1, totalSteps: 12, pctStart: 0.25, threePhase: true, cycleMomentum: false, divFactor: 2 };
    const schedule = new OneCycleLR(optimizer, { ...options, finalDivFactor: 10 });
    const at = (t: number): number => {
      if (t <= 2) return cosine(0.5, 1, t / 2);
      return t <= 4 ? cosine(1, 0.5, (t - 2) / 2) : cosine(0.5, 0.05, (t - 4) / 7);
    };
    expectRates(
      rates(optimizer, schedule, 12),
      Array.from({ length: 12 }, (_, t) => at(t)),
    );
    expect(optimizer.groups[0]!.momentum).toBe(0);
  });

  test("without room for a rise: in the midst of the fall, rate and momentum alike, as PyTorch has it", () => {
    const optimizer = new SGD(parameter([1]), { momentum: 0.5 });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 2, pctStart: 0.25, annealStrategy: "linear" });
    // The rise would have ended half a step before the first.
    expectRates(
      [optimizer.groups[0]!.initialLr!, Number(optimizer.groups[0]!.momentum)],
      [0.04, line(0.85, 0.95, 1 / 3)],
    );
    expectRates(rates(optimizer, schedule, 2), [line(1, 0.04 / 1e4, 1 / 3), 0.04 / 1e4]);
  });

  test("with a rise that ends where it begins", () => {
    const optimizer = new SGD(parameter([1]), { momentum: 0.5 });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 4, pctStart: 0.25, annealStrategy: "linear" });
    expect(Number(optimizer.groups[0]!.momentum)).toBe(0.95);
    expectRates(rates(optimizer, schedule, 4), [0.04, ...[1, 2, 3].map((t) => line(1, 0.04 / 1e4, t / 3))]);
    expect(Number(optimizer.groups[0]!.momentum)).toBe(0.95);
  });

  test("is refused where there is no momentum to cycle", () => {
    const optimizer = new Adagrad(parameter([1]));
    expect(() => new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5 })).toThrow(/momentum or betas/);
    expect(() => new OneCycleLR(sgd(), { maxLr: 1 })).toThrow(/expected totalSteps, or epochs and stepsPerEpoch/);
    expect(() => new OneCycleLR(sgd(), { maxLr: [1, 2], totalSteps: 5 })).toThrow(/each of 1 groups, got 2/);
  });

  test("a momentum that is cycled moves as one that is set", () => {
    const walk = (cycled: boolean): unknown => {
      const p = parameter([1, -1], { dtype: "f64" });
      const optimizer = new SGD(p, { lr: 0.1, momentum: cycled ? 0.5 : 0.9, nesterov: true, weightDecay: 0.5 });
      if (cycled) new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 9, baseMomentum: 0.9, maxMomentum: 0.9 });
      optimizer.lr = 0.1;
      for (let t = 0; t < 3; t++) optimizer.minimize(() => p.square().sum());
      return p.toArray();
    };
    expect(walk(true)).toEqual(walk(false));
  });
});

test("CyclicLR leads the momentum the other way, and lower peaks later", () => {
  const optimizer = new SGD(parameter([1]), { lr: 1 });
  const schedule = new CyclicLR(optimizer, { baseLr: 0, maxLr: 1, stepSizeUp: 1, mode: "exp_range", gamma: 0.5 });
  const momenta: number[] = [];
  const got = Array.from({ length: 4 }, () => {
    const { lr, momentum } = optimizer.groups[0]!;
    momenta.push(Number(momentum));
    schedule.step();
    return lr;
  });
  expectRates(got, [0, 0.5, 0, 0.125]);
  expectRates(momenta, [0.9, 0.85, 0.9, 0.8875]);
  expect(() => new CyclicLR(new Adagrad(parameter([1])), { baseLr: 0, maxLr: 1 })).toThrow(/momentum or betas/);
});
