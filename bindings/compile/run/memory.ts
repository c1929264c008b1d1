import { checkLive } from "../../core/running/apply.js";
import { addressOf } from "../../core/encode/encode.js";
import { Tensor, type Node } from "../../core/graph.js";
import type { ElementArray } from "../../core/dtype.js";
import { operations } from "../../core/operations.js";
import { denseStrides } from "../../core/shape.js";
import { heap } from "../../runtime/instance.js";
import { allocateStorage, retain } from "../../runtime/scope.js";
import { PERMANENT, type Storage } from "../../runtime/storage.js";
import type { Graph, Value } from "../capture/graph.js";
import { bytesOf } from "../plan/place.js";
import { aligned, ALIGNMENT, type Plan } from "../plan/plan.js";
import type { Leaf } from "../capture/signature.js";

/** The gradient of a leaf that a program computes: memory that every call writes again. */
export class GradientSlot {
  readonly storage: Storage;
  /** What the leaf's `.grad` is. */
  private handle: Tensor;

  constructor(
    readonly leaf: Node,
    /** A value of the gradient's kind; null if the program neither reads nor leaves one. */
    private readonly value: Value | null,
    /** Whether the program reads the gradient that is there at first. */
    readonly read: boolean,
    /** What the program leaves: a gradient, none, or what was there. */
    readonly outcome: "gradient" | "nothing" | "same",
  ) {
    this.storage = owned(value ? bytesOf(value) : 0);
    this.storage.handles = PERMANENT;
    this.handle = this.fresh();
  }

  /** The value may be a view's origin, of another shape; a gradient has the shape of its leaf. */
  private fresh(): Tensor {
    const { dtype, shape, size } = this.leaf.output;
    return new Tensor(this.storage, dtype, shape, denseStrides(shape), 0, size, true);
  }

  /** Brings what the leaf has as its gradient into the slot. What was there is over, even if the run then fails. */
  load(): void {
    const { grad } = this.leaf;
    if (!this.read || !this.value || !grad || grad === this.handle) return;
    checkLive("backward", grad);
    const from = grad.dense ? grad : operations.copy(grad);
    const at = addressOf(from);
    heap.u8.copyWithin(this.storage.address, at, at + bytesOf(this.value));
    this.storage.version++;
  }

  /** Makes the slot the leaf's gradient. Handles that the user took of the values before serve no more. */
  store(replace: (leaf: Node, grad: Tensor | null) => void): void {
    const { leaf } = this;
    if (this.outcome === "same") return;
    if (this.outcome === "nothing") {
      if (leaf.grad) replace(leaf, null);
      return;
    }
    this.storage.version++;
    if (leaf.grad === this.handle && !leaf.gradShown) {
      this.handle.version = this.storage.version;
    } else {
      this.handle = this.fresh();
      replace(leaf, this.handle);
    }
  }

  /** Whether it is the leaf's gradient at present. */
  get isShown(): boolean {
    return this.leaf.grad === this.handle;
  }

  free(by: string): void {
    if (this.isShown) this.leaf.grad = null;
    this.storage.free(by);
  }
}

/** What a program has to itself: the slab, room for numbers and arrays among its arguments, and gradients. */
export class ProgramMemory {
  private readonly block: Storage;
  /** Where each argument that is no tensor is copied to; 0 for tensors. */
  readonly staged: readonly number[];
  readonly slots: readonly GradientSlot[];

  constructor({ bytes, graph }: Plan, leaves: readonly Leaf[]) {
    const offsets: number[] = [];
    let end = bytes;
    for (const [i, value] of graph.inputs.entries()) {
      const staged = !(leaves[i] instanceof Tensor);
      offsets.push(staged ? end : -1);
      if (staged) end += aligned(bytesOf(value));
    }
    this.block = owned(end);
    this.staged = offsets.map((offset) => (offset < 0 ? 0 : this.block.address + offset));
    this.slots = slotsFor(graph);
  }

  /** Address of the slab. */
  get slab(): number {
    return this.block.address;
  }

  /** Copies an argument that is no tensor to its place. */
  stage(position: number, leaf: number | ElementArray): void {
    const address = this.staged[position]!;
    if (typeof leaf === "number") heap.f64[address >>> 3] = leaf;
    else if (leaf instanceof Float32Array) heap.f32.set(leaf, address >>> 2);
    else if (leaf instanceof Float64Array) heap.f64.set(leaf, address >>> 3);
    else if (leaf instanceof Int32Array) heap.i32.set(leaf, address >>> 2);
    else heap.u8.set(leaf, address);
  }

  free(by: string): void {
    this.block.free(by);
    for (const slot of this.slots) slot.free(by);
  }
}

/** A slot for every leaf whose gradient is read or made. */
function slotsFor(graph: Graph): GradientSlot[] {
  const entries = new Map<Node, Value>();
  for (const { inputs } of graph.steps) {
    for (const { value } of inputs) if (value.origin.kind === "gradient") entries.set(value.origin.leaf, value);
  }
  const made = graph.gradients.map(({ leaf, value }) => {
    const entry = entries.get(leaf);
    entries.delete(leaf);
    // Without a gradient to read or to leave there is nothing to keep; the leaf is the model of one that is never written.
    const model = value?.value ?? entry;
    return new GradientSlot(leaf, model ?? null, entry !== undefined, value ? "gradient" : "nothing");
  });
  const looked = [...entries].map(([leaf, value]) => new GradientSlot(leaf, value, true, "same"));
  return [...made, ...looked];
}

/** Memory that no scope frees; the collector does, when the program is gone. */
export function owned(bytes: number): Storage {
  const storage = allocateStorage(Math.max(bytes, ALIGNMENT), null);
  retain(storage);
  return storage;
}
