import { checkWhole } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import type { Optimizer } from "../optimizer.js";
import { along } from "./cosine.js";
import { perGroup, Scheduler } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `OneCycleLR`. */
export interface OneCycleOptions {
  /** The highest rate, of all groups or each. */
  maxLr: number | readonly number[];
  /** Steps of the whole cycle; or else `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  /** With `stepsPerEpoch`, instead of `totalSteps`. */
  epochs?: number;
  /** Steps of each epoch. */
  stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises. Default 0.3. */
  pctStart?: number;
  /** Along a cosine, or a line. Default "cos". */
  annealStrategy?: "cos" | "linear";
  /** Let the momentum (or the first of `betas`) fall while the rate rises, and rise while it falls. Default true. */
  cycleMomentum?: boolean;
  /** The least momentum. Default 0.85. */
  baseMomentum?: number;
  /** The greatest momentum. Default 0.95. */
  maxMomentum?: number;
  /** The first rate is the highest divided by it. Default 25. */
  divFactor?: number;
  /** The last rate is the first divided by it. Default 10000. */
  finalDivFactor?: number;
  /** Fall to the first rate as fast as it rose, then to the last one. Default false. */
  threePhase?: boolean;
}

/** A part of the cycle: until when, from which rate to which. */
interface Phase {
  readonly end: number;
  readonly from: Level;
  readonly to: Level;
}
type Level = "first" | "highest" | "last";

/**
 * One rise of the rates from `maxLr / divFactor` to `maxLr`, and a fall far below (Smith and Topin, "Super-convergence",
 * 2017); where the rise would have ended before the first step, the fall alone, with what would be left of it. `step`
 * follows each batch; a step beyond the cycle is a ValueError. As in PyTorch, the momentum is cycled too unless told
 * otherwise, also of an SGD that had none.
 */
export class OneCycleLR extends Scheduler {
  private readonly total: number;

  constructor(optimizer: Optimizer, options: OneCycleOptions) {
    const settled = settle(optimizer, options);
    const { total, cycleMomentum, baseMomentum, maxMomentum } = settled;
    const at = cycleOf(settled);
    const rates = ratesOf(settled);
    const momenta = { first: maxMomentum, highest: baseMomentum, last: maxMomentum };
    for (const [i, group] of optimizer.groups.entries()) group.initialLr = rates[i]!.first;
    super(optimizer, {
      first: (_lr, _base, i) => at(0, rates[i]!),
      next: (_lr, t, _base, i) => at(t, rates[i]!),
      ...(cycleMomentum && { momentum: (t: number) => at(t, momenta) }),
    });
    this.total = total;
  }

  override step(): void {
    if (this.t >= this.total)
      throw new ValueError("OneCycleLR.step", `at most ${this.total} steps`, String(this.t + 1));
    super.step();
  }
}

type Settled = ReturnType<typeof settle>;

/** The options, checked, with defaults for what is not given. */
function settle(optimizer: Optimizer, options: OneCycleOptions) {
  checkOptions("OneCycleLR", options, {
    maxLr: null,
    totalSteps: 0,
    epochs: 0,
    stepsPerEpoch: 0,
    pctStart: 0,
    annealStrategy: null,
    cycleMomentum: false,
    baseMomentum: 0,
    maxMomentum: 0,
    divFactor: 0,
    finalDivFactor: 0,
    threePhase: false,
  });
  const { maxLr, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true, threePhase = false } = options;
  const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options;
  const total = stepsOf(options);
  const highest = perGroup("OneCycleLR", "maxLr", maxLr, optimizer);
  for (const rate of highest) checkNumber("OneCycleLR", "maxLr", rate, 0);
  for (const [name, factor] of Object.entries({ divFactor, finalDivFactor }))
    if (!(factor > 0)) throw new ValueError("OneCycleLR", `a ${name} above 0`, String(factor));
  if (!(pctStart >= 0 && pctStart <= 1)) throw new ValueError("OneCycleLR", "pctStart from 0 to 1", String(pctStart));
  if (annealStrategy !== "cos" && annealStrategy !== "linear")
    throw new ValueError("OneCycleLR", 'the annealStrategy "cos" or "linear"', String(annealStrategy));
  for (const [name, momentum] of Object.entries({ baseMomentum, maxMomentum }))
    checkNumber("OneCycleLR", name, momentum, 0, 1);
  if (cycleMomentum && !optimizer.groups[0]!.hasMomentum)
    throw new ValueError("OneCycleLR", "an optimiser with momentum or betas, or cycleMomentum: false", "none");
  const momentum = { cycleMomentum, baseMomentum, maxMomentum };
  return { total, highest, divFactor, finalDivFactor, pctStart, threePhase, annealStrategy, ...momentum };
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (totalSteps !== undefined) return checkWhole("OneCycleLR", "totalSteps", totalSteps, 1);
  if (epochs === undefined || stepsPerEpoch === undefined)
    throw new ValueError("OneCycleLR", "totalSteps, or epochs and stepsPerEpoch", "neither");
  return checkWhole("OneCycleLR", "epochs", epochs, 1) * checkWhole("OneCycleLR", "stepsPerEpoch", stepsPerEpoch, 1);
}

/** What each group's rate is at the ends of the phases. */
function ratesOf({ highest, divFactor, finalDivFactor }: Settled): Readonly<Record<Level, number>>[] {
  return highest.map((rate) => {
    const first = rate / divFactor;
    return { first, highest: rate, last: first / finalDivFactor };
  });
}

/** What a rate or a momentum of such levels is at step t. */
function cycleOf({ total, pctStart, threePhase, annealStrategy }: Settled) {
  const anneal = annealStrategy === "cos" ? along : straight;
  const phases = phasesOf(total, pctStart, threePhase);
  return (t: number, levels: Readonly<Record<Level, number>>): number => {
    const i = phases.findIndex(({ end }, place) => t <= end || place === phases.length - 1);
    const { end, from, to } = phases[i]!;
    const start = phases[i - 1]?.end ?? 0;
    // After the last step there is nothing further to go to; a rise of one step is where it begins.
    const share = end > start ? Math.min(1, (t - start) / (end - start)) : 0;
    return anneal(share, levels[from], levels[to]);
  };
}

function straight(share: number, from: number, to: number): number {
  return from + (to - from) * share;
}

function phasesOf(total: number, share: number, three: boolean): readonly Phase[] {
  const rise: Phase = { end: share * total - 1, from: "first", to: "highest" };
  if (!three) return [rise, { end: total - 1, from: "highest", to: "last" }];
  return [
    rise,
    { end: 2 * share * total - 2, from: "highest", to: "first" },
    { end: total - 1, from: "first", to: "last" },
  ];
}
