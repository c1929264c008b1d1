import { kindOf } from "../core/checks.js";
import { ValueError } from "../errors.js";

/** Refuses what cannot be gone through by `for`. */
export function checkIterable(operation: string, what: string, given: unknown): void {
  if (given === null || given === undefined || !(Symbol.iterator in Object(given)))
    throw new ValueError(operation, what, kindOf(given));
}

/** Refuses what has no elements by position, as arrays and typed arrays do. */
export function checkArrayLike(operation: string, what: string, given: unknown): void {
  if (!Number.isInteger((given as ArrayLike<unknown> | null | undefined)?.length))
    throw new ValueError(operation, what, kindOf(given));
}
