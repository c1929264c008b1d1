// What optimisers, schedules, averages and early stopping print.
import { expect, test } from "vitest";
import { compile, parameter } from "../../bindings/index.js";
import {
  Adam,
  ChainedScheduler,
  EarlyStopping,
  ExponentialMovingAverage,
  ReduceLROnPlateau,
  SequentialLR,
  SGD,
  StepLR,
} from "../../bindings/optim/index.js";
import { sgd } from "./rates.js";

test("an optimiser that is printed says what it moves, and by which settings", () => {
  const groups = [{ params: [parameter(1), parameter(2)] }, { params: [parameter(3)], lr: 0.5 }];
  const optimizer = new Adam(groups, { lr: 0.1 });
  expect(String(optimizer)).toMatch(
    /^Adam\(2 parameters; lr 0\.1, [^]*betas \[0\.9, 0\.999\][^]*\)\nAdam\(1 parameter; lr 0\.5, [^\n]*\)$/,
  );
  optimizer.lr = 0.25;
  expect(String(optimizer)).toContain("lr 0.25");
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

test("an optimiser and a schedule print inside of a program, where the rate has no value", () => {
  const w = parameter([1]);
  const optimizer = new SGD([w], { lr: 0.5 });
  const schedule = new StepLR(optimizer, { stepSize: 2 });
  let printed = "";
  compile(() => {
    printed = `${optimizer} ${schedule}`;
    return w.mul(2);
  })();
  expect(printed).toMatch(/^SGD\(1 parameter; lr of the call, .*\) StepLR\(0 steps, lr of the call\)$/);
});
