import { arrayOf } from "../core/values/create.js";
import type { Captured } from "./capture/capture.js";
import type { Graph, Operand, Step, Value } from "./capture/graph.js";
import { show } from "./simplify/simplify.js";

/**
 * The first difference between two captures of one function, in words; null if they are the same. Where there is one, the
 * function depends on something that the library cannot see.
 */
export function differenceOf(a: Captured, b: Captured): string | null {
  return new Comparison().graphs(a.graph, b.graph) ?? (show(a.result) === show(b.result) ? null : "another result");
}

class Comparison {
  /** The values of the one that stand for those of the other. */
  private readonly same = new Map<Value, Value>();

  graphs(a: Graph, b: Graph): string | null {
    for (const [i, value] of a.inputs.entries()) this.same.set(value, b.inputs[i]!);
    for (const [at, step] of a.steps.entries()) {
      const other = b.steps[at];
      if (!other) return `${step.primitive.name} at step ${at}, then nothing`;
      const found = this.steps(step, other);
      if (found !== null) return `${found} at step ${at}, ${step.primitive.name}`;
    }
    if (b.steps.length > a.steps.length) return `nothing, then ${b.steps[a.steps.length]!.primitive.name}`;
    return this.ends(a, b);
  }

  private steps(a: Step, b: Step): string | null {
    if (a.primitive !== b.primitive) return `${b.primitive.name} instead`;
    if (show(a.params) !== show(b.params)) return `${show(a.params)}, then ${show(b.params)}`;
    for (const [i, x] of a.inputs.entries()) {
      if (!this.operands(x, b.inputs[i])) return `another argument ${i}`;
    }
    for (const [i, value] of a.outputs.entries()) this.same.set(value, b.outputs[i]!);
    return a.outputs.length === b.outputs.length ? null : "another number of results";
  }

  private ends(a: Graph, b: Graph): string | null {
    const results = a.results.length === b.results.length && a.results.every((x, i) => this.operands(x, b.results[i]));
    if (!results) return "other results";
    const assigned =
      a.assignments.length === b.assignments.length &&
      a.assignments.every(({ variable, value }, i) => {
        const other = b.assignments[i]!;
        return variable === other.variable && this.operands(value, other.value);
      });
    if (!assigned) return "other variables that are assigned to";
    const gradients =
      a.gradients.length === b.gradients.length &&
      a.gradients.every(({ leaf, value }, i) => {
        const other = b.gradients[i]!;
        if (leaf !== other.leaf) return false;
        return value && other.value ? this.operands(value, other.value) : value === other.value;
      });
    return gradients ? null : "other gradients";
  }

  private operands(a: Operand, b: Operand | undefined): boolean {
    if (!b || !this.values(a.value, b.value)) return false;
    return show([a.shape, a.strides, a.offset]) === show([b.shape, b.strides, b.offset]);
  }

  private values(a: Value, b: Value): boolean {
    const known = this.same.get(a);
    if (known) return known === b;
    this.same.set(a, b);
    const [x, y] = [a.origin, b.origin];
    if (a.dtype !== b.dtype || a.size !== b.size) return false;
    if (x.kind === "variable" && y.kind === "variable") return x.variable === y.variable;
    if (x.kind === "gradient" && y.kind === "gradient") return x.leaf === y.leaf;
    if (x.kind !== "constant" || y.kind !== "constant") return false;
    const [left, right] = [arrayOf(x.tensor), arrayOf(y.tensor)];
    return x.tensor.storage === y.tensor.storage || left.every((element, i) => Object.is(element, right[i]));
  }
}
