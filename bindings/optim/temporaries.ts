import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import type { Variable } from "../core/variable.js";

// Computations of a step, which leave nothing but their results.

/** Assigns what `value` computes; what it makes on the way is freed. */
export function set(variable: Variable, value: () => Tensor): void {
  ownedBy("step", () => {
    variable.assign(value());
  });
}

/** What `value` computes; what it makes on the way is freed. */
export function only(value: () => Tensor): Tensor {
  return ownedBy("step", value);
}
