import { ScopeError } from "../errors.js";
import { withTracking } from "./apply.js";
import { checkFunction } from "./checks.js";

/** Runs `body` without making nodes: what it computes is constant to differentiation. */
export function noGrad<T>(body: () => T): T {
  checkFunction("noGrad", "a function", body);
  const result = withTracking(false, body);
  if (!(result instanceof Promise)) return result;
  throw new ScopeError("noGrad", "a body that runs synchronously to its end", "one that returned a promise");
}
