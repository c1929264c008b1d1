import { varies } from "../../core/running/capturing.js";
import { arrayOf } from "../../core/values/create.js";
import type { Operations } from "../../core/operations.js";
import { operations } from "../../core/operations.js";
import { denseStrides, sameShape } from "../../core/shape.js";
import { isWhole, type Operand, type Step, type Value } from "../capture/graph.js";

/** The step that made a value, if one did. */
export type MadeBy = (value: Value) => Step | undefined;

type Rewrite = (inputs: readonly Operand[], params: unknown, madeBy: MadeBy) => Operand | undefined | false;

/** What less work gives exactly, bit for bit: zeros of both signs, infinities and NaN included. */
const REWRITES: { readonly [K in keyof Operations]?: Rewrite } = {
  copy: ([x]) => x, // a value never changes
  mul: ([x, y]) => (isNumber(y!, 1) ? x : isNumber(x!, 1) && y), // x · 1, 1 · x
  div: ([x, y]) => isNumber(y!, 1) && x, // x / 1
  sub: ([x, y]) => isNumber(y!, 0) && x, // x - 0; that is -0 for -0
  add: ([x, y]) => (isNumber(y!, -0) ? x : isNumber(x!, -0) && y), // x + (-0), but 0 for -0 + 0
  neg: ([x], _, madeBy) => before("neg", x!, madeBy), // -(-x)
  cast: ([x], dtype, madeBy) => widened(x!, dtype, madeBy), // to a wider type and back
};

/** The rewrites by the primitive that they are about. */
export const rewrites = (): ReadonlyMap<unknown, Rewrite> =>
  new Map(
    (Object.keys(REWRITES) as (keyof typeof REWRITES)[]).map((name) => [operations[name].primitive, REWRITES[name]!]),
  );

/** Whether an operand is one number that is known, this one; zeros of both signs differ. */
function isNumber({ value, elements, offset }: Operand, wanted: number): boolean {
  if (elements !== 1 || value.origin.kind !== "constant" || varies(value.origin.tensor)) return false;
  return Object.is(arrayOf(value.origin.tensor)[offset], wanted);
}

/** What an operation was applied to that made all of x. */
function before(name: keyof Operations, x: Operand, madeBy: MadeBy): Operand | undefined {
  const step = isWhole(x) ? madeBy(x.value) : undefined;
  return step && step.primitive === operations[name].primitive ? step.inputs[0] : undefined;
}

function widened(x: Operand, dtype: unknown, madeBy: MadeBy): Operand | false | undefined {
  const original = before("cast", x, madeBy);
  const exact = original?.value.dtype === "f32" ? x.value.dtype === "f64" : original?.value.dtype === "i32";
  return original?.value.dtype === dtype && exact && x.value.dtype === "f64" && original;
}

/** Whether an operand lies as the output of a step would, and can take its place. */
export function standsFor(x: Operand, output: Value): boolean {
  const { shape, dtype } = output;
  if (!x.dense || x.value.dtype !== dtype || !sameShape(x.shape, shape)) return false;
  return sameShape(x.strides, denseStrides(shape));
}
