// For the declarations of all entry points, whose users need not name it then: tensors are disposed of by `using`.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Op } from "../../assembly/abi/op.js";
import { nextNodeSerial, type Storage } from "../runtime/storage.js";
import type { Tape } from "../runtime/tape.js";
import { dtypes, type DTypeFacts, type DTypeName } from "./dtype.js";
import type { LaneRule } from "./lanes.js";
import type { Operations } from "./operations.js";
import type { Shape } from "./shape.js";

export { nextNodeSerial };

/** How a tensor's elements lie in its storage: shape, and strides and offset in elements. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * An n-dimensional array of numbers of one element type. What users hold: a handle on a storage in the arena, or on part
 * of one, and a link to the node that made it where differentiation needs that. Its values never change, except a
 * `Variable`'s.
 */
export class Tensor {
  /** @internal The version of the storage that this handle saw: any other means freed, or overwritten since. */
  version: number;
  /** @internal What there is to know of the dtype. */
  readonly type: DTypeFacts;
  /** @internal The node whose value this is, where something tracks it. */
  node: Node | null = null;

  constructor(
    /** @internal Null for a symbolic tensor, which has a shape but no values. */
    readonly storage: Storage | null,
    /** Element type. */
    readonly dtype: DTypeName,
    /** The length of each axis; none of a 0-d tensor. */
    readonly shape: Shape,
    /** How many elements of the storage neighbours along each axis are apart. */
    readonly strides: readonly number[],
    /** Where in its storage the first element is. */
    readonly offset: number,
    /** Number of elements. */
    readonly size: number,
    /** Whether the elements lie densely in row-major order. */
    readonly dense: boolean,
  ) {
    this.type = dtypes[dtype];
    if (storage) {
      storage.handles++;
      this.version = storage.version;
    } else {
      this.version = 0;
    }
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }
}

/** Called with the adjoint of a value when it is complete; what it returns takes its place. */
export type Hook = (g: Tensor) => Tensor | undefined | void;

/** A node of the computational graph, an intermediate value v_i: the operation, its arguments and its value. */
export class Node {
  /** Nodes are numbered as they are made, so inputs come before outputs. */
  readonly serial = nextNodeSerial();
  /** The accumulated gradient, of a leaf or a node that retains it. */
  grad: Tensor | null = null;
  /** The user has been given that gradient, and may hold it. */
  gradShown = false;
  /** Whether `backward` keeps the gradient of this node. Always so for leaves. */
  retainsGrad = false;
  /** What a user wants to see, or change, of the adjoint when it is complete. */
  hooks: Set<Hook> | null = null;
  /** What let its saved values go: a `backward`, say. Empty while they are there. */
  consumed = "";
  /** Made while nothing is tracked, because its value is yet to come: it is constant to differentiation. */
  untracked = false;
  /** Its output is an intermediate handle that does not count: see `inPlaceOf`. */
  uncounted = false;

  constructor(
    readonly primitive: Primitive,
    public inputs: readonly Tensor[],
    readonly params: unknown,
    /** The value. Rules that are expressed in terms of the output read it. */
    readonly output: Tensor,
  ) {}
}

/** What a rule may look at: the values that went in, the value that came out, the parameters. */
export interface Values<P = unknown> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly params: P;
  /** What errors call the operation. */
  readonly name?: string;
  /** What the adjoints of an operation have in common. */
  readonly shared?: Tensor;
}

/** A partial derivative of an elementwise operation, as an expression; null where it is zero everywhere. */
export type Partial = ((o: Operations, x: readonly Tensor[], y: Tensor) => Tensor) | null;

/** The adjoint of one argument, given that of the output; null for an argument that the operation is not linear in. */
export interface Transpose<P> {
  transpose(o: Operations, g: Tensor, values: Values<P>, argument: number): Tensor;
}

/** How an operation is differentiated. Declared once; both modes follow from it. */
export type Derivative<P = unknown> =
  /** Integer or truth-valued results, and functions that are constant almost everywhere. */
  | { readonly kind: "none" }
  /** y_i = f(x_i, ..). `singular`: partials may be infinite, and an adjoint of exactly 0 annihilates them. */
  | { readonly kind: "elementwise"; readonly partials: readonly Partial[]; readonly singular?: boolean }
  /** Linear in all differentiable arguments together. */
  | {
      readonly kind: "linear";
      readonly transposes: readonly (Transpose<P>["transpose"] | null)[];
      /** Any number of arguments; the one transpose serves them all. */
      readonly variadic?: boolean;
      /** The tangent, where there is a shorter way than the operation on zeros for the arguments without one. */
      tangent?(o: Operations, tangents: readonly (Tensor | null)[], values: Values<P>): Tensor;
      /** For an operation whose adjoint fills part of a larger tensor: many such adjoints into one buffer. */
      gather?(o: Operations, gs: readonly Tensor[], params: readonly P[], input: Tensor): Tensor;
    }
  /** Linear in each argument by itself. */
  | { readonly kind: "bilinear"; readonly transposes: readonly Transpose<P>["transpose"][] }
  /** A kernel for speed, and the same function in other operations for every further derivative. */
  | {
      readonly kind: "fused";
      definition(o: Operations, inputs: readonly Tensor[], params: P): Tensor;
      /** A faster adjoint, made of fused operations itself; null for arguments that have none. */
      readonly backward?: readonly (Transpose<P>["transpose"] | null)[];
      /** What these have in common, computed once for all that are wanted: it is among their values. */
      shared?(o: Operations, g: Tensor, values: Values<P>): Tensor;
    }
  /** The tangent, which is linear in those of the arguments; null is 0. */
  | {
      readonly kind: "tangent";
      tangent(o: Operations, tangents: readonly (Tensor | null)[], values: Values<P>): Tensor;
      /** The adjoints, where there is a shorter way than to transpose the tangent. */
      readonly transposes?: readonly Transpose<P>["transpose"][];
      /** What these have in common, computed once for all that are wanted: it is among their values. */
      shared?(o: Operations, g: Tensor, values: Values<P>): Tensor;
    }
  /** Written by hand for one function of a user's: both modes. */
  | {
      readonly kind: "custom";
      adjoints(g: Tensor, values: Values<P>, wanted: readonly boolean[]): readonly (Tensor | null)[];
      tangent(tangents: readonly (Tensor | null)[], values: Values<P>): Tensor;
    };

