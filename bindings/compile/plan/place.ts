import { dtypes } from "../../core/dtype.js";
import type { Node, Tensor } from "../../core/graph.js";
import { sameShape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { isWhole, type Operand, type Step, type Value } from "../capture/graph.js";

/** Where a value lies. */
export type Place =
  /** In the memory that the program plans by itself, so many bytes from its start. */
  | { readonly kind: "slab"; readonly offset: number }
  /** Where the argument lies that it is; a number or an array is copied behind the slab. */
  | { readonly kind: "input"; readonly position: number }
  /** In the result at this place. */
  | { readonly kind: "result"; readonly position: number }
  | { readonly kind: "variable"; readonly variable: Variable }
  /** In the memory that the program has for the `.grad` of a leaf. */
  | { readonly kind: "gradient"; readonly leaf: Node }
  | { readonly kind: "constant"; readonly tensor: Tensor };

/** Where what was there before the first step lies; null for what steps make. */
export function originalPlace({ origin }: Value): Place | null {
  return origin.kind === "step" ? null : origin;
}

/**
 * Whether a step may write its output over one of its inputs: it works element by element, and takes this value as it lies
 * and in no other way.
 */
export function worksInPlace(step: Step, input: Value, output = step.outputs[0]!): boolean {
  const { primitive, inputs, outputs, parts, over } = step;
  if (over) return over[outputs.indexOf(output)]!.includes(input);
  if (parts || primitive.batch !== "elementwise" || input.size !== output.size) return false;
  if (bytesOf(input) !== bytesOf(output)) return false;
  return inputs.every((x) => x.value !== input || liesAs(x, output));
}

/** Whether an operand has its elements in the same places as a dense output. */
function liesAs(x: Operand, output: Value): boolean {
  return isWhole(x) && sameShape(x.shape, output.shape);
}

/** Bytes of a value's elements. */
export function bytesOf({ dtype, size }: Value): number {
  return size * dtypes[dtype].bytes;
}
