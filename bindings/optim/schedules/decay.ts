import { checkList, checkWhole } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import type { Optimizer } from "../optimizer.js";
import { perGroup, powerOf, Scheduler } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";

/** Multiplies the rates by `gamma` every `stepSize` steps. */
export class StepLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { stepSize: number; gamma?: number }) {
    checkOptions("StepLR", options, { stepSize: 0, gamma: 0 });
    const { stepSize, gamma = 0.1 } = options;
    checkWhole("StepLR", "stepSize", stepSize, 1);
    checkNumber("StepLR", "gamma", gamma, 0);
    super(optimizer, { next: (lr, t) => (t % stepSize === 0 ? lr * gamma : lr) });
  }
}

/** Multiplies the rates by `gamma` at each milestone, twice at one that is listed twice. */
export class MultiStepLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { milestones: readonly number[]; gamma?: number }) {
    checkOptions("MultiStepLR", options, { milestones: null, gamma: 0 });
    const { milestones, gamma = 0.1 } = options;
    checkList("MultiStepLR", "milestones", milestones);
    for (const milestone of milestones) checkWhole("MultiStepLR", "milestone", milestone, 1);
    checkNumber("MultiStepLR", "gamma", gamma, 0);
    super(optimizer, { next: (lr, t) => milestones.reduce((rate, at) => (at === t ? rate * gamma : rate), lr) });
  }
}

/** Multiplies the rates by `gamma` at each step. */
export class ExponentialLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { gamma: number }) {
    checkOptions("ExponentialLR", options, { gamma: 0 });
    const { gamma } = options;
    checkNumber("ExponentialLR", "gamma", gamma, 0);
    super(optimizer, { next: (lr) => lr * gamma });
  }
}

/** Multiplies the rates by `factor` for the first `totalIters` steps. */
export class ConstantLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { factor?: number; totalIters?: number } = {}) {
    checkOptions("ConstantLR", options, { factor: 0, totalIters: 0 });
    const { factor = 1 / 3, totalIters = 5 } = options;
    checkFactor("ConstantLR", "factor", factor);
    checkWhole("ConstantLR", "totalIters", totalIters, 0);
    super(optimizer, {
      first: (lr) => lr * factor,
      next: (lr, t) => (t === totalIters ? lr / factor : lr),
    });
  }
}

/** Leads the rates along a line, from their `startFactor`-fold to their `endFactor`-fold, in `totalIters` steps. */
export class LinearLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { startFactor?: number; endFactor?: number; totalIters?: number } = {}) {
    checkOptions("LinearLR", options, { startFactor: 0, endFactor: 0, totalIters: 0 });
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    checkFactor("LinearLR", "startFactor", startFactor);
    checkNumber("LinearLR", "endFactor", endFactor, 0);
    checkWhole("LinearLR", "totalIters", totalIters, 1);
    // T times the factor after t steps: from 0 on whatever is rounded, and exactly 0 where it ends at 0.
    const scaled = (t: number): number => startFactor * (totalIters - t) + endFactor * t;
    super(optimizer, {
      first: (lr) => lr * startFactor,
      next: (lr, t) => (t > totalIters ? lr : lr * (scaled(t) / scaled(t - 1))),
    });
  }
}

/** Takes the rates to 0 in `totalIters` steps: as (1 - t / totalIters)^power. */
export class PolynomialLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { totalIters?: number; power?: number } = {}) {
    checkOptions("PolynomialLR", options, { totalIters: 0, power: 0 });
    const { totalIters = 5, power = 1 } = options;
    checkWhole("PolynomialLR", "totalIters", totalIters, 1);
    checkNumber("PolynomialLR", "power", power, 0);
    super(optimizer, {
      next: (lr, t) => (t > totalIters ? lr : lr * powerOf((totalIters - t) / (totalIters - t + 1), power)),
    });
  }
}

/** Sets the rates to what they were at first times a function of the steps taken; of several groups, one for each or all. */
export class LambdaLR extends Scheduler {
  constructor(optimizer: Optimizer, lambda: ((t: number) => number) | readonly ((t: number) => number)[]) {
    const lambdas = functionsOf("LambdaLR", lambda, optimizer);
    super(optimizer, {
      first: (_lr, base, i) => base * lambdas[i]!(0),
      next: (_lr, t, base, i) => base * lambdas[i]!(t),
    });
  }
}

/** Multiplies the rates at each step by a function of the steps taken; of several groups, one for each or all. */
export class MultiplicativeLR extends Scheduler {
  constructor(optimizer: Optimizer, lambda: ((t: number) => number) | readonly ((t: number) => number)[]) {
    const lambdas = functionsOf("MultiplicativeLR", lambda, optimizer);
    super(optimizer, { next: (lr, t, _base, i) => lr * lambdas[i]!(t) });
  }
}

function functionsOf(
  operation: string,
  lambda: ((t: number) => number) | readonly ((t: number) => number)[],
  optimizer: Optimizer,
): readonly ((t: number) => number)[] {
  const lambdas = perGroup(operation, "functions", lambda, optimizer);
  for (const f of lambdas)
    if (typeof f !== "function") throw new ValueError(operation, "a function of the steps taken", typeof f);
  return lambdas;
}

/** A factor that a rate can be divided by again. */
function checkFactor(operation: string, name: string, factor: number): void {
  if (!(factor > 0 && factor <= 1)) throw new ValueError(operation, `${name} above 0 and up to 1`, String(factor));
}
