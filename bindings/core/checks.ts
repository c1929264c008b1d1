import { ScopeError, ValueError } from "../errors.js";
import { Tensor } from "./graph.js";

/** A value as messages name it: what is made of a class, such as a model, by that. */
export function kindOf(value: unknown): string {
  if (value instanceof Tensor) return "a tensor";
  if (value instanceof Object && typeof value.constructor === "function") return value.constructor.name;
  if (typeof value === "string" && value.length > 80) return `a text of ${value.length} characters`;
  return value !== null && typeof value === "object" ? "an object of no class" : String(value);
}

/** Refuses what is no function; `what` says what it should do. */
export function checkFunction(operation: string, what: string, given: unknown): void {
  if (typeof given !== "function") throw new ValueError(operation, what, kindOf(given));
}

/** What a body returned, which must not await: its scope has ended by then. */
export function checkSynchronous<T>(operation: string, result: T): T {
  if (result instanceof Promise)
    throw new ScopeError(operation, "a body that runs synchronously to its end", "one that returned a promise");
  return result;
}

/** Refuses what is no array. */
export function checkList(operation: string, what: string, given: unknown): void {
  if (!Array.isArray(given)) throw new ValueError(operation, `a list of ${what}`, kindOf(given));
}

/** A whole number, from `least` on; others are refused. */
export function checkWhole(operation: string, name: string, value: unknown, least = -Infinity): number {
  if (!Number.isSafeInteger(value) || (value as number) < least)
    throw new ValueError(operation, `a whole ${name}${least === -Infinity ? "" : ` from ${least}`}`, kindOf(value));
  return value as number;
}
