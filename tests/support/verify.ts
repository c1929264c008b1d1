import { RuntimeError } from "../../bindings/errors.js";
import type { Operand, Step, Value } from "../../bindings/compile/capture/graph.js";
import { bytesOf, type Place } from "../../bindings/compile/plan/place.js";
import type { Plan } from "../../bindings/compile/plan/plan.js";

/**
 * Proves that a plan is sound, without using how it was made: plays the list, notes who wrote each stretch of memory last,
 * and looks at every read, in the steps and at the end, whether the value is still there. Throws a RuntimeError that names
 * the step otherwise.
 */
export function verify(plan: Plan): void {
  new Memory(plan).play();
}

/** A stretch of one memory, and the value that was written there last. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly value: Value;
}

class Memory {
  private readonly memories = new Map<unknown, Stretch[]>();
  private readonly written = new Set<Value>();

  constructor(private readonly plan: Plan) {}

  play(): void {
    const { graph, places } = this.plan;
    for (const [value, place] of places) if (value.origin.kind !== "step") this.put(value, place);
    for (const [at, step] of graph.steps.entries()) {
      const where = `step ${at}, ${step.primitive.name}`;
      for (const x of step.inputs) this.read(x.value, where);
      for (const output of step.outputs) this.checkApart(step, output, where);
      for (const output of step.outputs) this.write(output, where);
    }
    for (const { variable, value } of graph.assignments)
      this.expect(value, variable, `the variable "${variable.label}"`);
    for (const { leaf, value } of graph.gradients) if (value) this.expect(value, leaf, "a gradient");
    for (const [i, x] of graph.results.entries()) this.expect(x, `result ${i}`, `result ${i}`);
  }

  private placeOf(value: Value, where: string): Place {
    const place = this.plan.places.get(value);
    if (!place) throw unsound(where, "a place for every value", `none for ${describe(value)}`);
    return place;
  }

  private write(value: Value, where: string): void {
    const place = this.placeOf(value, where);
    if (this.written.has(value)) throw unsound(where, "values that are written once", `${describe(value)} again`);
    if (place.kind === "input" || place.kind === "constant")
      throw unsound(where, "arguments and constants to stay", `${describe(value)} over one`);
    this.written.add(value);
    this.put(value, place);
  }

  /** A value takes its place; what was there before, even in part, is gone. */
  private put(value: Value, place: Place): void {
    const { memory, from, to } = extent(value, place);
    if (place.kind === "slab" && (from < 0 || to > this.plan.bytes || from % 64 !== 0))
      throw unsound("plan", `blocks of 64 bytes in a slab of ${this.plan.bytes}`, `${from} to ${to}`);
    const others = (this.memories.get(memory) ?? []).filter((other) => other.to <= from || other.from >= to);
    this.memories.set(memory, [...others, { from, to, value }]);
  }

  private read(value: Value, where: string): void {
    const { memory } = extent(value, this.placeOf(value, where));
    if (value.size === 0 || this.memories.get(memory)?.some((stretch) => stretch.value === value)) return;
    throw unsound(where, `the value ${describe(value)}`, "memory that was overwritten, or not yet written");
  }

  /** The output lies apart from the inputs, unless the step reads each element before it writes it. */
  private checkApart(step: Step, output: Value, where: string): void {
    const place = this.placeOf(output, where);
    const own = extent(output, place);
    for (const x of step.inputs) {
      const other = extent(x.value, this.placeOf(x.value, where));
      if (other.memory !== own.memory || other.from >= own.to || own.from >= other.to) continue;
      if (step.over?.[step.outputs.indexOf(output)]!.includes(x.value)) continue;
      // A step of several parts is made to write each over the old value of its variable.
      if (step.parts && !step.over && place.kind === "variable" && x.value.origin.kind === "variable") continue;
      const same = other.from === own.from && other.to === own.to && x.offset === 0 && x.dense;
      const shapes = x.shape.length === output.shape.length && x.shape.every((n, axis) => n === output.shape[axis]);
      if (same && shapes && step.primitive.batch === "elementwise" && !step.parts) continue;
      throw unsound(where, "an output apart from the inputs", `${describe(output)} over ${describe(x.value)}`);
    }
  }

  /** What is wanted at the end is whole, and where it is wanted. */
  private expect({ value, offset, dense, elements }: Operand, memory: unknown, what: string): void {
    this.read(value, what);
    const found = extent(value, this.placeOf(value, what));
    if (found.memory === memory && found.from === 0 && offset === 0 && dense && elements === value.size) return;
    throw unsound(what, "its value in its own memory", describe(value));
  }
}

function extent(value: Value, place: Place): { memory: unknown; from: number; to: number } {
  const bytes = bytesOf(value);
  switch (place.kind) {
    case "slab":
      return { memory: "slab", from: place.offset, to: place.offset + bytes };
    case "variable":
      return { memory: place.variable, from: 0, to: bytes };
    case "gradient":
      return { memory: place.leaf, from: 0, to: bytes };
    case "constant":
      return { memory: place.tensor.storage, from: 0, to: bytes };
    default:
      return { memory: `${place.kind} ${place.position}`, from: 0, to: bytes };
  }
}

function describe({ dtype, shape, name }: Value): string {
  return `${dtype} [${shape.join(", ")}]${name === undefined ? "" : ` "${name}"`}`;
}

function unsound(where: string, expected: string, got: string): RuntimeError {
  return new RuntimeError(`plan, ${where}`, expected, got);
}
