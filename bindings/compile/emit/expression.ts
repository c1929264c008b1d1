import { dtypes, type DTypeName } from "../../core/dtype.js";
import type { Lane, LaneRule } from "../../core/lanes.js";
import { Code } from "./code.js";
import { LaneWriter, NotEmitted } from "./lanes.js";

/** What an emitted loop reads: elements one behind another, or the same one all along a row. */
export interface Operand {
  readonly dtype: DTypeName;
  readonly stream: boolean;
}

/** One operation of an expression. Its inputs are numbers of operands, or of steps counted on from the operands. */
export interface ExpressionStep {
  /** The name of the row: what tells its rule from others. */
  readonly name: string;
  readonly rule: LaneRule<never>;
  readonly inputs: readonly number[];
  readonly params: unknown;
  readonly dtype: DTypeName;
}

/** Elementwise work that becomes one loop. All numbers have `width` bytes an element; truth values are bytes, and masks inside. */
export interface Expression {
  readonly width: 4 | 8;
  readonly operands: readonly Operand[];
  readonly steps: readonly ExpressionStep[];
  /** Which steps' values are written to memory, counted as inputs are. */
  readonly outputs: readonly number[];
}

/** A text that two expressions share if and only if one function serves both. */
export function keyOf({ width, operands, steps, outputs }: Expression): string {
  return JSON.stringify([
    width,
    operands.map(({ dtype, stream }) => dtype + (stream ? "*" : "")),
    steps.map(({ name, inputs, params }) => [name, inputs, params]),
    outputs,
  ]);
}

/** Whether a step on inputs of these types can be part of a loop over elements of `width` bytes, or, if that is null, of a scalar program. */
export function isEmitted(
  rule: LaneRule<never>,
  inputs: readonly DTypeName[],
  params: unknown,
  dtype: DTypeName,
  width: 4 | 8 | null,
): boolean {
  const fits = (type: DTypeName): boolean => type === "bool" || width === null || dtypes[type].bytes === width;
  if (!fits(dtype) || !inputs.every(fits)) return false;
  const code = new Code(inputs.length);
  try {
    const lane = follow(
      rule,
      new LaneWriter(code, width),
      inputs.map((type, local) => ({ local, dtype: type })),
      params,
    );
    return lane.dtype === dtype;
  } catch (error) {
    if (error instanceof NotEmitted) return false;
    throw error;
  }
}

/** Writes a step: the lane that it results in. */
export function follow(rule: LaneRule<never>, v: LaneWriter, x: readonly Lane[], params: unknown): Lane {
  return typeof rule === "string" ? v.apply(rule, ...x) : rule(v, x, params as never);
}
