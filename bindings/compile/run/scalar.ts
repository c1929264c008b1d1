import { dtypes } from "../../core/dtype.js";
import type { Lane } from "../../core/lanes.js";
import { isPlainObject, type Tree } from "../../core/tree.js";
import { compileEmitted } from "../../runtime/emitted.js";
import { heap, kernels } from "../../runtime/instance.js";
import type { Storage } from "../../runtime/storage.js";
import { Slot, type Captured } from "../capture/capture.js";
import { Code } from "../emit/code.js";
import { follow, isEmitted } from "../emit/expression.js";
import { LaneWriter } from "../emit/lanes.js";
import { moduleOf, REPLAY } from "../emit/module.js";
import { Simd, Type, Wasm } from "../emit/opcodes.js";
import type { Graph, Operand, Step, Value } from "../capture/graph.js";
import { owned } from "./memory.js";
import { phasesOf } from "../fuse/phases.js";
import type { Leaf } from "../capture/signature.js";
import { standIn, Words } from "../lower/words.js";

/** Bytes for a value in memory: those of the widest element. */
const BYTES = 8;

/**
 * A program of numbers: one function without loops, which takes and leaves numbers. Cheap steps are vector instructions of
 * which one element counts, so that the bits are those of the kernels; elementary functions are the kernels' own, of one
 * vector; others are instructions of one element.
 */
export class ScalarProgram {
  private readonly build: Builder;

  /** How many numbers it takes; -1 where they are not the arguments themselves, or not every number will do. */
  private readonly plain: number;

  private constructor(
    { pattern, result }: Pick<Captured, "pattern" | "result">,
    private readonly evaluate: (...x: readonly number[]) => void,
    private readonly block: Storage,
    results: number,
  ) {
    const parts = pattern.kind === "list" ? pattern.parts : [];
    const simple = parts.every((part) => part.kind === "number" && part.met.length === 0);
    this.plain = simple ? parts.length : -1;
    this.build = builder(result, results >>> 3);
  }

  /** The program of a graph that computes numbers of so many numbers; null where the engine refuses. */
  static of(
    graph: Graph,
    captured: Pick<Captured, "pattern" | "result">,
    leaves: readonly Leaf[],
  ): ScalarProgram | null {
    const writer = new ScalarWriter(graph);
    const run = compileEmitted((shared) =>
      moduleOf([writer.body], shared, writer.called, { parameters: leaves.map(() => Type.F64), results: [] }),
    );
    if (run) return new ScalarProgram(captured, run, writer.block, writer.results);
    writer.block.free("a refusal");
    return null;
  }

  /** Whether these arguments are all the numbers that it takes: then they are its leaves as they are. */
  accepts(args: readonly unknown[]): args is readonly number[] {
    if (args.length !== this.plain) return false;
    for (let i = 0; i < args.length; i++) if (typeof args[i] !== "number") return false;
    return true;
  }

  /** Computes the result, with numbers in it, for numbers. */
  call(leaves: readonly Leaf[]): unknown {
    const x = leaves as readonly number[];
    const { evaluate } = this;
    if (x.length === 1) evaluate(x[0]!);
    else if (x.length === 2) evaluate(x[0]!, x[1]!);
    else if (x.length === 3) evaluate(x[0]!, x[1]!, x[2]!);
    else evaluate(...x);
    return this.build(heap.f64, leaves);
  }

  dispose(by: string): void {
    this.block.free(by);
  }
}

/** Whether all that a graph does is to compute numbers from these leaves, which are numbers: its results are numbers, too. */
export function isOfNumbers(
  { steps, results, assignments, gradients }: Graph,
  { closedOver }: Pick<Captured, "closedOver">,
  leaves: readonly Leaf[],
): boolean {
  const one = (x: Operand): boolean => {
    const { dtype, origin } = x.value;
    if (dtype === "u8" || dtypes[dtype].half || origin.kind === "variable" || origin.kind === "gradient") return false;
    return x.elements === 1 && x.shape.length === 0;
  };
  const simple = ({ inputs, outputs, parts, primitive }: Step): boolean =>
    !parts &&
    !primitive.refuses &&
    primitive.encode !== undefined &&
    outputs[0]!.shape.length === 0 &&
    inputs.every(one);
  return (
    leaves.length > 0 &&
    leaves.every((leaf) => typeof leaf === "number") &&
    closedOver.every((outer) => outer.length === 0) && // A number could not depend on what is tracked outside.
    assignments.length + gradients.length === 0 &&
    results.length > 0 &&
    results.every((x) => one(x) && x.value.dtype !== "bool") &&
    steps.every(simple)
  );
}