/**
 * How an operation runs over a batch of examples, which lie along a new first axis of its arguments.
 * "elementwise": as it is, once the arguments' axes are aligned. "rows": as it is, for it works along the last axes.
 */
export type Batching<P = unknown> = "elementwise" | "rows" | BatchRule<P>;

/** What comes out has the examples along its first axis. An argument that is not batched is the same for all examples. */
export interface BatchedValues<P> extends Pick<Values<P>, "inputs" | "params" | "name"> {
  readonly batched: readonly boolean[];
  /** Examples in the batch. */
  readonly count: number;
  /** The shape of what comes out for one example. */
  readonly shape: Shape;
}
type BatchRule<P> = BatchMethod<P>["batch"];
interface BatchMethod<P> {
  batch(o: Operations, values: BatchedValues<P>): Tensor;
}

/** What a product does with its elements while they are near, in this order: add to what out held, add a bias, activate. */
export interface Epilogue {
  readonly accumulate?: boolean;
  /** A dense vector [n]. */
  readonly bias?: Tensor;
  /** An operation of form Map with one input. */
  readonly activation?: Op;
}

/** One case on which the laws test an operation. */
export interface Sample<P = unknown> {
  /** Shapes of the inputs, and the range that their values are drawn from (default [-2, 2]). */
  readonly inputs: readonly SampleInput[];
  readonly params: P;
}
/** One input of a `Sample`. */
export interface SampleInput {
  readonly shape: Shape;
  /** Values are drawn uniformly between these; f64 unless integers are asked for. */
  readonly range?: readonly [number, number];
  readonly dtype?: "i32" | "bool";
  /** Of matrices: this, times i + 1, is added to the element (i, i): they are regular, and their eigenvalues lie far apart. */
  readonly diagonal?: number;
}

/** An elementary operation: the one place where it is defined. */
export interface Primitive<P = unknown> {
  readonly name: string;
  /** How formulas write it: between two arguments, before one, or around the `_` in it; by default its name. */
  readonly symbol?: string;
  /** Shape and dtype of the result; throws the error that a user sees. */
  infer(inputs: readonly Tensor[], params: P): { readonly shape: Shape; readonly dtype: DTypeName };
  /** For movement without a copy: how the result lies in the storage of the input, or null if that is impossible. */
  view?(x: Tensor, params: P): Layout;
  /** What an elementwise operation is in a loop of vectors, where that is a few instructions; the bits are its kernel's. */
  readonly lanes?: LaneRule<P>;
  /** Of a sum: whether it is that of all elements of this shape, which can be had in parts (Flow.Blocks). */
  isTotal?(shape: Shape, params: P): boolean;
  /** Of an elementwise operation of one input: its opcode, by which a product can do it. */
  readonly activation?: Op;
  /** Of a product: writes the instructions with more to do behind it; a bias, too, where `bias` says so. */
  readonly product?: {
    readonly bias: boolean;
    encode(tape: Tape, out: Tensor, inputs: readonly Tensor[], params: P, epilogue: Epilogue): void;
  };
  /** Writes the instructions that compute `out`. */
  encode?(tape: Tape, out: Tensor, inputs: readonly Tensor[], params: P): void;
  /**
   * Of an operation that computes several values of the shape of its first input, packed along a new first axis: writes the
   * instructions that put each at an address of its own, which may be that of the input that it takes the place of.
   */
  encodeParts?(tape: Tape, addresses: readonly number[], inputs: readonly Tensor[], params: P): void;
  /** For what is no kernel, but a function of the user's: calls it again, where a checkpoint repeats it. */
  repeat?(inputs: readonly Tensor[], params: P): Tensor;
  /** Its nodes do not hold the memory of what goes in and comes out: no rule reads that. */
  readonly savesNothing?: boolean;
  /** Whether the kernel refuses some values, such as indices that lie outside: then it has written nothing that was there. */
  readonly refuses?: boolean;
  readonly derivative: Derivative<P>;
  /** How the operation runs over a batch. Without, its kernel runs example by example. */
  readonly batch?: Batching<P>;
  /** Where the laws draw from: the whole mathematical domain, every branch. */
  samples(): readonly Sample<P>[];
}

/** Whether derivatives pass through a node. */
export function isDifferentiable({ untracked, primitive, output }: Node): boolean {
  return !untracked && output.type.float && primitive.derivative.kind !== "none";
}
