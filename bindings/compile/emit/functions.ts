import { placeFunctions, releaseFunction } from "../../runtime/emitted.js";
import { keyOf, type Expression } from "./expression.js";
import { emitLoop } from "./loop.js";
import { moduleOf } from "./module.js";

/** Where the function of an expression is in the table, and how many programs call it. */
interface Entry {
  readonly place: number;
  users: number;
}

const entries = new Map<string, Entry>();

/**
 * The places of the functions of expressions, which are emitted in one module as far as there are none yet. Undefined where
 * the engine refuses to compile. Each must be released as often as it was acquired.
 */
export function acquireFunctions(expressions: readonly Expression[]): number[] | undefined {
  const keys = expressions.map(keyOf);
  const missing = new Map<string, Expression>();
  for (const [i, key] of keys.entries()) if (!entries.has(key)) missing.set(key, expressions[i]!);
  if (missing.size > 0) {
    const places = placeFunctions((shared) => {
      const called: number[] = [];
      const bodies = [...missing.values()].map((expression) => emitLoop(expression, called));
      return moduleOf(bodies, shared, called);
    });
    if (!places) return undefined;
    for (const [i, key] of [...missing.keys()].entries()) entries.set(key, { place: places[i]!, users: 0 });
  }
  return keys.map((key) => {
    const entry = entries.get(key)!;
    entry.users++;
    return entry.place;
  });
}

/** Lets go of the functions of expressions. */
export function releaseFunctions(expressions: readonly Expression[]): void {
  for (const key of expressions.map(keyOf)) {
    const entry = entries.get(key);
    if (!entry || --entry.users > 0) continue;
    entries.delete(key);
    releaseFunction(entry.place);
  }
}
