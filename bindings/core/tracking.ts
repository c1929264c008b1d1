import { withTracking } from "./apply.js";

/** Runs `body` without making nodes: what it computes is constant to differentiation. */
export function noGrad<T>(body: () => T): T {
  return withTracking(false, body);
}
