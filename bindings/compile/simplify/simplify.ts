import { varies } from "../../core/running/capturing.js";
import { arrayOf } from "../../core/values/create.js";
import type { Primitive } from "../../core/graph.js";
import { wanted, whole, type Graph, type Operand, type Step, type Value } from "../capture/graph.js";
import { rewrites, standsFor } from "./rewrites.js";

/** The graph without what it need not do: the same bits by fewer steps. */
export function simplify(graph: Graph): Graph {
  return withoutDead(new Simplification().run(graph));
}

class Simplification {
  private readonly steps: Step[] = [];
  private readonly madeBy = new Map<Value, Step>();
  /** What stands for the values that are made no more. */
  private readonly replaced = new Map<Value, Operand>();
  /** What is known already, by how it is made. */
  private readonly known = new Map<string, Value>();
  private readonly numbers = new Map<object, number>();
  private readonly rewrites = rewrites();

  run({ inputs, steps, results, assignments, gradients }: Graph): Graph {
    for (const step of steps) this.visit(step);
    return {
      inputs,
      steps: this.steps,
      results: results.map((x) => this.renewed(x)),
      assignments: assignments.map(({ variable, value }) => ({ variable, value: this.renewed(value) })),
      gradients: gradients.map(({ leaf, value }) => ({ leaf, value: value && this.renewed(value) })),
    };
  }

  private visit(given: Step): void {
    const renewed = given.inputs.map((x) => this.renewed(x));
    const step = { ...given, inputs: given.primitive.batch === "elementwise" ? renewed.map(asNumber) : renewed };
    const [output] = step.outputs;
    const rewrite = step.parts ? undefined : this.rewrites.get(step.primitive);
    const less = rewrite?.(step.inputs, step.params, (value) => this.madeBy.get(value));
    if (less && standsFor(less, output!)) {
      this.replaced.set(output!, less);
      return;
    }
    if (!step.parts && !step.repeated && this.isKnown(step)) return;
    this.steps.push(step);
    for (const value of step.outputs) this.madeBy.set(value, step);
  }

  /** Whether the same was made before, over the same shape: then that stands for it. */
  private isKnown(step: Step): boolean {
    const [output] = step.outputs;
    const key = [
      this.numberOf(step.primitive),
      show(step.params),
      output!.shape,
      ...step.inputs.map((x) => `${this.numberOf(x.value)}:${x.shape.join()}:${x.strides.join()}:${x.offset}`),
    ].join(" ");
    const before = this.known.get(key);
    if (!before) {
      this.known.set(key, output!);
      return false;
    }
    before.name ??= output!.name;
    this.replaced.set(output!, whole(before));
    return true;
  }

  /** An operand on what stands for its value. */
  private renewed(x: Operand): Operand {
    const stand = this.replaced.get(x.value);
    if (stand) return { ...x, value: stand.value, offset: x.offset + stand.offset };
    const same = this.sameConstant(x.value);
    return same === x.value ? x : { ...x, value: same };
  }

  /** Numbers that are the same are one. */
  private sameConstant(value: Value): Value {
    if (value.origin.kind !== "constant" || value.size !== 1 || varies(value.origin.tensor)) return value;
    const number = arrayOf(value.origin.tensor)[0]!;
    const key = `${value.dtype} ${show(number)}`;
    const before = this.known.get(key);
    if (!before) this.known.set(key, value);
    return before ?? value;
  }

  private numberOf(x: Value | Primitive): number {
    let number = this.numbers.get(x);
    if (number === undefined) this.numbers.set(x, (number = this.numbers.size));
    return number;
  }
}

/** One element that is repeated over a shape, as that element: broadcasting repeats it as well. */
function asNumber(x: Operand): Operand {
  if (x.shape.length === 0 || x.elements === 0 || x.strides.some((stride, axis) => stride !== 0 && x.shape[axis] !== 1))
    return x;
  return { value: x.value, shape: [], strides: [], offset: x.offset, elements: 1, dense: true };
}

/** Parameters in words, the same for the same parameters only. */
export function show(params: unknown): string {
  if (Object.is(params, -0)) return "-0";
  if (Array.isArray(params)) return `[${params.map(show).join()}]`;
  if (typeof params !== "object" || params === null) return `${typeof params} ${String(params)}`;
  return `{${Object.entries(params)
    .map(([key, value]) => `${key}:${show(value)}`)
    .join()}}`;
}

/** Without steps that nobody reads. Those that can refuse stay: what they refuse is part of what a function means. */
function withoutDead(graph: Graph): Graph {
  const needed = new Set(wanted(graph).map(({ value }) => value));
  const steps: Step[] = [];
  for (let at = graph.steps.length - 1; at >= 0; at--) {
    const step = graph.steps[at]!;
    if (!step.primitive.refuses && !step.outputs.some((value) => needed.has(value))) continue;
    for (const { value } of step.inputs) needed.add(value);
    steps.push(step);
  }
  return { ...graph, steps: steps.reverse() };
}
