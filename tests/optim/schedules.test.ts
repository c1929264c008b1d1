// Schedules against closed forms, written down in plain numbers.
import { describe, expect, test } from "vitest";
import { compile, parameter, ValueError } from "../../bindings/index.js";
import {
  Adagrad,
  Adam,
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  EarlyStopping,
  ExponentialLR,
  ExponentialMovingAverage,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  SGD,
  StepLR,
  WarmupCosine,
  type Optimizer,
} from "../../bindings/optim/index.js";
import { expectNear } from "../support/compare.js";

const sgd = (lr = 0.5): SGD => new SGD(parameter([1]), { lr });

/** The rates of the first steps. */
function rates(optimizer: Optimizer, schedule: { step(): void }, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const { lr } = optimizer;
    schedule.step();
    return lr;
  });
}

const expectRates = (got: readonly number[], want: readonly number[]): void => expectNear(got, want, 1e-14);

const half = (share: number): number => (1 + Math.cos(Math.PI * share)) / 2;

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

describe("ReduceLROnPlateau", () => {
  /** The rates after each metric. */
  function follow(options: ConstructorParameters<typeof ReduceLROnPlateau>[1], metrics: readonly number[]): number[] {
    const optimizer = sgd(1);
    const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, ...options });
    return metrics.map((metric) => {
      schedule.step(metric);
      return optimizer.lr;
    });
  }

  test("waits, reduces, and rests", () => {
    expect(follow({ patience: 1 }, [5, 5, 5, 5, 5, 4, 4, 4])).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
    expect(follow({ patience: 0, cooldown: 2 }, [5, 5, 5, 5, 5])).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
    expect(follow({ patience: 0, minLr: 0.4 }, [5, 5, 5, 5])).toEqual([1, 0.5, 0.4, 0.4]);
    expect(follow({ patience: 0 }, [5, NaN, 4])).toEqual([1, 0.5, 0.5]);
  });

  test("asks as much as the threshold says", () => {
    expect(follow({ patience: 0, threshold: 0.1 }, [10, 9.1, 8.9])).toEqual([1, 0.5, 0.5]);
    expect(follow({ patience: 0, threshold: 1, thresholdMode: "abs" }, [10, 9.1, 8.9])).toEqual([1, 0.5, 0.5]);
    expect(follow({ patience: 0, threshold: 0.1, mode: "max" }, [10, 10.9, 11.1])).toEqual([1, 0.5, 0.5]);
  });

  test("needs a number", () => {
    const schedule = new ReduceLROnPlateau(sgd());
    expect(() => (schedule as { step(metric?: number): void }).step()).toThrow(/expected a number to follow/);
  });
});

