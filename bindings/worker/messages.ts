import type { DTypeName } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { ErrorReport } from "./errors.js";

/** What the page, or the main thread, says to its worker. */
export type Order =
  | { readonly kind: "hello" }
  | {
      readonly kind: "run";
      readonly run: number;
      readonly task: string;
      readonly input: unknown;
      readonly flag: Int32Array;
    }
  | { readonly kind: "abort"; readonly run: number }
  | { readonly kind: "allocate"; readonly run: number; readonly shape: Shape; readonly dtype: DTypeName }
  | Release;

/** What the worker says. */
export type Answer =
  | { readonly kind: "ready"; readonly tasks: readonly string[] }
  | { readonly kind: "progress"; readonly run: number; readonly value: unknown }
  | { readonly kind: "result"; readonly run: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly run: number; readonly error: ErrorReport }
  | Release;

/** What was held for the other side is needed there no longer. */
export interface Release {
  readonly kind: "release";
  readonly held: number;
}
