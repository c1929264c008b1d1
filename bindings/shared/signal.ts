import { kindOf } from "../core/checks.js";
import { ValueError } from "../errors.js";

/** Refuses what is no AbortSignal. None is undefined, or null as `fetch` takes it. */
export function checkSignal(operation: string, given: unknown): void {
  if (given === undefined || given === null) return;
  if (typeof (given as Partial<AbortSignal>).throwIfAborted !== "function")
    throw new ValueError(operation, "an AbortSignal as the signal", kindOf(given));
}
