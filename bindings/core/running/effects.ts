import { CaptureError } from "../../errors.js";
import { withoutDraws } from "./draws.js";

/** What runs functions whose operations may turn out not to count, if anything does. */
let operation = "";

/** Runs a body that must neither assign to a variable or a gradient nor draw numbers, since it may turn out not to count. */
export function withoutEffects<T>(by: string, body: () => T): T {
  const outer = operation;
  operation = by;
  try {
    return withoutDraws(body);
  } finally {
    operation = outer;
  }
}

/** Refuses what changes a variable or a gradient in such a body. */
export function checkEffect(): void {
  if (operation === "") return;
  throw new CaptureError(
    operation,
    "functions that return what they change",
    "one that assigns to a variable or a gradient, or draws numbers",
  );
}
