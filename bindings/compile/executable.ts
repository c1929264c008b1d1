import { setGrad } from "../autodiff/backward.js";
import { checkLive, withTracking } from "../core/apply.js";
import { addressOf } from "../core/encode.js";
import { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { denseStrides } from "../core/shape.js";
import { isPlainObject, type Tree } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { heap } from "../runtime/instance.js";
import { allocateStorage, joinFlow } from "../runtime/scope.js";
import { ProgramTape } from "../runtime/tape.js";
import { Slot, type Captured } from "./capture.js";
import { lower, type Lowered } from "./lower.js";
import { ProgramMemory } from "./memory.js";
import { bytesOf, type Place } from "./place.js";
import { plan, type Plan } from "./plan.js";
import { fits, type Leaf } from "./signature.js";
import { simplify } from "./simplify.js";

/** What a function does for arguments of one pattern, ready to run. */
export class Executable {
  readonly plan: Plan;
  /** The leaves of the arguments that `serves` saw last. */
  readonly leaves: Leaf[];
  /** Functions that are bound to this, and keep it. */
  bound = 0;
  private readonly memory: ProgramMemory;
  private readonly lowered: Lowered;
  private readonly variables: readonly Variable[];
  private readonly assigned: readonly Variable[];
  private readonly frame: Frame;

  constructor(
    private readonly name: string,
    readonly captured: Captured,
    leaves: readonly Leaf[],
  ) {
    this.leaves = [...leaves];
    this.plan = plan(simplify(captured.graph));
    this.memory = new ProgramMemory(this.plan, leaves);
    this.lowered = lower(this.plan, { of: (place) => this.locate(place) });
    const places = [...this.plan.places.values()];
    this.variables = [...new Set(places.flatMap((place) => (place.kind === "variable" ? [place.variable] : [])))];
    this.assigned = this.plan.graph.assignments.map(({ variable }) => variable);
    this.frame = this.frameOf();
  }

  private locate(place: Place): { address: number } | { block: number } {
    switch (place.kind) {
      case "slab":
        return { address: this.memory.slab + place.offset };
      case "input": {
        const staged = this.memory.staged[place.position]!;
        return staged === 0 ? { block: place.position } : { address: staged };
      }
      case "result":
        return { block: this.memory.staged.length + place.position };
      case "variable":
        return { address: place.variable.storage!.address };
      case "gradient":
        return { address: this.memory.slots.find(({ leaf }) => leaf === place.leaf)!.storage.address };
      case "constant":
        return { address: place.tensor.storage!.address };
    }
  }

  /** A tape of its own for one caller. */
  private frameOf(): Frame {
    return new Frame(this.lowered, (instruction) => this.describe(instruction));
  }

  /** Whether it serves these arguments, and what it saw when it was captured is still so. */
  serves(args: readonly unknown[]): boolean {
    return fits(this.captured.pattern, args, this.leaves) && this.isCurrent();
  }

  /** Whether what it saw when it was captured is still so. */
  isCurrent(): boolean {
    const { guards } = this.captured;
    for (let i = 0; i < guards.length; i++) if (guards[i]!.read() !== guards[i]!.seen) return false;
    return true;
  }

  /** Runs for the leaves that `serves` saw, and returns the result as the function would. */
  call(): unknown {
    const { leaves, frame } = this;
    const results = this.plan.graph.results;
    const made: Tensor[] = [];
    this.bindArguments(frame, leaves);
    const flow = joinFlow(tensorsAmong(leaves));
    try {
      for (const { value, shape, elements } of results) {
        const storage = allocateStorage(bytesOf(value), flow);
        made.push(new Tensor(storage, value.dtype, shape, denseStrides(shape), 0, elements, true));
      }
      this.bindResults(frame, made);
      this.run(frame);
    } catch (error) {
      for (const y of made) y.storage!.free(`the failure of ${this.name}`);
      throw error;
    }
    return fill(this.captured.result, made, leaves);
  }

  private bindArguments(frame: Frame, leaves: readonly Leaf[]): void {
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      if (!(leaf instanceof Tensor)) {
        this.memory.stage(i, leaf);
        continue;
      }
      checkLive(this.name, leaf);
      // The memory of a variable may be written before the argument is read.
      const x = leaf.storage!.holder ? withTracking(false, () => operations.copy(leaf)) : leaf;
      frame.bind(i, addressOf(x));
    }
  }

  private bindResults(frame: Frame, results: readonly Tensor[]): void {
    const before = this.memory.staged.length;
    for (let i = 0; i < results.length; i++) frame.bind(before + i, addressOf(results[i]!));
  }

  private run(frame: Frame): void {
    const { variables, assigned, memory } = this;
    for (let i = 0; i < variables.length; i++) checkLive(this.name, variables[i]!);
    for (let i = 0; i < memory.slots.length; i++) memory.slots[i]!.load(operations.copy);
    frame.run();
    for (let i = 0; i < assigned.length; i++) assigned[i]!.bump();
    for (let i = 0; i < memory.slots.length; i++) memory.slots[i]!.store(setGrad);
  }

  /** What an instruction is called in an error. */
  private describe(instruction: number): string {
    const { steps } = this.plan.graph;
    const at = this.lowered.stepOf[instruction] ?? 0;
    const step = steps[at]!;
    const { name } = step.outputs[0]!;
    const label = name === undefined ? "" : ` of "${name}"`;
    const written = steps
      .slice(0, at)
      .flatMap(({ outputs }) => outputs.flatMap((value) => this.variableIn(value) ?? []));
    const changed = written.length === 0 ? "" : ` (after it wrote the variables ${written.join(", ")})`;
    return `${step.primitive.name}${label} in ${this.name}${changed}`;
  }

  private variableIn(value: Plan["graph"]["inputs"][number]): string | undefined {
    const place = this.plan.places.get(value);
    return place?.kind === "variable" ? `"${place.variable.label}"` : undefined;
  }

  /** Gives all memory back. */
  dispose(by: string): void {
    this.frame.free(by);
    this.memory.free(by);
    for (const storage of this.captured.constants) storage.dropEdge(by);
  }
}

/** One caller's tape, with the addresses of its arguments and results in it. */
class Frame {
  private readonly tape: ProgramTape;
  private readonly addresses: number[] = [];
  private changed = true;

  constructor(
    private readonly lowered: Lowered,
    names: (instruction: number) => string,
  ) {
    this.tape = new ProgramTape(lowered.words, names);
  }

  /** Says where a moving block is. */
  bind(block: number, address: number): void {
    if (this.addresses[block] === address) return;
    this.addresses[block] = address;
    this.changed = true;
  }

  run(): void {
    if (this.changed) this.relocate();
    this.tape.run();
  }

  private relocate(): void {
    const { relocations } = this.lowered;
    const { first } = this.tape;
    const words = heap.i32;
    for (let i = 0; i < relocations.length; i++) {
      const { word, block, distance } = relocations[i]!;
      words[first + word] = this.addresses[block]! + distance;
    }
    this.changed = false;
  }

  free(by: string): void {
    this.tape.free(by);
  }
}

function tensorsAmong(leaves: readonly Leaf[]): Tensor[] {
  return leaves.filter((leaf) => leaf instanceof Tensor);
}

/** A result with its tensors in their places. */
function fill(template: Tree, results: readonly Tensor[], leaves: readonly Leaf[]): unknown {
  if (template instanceof Slot) return (template.kind === "result" ? results : leaves)[template.position];
  if (Array.isArray(template)) return template.map((part) => fill(part, results, leaves));
  if (isPlainObject(template)) {
    return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, fill(part, results, leaves)]));
  }
  return template;
}
