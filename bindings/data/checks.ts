import { ValueError } from "../errors.js";
import { kindOf } from "../shared/kind.js";

/** Refuses what is no function, where `what` tells what it should compute. */
export function checkFunction(operation: string, what: string, given: unknown): void {
  if (typeof given !== "function") throw new ValueError(operation, `a function that ${what}`, kindOf(given));
}

/** Refuses what cannot be gone through by `for`. */
export function checkIterable(operation: string, what: string, given: unknown): void {
  if (given === null || given === undefined || !(Symbol.iterator in Object(given)))
    throw new ValueError(operation, what, kindOf(given));
}

/** Refuses what has no elements by position, as arrays and typed arrays do. */
export function checkList(operation: string, what: string, given: unknown): void {
  if (!Number.isInteger((given as ArrayLike<unknown> | null | undefined)?.length))
    throw new ValueError(operation, what, kindOf(given));
}
