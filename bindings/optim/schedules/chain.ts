import { checkList, checkWhole, kindOf } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import {
  COUNT,
  prefixed,
  stateOf,
  takeUp,
  type StateEntries,
  type Remembered,
  type Stateful,
  type TrainingState,
} from "../state.js";
import type { Optimizer } from "../optimizer.js";
import { checkOptimizer } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";
import { counted, Printed } from "../../shared/printed.js";

/** A schedule that can be part of another: `Scheduler`, `SequentialLR` or `ChainedScheduler`. */
export interface Schedule extends Stateful {
  /** The optimiser whose rates are set. */
  readonly optimizer: Optimizer;
  /** Sets the rates for the next step. */
  step(): void;
  /** Begins again, from the rates as they are. */
  begin(): void;
  /** Begins again, from the rates that were there first. */
  restart(): void;
}

/** Follows one schedule after another: the next one begins, with the rates that were there first, at each milestone. */
export class SequentialLR extends Printed implements Schedule {
  private t = 0;
  private readonly schedulers: readonly Schedule[];
  private readonly milestones: readonly number[];

  constructor(
    /** The optimiser whose rates are set. */
    readonly optimizer: Optimizer,
    options: { schedulers: readonly Schedule[]; milestones: readonly number[] },
  ) {
    super();
    checkOptions("SequentialLR", options, { schedulers: null, milestones: null });
    const { schedulers, milestones } = options;
    checkList("SequentialLR", "schedulers", schedulers);
    checkList("SequentialLR", "milestones", milestones);
    checkSchedules("SequentialLR", optimizer, schedulers);
    for (const [i, milestone] of milestones.entries())
      checkWhole("SequentialLR", "milestone", milestone, i === 0 ? 1 : milestones[i - 1]! + 1);
    if (milestones.length !== schedulers.length - 1)
      throw new ValueError("SequentialLR", `${schedulers.length - 1} milestones`, String(milestones.length));
    this.schedulers = schedulers;
    this.milestones = milestones;
    this.restart();
  }

  /** Sets the rates for the next step. */
  step(): void {
    this.t++;
    const begun = this.milestones.filter((milestone) => milestone <= this.t).length;
    const current = this.schedulers[begun]!;
    if (begun > 0 && this.milestones[begun - 1] === this.t) current.restart();
    else current.step();
  }

  begin(): void {
    this.t = 0;
    this.schedulers[0]!.begin();
  }

  restart(): void {
    this.t = 0;
    for (const group of this.optimizer.groups) group.lr = group.initialLr ?? group.lr;
    this.schedulers[0]!.begin();
  }

  /** The steps taken, and the schedules that follow one another. */
  toString(): string {
    return `SequentialLR(${counted(this.t, "step")}, ${this.schedulers.map(String).join(", ")})`;
  }

  stateDict(): TrainingState {
    return stateOf(this.entries);
  }
  loadStateDict(state: TrainingState): void {
    takeUp("SequentialLR.loadStateDict", this.entries, state);
  }
  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    const steps: Remembered = { get: () => this.t, set: (t) => (this.t = t!), range: COUNT };
    return new Map([["steps", steps], ...partsOf(this.schedulers)]);
  }
}

/** Follows several schedules at once: each changes the rates that the one before has set. */
export class ChainedScheduler extends Printed implements Schedule {
  /** The optimiser whose rates are set. */
  readonly optimizer: Optimizer;

  constructor(private readonly schedulers: readonly Schedule[]) {
    super();
    checkList("ChainedScheduler", "schedulers", schedulers);
    this.optimizer = (schedulers[0] as Schedule | null | undefined)?.optimizer as Optimizer; // Looked at below.
    checkSchedules("ChainedScheduler", this.optimizer, schedulers);
  }

  /** Sets the rates for the next step. */
  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
  }

  begin(): void {
    for (const scheduler of this.schedulers) scheduler.begin();
  }

  restart(): void {
    for (const group of this.optimizer.groups) group.lr = group.initialLr ?? group.lr;
    this.begin();
  }

  /** The schedules that are followed. */
  toString(): string {
    return `ChainedScheduler(${this.schedulers.map(String).join(", ")})`;
  }

  stateDict(): TrainingState {
    return stateOf(this.entries);
  }
  loadStateDict(state: TrainingState): void {
    takeUp("ChainedScheduler.loadStateDict", this.entries, state);
  }
  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    return partsOf(this.schedulers);
  }
}

/** Refuses what cannot follow one another, or be followed at once. */
function checkSchedules(operation: string, optimizer: Optimizer, parts: readonly Schedule[]): void {
  if (parts.length === 0) throw new ValueError(operation, "schedules", "none");
  for (const part of parts as readonly (Partial<Schedule> | null | undefined)[])
    if (typeof part?.restart !== "function")
      throw new ValueError(operation, "schedules that need no metric", kindOf(part));
  checkOptimizer(operation, optimizer);
  if (parts.some((part) => part.optimizer !== optimizer))
    throw new ValueError(operation, "schedules of one optimiser", "another optimiser's");
}

function partsOf(schedulers: readonly Schedule[]): StateEntries {
  return prefixed(schedulers.map((part, i) => [`schedulers.${i}`, part.entries]));
}
