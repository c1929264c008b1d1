import { item } from "../../core/values/access.js";
import { isRecording } from "../../core/running/capturing.js";
import { kindOf } from "../../core/checks.js";
import { tensor } from "../../core/values/create.js";
import { ownedBy } from "../../core/running/scopes.js";
import { CaptureError, ValueError } from "../../errors.js";
import { cos } from "../../primitives/elementwise/unary.js";
import { pow } from "../../primitives/elementwise/powers.js";
import type { ParameterGroup } from "../group.js";
import type { Optimizer } from "../optimizer.js";
import {
  POSITIVE,
  stateOf,
  takeUp,
  type StateEntries,
  type Remembered,
  type TrainingState,
  type Stateful,
} from "../state.js";
import { counted, Printed } from "../../shared/printed.js";

/** How a schedule sets the learning rates. Rules that are told the present rate can be chained. */
export interface ScheduleRule {
  /** The rate to begin with. By default the present one. */
  first?(lr: number, base: number, group: number): number;
  /** The rate after t steps, from 1 on, where it was `lr` before. `base` is what the schedule started from. */
  next(lr: number, t: number, base: number, group: number): number;
  /** The momentum after t steps, from 0 on. */
  momentum?(t: number): number;
}

/**
 * Changes the learning rates of an optimiser's groups, once when it is made and at each `step`, which follows that of the
 * optimiser. Rates are variables: a compiled step sees them change, and `step` itself is called outside of it.
 */
export abstract class Scheduler extends Printed implements Stateful {
  /** Steps taken. */
  protected t = 0;
  private readonly bases: number[];

  constructor(
    /** The optimiser whose rates are set. */
    readonly optimizer: Optimizer,
    private readonly rule: ScheduleRule,
  ) {
    super();
    checkOptimizer(this.constructor.name, optimizer);
    this.bases = this.groups.map((group) => (group.initialLr ??= group.lr));
    this.begin();
  }

  private get groups(): readonly ParameterGroup[] {
    return this.optimizer.groups;
  }

  /** Sets the rates for the next step. */
  step(): void {
    this.moveTo(this.t + 1);
  }

  /** Begins again, from the rates as they are. */
  begin(): void {
    const { rule } = this;
    this.t = 0;
    for (const [i, group] of this.groups.entries()) {
      if (rule.first) group.lr = rule.first(group.lr, this.bases[i]!, i);
      if (rule.momentum) group.momentum = rule.momentum(0);
    }
  }

  /** Begins again, from the rates that were there first. */
  restart(): void {
    for (const [i, group] of this.groups.entries()) group.lr = this.bases[i]!;
    this.begin();
  }

  /** Sets the rates after t steps. Throws a CaptureError inside of a program, which would set the same in every call. */
  protected moveTo(t: number): void {
    const { rule } = this;
    if (isRecording())
      throw new CaptureError(
        "Scheduler.step",
        "to be called outside of programs, which read the new rate",
        "a call inside",
      );
    this.t = t;
    for (const [i, group] of this.groups.entries()) {
      group.lr = rule.next(group.lr, t, this.bases[i]!, i);
      if (rule.momentum) group.momentum = rule.momentum(t);
    }
  }

  /** The steps taken and the rates that the schedule started from. The present rates are the optimiser's to save. */
  stateDict(): TrainingState {
    return stateOf(this.entries);
  }

  /** Goes on where another was. Load the optimiser's state as well: making a schedule has set its rates. */
  loadStateDict(state: TrainingState): void {
    takeUp(`${this.constructor.name}.loadStateDict`, this.entries, state);
  }

  /** The steps taken, and the rates that they led to. */
  toString(): string {
    return `${this.constructor.name}(${counted(this.t, "step")}, lr ${this.groups.map(({ shownRate }) => shownRate).join(", ")})`;
  }

  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    const { bases } = this;
    return new Map<string, Remembered>([
      ["steps", { get: () => this.t, set: (t) => (this.t = t!), range: POSITIVE }],
      ...bases.map((_, i): [string, Remembered] => [
        `groups.${i}.base`,
        { get: () => bases[i]!, set: (base) => (bases[i] = base!), range: POSITIVE },
      ]),
    ]);
  }
}

/** Refuses what is no optimiser. */
export function checkOptimizer(operation: string, optimizer: Partial<Optimizer> | null | undefined): void {
  if (!Array.isArray(optimizer?.groups)) throw new ValueError(operation, "an optimiser", kindOf(optimizer));
}

/** An option for all groups, or a list with one for each. */
export function perGroup<T extends number | ((t: number) => number)>(
  operation: string,
  name: string,
  value: T | readonly T[],
  optimizer: Optimizer,
): readonly T[] {
  checkOptimizer(operation, optimizer);
  const { groups } = optimizer;
  if (!Array.isArray(value)) return groups.map(() => value as T);
  if (value.length !== groups.length)
    throw new ValueError(operation, `${name} for all, or for each of ${groups.length} groups`, `${value.length}`);
  return value as readonly T[];
}

/** The cosine as the library computes it: the same on every engine. */
export function cosine(x: number): number {
  return ownedBy("a schedule", () => item(cos(tensor(x, { dtype: "f64" }))));
}

/** x^y as the library computes it: the same on every engine. */
export function powerOf(x: number, y: number): number {
  return y === 1 ? x : ownedBy("a schedule", () => item(pow(tensor(x, { dtype: "f64" }), y)));
}
