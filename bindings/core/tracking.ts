import { ScopeError } from "../errors.js";
import { withTracking } from "./apply.js";

/** Runs `body` without making nodes: what it computes is constant to differentiation. */
export function noGrad<T>(body: () => T): T {
  if (typeof body !== "function") throw new ScopeError("noGrad", "a function", typeof body);
  const result = withTracking(false, body);
  if (!(result instanceof Promise)) return result;
  throw new ScopeError("noGrad", "a body that runs synchronously to its end", "one that returned a promise");
}
