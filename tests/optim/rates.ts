// What tests of schedules have in common.
import { parameter } from "../../bindings/index.js";
import { SGD, type Optimizer } from "../../bindings/optim/index.js";
import { expectNear } from "../support/compare.js";

/** One parameter, at a rate. */
export const sgd = (lr = 0.5): SGD => new SGD(parameter([1]), { lr });

/** The rates of the first steps. */
export function rates(optimizer: Optimizer, schedule: { step(): void }, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const { lr } = optimizer;
    schedule.step();
    return lr;
  });
}

/** Rates, within rounding. */
export const expectRates = (got: readonly number[], want: readonly number[]): void => expectNear(got, want, 1e-14);

/** How much of a half wave is left after a share of it. */
export const half = (share: number): number => (1 + Math.cos(Math.PI * share)) / 2;
