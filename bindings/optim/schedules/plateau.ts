import { checkWhole } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import type { Optimizer } from "../optimizer.js";
import {
  COUNT,
  stateOf,
  takeUp,
  type StateEntries,
  type Remembered,
  type TrainingState,
  type Stateful,
} from "../state.js";
import { Best, type BestOptions } from "../stopping.js";
import { perGroup } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";
import { Printed } from "../../shared/printed.js";

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether a smaller metric is a better one, or a larger. Default "min". */
  mode?: "min" | "max";
  /** What the rates are multiplied by. Default 0.1. */
  factor?: number;
  /** How many metrics in a row may be no better than the best. Default 10. */
  patience?: number;
  /** By how much a metric must be better to count. Default 0.0001. */
  threshold?: number;
  /** Whether `threshold` is a share of the best metric, or a difference from it. Default "rel". */
  thresholdMode?: "rel" | "abs";
  /** Metrics after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** The lowest rate, of all groups or each. Default 0. */
  minLr?: number | readonly number[];
  /** A smaller change is not made. Default 1e-8. */
  eps?: number;
}

/** Multiplies the rates by `factor` when a metric has not become better for more than `patience` steps. */
export class ReduceLROnPlateau extends Printed implements Stateful {
  private readonly settings: Required<Omit<PlateauOptions, keyof BestOptions | "minLr">>;
  private readonly lowest: readonly number[];
  private readonly seen: Best;
  private rest = 0;

  constructor(
    /** The optimiser whose rates are set. */
    readonly optimizer: Optimizer,
    options: PlateauOptions = {},
  ) {
    super();
    checkOptions("ReduceLROnPlateau", options, {
      mode: null,
      factor: 0,
      patience: 0,
      threshold: 0,
      thresholdMode: null,
      cooldown: 0,
      minLr: null,
      eps: 0,
    });
    const { factor = 0.1, patience = 10, cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    const { mode = "min", threshold = 1e-4, thresholdMode = "rel" } = options;
    this.settings = {
      factor: checkNumber("ReduceLROnPlateau", "factor", factor, 0, 1),
      patience: checkWhole("ReduceLROnPlateau", "patience", patience, 0),
      cooldown: checkWhole("ReduceLROnPlateau", "cooldown", cooldown, 0),
      eps: checkNumber("ReduceLROnPlateau", "eps", eps, 0),
    };
    this.lowest = perGroup("ReduceLROnPlateau", "minLr", minLr, optimizer);
    for (const rate of this.lowest) checkNumber("ReduceLROnPlateau", "minLr", rate, 0);
    this.seen = new Best("ReduceLROnPlateau", { mode, threshold, thresholdMode });
  }

  /** Takes the next metric, such as the loss on held-out data after an epoch. */
  step(metric: number): void {
    if (typeof metric !== "number")
      throw new ValueError("ReduceLROnPlateau.step", "a number to follow", String(metric));
    const { seen, settings, optimizer } = this;
    seen.see(metric);
    if (this.rest > 0) {
      this.rest--;
      seen.since = 0;
    }
    if (seen.since <= settings.patience) return;
    for (const [i, group] of optimizer.groups.entries()) {
      const lr = Math.max(group.lr * settings.factor, this.lowest[i]!);
      if (group.lr - lr > settings.eps) group.lr = lr;
    }
    this.rest = settings.cooldown;
    seen.since = 0;
  }

  /** The best metric, how many were no better since, and the rates. */
  toString(): string {
    const { seen, settings } = this;
    const rates = this.optimizer.groups.map(({ lr }) => lr).join(", ");
    return `ReduceLROnPlateau(best ${String(seen.metric)}, ${seen.since} of ${settings.patience} no better since, lr ${rates})`;
  }

  stateDict(): TrainingState {
    return stateOf(this.entries);
  }
  loadStateDict(state: TrainingState): void {
    takeUp("ReduceLROnPlateau.loadStateDict", this.entries, state);
  }
  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    const rest: Remembered = { get: () => this.rest, set: (left) => (this.rest = left!), range: COUNT };
    return new Map([...this.seen.entries, ["cooldown", rest]]);
  }
}
