import { allocateSymbolic, checkLive, consume, isTracking, viewOf } from "../../core/running/apply.js";
import { recording, type Recorder } from "../../core/running/capturing.js";
import { arrayDType, defaultDType, dtypes, type DTypeName } from "../../core/dtype.js";
import { nameOf } from "../../core/running/names.js";
import { nextNodeSerial, Tensor, type Node, type Primitive } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { sizeOf, type Shape } from "../../core/shape.js";
import { mapTree, type Tree } from "../../core/tree.js";
import { Variable } from "../../core/variable.js";
import { WeakNumber } from "../../core/values/weak.js";
import { CaptureError } from "../../errors.js";
import { retain, Scope, symbolicStorage } from "../../runtime/scope.js";
import type { Storage } from "../../runtime/storage.js";
import { closedOver } from "./closed.js";
import { Constants } from "./constants.js";
import type { Graph, Operand, Origin, Step, Value } from "./graph.js";
import { lift, patternOf, rememberMeetings, type Leaf, type Pattern } from "./signature.js";

/** Something that a function looked at, and what it saw. A graph serves as long as it would see the same. */
export interface Guard {
  read(): unknown;
  readonly seen: unknown;
}

/** What a function does for arguments of one pattern. */
export interface Captured {
  readonly pattern: Pattern;
  readonly guards: readonly Guard[];
  readonly graph: Graph;
  /** The leaves that had no gradient, where the function looked. */
  readonly absent: readonly Node[];
  /** The result, with a `Slot` for every tensor that the program computes. */
  readonly result: Tree;
  /** What each computed tensor of the result depends on that is tracked outside of the function; of a file, nothing. */
  readonly closedOver: readonly (readonly Tensor[])[];
  /** What was there before, or depends on no argument, and is kept for the program. */
  readonly constants: Constants;
}

/** The place of a computed tensor in a result, or of an argument that is a number. */
export class Slot {
  constructor(
    readonly kind: "result" | "number",
    readonly position: number,
  ) {}
}

/**
 * Runs f once on tensors without values, and notes down its operations with all that differentiation adds to them. Nothing
 * is computed and nothing changes: not a variable, not a gradient, whether f returns or throws.
 */
export function capture(
  name: string,
  f: (...args: never) => unknown,
  args: readonly unknown[],
  statics: readonly number[],
): Captured {
  return new Capture(name).run(f, args, statics);
}

/** The gradient of a leaf in the course of a capture. */
interface GradientState {
  /** What it is at first: undefined until the function looks. */
  entry: Tensor | null | undefined;
  /** What the function made of it; undefined if nothing. */
  set: Tensor | null | undefined;
}

class Capture implements Recorder {
  private readonly inputs: Value[] = [];
  private readonly steps: Step[] = [];
  private readonly guards: Guard[] = [];
  /** What each storage holds at present. */
  private readonly values = new Map<Storage, Value>();
  /** The variables that were assigned to, with the versions that they had. */
  private readonly assigned = new Map<Variable, number>();
  private readonly gradients = new Map<Node, GradientState>();
  private readonly constants = new Constants();
  private readonly nodes: Node[] = [];
  /** Nodes from this number on are made by the function. */
  private readonly since = nextNodeSerial();
  private repeated = false;

  constructor(private readonly name: string) {}

  run(f: (...args: never) => unknown, args: readonly unknown[], statics: readonly number[]): Captured {
    const scope = Scope.enter(this.name);
    this.notice(modes);
    const { pattern, leaves } = patternOf(args, statics);
    let captured: Captured | null = null;
    try {
      captured = recording(this, () => {
        const inputs = leaves.map((leaf) => this.input(leaf));
        const lifted = lift(pattern, inputs) as unknown[];
        const result = f(...(lifted as never));
        if (result instanceof Promise)
          throw new CaptureError(
            this.name,
            "a function that runs synchronously to its end",
            "one that returned a promise",
          );
        rememberMeetings(pattern, inputs);
        return this.finish(pattern, result, inputs);
      });
      return captured;
    } finally {
      for (const [variable, version] of this.assigned) variable.version = variable.storage!.version = version;
      for (const node of this.nodes) consume(node, this.name);
      // What has no values does not outlive the capture, even if its user keeps it; that of one around this is a constant.
      for (const storage of this.values.keys())
        if (storage.address === 0 && !this.constants.has(storage)) storage.free(this.name);
      if (!captured) this.constants.giveBack(this.name);
      scope.leave(this.name);
      scope.close();
    }
  }

