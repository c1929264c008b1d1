import type { Node } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { sizeOf } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { isWhole, whole, type Graph, type Operand, type Step, type Value } from "../capture/graph.js";
import { worksInPlace, type Place } from "./place.js";

/** Steps, with a place for each value that must be somewhere in the end. */
export interface Settled {
  readonly graph: Graph;
  readonly places: ReadonlyMap<Value, Place>;
}

/**
 * Lets what is wanted in the end be made where it is wanted: new values of variables in the variables themselves, results in
 * the tensors that are returned. Where that cannot be, since the old value is still read or the place is needed twice, a copy
 * is added. No variable and no gradient is written before the last step that can refuse, so that a failure changes nothing.
 */
export function settle(graph: Graph): Settled {
  return new Settlement(rescued(graph)).run();
}

/** What was there at the start and is wanted in another place at the end is copied first: later it may be overwritten. */
function rescued(graph: Graph): Graph {
  const copies: Step[] = [];
  const rescue = (x: Operand): Operand => {
    if (!holderOf(x.value)) return x;
    const copy = copyOf(x);
    copies.push(copy);
    return whole(copy.outputs[0]!);
  };
  const stays = (x: Operand, holder: Holder): boolean => isWhole(x) && holderOf(x.value) === holder;
  const assignments = graph.assignments
    .filter(({ variable, value }) => !stays(value, variable))
    .map(({ variable, value }) => ({ variable, value: rescue(value) }));
  const gradients = graph.gradients
    .filter(({ leaf, value }) => !value || !stays(value, leaf))
    .map(({ leaf, value }) => ({ leaf, value: value && rescue(value) }));
  const results = graph.results.map(rescue);
  return { ...graph, assignments, gradients, results, steps: [...copies, ...graph.steps] };
}

/** What has a value before the program runs: a variable, or a leaf its gradient. */
type Holder = Variable | Node;

/** Whose value at the start this is; null if nobody's. */
function holderOf({ origin }: Value): Holder | null {
  return origin.kind === "variable" ? origin.variable : origin.kind === "gradient" ? origin.leaf : null;
}

function copyOf(x: Operand): Step {
  const { dtype, name } = x.value;
  const output: Value = { origin: { kind: "step" }, dtype, shape: x.shape, size: sizeOf(x.shape), name };
  const primitive = operations.copy.primitive;
  return { primitive, params: null, inputs: [x], outputs: [output], parts: false, repeated: false };
}

class Settlement {
  private readonly places = new Map<Value, Place>();
  private readonly copies: Step[] = [];
  private readonly madeBy = new Map<Value, number>();
  /** The places of the steps that read what a variable or a gradient holds at the start. */
  private readonly readers = new Map<Holder, number[]>();
  private readonly lastRefusal: number;

  constructor(private readonly graph: Graph) {
    const { steps } = graph;
    for (const [at, { inputs, outputs }] of steps.entries()) {
      for (const output of outputs) this.madeBy.set(output, at);
      for (const { value } of inputs) {
        const holder = holderOf(value);
        if (holder) this.reads(holder, at);
      }
    }
    this.lastRefusal = steps.reduce((last, { primitive }, at) => (primitive.refuses ? at : last), -1);
  }

  run(): Settled {
    const { graph } = this;
    const results = graph.results.map((x, position) => this.result(x, position));
    const assignments = graph.assignments.map(({ variable, value }) => ({
      variable,
      value: this.held(value, variable, { kind: "variable", variable }),
    }));
    const gradients = graph.gradients.map(({ leaf, value }) => ({
      leaf,
      value: value && this.held(value, leaf, { kind: "gradient", leaf }),
    }));
    const steps = [...graph.steps, ...this.copies];
    return { graph: { ...graph, steps, results, assignments, gradients }, places: this.places };
  }

  private reads(holder: Holder, at: number): void {
    const list = this.readers.get(holder);
    if (list) list.push(at);
    else this.readers.set(holder, [at]);
  }

  /** A result, made where it is returned. */
  private result(x: Operand, position: number): Operand {
    if (this.isFree(x) && !this.isHeld(x.value)) {
      this.places.set(x.value, { kind: "result", position });
      return x;
    }
    return this.copy(x, { kind: "result", position });
  }

  /** The final value of a variable or a gradient, made in its place. */
  private held(x: Operand, holder: Holder, place: Place): Operand {
    const at = this.madeBy.get(x.value);
    const early = at === undefined || at <= this.lastRefusal;
    if (early || !this.isFree(x) || !this.isUnread(holder, at, x.value)) return this.copy(x, place);
    this.places.set(x.value, place);
    return x;
  }

  /** Whether a value can have a place of its own: all of it is wanted, a step makes it, and it has no place yet. */
  private isFree(x: Operand): boolean {
    return isWhole(x) && x.value.origin.kind === "step" && !this.places.has(x.value);
  }

  /** Whether a variable or a gradient wants this value: they come before results. */
  private isHeld(value: Value): boolean {
    const { assignments, gradients } = this.graph;
    return assignments.some((x) => x.value.value === value) || gradients.some((x) => x.value?.value === value);
  }

  /** Whether nobody reads the old value when step `at` has written the new one. */
  private isUnread(holder: Holder, at: number, output: Value): boolean {
    const step = this.graph.steps[at]!;
    return (this.readers.get(holder) ?? []).every((reader) => {
      if (reader !== at) return reader < at;
      // A step that packs several values is made to write each over the old one.
      const old = step.inputs.find(({ value }) => holderOf(value) === holder);
      return (step.parts && !step.over) || worksInPlace(step, old!.value, output);
    });
  }

  private copy(x: Operand, place: Place): Operand {
    const step = copyOf(x);
    this.copies.push(step);
    this.places.set(step.outputs[0]!, place);
    return whole(step.outputs[0]!);
  }
}