describe("schedules of schedules", () => {
  test("one after another", () => {
    const optimizer = sgd(1);
    const schedulers = [
      new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
      new ExponentialLR(optimizer, { gamma: 0.5 }),
      new CosineAnnealingLR(optimizer, { tMax: 2 }),
    ];
    const schedule = new SequentialLR(optimizer, { schedulers, milestones: [3, 6] });
    expectRates(rates(optimizer, schedule, 9), [0.5, 0.75, 1, 1, 0.5, 0.25, 1, 0.5, 0]);
  });

  test("all at once, and in turn again", () => {
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

  test("of other optimisers, or without their milestones, are refused", () => {
    const [a, b] = [sgd(), sgd()];
    const schedulers = [new ConstantLR(a), new ExponentialLR(b, { gamma: 0.5 })];
    expect(() => new SequentialLR(a, { schedulers, milestones: [3] })).toThrow(/schedules of one optimiser/);
    expect(() => new ChainedScheduler(schedulers)).toThrow(/schedules of one optimiser/);
    expect(() => new ChainedScheduler([])).toThrow(/expected schedules, got none/);
    const own = [new ConstantLR(a), new ExponentialLR(a, { gamma: 0.5 })];
    expect(() => new SequentialLR(a, { schedulers: own, milestones: [] })).toThrow(/expected 1 milestones, got 0/);
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

test("all groups follow, each from its own rate", () => {
  const [a, b] = [parameter([1]), parameter([1])];
  const optimizer = new SGD([{ params: a }, { params: b, lr: 0.25 }], { lr: 1 });
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  schedule.step();
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.5, 0.125]);
  new LambdaLR(optimizer, [(t) => t, (t) => t + 2]);
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0, 0.5]);
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

test.each([
  [() => new StepLR(sgd(), { stepSize: 0 }), /^StepLR: expected a whole stepSize from 1, got 0/],
  [() => new CosineAnnealingLR(sgd(), { tMax: 2.5 }), /whole tMax from 1, got 2.5/],
  [() => new LinearLR(sgd(), { startFactor: 0 }), /startFactor above 0 and up to 1/],
  [() => new WarmupCosine(sgd(), { warmupSteps: 5, totalSteps: 5 }), /totalSteps above 5/],
  [() => new ExponentialLR(sgd(), { gamma: NaN }), /gamma from 0/],
  [() => new ReduceLROnPlateau(sgd(), { minLr: -1 }), /^ReduceLROnPlateau: expected minLr from 0/],
  [() => new ReduceLROnPlateau(sgd(), { minLr: "a" as never }), /^ReduceLROnPlateau: expected minLr from 0/],
  [() => new CyclicLR(sgd(), { baseLr: 0, maxLr: 1, baseMomentum: 2 }), /^CyclicLR: expected baseMomentum from 0/],
  [
    () => new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 3, maxMomentum: 5 }),
    /^OneCycleLR: expected maxMomentum from 0/,
  ],
])("options that make no sense are refused: %#", (make, message) => {
  expect(make).toThrow(message);
});

test("schedules of no optimiser, lists that are none and states that are none are refused", () => {
  const none = null as never;
  const optimizer = new SGD(parameter(1), { lr: 1 });
  const first = new StepLR(optimizer, { stepSize: 1 });
  const calls: [() => unknown, RegExp][] = [
    [() => new StepLR(none, { stepSize: 1 }), /StepLR: expected an optimiser, got \[object Null\]/],
    [() => new SequentialLR(optimizer, [first] as never), /SequentialLR: expected one of the options schedulers, mile/],
    [() => new SequentialLR(optimizer, { schedulers: [first] } as never), /a list of milestones, got undefined/],
    [() => new ReduceLROnPlateau(none), /ReduceLROnPlateau: expected an optimiser, got \[object Null\]/],
    [() => new CyclicLR(none, { baseLr: 0, maxLr: 1 }), /CyclicLR: expected an optimiser, got \[object Null\]/],
    [() => new ChainedScheduler([1 as never]), /ChainedScheduler: expected schedules that need no metric, got 1/],
    [
      () => new ChainedScheduler([new ReduceLROnPlateau(optimizer) as never]),
      /ChainedScheduler: expected schedules that need no metric, got ReduceLROnPlateau/,
    ],
    [
      () => new SequentialLR(optimizer, { schedulers: [null as never], milestones: [] }),
      /SequentialLR: expected schedules that need no metric, got null/,
    ],
    [() => new LambdaLR(optimizer, undefined as never), /LambdaLR: expected a function of the steps taken, got undefi/],
    [() => new MultiplicativeLR(optimizer, undefined as never), /MultiplicativeLR: expected a function of the steps/],
    [() => new MultiStepLR(optimizer, { milestones: 3 as never }), /MultiStepLR: expected a list of milestones, got 3/],
    [() => new ChainedScheduler(none), /ChainedScheduler: expected a list of schedulers, got null/],
    [
      () => optimizer.loadStateDict(none),
      /SGD.loadStateDict: expected a state as stateDict\(\) gives it, got \[object Null\]/,
    ],
  ];
  for (const [call, message] of calls) {
    expect(call).toThrow(message);
    expect(call).toThrow(ValueError);
  }
});

test("what is printed says how far it is", () => {
  const optimizer = sgd();
  const decay = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  decay.step();
  const plateau = new ReduceLROnPlateau(optimizer);
  plateau.step(2);
  plateau.step(3);
  const stopping = new EarlyStopping({ patience: 4 });
  stopping.step(1);
  const sequence = new SequentialLR(optimizer, { schedulers: [decay], milestones: [] });
  const printed: [{ toString(): string }, string][] = [
    [stopping, "EarlyStopping(best 1, 0 of 4 no better since)"],
    [new ExponentialMovingAverage(parameter([1])), "ExponentialMovingAverage(1 parameter; decay 0.999)"],
    [plateau, "ReduceLROnPlateau(best 2, 1 of 10 no better since, lr 0.5)"],
    [decay, "StepLR(0 steps, lr 0.5)"],
    [sequence, "SequentialLR(0 steps, StepLR(0 steps, lr 0.5))"],
    [new ChainedScheduler([decay]), "ChainedScheduler(StepLR(0 steps, lr 0.5))"],
  ];
  for (const [thing, text] of printed) expect(String(thing)).toBe(text);
  decay.step();
  expect(String(decay)).toBe("StepLR(1 step, lr 0.25)");
});
