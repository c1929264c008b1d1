import { setGrad } from "../../autodiff/backward.js";
import { checkLive, inPlaceOf, viewOf, withTracking } from "../../core/running/apply.js";
import { item } from "../../core/values/access.js";
import { addressOf } from "../../core/encode/encode.js";
import { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { isPlainObject, mapTree, type Tree } from "../../core/tree.js";
import { Variable } from "../../core/variable.js";
import { FreedError, ValueError } from "../../errors.js";
import { heap } from "../../runtime/instance.js";
import type { StorageList } from "../../runtime/storage.js";
import { allocateStorage, joinFlow } from "../../runtime/scope.js";
import { Slot, type Captured } from "../capture/capture.js";
import { dependOn } from "../capture/closed.js";
import { Frame } from "../lower/frame.js";
import type { Expression } from "../emit/expression.js";
import { releaseFunctions } from "../emit/functions.js";
import { fuse } from "../fuse/fuse.js";
import type { Graph, Value } from "../capture/graph.js";
import { lower, type Lowered } from "../lower/lower.js";
import { ProgramMemory } from "./memory.js";
import { bytesOf, type Place } from "../plan/place.js";
import { plan, type Plan } from "../plan/plan.js";
import { fits, type Leaf } from "../capture/signature.js";
import { isOfNumbers, ScalarProgram } from "./scalar.js";
import { simplify } from "../simplify/simplify.js";

/** What a function does for arguments of one pattern, ready to run. */
export class Executable {
  readonly plan: Plan;
  /** The leaves of the arguments that `serves` saw last, until they were called with. */
  readonly leaves: Leaf[];
  /** Whether it computes numbers from numbers, and no more. */
  readonly givesNumbers: boolean;
  /** Then the program as one function of numbers, unless the engine refuses. */
  readonly scalar: ScalarProgram | null;
  /** The emitted functions that it calls. */
  private readonly functions: readonly Expression[];
  private readonly memory: ProgramMemory;
  readonly lowered: Lowered;
  /** The graph after each pass. */
  readonly passes: readonly { readonly name: string; readonly graph: Graph }[];
  private readonly variables: readonly Variable[];
  private readonly assigned: readonly Variable[];
  private readonly frame: Frame;
  /** The results of the call that runs. */
  private readonly made: Tensor[];
  /** Frames of bound functions, which keep it. */
  private readonly bound = new Set<Frame>();

  constructor(
    readonly name: string,
    readonly captured: Captured,
    leaves: readonly Leaf[],
  ) {
    this.leaves = [...leaves];
    const graph = simplify(captured.graph);
    this.givesNumbers = isOfNumbers(graph, captured, leaves);
    this.scalar = this.givesNumbers ? ScalarProgram.of(graph, captured, leaves) : null;
    const fused = fuse(graph);
    this.functions = fused.functions;
    this.plan = plan(fused.graph);
    this.passes = [
      { name: "captured", graph: captured.graph },
      { name: "simplified", graph },
      { name: "fused", graph: fused.graph },
      { name: "planned", graph: this.plan.graph },
    ];
    this.memory = new ProgramMemory(this.plan, leaves);
    this.lowered = lower(this.plan, (place) => this.locate(place));
    const places = [...this.plan.places.values()];
    this.variables = [...new Set(places.flatMap((place) => (place.kind === "variable" ? [place.variable] : [])))];
    this.assigned = this.plan.graph.assignments.map(({ variable }) => variable);
    this.frame = this.newFrame();
    this.made = this.plan.graph.results.map(() => NOTHING);
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

  private newFrame(): Frame {
    const blocks = this.memory.staged.length + this.plan.graph.results.length;
    return new Frame(this.lowered, blocks, (instruction) => this.describe(instruction));
  }

  /** A tape for a function that is bound to arguments and results. */
  bind(): Frame {
    const frame = this.newFrame();
    this.bound.add(frame);
    return frame;
  }

  /** Lets the tape of a bound function go. */
  unbind(frame: Frame): void {
    if (this.bound.delete(frame)) frame.free(`dispose of a bound ${this.name}`);
  }

  /** Whether functions are bound to it, or a leaf has its gradient. */
  get isInUse(): boolean {
    return this.bound.size > 0 || this.memory.slots.some((slot) => slot.isShown);
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
    if (this.scalar) return this.scalar.call(this.leaves);
    const { leaves, plan, made } = this;
    const { results } = plan.graph;
    let count = 0;
    try {
      const flow = flowOf(leaves);
      for (let i = 0; i < results.length; i++) {
        const { value, shape, strides, elements } = results[i]!;
        const storage = allocateStorage(bytesOf(value), flow);
        made[i] = new Tensor(storage, value.dtype, shape, strides, 0, elements, true);
        count++;
      }
      this.run(this.frame, leaves, made);
      this.track(made);
      const result = this.fill(made, leaves);
      if (!this.givesNumbers) return result;
      const numbers = numbersOf(result);
      for (const x of made) x.storage!.free(this.name);
      return numbers;
    } catch (error) {
      for (let i = 0; i < count; i++) made[i]!.storage!.free(`the failure of ${this.name}`);
      throw error;
    } finally {
      // They are not to be kept alive.
      for (let i = 0; i < leaves.length; i++) leaves[i] = 0;
      for (let i = 0; i < count; i++) made[i] = NOTHING;
    }
  }

  /** Runs for these leaves, with its results in these tensors. Allocates nothing. */
  run(frame: Frame, leaves: readonly Leaf[], results: readonly Tensor[]): void {
    const { assigned, memory } = this;
    this.prepare(frame, leaves, results);
    frame.run();
    for (let i = 0; i < assigned.length; i++) assigned[i]!.bump();
    for (let i = 0; i < memory.slots.length; i++) memory.slots[i]!.store(setGrad);
  }

  /** Results that depend on something tracked outside are tracked, too. */
  track(results: readonly Tensor[]): void {
    const { closedOver } = this.captured;
    for (let i = 0; i < closedOver.length; i++) dependOn(closedOver[i]!, results[i]!, this.name);
  }

  /** Puts everything in its place that a run reads. */
  private prepare(frame: Frame, leaves: readonly Leaf[], results: readonly Tensor[]): void {
    const { variables, memory } = this;
    if (frame.freed) throw new FreedError(this.name, "a program that can be called", "one that was disposed of");
    for (let i = 0; i < leaves.length; i++) this.bindArgument(frame, i, leaves[i]!);
    for (let i = 0; i < results.length; i++) frame.bind(leaves.length + i, addressOf(results[i]!));
    for (let i = 0; i < variables.length; i++) checkLive(this.name, variables[i]!);
    for (let i = 0; i < memory.slots.length; i++) memory.slots[i]!.load();
  }

  /** Milliseconds that each instruction takes with these arguments. What the program writes stays as it is. */
  measure(leaves: readonly Leaf[]): number[] {
    const written = [
      ...this.assigned.map(({ storage }) => storage!),
      ...this.memory.slots.map(({ storage }) => storage),
    ];
    const frame = this.bind();
    const results = this.plan.graph.results.map(
      ({ value, shape, strides, elements }) =>
        new Tensor(allocateStorage(bytesOf(value), null), value.dtype, shape, strides, 0, elements, true),
    );
    try {
      this.prepare(frame, leaves, results);
      const before = written.map(({ address, bytes }) => heap.u8.slice(address, address + bytes));
      return frame.measure(() => {
        for (const [i, { address }] of written.entries()) heap.u8.set(before[i]!, address);
      });
    } finally {
      this.unbind(frame);
      for (const y of results) y.storage!.free("measuring");
    }
  }

  private bindArgument(frame: Frame, i: number, leaf: Leaf): void {
    if (!(leaf instanceof Tensor)) {
      const { size } = this.plan.graph.inputs[i]!;
      // A resizable buffer may have grown, and one that was transferred has nothing.
      if (typeof leaf !== "number" && leaf.length !== size)
        throw new ValueError(this.name, `an array of ${size} elements, as before`, `${leaf.length}`);
      this.memory.stage(i, leaf);
      return;
    }
    checkLive(this.name, leaf);
    frame.bind(i, this.writes(leaf) ? addressOfCopy(leaf) : addressOf(leaf));
  }

  /** Whether an argument lies where the program writes, perhaps before it reads the argument. */
  private writes({ storage }: Tensor): boolean {
    const { holder } = storage!;
    if (holder instanceof Variable && this.assigned.includes(holder)) return true;
    for (let i = 0; i < this.memory.slots.length; i++) if (this.memory.slots[i]!.storage === storage) return true;
    return false;
  }

  /** The result of the function, with tensors in their places. */
  fill(results: readonly Tensor[], leaves: readonly Leaf[]): unknown {
    return filled(this.captured.result, results, leaves);
  }

  /** What an instruction is called in an error. */
  private describe(instruction: number): string {
    const { steps } = this.plan.graph;
    const at = this.lowered.stepOf[instruction] ?? 0;
    const { primitive, outputs } = steps[at]!;
    const { name } = outputs[0]!;
    const label = name === undefined ? "" : ` of "${name}"`;
    const written = steps.slice(0, at).flatMap((step) => step.outputs.flatMap((value) => this.variableOf(value) ?? []));
    const changed = written.length === 0 ? "" : ` (after it wrote the variables ${written.join(", ")})`;
    return `${primitive.name}${label} in ${this.name}${changed}`;
  }

  private variableOf(value: Value): string | undefined {
    const place = this.plan.places.get(value);
    return place?.kind === "variable" ? `"${place.variable.label}"` : undefined;
  }

  /** Gives all memory back. */
  dispose(by: string): void {
    releaseFunctions(this.functions);
    this.scalar?.dispose(by);
    this.frame.free(by);
    for (const frame of this.bound) frame.free(by);
    this.memory.free(by);
    this.captured.constants.release(by);
  }
}

/** A tree with numbers in place of its 0-d tensors. */
export function numbersOf(tree: Tree): unknown {
  return mapTree(tree, (x) => (x instanceof Tensor ? item(x) : x));
}

/** Stands where there is no tensor. */
export const NOTHING = new Tensor(null, "bool", [], [], 0, 0, true);

/** Where a view would begin in a copy of all that it is a view of: its strides hold there too. */
function addressOfCopy(x: Tensor): number {
  const all = viewOf(x, { shape: [x.storage!.bytes / x.type.bytes], strides: [1], offset: 0 });
  inPlaceOf(all, x); // Nobody else will see it.
  return addressOf(withTracking(false, () => operations.copy(all))) + x.offset * x.type.bytes;
}

/** The iteration that the data of the arguments comes from. */
function flowOf(leaves: readonly Leaf[]): StorageList | null {
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!;
    if (leaf instanceof Tensor && leaf.storage!.flow) return joinFlow(leaves.filter((x) => x instanceof Tensor));
  }
  return null;
}

function filled(template: Tree, results: readonly Tensor[], leaves: readonly Leaf[]): unknown {
  if (template instanceof Slot) return (template.kind === "result" ? results : leaves)[template.position];
  if (Array.isArray(template)) return template.map((part) => filled(part, results, leaves));
  if (isPlainObject(template)) {
    const made = { ...template };
    for (const key of Object.keys(made)) made[key] = filled(made[key], results, leaves);
    return made;
  }
  return template;
}
