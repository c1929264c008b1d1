import { dtypes } from "../../core/dtype.js";
import type { Step, Value } from "../capture/graph.js";
import { domainOf, isTotal, sameSpread, spread, type Spread } from "./groups.js";
import { isEmitted, type Expression } from "../emit/expression.js";

/** Part of a group: steps that are emitted as one loop, or one step that its own kernel does, or a sum. */
export type Phase =
  | { readonly kind: "emitted"; readonly steps: readonly Step[]; readonly width: 4 | 8 }
  | { readonly kind: "kernel" | "total"; readonly steps: readonly [Step] };

/**
 * Steps in phases: first all that only kernels can do, then all that can be emitted (of those, `widthOf` tells the bytes of
 * elements), and again, so that phases are few. Fewer steps than `least` are not worth a function of their own.
 */
export function phasesOf(steps: readonly Step[], widthOf: (step: Step) => 4 | 8 | null, least = 2): Phase[] {
  const phases: Phase[] = [];
  const waiting = new Set(steps.flatMap(({ outputs }) => outputs));
  const widths = new Map(steps.map((step) => [step, widthOf(step)]));
  let left = [...steps];
  const take = (of: (width: 4 | 8 | null) => boolean): Step[] => {
    const taken: Step[] = [];
    left = left.filter((step) => {
      if (!of(widths.get(step)!) || step.inputs.some(({ value }) => waiting.has(value))) return true;
      taken.push(step);
      for (const value of step.outputs) waiting.delete(value);
      return false;
    });
    return taken;
  };
  while (left.length > 0) {
    for (const step of take((width) => width === null)) phases.push(alone(step));
    for (const width of [4, 8] as const) {
      const taken = take((other) => other === width);
      if (taken.length < least) phases.push(...taken.map(alone));
      else phases.push({ kind: "emitted", steps: taken, width });
    }
  }
  return phases;
}

function alone(step: Step): Phase {
  return { kind: isTotal(step) ? "total" : "kernel", steps: [step] };
}

/** The bytes of the elements that a step can be emitted for, or null. */
export function widthOf({ primitive, inputs, outputs, params }: Step): 4 | 8 | null {
  const types = inputs.map(({ value }) => value.dtype);
  const { dtype } = outputs[0]!;
  const number = [...types, dtype].find((type) => type !== "bool");
  const width = number && dtypes[number].bytes;
  if (!primitive.lanes || (width !== 4 && width !== 8)) return null;
  return isEmitted(primitive.lanes, types, params, dtype, width) ? width : null;
}

/** What steps read that none of them makes. */
export function readsOf(steps: readonly Step[]): Spread[] {
  const made = new Set(steps.flatMap(({ outputs }) => outputs));
  const reads: Spread[] = [];
  for (const step of steps) {
    for (const x of step.inputs) {
      const operand = spread(x, domainOf(step));
      if (!made.has(x.value) && !reads.some((other) => sameSpread(operand, other))) reads.push(operand);
    }
  }
  return reads;
}

/** Steps as an expression of what they read; `streams` says which of that changes along a row. */
export function expressionOf(
  { steps, width }: Extract<Phase, { kind: "emitted" }>,
  reads: readonly Spread[],
  streams: readonly boolean[],
  writes: readonly Value[],
): Expression {
  const made = new Map<Value, number>();
  for (const [i, { outputs }] of steps.entries()) made.set(outputs[0]!, reads.length + i);
  return {
    width,
    operands: reads.map(({ value }, i) => ({ dtype: value.dtype, stream: streams[i]! })),
    steps: steps.map((step) => ({
      name: step.primitive.name,
      rule: step.primitive.lanes!,
      inputs: step.inputs.map((x) => {
        const operand = spread(x, domainOf(step));
        return made.get(x.value) ?? reads.findIndex((y) => sameSpread(operand, y));
      }),
      params: step.params,
      dtype: step.outputs[0]!.dtype,
    })),
    outputs: writes.map((value) => made.get(value)!),
  };
}

/** What a phase makes that others read. */
export function writesOf(phase: Phase, phases: readonly Phase[], isWanted: (value: Value) => boolean): Value[] {
  const others = phases
    .filter((other) => other !== phase)
    .flatMap(({ steps }) => steps.flatMap(({ inputs }) => inputs));
  return phase.steps
    .flatMap(({ outputs }) => outputs)
    .filter((value) => isWanted(value) || others.some((x) => x.value === value));
}
