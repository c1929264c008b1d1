import type { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import { encodeMatrix, type MatrixOptions } from "../../core/encode/matrix.js";
import type { Batching, Derivative, Primitive, SampleInput, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { DTypeError, ShapeError } from "../../errors.js";
import { dense, internal, type Internal } from "../define.js";

// What the rows of linear algebra have in common. Matrices stand in the last two axes.

/** What matrices [.., m, n] an operation takes: those with m = n, those with m >= n, or all. */
export type Kind = "square" | "tall" | "any";

const KINDS: Readonly<Record<Kind, { expected: string; fits(m: number, n: number): boolean }>> = {
  square: { expected: "square matrices, [.., n, n]", fits: (m, n) => m === n },
  tall: { expected: "[.., m, n] with m >= n", fits: (m, n) => m >= n },
  any: { expected: "matrices, [.., m, n]", fits: () => true },
};

/** Refuses what are no matrices of a kind, of a floating-point type. */
export function matrices(operation: string, x: Tensor, kind: Kind = "square"): Tensor {
  const [m, n] = x.shape.slice(-2) as [number, number];
  if (!x.type.float) throw new DTypeError(operation, "a floating-point dtype", x.dtype);
  if (x.rank < 2 || !KINDS[kind].fits(m, n)) throw new ShapeError(operation, KINDS[kind].expected, showShape(x.shape));
  return x;
}

/** Shape of the batch, rows and columns. */
export function sizesOf({ shape }: Tensor): { readonly lead: Shape; readonly m: number; readonly n: number } {
  return { lead: shape.slice(0, -2), m: shape[shape.length - 2]!, n: shape[shape.length - 1]! };
}

type Tangent<P> = Extract<Derivative<P>, { kind: "tangent" }>;

/** A function of matrices [m, n], perhaps beside others [m, k] of the same batch. */
export interface MatrixRow<P> extends Omit<Tangent<P>, "kind"> {
  readonly op: Op;
  /** By default square ones. */
  readonly kind?: Kind;
  readonly refuses?: boolean;
  /** By default along the last axes. */
  readonly batch?: Batching<P>;
  /** Shape of what becomes of one of them. */
  result(m: number, n: number, params: P, k: number): Shape;
  /** By default the params. */
  options?(params: P): MatrixOptions;
  readonly samples: MatrixSamples<P>;
}

/** What the laws draw from; there are params for each. */
export interface MatrixSamples<P> {
  readonly inputs: readonly (readonly SampleInput[])[];
  readonly params: readonly P[];
}

/** A row of the table that runs one instruction. */
export function matrixRow<P>(
  name: string,
  { op, kind, refuses = false, batch = "rows", result, options = asOptions, samples, ...derivative }: MatrixRow<P>,
): Primitive<P> {
  const shapeOf = ([a, b]: readonly Tensor[], params: P): Shape => {
    const { m, n } = sizesOf(a!);
    return result(m, n, params, b ? b.shape[b.rank - 1]! : 0);
  };
  return {
    name,
    refuses,
    infer(given, params) {
      const [a, b] = given as [Tensor, Tensor?];
      const { lead, m } = sizesOf(matrices(name, a, kind));
      if (b && !(b.dtype === a.dtype && b.rank === a.rank && sameShape(b.shape.slice(0, -1), [...lead, m])))
        throw new ShapeError(name, "[.., n, n] and [.., n, k]", `${showShape(a.shape)} and ${showShape(b.shape)}`);
      return { shape: [...lead, ...shapeOf(given, params)], dtype: a.dtype };
    },
    encode: (tape, out, given, params) =>
      encodeMatrix(tape, op, out, given, sizeOf(shapeOf(given, params)), options(params)),
    batch,
    derivative: { kind: "tangent", ...derivative },
    samples: () => samples.inputs.flatMap((inputs) => samples.params.map((params) => ({ inputs, params }))),
  };
}

function asOptions<P>(params: P): MatrixOptions {
  return params ?? {};
}

/** The function of such a row: of matrices and its parameters, if it has any. */
export function onMatrices<P>(
  primitive: Primitive<P>,
): Internal<(a: Tensor, ...params: [P] extends [null] ? [] : [params: P]) => Tensor, P> {
  // Without parameters they are null.
  return internal(primitive, (a: Tensor, ...[params = null]: readonly unknown[]) =>
    apply(primitive, [dense(a)], params as P),
  );
}

/** The last two axes exchanged. */
export function transposed(o: Operations, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(axes.splice(-2, 1)[0]!);
  return o.permute(x, axes);
}

/** The symmetric part (A + Aᵀ) / 2. */
export function symmetric(o: Operations, a: Tensor): Tensor {
  return o.mul(o.add(a, transposed(o, a)), 0.5);
}

/** Where in matrices like x a comparison of row and column numbers holds. */
export function places(o: Operations, x: Tensor, compare: "eq" | "gt" | "ge" | "lt" | "le"): Tensor {
  const { m, n } = sizesOf(x);
  return o[compare](o.reshape(o.iota(m, "i32"), [m, 1]), o.iota(n, "i32"));
}

/** The unit matrix [n, n] that belongs to square matrices. */
export function unit(o: Operations, x: Tensor): Tensor {
  return o.cast(places(o, x, "eq"), x.dtype);
}

/** Σ x y over each matrix. */
export function inner(o: Operations, x: Tensor, y: Tensor): Tensor {
  return o.sum(o.mul(x, y), [-2, -1]);
}

/** Where each of so many lengths begins, one behind the other, along the last axis. */
function boxes(lead: Shape, lengths: readonly number[]): { starts: number[]; sizes: number[]; steps: number[] }[] {
  let end = 0;
  return lengths.map((length) => ({
    starts: [...lead.map(() => 0), (end += length) - length],
    sizes: [...lead, length],
    steps: [...lead, length].map(() => 1),
  }));
}

/** Parts of a batch, one behind the other in a new last axis. */
export function packed(o: Operations, lead: Shape, parts: readonly Tensor[]): Tensor {
  const lengths = parts.map((x) => sizeOf(x.shape.slice(lead.length)));
  const flat = parts.map((x, i) => o.reshape(x, [...lead, lengths[i]!]));
  return o.embed(flat, boxes(lead, lengths), [...lead, lengths.reduce((sum, length) => sum + length)], true);
}

/** Such parts by themselves, in their shapes. */
export function unpacked(o: Operations, y: Tensor, shapes: readonly Shape[]): Tensor[] {
  const lead = y.shape.slice(0, -1);
  return boxes(lead, shapes.map(sizeOf)).map((box, i) => o.reshape(o.stridedSlice(y, box), [...lead, ...shapes[i]!]));
}

/** Q [m, width] and R [n, n] of matrices [.., m, n]. */
export function qrShapes(a: Tensor, width: number): Shape[] {
  const { m, n } = sizesOf(a);
  return [
    [m, width],
    [n, n],
  ];
}

/** U [m, width], singular values [n] and V [n, n]. */
export function svdShapes(a: Tensor, width: number): Shape[] {
  const [u, v] = qrShapes(a, width) as [Shape, Shape];
  return [u, v.slice(1), v];
}
