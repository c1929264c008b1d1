import { withTracking } from "../core/running/apply.js";
import { variable } from "../core/values/create.js";
import { ownedBy } from "../core/running/scopes.js";
import type { Variable } from "../core/variable.js";
import { ScopeError } from "../errors.js";
import { checkClosure, checkNumber } from "./checks.js";
import { variablesOf, type ParameterTree } from "./group.js";
import { set } from "./temporaries.js";
import { stateOf, takeUp, type StateEntries, type Stateful, type TrainingState } from "./state.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";

/** Options of `ExponentialMovingAverage`. */
export interface AverageOptions {
  /** What is kept of the average at each update. Default 0.999. */
  decay?: number;
}

/**
 * An exponential moving average of parameters: a ← δ a + (1-δ) p at each update, beginning with the parameters as they are.
 * Call `update` after each step of the optimiser; it can be compiled with it.
 */
export class ExponentialMovingAverage extends Printed implements Stateful {
  private readonly sources: readonly Variable[];
  private readonly averages: readonly Variable[];
  private readonly names: readonly string[];
  private readonly decay: number;

  /** `parameters` is a tree of variables, such as `model.parameters()`; those of integers are copied, not averaged. */
  constructor(parameters: ParameterTree, options: AverageOptions = {}) {
    super();
    checkOptions("ExponentialMovingAverage", options, { decay: 0 });
    const { decay = 0.999 } = options;
    this.decay = checkNumber("ExponentialMovingAverage", "decay", decay, 0, 1);
    const named = variablesOf("ExponentialMovingAverage", parameters);
    this.sources = [...named.keys()];
    this.names = [...named.values()];
    this.averages = this.sources.map((p) => variable(p, { label: "average" }));
  }

  /** How many parameters are averaged, and how slowly. */
  toString(): string {
    return `ExponentialMovingAverage(${counted(this.sources.length, "parameter")}; decay ${this.decay})`;
  }

  /** Takes the parameters as they are now into the average. */
  update(): void {
    withTracking(false, () => {
      for (const [i, p] of this.sources.entries()) {
        const average = this.averages[i]!;
        if (p.type.float) set(average, () => average.mul(this.decay).add(p.mul(1 - this.decay)));
        else average.assign(p);
      }
    });
  }

  /** Exchanges the parameters and their averages. */
  swap(): void {
    withTracking(false, () => {
      for (const [i, p] of this.sources.entries()) {
        ownedBy("swap", () => {
          const current = p.copy();
          p.assign(this.averages[i]!);
          this.averages[i]!.assign(current);
        });
      }
    });
  }

  /** What `body`, which does not await, gives while the parameters have their averages as values. */
  averaged<T>(body: () => T): T {
    checkClosure("averaged", "what is wanted of the averages", body);
    this.swap();
    try {
      const result = body();
      if (result instanceof Promise)
        throw new ScopeError("averaged", "a body that runs synchronously to its end (or swap before and after it)", "one that returned a promise"); // prettier-ignore
      return result;
    } finally {
      this.swap();
    }
  }

  /** The averages by the names of the parameters. */
  stateDict(): TrainingState {
    return stateOf(this.entries);
  }
  loadStateDict(state: TrainingState): void {
    takeUp("ExponentialMovingAverage.loadStateDict", this.entries, state);
  }
  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    return new Map(this.averages.map((average, i) => [this.names[i]!, average]));
  }
}
