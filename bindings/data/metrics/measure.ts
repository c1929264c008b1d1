import { withTracking } from "../../core/apply.js";
import { ownedBy } from "../../core/scopes.js";

/** Runs a measurement outside of differentiation, and frees what it made. */
export function measured<T>(operation: string, measure: () => T): T {
  return withTracking(false, () => ownedBy(operation, measure));
}
