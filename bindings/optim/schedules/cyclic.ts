import { checkWhole } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import type { Optimizer } from "../optimizer.js";
import { perGroup, powerOf, Scheduler } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `CyclicLR`. */
export interface CyclicOptions {
  /** The lowest rate, of all groups or each. */
  baseLr: number | readonly number[];
  /** The highest rate, of all groups or each. */
  maxLr: number | readonly number[];
  /** Steps of the rise. Default 2000. */
  stepSizeUp?: number;
  /** Steps of the fall. Default stepSizeUp. */
  stepSizeDown?: number;
  /** Peaks of one height; of half the height in each cycle; or falling by `gamma` in each step. Default "triangular". */
  mode?: "triangular" | "triangular2" | "exp_range";
  /** The factor of each step in the mode "exp_range". Default 1. */
  gamma?: number;
  /** Let the momentum (or the first of `betas`) fall while the rate rises, and rise while it falls. Default true. */
  cycleMomentum?: boolean;
  /** The least momentum. Default 0.8. */
  baseMomentum?: number;
  /** The greatest momentum. Default 0.9. */
  maxMomentum?: number;
}

/** Leads the rates up and down along lines between two bounds, again and again (Smith, 2017). `step` follows each batch. */
export class CyclicLR extends Scheduler {
  constructor(optimizer: Optimizer, options: CyclicOptions) {
    checkOptions("CyclicLR", options, {
      baseLr: null,
      maxLr: null,
      stepSizeUp: 0,
      stepSizeDown: 0,
      mode: null,
      gamma: 0,
      cycleMomentum: false,
      baseMomentum: 0,
      maxMomentum: 0,
    });
    const { baseLr, maxLr, stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1 } = options;
    const { cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    const lowest = perGroup("CyclicLR", "baseLr", baseLr, optimizer);
    const highest = perGroup("CyclicLR", "maxLr", maxLr, optimizer);
    for (const rate of [...lowest, ...highest]) checkNumber("CyclicLR", "rate", rate, 0);
    checkWhole("CyclicLR", "stepSizeUp", stepSizeUp, 1);
    checkWhole("CyclicLR", "stepSizeDown", stepSizeDown, 1);
    checkNumber("CyclicLR", "gamma", gamma, 0);
    if (!["triangular", "triangular2", "exp_range"].includes(mode))
      throw new ValueError("CyclicLR", 'the mode "triangular", "triangular2" or "exp_range"', String(mode));
    for (const [name, momentum] of Object.entries({ baseMomentum, maxMomentum }))
      checkNumber("CyclicLR", name, momentum, 0, 1);
    if (cycleMomentum && !optimizer.groups[0]!.hasMomentum)
      throw new ValueError("CyclicLR", "an optimiser with momentum or betas, or cycleMomentum: false", "none");

    const period = stepSizeUp + stepSizeDown;
    /** How high the rate is after t steps: from 0 to 1. */
    const height = (t: number): number => {
      const since = t % period;
      const share = since <= stepSizeUp ? since / stepSizeUp : (period - since) / stepSizeDown;
      if (mode === "triangular2") return share * powerOf(0.5, Math.floor(t / period));
      return mode === "exp_range" ? share * powerOf(gamma, t) : share;
    };
    const at = (t: number, i: number): number => lowest[i]! + (highest[i]! - lowest[i]!) * height(t);
    for (const [i, group] of optimizer.groups.entries()) group.initialLr = lowest[i]!;
    super(optimizer, {
      first: (_lr, _base, i) => at(0, i),
      next: (_lr, t, _base, i) => at(t, i),
      ...(cycleMomentum && { momentum: (t: number) => maxMomentum - (maxMomentum - baseMomentum) * height(t) }),
    });
  }
}