/** Writes the one function of a graph. */
class ScalarWriter {
  readonly block: Storage;
  /** Where the results are left, in f64. */
  readonly results: number;
  readonly body: number[];
  readonly called: readonly number[];
  private readonly code: Code;
  private readonly v: LaneWriter;
  /** Values that are vectors; what is not there is in memory. */
  private readonly lanes = new Map<Value, Lane>();
  private readonly addresses = new Map<Value, number>();
  private readonly stored = new Set<Value>();
  private readonly words = new Words();
  /** The first instruction that has not been run yet. */
  private pending = 0;

  constructor({ inputs, steps, results }: Graph) {
    this.code = new Code(inputs.length);
    this.v = new LaneWriter(this.code, null);
    const values = [...inputs, ...steps.map(({ outputs }) => outputs[0]!)];
    this.block = owned(BYTES * (values.length + results.length) + INSTRUCTION * steps.length);
    const { address } = this.block;
    for (const [i, value] of values.entries()) this.addresses.set(value, address + BYTES * i);
    this.results = address + BYTES * values.length;
    const tape = this.results + BYTES * results.length;
    for (const [i, value] of inputs.entries()) {
      const local = this.code.local(Type.V128);
      this.code.get(i).simd(Simd.F64x2Splat).set(local);
      this.lanes.set(value, { local, dtype: "f64" });
    }
    for (const { kind, steps: some } of phasesOf(steps, (step) => (isInline(step) ? 4 : null), 1)) {
      if (kind === "emitted") this.run(tape);
      for (const step of some) {
        if (kind === "emitted") this.inline(step);
        else this.call(step);
      }
    }
    this.run(tape);
    for (const [i, x] of results.entries()) this.leave(x, this.results + BYTES * i);
    heap.i32.set(this.words.words.subarray(0, this.words.length), tape >>> 2);
    this.body = this.code.finish();
    this.called = this.code.called;
  }

  private inline(step: Step): void {
    const { primitive, inputs, outputs, params } = step;
    const x = inputs.map((operand) => this.lane(operand));
    const { lanes } = primitive;
    this.lanes.set(outputs[0]!, lanes ? follow(lanes, this.v, x, params) : this.v.call(placeOf(step), x[0]!));
  }

  /** Writes the instruction of a step. */
  private call({ primitive, inputs, outputs, params }: Step): void {
    for (const x of inputs) this.store(x);
    const given = inputs.map((x) => standIn(x.value.dtype, this.addressOf(x), [], []));
    const out = standIn(outputs[0]!.dtype, this.addresses.get(outputs[0]!)!, [], []);
    primitive.encode!(this.words, out, given, params);
  }

  /** Runs the instructions that have been written. */
  private run(tape: number): void {
    if (this.pending === this.words.length) return;
    this.code.i32((tape + 4 * this.pending) | 0).i32((tape + 4 * this.words.length) | 0);
    this.code.raw(Wasm.Call, REPLAY, Wasm.Drop);
    this.pending = this.words.length;
  }

  /** A value as a vector; what is only in memory is loaded. */
  private lane(x: Operand): Lane {
    let lane = this.lanes.get(x.value);
    if (!lane) {
      const { dtype } = x.value;
      const local = this.code.local(Type.V128);
      this.code
        .i32(this.addressOf(x) | 0)
        .simdMemory(SPLAT[dtypes[dtype].bytes], 0)
        .set(local);
      if (dtype === "bool") this.code.get(local).get(this.v.zeros()).simd(Simd.I8x16Ne).set(local);
      lane = { local, dtype };
      // Elements of a constant may be many.
      if (x.value.origin.kind !== "constant") this.lanes.set(x.value, lane);
    }
    return lane;
  }