  /** What stands for an argument. */
  private input(leaf: Leaf): Tensor {
    const position = this.inputs.length;
    let x: Tensor;
    if (typeof leaf === "number") {
      x = new WeakNumber(leaf);
    } else if (leaf instanceof Tensor) {
      checkLive(this.name, leaf);
      const { dtype, shape, strides, size, dense } = leaf;
      x = new Tensor(symbolicStorage(size * leaf.type.bytes), dtype, shape, strides, 0, size, dense);
    } else {
      x = allocateSymbolic([leaf.length], arrayDType(leaf)!);
    }
    const value = this.define(x, { kind: "input", position }, x.dtype, x.shape);
    value.name = leaf instanceof Tensor ? nameOf(leaf) : undefined;
    this.inputs.push(value);
    return x;
  }

  private define(x: Tensor, origin: Origin, dtype: DTypeName, shape: Shape): Value {
    const value: Value = { origin, dtype, shape, size: sizeOf(shape), name: undefined };
    this.values.set(x.storage!, value);
    return value;
  }

  private operandOf(x: Tensor): Operand {
    const value = this.values.get(x.storage!) ?? this.discover(x);
    const { shape, strides, offset, size, dense } = x;
    return { value, shape, strides, offset, elements: size, dense };
  }

  /** The value of a storage that was there before: a variable's, or a constant. */
  private discover(x: Tensor): Value {
    const storage = x.storage!;
    if (storage.holder instanceof Variable) {
      const variable = storage.holder;
      this.notice(() => variable.node?.hooks?.size || variable.node);
      // Another hook in the place of one changes the graph, and not how many there are.
      const hooks = (): readonly unknown[] => [...(variable.node?.hooks ?? [])];
      for (const i of hooks().keys()) this.notice(() => hooks()[i]);
      const value = this.define(x, { kind: "variable", variable }, variable.dtype, variable.shape);
      if (variable.label !== "") value.name = variable.label;
      return value;
    }
    // What another program owns is written again; that, and a gradient, may be freed.
    this.notice(() => storage.version);
    this.constants.keep(storage);
    const size = storage.bytes / x.type.bytes;
    const all = viewOf(x, { shape: [size], strides: [1], offset: 0 });
    storage.handles--; // Nobody else will see it.
    return this.define(x, { kind: "constant", tensor: all }, x.dtype, [size]);
  }

  private step<P>(
    primitive: Primitive<P>,
    inputs: readonly Tensor[],
    params: P,
    outputs: readonly Value[],
    parts: boolean,
  ): void {
    const step = { primitive: primitive as Primitive, params, parts, repeated: this.repeated, outputs };
    this.steps.push({ ...step, inputs: inputs.map((x) => this.operandOf(x)) });
  }

  compute<P>(
    primitive: Primitive<P>,
    inputs: readonly Tensor[],
    params: P,
    { shape, dtype }: { readonly shape: Shape; readonly dtype: DTypeName },
  ): Tensor {
    const y = allocateSymbolic(shape, dtype);
    this.step(primitive, inputs, params, [this.define(y, { kind: "step" }, dtype, shape)], false);
    return y;
  }

  assign(target: Variable, source: Tensor): void {
    this.step(operations.copy.primitive, [source], null, [this.version(target)], false);
    this.redefine(target);
  }

  assignParts<P>(targets: readonly Variable[], primitive: Primitive<P>, inputs: readonly Tensor[], params: P): void {
    const outputs = targets.map((target) => this.version(target));
    this.step(primitive, inputs, params, outputs, true);
    for (const [i, target] of targets.entries()) this.redefine(target, outputs[i]);
  }

