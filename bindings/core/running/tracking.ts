import { withTracking } from "./apply.js";
import { checkFunction, checkSynchronous } from "../checks.js";

/** Runs `body` without making nodes: what it computes is constant to differentiation. */
export function noGrad<T>(body: () => T): T {
  checkFunction("noGrad", "a function", body);
  return checkSynchronous("noGrad", withTracking(false, body));
}