  /** Puts a value that is only a vector into memory. */
  private store(x: Operand): void {
    const lane = this.lanes.get(x.value);
    const address = this.addresses.get(x.value);
    if (!lane || address === undefined || this.stored.has(x.value)) return;
    this.stored.add(x.value);
    this.code.i32(address | 0).get(lane.local);
    if (lane.dtype === "bool") this.code.get(this.v.ones()).simd(Simd.And);
    this.code.simdMemory(STORE[dtypes[lane.dtype].bytes], 0).raw(0);
  }

  private addressOf({ value, offset }: Operand): number {
    const { origin, dtype } = value;
    if (origin.kind === "constant") return origin.tensor.storage!.address + offset * dtypes[dtype].bytes;
    return this.addresses.get(value)!;
  }

  /** Leaves a result as an f64. */
  private leave(x: Operand, address: number): void {
    const { local, dtype } = this.lane(x);
    this.code.i32(address | 0).get(local);
    if (dtype === "f32") this.code.simd(Simd.F32x4ExtractLane).raw(0, Wasm.F64PromoteF32);
    else if (dtype === "f64") this.code.simd(Simd.F64x2ExtractLane).raw(0);
    else this.code.simd(Simd.I32x4ExtractLane).raw(0, Wasm.F64ConvertI32);
    this.code.raw(Wasm.F64Store, 3, 0);
  }
}

/** Bytes that an instruction of one element has room for. */
const INSTRUCTION = 128;
/** By the bytes of an element. */
const SPLAT = { 1: Simd.Load8Splat, 2: Simd.Load16Splat, 4: Simd.Load32Splat, 8: Simd.Load64Splat } as const;
const STORE = { 1: Simd.Store8Lane, 2: Simd.Store16Lane, 4: Simd.Store32Lane, 8: Simd.Store64Lane } as const;

function isInline(step: Step): boolean {
  const { primitive, inputs, outputs, params } = step;
  const types = inputs.map(({ value }) => value.dtype);
  if (!primitive.lanes) return placeOf(step) > 0;
  return isEmitted(primitive.lanes, types, params, outputs[0]!.dtype, null);
}

/** The place of a step's function of one vector, 0 if it has none. */
function placeOf({ primitive: { activation = 0 }, outputs }: Step): number {
  return kernels.vectorFunction(activation, dtypes[outputs[0]!.dtype].code);
}

/** Makes a result of numbers in memory, from a word of 8 bytes on, and of the arguments that it holds. */
function builder(template: Tree, first: number): Builder {
  if (template instanceof Slot) {
    const { kind, position } = template;
    return kind === "result" ? (memory) => memory[first + position] : (_, leaves) => leaves[position];
  }
  if (Array.isArray(template)) {
    const parts = template.map((part) => builder(part, first));
    const places = template.map((part) =>
      part instanceof Slot && part.kind === "result" ? first + part.position : -1,
    );
    const [x, y, z] = places as [number, number, number];
    const [, rest] = parts as [Builder, Builder];
    // Literals, with a function for each part only where need be: half of the time of a call could go into that.
    if (places.includes(-1)) {
      if (parts.length === 2 && x >= 0) return (memory, leaves) => [memory[x], rest(memory, leaves)];
      return (memory, leaves) => parts.map((part) => part(memory, leaves));
    }
    if (parts.length === 1) return (memory) => [memory[x]];
    if (parts.length === 2) return (memory) => [memory[x], memory[y]];
    if (parts.length === 3) return (memory) => [memory[x], memory[y], memory[z]];
    return (memory) => places.map((place) => memory[place]);
  }
  if (isPlainObject(template)) {
    const keys = Object.keys(template);
    const parts = keys.map((key) => builder(template[key], first));
    return (memory, leaves) => {
      const made = { ...template }; // made much faster than an object of entries
      for (let i = 0; i < keys.length; i++) made[keys[i]!] = parts[i]!(memory, leaves);
      return made;
    };
  }
  return () => template;
}
type Builder = (memory: Float64Array, leaves: readonly Leaf[]) => unknown;
