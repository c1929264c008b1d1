// Options, lists and optimisers that schedules refuse.
import { expect, test } from "vitest";
import { parameter, ValueError } from "../../bindings/index.js";
import {
  ChainedScheduler,
  CosineAnnealingLR,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  SGD,
  StepLR,
  WarmupCosine,
} from "../../bindings/optim/index.js";
import { sgd } from "./rates.js";

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
    [() => new StepLR(none, { stepSize: 1 }), /StepLR: expected an optimiser, got null/],
    [() => new SequentialLR(optimizer, [first] as never), /SequentialLR: expected one of the options schedulers, mile/],
    [() => new SequentialLR(optimizer, { schedulers: [first] } as never), /a list of milestones, got undefined/],
    [() => new ReduceLROnPlateau(none), /ReduceLROnPlateau: expected an optimiser, got null/],
    [() => new CyclicLR(none, { baseLr: 0, maxLr: 1 }), /CyclicLR: expected an optimiser, got null/],
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
    [() => optimizer.loadStateDict(none), /SGD.loadStateDict: expected a state as stateDict\(\) gives it, got null/],
  ];
  for (const [call, message] of calls) {
    expect(call).toThrow(message);
    expect(call).toThrow(ValueError);
  }
});