  /** The next version of a variable. */
  private version({ dtype, shape, size, label }: Variable): Value {
    return { origin: { kind: "step" }, dtype, shape, size, name: label === "" ? undefined : label };
  }

  /** From here on a variable holds what the last step, or this value, made. */
  private redefine(target: Variable, value: Value = this.steps[this.steps.length - 1]!.outputs[0]!): void {
    if (!this.assigned.has(target)) this.assigned.set(target, target.version);
    this.values.set(target.storage!, value);
  }

  gradientOf(leaf: Node): Tensor | null {
    const state = this.stateOf(leaf);
    if (state.set !== undefined) return state.set;
    if (state.entry !== undefined) return state.entry;
    this.notice(() => leaf.grad !== null);
    if (!leaf.grad) return (state.entry = null);
    const { shape, dtype } = leaf.grad;
    const entry = allocateSymbolic(shape, dtype);
    retain(entry.storage!);
    this.define(entry, { kind: "gradient", leaf }, dtype, shape).name = gradientName(leaf);
    return (state.entry = entry);
  }

  setGradient(leaf: Node, gradient: Tensor | null): void {
    this.stateOf(leaf).set = gradient;
    if (!gradient) return;
    if (gradient.storage!.address === 0) retain(gradient.storage!);
    else this.operandOf(gradient); // A constant, which may belong to a scope that ends before the capture does.
  }

  private stateOf(leaf: Node): GradientState {
    let state = this.gradients.get(leaf);
    if (!state) this.gradients.set(leaf, (state = { entry: undefined, set: undefined }));
    return state;
  }

  notice(read: () => unknown): void {
    this.guards.push({ read, seen: read() });
  }

  made(node: Node): void {
    this.nodes.push(node);
  }

  named(x: Tensor, label: string): void {
    const value = x.storage && this.values.get(x.storage);
    if (value) value.name = label;
  }

  repeating<T>(body: () => T): T {
    const before = this.repeated;
    this.repeated = true;
    try {
      return body();
    } finally {
      this.repeated = before;
    }
  }

  private finish(pattern: Pattern, result: Tree, inputs: readonly Tensor[]): Captured {
    const results: Operand[] = [];
    const outer: (readonly Tensor[])[] = [];
    const template = mapTree(result, (x) => {
      if (x instanceof WeakNumber) return new Slot("number", inputs.indexOf(x));
      if (!(x instanceof Tensor) || x instanceof Variable) return x;
      if (!x.storage) throw new CaptureError(this.name, "results that have values", "an example of vmap");
      checkLive(this.name, x);
      results.push(this.operandOf(x));
      outer.push(closedOver(x, this.since));
      return new Slot("result", results.length - 1);
    });
    const assignments = [...this.assigned.keys()].map((variable) => ({ variable, value: this.operandOf(variable) }));
    const gradients = [...this.gradients].flatMap(([leaf, { entry, set }]) => {
      // Nobody outside sees the gradient of a leaf that the function made itself.
      if (set === undefined || leaf.serial >= this.since) return [];
      // In eager the next call would differentiate through the graph, which no program hands on.
      if (entry && set?.node)
        throw new CaptureError(
          this.name,
          "no createGraph for .grad that adds up over calls",
          gradientName(leaf) ?? "one",
        );
      return [{ leaf, value: set && this.operandOf(set) }];
    });
    const absent = [...this.gradients].flatMap(([leaf, { entry }]) =>
      entry === null && leaf.serial < this.since ? leaf : [],
    );
    return {
      absent,
      pattern,
      guards: this.guards,
      graph: { inputs: this.inputs, steps: this.steps, results, assignments, gradients },
      result: template,
      closedOver: outer,
      constants: this.constants,
    };
  }
}

/** What every function depends on: whether nodes are made, and the default dtype. */
function modes(): unknown {
  return isTracking() ? defaultDType : dtypes[defaultDType];
}

function gradientName({ output }: Node): string | undefined {
  const name = nameOf(output);
  return name === undefined ? undefined : `gradient of ${name}`;
}
