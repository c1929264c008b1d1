import { checkWhole } from "../core/checks.js";
import { ValueError } from "../errors.js";
import { checkNumber } from "./checks.js";
import {
  COUNT,
  stateOf,
  takeUp,
  type StateEntries,
  type Remembered,
  type TrainingState,
  type Stateful,
} from "./state.js";
import { checkOptions } from "../shared/options.js";
import { Printed } from "../shared/printed.js";

/** When a metric is better than the best so far. */
export interface BestOptions {
  /** Whether a smaller metric is a better one, or a larger. Default "min". */
  mode?: "min" | "max";
  /** By how much it must be better to count. */
  threshold?: number;
  /** Whether `threshold` is a share of the best metric, or a difference from it. */
  thresholdMode?: "rel" | "abs";
}

/** The best metric so far, and how many came since. NaN and the infinities are never better. */
export class Best {
  /** Null before the first metric. */
  metric: number | null = null;
  /** Metrics since the best one. */
  since = 0;
  private readonly options: Required<BestOptions>;

  constructor(operation: string, options: Required<BestOptions>) {
    const { mode, threshold, thresholdMode } = options;
    if (mode !== "min" && mode !== "max") throw new ValueError(operation, 'the mode "min" or "max"', String(mode));
    if (thresholdMode !== "rel" && thresholdMode !== "abs")
      throw new ValueError(operation, 'the thresholdMode "rel" or "abs"', String(thresholdMode));
    checkNumber(operation, "threshold", threshold, 0);
    this.options = options;
  }

  /** Compares a metric. Returns whether it is the best. */
  see(metric: number): boolean {
    const better = this.isBetter(metric);
    if (better) this.metric = metric;
    this.since = better ? 0 : this.since + 1;
    return better;
  }

  private isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const sign = mode === "min" ? -1 : 1;
    const best = this.metric;
    if (best === null || !Number.isFinite(metric)) return Number.isFinite(metric);
    return sign * metric > sign * (thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold);
  }

  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    return new Map<string, Remembered>([
      ["best", { get: () => this.metric, set: (best) => (this.metric = best), nullable: true }],
      ["since", { get: () => this.since, set: (since) => (this.since = since!), range: COUNT }],
    ]);
  }
}

/** Options of `EarlyStopping`. */
export interface EarlyStoppingOptions {
  /** After so many metrics in a row that are no better than the best it is time to stop; 0 is as 1, as in Keras. Default 10. */
  patience?: number;
  /** By how much a metric must be better to count. Default 0. */
  minDelta?: number;
  /** Whether a smaller metric is a better one, or a larger. Default "min". */
  mode?: "min" | "max";
}

/** Tells when a metric has stopped getting better: `if (stopping.step(loss)) break;`. NaN counts as no better. */
export class EarlyStopping extends Printed implements Stateful {
  private readonly seen: Best;
  private readonly patience: number;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    checkOptions("EarlyStopping", options, { patience: 0, minDelta: 0, mode: null });
    const { patience = 10, minDelta = 0, mode = "min" } = options;
    this.seen = new Best("EarlyStopping", { mode, threshold: minDelta, thresholdMode: "abs" });
    this.patience = Math.max(1, checkWhole("EarlyStopping", "patience", patience, 0));
  }

  /** Takes the next metric. Returns whether it is time to stop. */
  step(metric: number): boolean {
    if (typeof metric !== "number") throw new ValueError("EarlyStopping.step", "a number to follow", String(metric));
    this.seen.see(metric);
    return this.stopped;
  }

  /** The best metric so far; null before the first. */
  get best(): number | null {
    return this.seen.metric;
  }

  /** Whether the last metric was the best: the moment to save what gave it. */
  get improved(): boolean {
    return this.best !== null && this.seen.since === 0;
  }

  /** Whether the last `patience` metrics were no better than the best. */
  get stopped(): boolean {
    return this.seen.since >= this.patience;
  }

  /** The best metric, and how many were no better since. */
  toString(): string {
    return `EarlyStopping(best ${String(this.best)}, ${this.seen.since} of ${this.patience} no better since)`;
  }

  stateDict(): TrainingState {
    return stateOf(this.entries);
  }
  loadStateDict(state: TrainingState): void {
    takeUp("EarlyStopping.loadStateDict", this.entries, state);
  }
  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    return this.seen.entries;
  }
}
