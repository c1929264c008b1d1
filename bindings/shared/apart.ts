import type { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import type { Variable } from "../core/variable.js";

/**
 * Variables with what is to be assigned to each, where values that lie in the memory of one of them are copies: the first
 * assignment would take them from the next. What is copied is the caller's to free.
 */
export function apart(assignments: readonly (readonly [Variable, Tensor])[]): (readonly [Variable, Tensor])[] {
  const written = new Set(assignments.map(([variable]) => variable.storage));
  return assignments.map(([variable, x]) => [variable, written.has(x.storage) ? operations.copy(x) : x] as const);
}
