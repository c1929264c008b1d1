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

/** Refuses what cannot be counted by: sizes, steps, and how many are held, of streams and of datasets. */
export function checkCounts(operation: string, ...counts: readonly number[]): void {
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 1)
      throw new ValueError(operation, "whole numbers from 1 on", String(count));
  }
}

/** Refuses what is no number of times, from 0 up to `most`. */
export function checkTimes(operation: string, count: number, most: number): void {
  if (!(count >= 0 && count <= most && (Number.isInteger(count) || count === Infinity)))
    throw new ValueError(operation, "a whole number from 0 on", String(count));
}
