import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { inPlaceOf } from "../../core/running/apply.js";
import { composed } from "../../core/running/scopes.js";
import { broadcastShapes, listOf, normalizeAxis, showShape, sizeOf } from "../../core/shape.js";
import { AxisError, inNameOf, ShapeError } from "../../errors.js";
import { add, mul, sub } from "../../primitives/elementwise/arithmetic.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import { expandTo, meet } from "../../primitives/define.js";
import { permute, reshape } from "../../primitives/movement.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { moveAxis, roll } from "../shapes/arrange.js";
import { einsum } from "./einsum.js";

export { matmul };

function refuse(operation: string, expected: string, ...tensors: readonly Tensor[]): never {
  throw new ShapeError(operation, expected, tensors.map((x) => showShape(x.shape)).join(" and "));
}

/**
 * Inner product of two vectors of one length.
 *
 * @throws ShapeError for what are not two vectors of one length
 */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor("dot", x), asTensor("dot", y)];
  if (a.rank !== 1 || b.rank !== 1 || a.size !== b.size) refuse("dot", "two vectors of one length", a, b);
  return matmul(a, b);
}

/**
 * Outer product of two vectors, [n] and [m]: [n, m].
 *
 * @throws ShapeError for what is no vector
 */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor("outer", x), asTensor("outer", y)];
  if (a.rank !== 1 || b.rank !== 1) refuse("outer", "two vectors", a, b);
  return matmul(reshape(a, [a.size, 1]), reshape(b, [1, b.size]));
}

/**
 * Product of two matrices, [n, k] and [k, m].
 *
 * @throws ShapeError for what are not two such matrices
 */
export function mm(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor("mm", x), asTensor("mm", y)];
  if (a.rank !== 2 || b.rank !== 2 || a.shape[1] !== b.shape[0]) refuse("mm", "matrices [n, k] and [k, m]", a, b);
  return matmul(a, b);
}

/**
 * Product of a matrix and a vector, [n, k] and [k].
 *
 * @throws ShapeError for what are not such a matrix and vector
 */
export function mv(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor("mv", x), asTensor("mv", y)];
  if (a.rank !== 2 || b.rank !== 1 || a.shape[1] !== b.shape[0]) refuse("mv", "a matrix [n, k] and a vector [k]", a, b);
  return matmul(a, b);
}

/**
 * Products of two batches of matrices of one length, [b, n, k] and [b, k, m].
 *
 * @throws ShapeError for what are not two such batches
 */
export function bmm(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor("bmm", x), asTensor("bmm", y)];
  if (a.rank !== 3 || b.rank !== 3 || a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1])
    refuse("bmm", "[b, n, k] and [b, k, m]", a, b);
  return matmul(a, b);
}

/**
 * Sums of products over the last axes of two tensors, [.., k] and [.., k]: [.., ..].
 *
 * @throws ShapeError for last axes of different lengths
 */
export function inner(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = meet("inner", x, y);
  if (a.rank === 0 || b.rank === 0) return mul(a, b);
  if (a.shape[a.rank - 1] !== b.shape[b.rank - 1]) refuse("inner", "last axes of one length", a, b);
  return tensordot(a, b, [[-1], [-1]]);
}

/**
 * Sums of products along one axis of both, by default the last, with broadcasting of the others.
 *
 * @throws ShapeError for shapes that do not broadcast
 * @throws AxisError for an axis that they do not have
 */
export function vecdot(x: TensorLike, y: TensorLike, axis = -1): Tensor {
  return composed("vecdot", x, () => {
    const [a, b] = meet("vecdot", x, y);
    const shape = broadcastShapes("vecdot", a.shape, b.shape);
    return sum(mul(expandTo(a, shape), expandTo(b, shape)), normalizeAxis("vecdot", axis, shape.length));
  });
}

/**
 * Sums of products over several axes of both: the last `axes` of x with the first of y (by default 2), or lists of axes that
 * belong together. What is left of x comes first, then what is left of y.
 *
 * @throws ShapeError for axes of different lengths
 * @throws AxisError for an axis that a tensor does not have, or one that is named twice
 * @throws ValueError for a number of axes that is no whole number from 0
 */
export function tensordot(
  x: TensorLike,
  y: TensorLike,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const [a, b] = meet("tensordot", x, y);
  const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  if (!Array.isArray(axes)) {
    checkWhole("tensordot", "number of axes", axes, 0);
    if ((axes as number) > a.rank) refuse("tensordot", `${String(axes)} axes`, a, b);
  }
  const [left, right] = Array.isArray(axes)
    ? (axes as readonly (readonly number[])[])
    : [count(axes as number).map((i) => a.rank - (axes as number) + i), count(axes as number)];
  const of = (t: Tensor, listed: number | readonly number[] | undefined): number[] =>
    listOf(listed as number).map((axis) => normalizeAxis("tensordot", axis, t.rank));
  const [p, q] = [of(a, left), of(b, right)];
  for (const list of [p, q])
    if (new Set(list).size !== list.length)
      throw new AxisError("tensordot", "each axis once", `axes ${list.join(", ")}`);
  if (p.length !== q.length || p.some((axis, i) => a.shape[axis] !== b.shape[q[i]!]))
    refuse("tensordot", "axes of the same lengths", a, b);
  const restA = count(a.rank).filter((axis) => !p.includes(axis));
  const restB = count(b.rank).filter((axis) => !q.includes(axis));
  const lengths = (t: Tensor, listed: readonly number[]): number[] => listed.map((axis) => t.shape[axis]!);
  const shared = sizeOf(lengths(a, p));
  const rows = reshape(permute(a, [...restA, ...p]), [sizeOf(lengths(a, restA)), shared]);
  const columns = reshape(permute(b, [...q, ...restB]), [shared, sizeOf(lengths(b, restB))]);
  return reshape(matmul(rows, columns), [...lengths(a, restA), ...lengths(b, restB)]);
}

/** The Kronecker product: every element of x times all of y, in blocks. A tensor of fewer axes gets leading ones of length 1. */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = meet("kron", x, y);
  const rank = Math.max(a.rank, b.rank);
  const full = (t: Tensor): number[] => [...new Array<number>(rank - t.rank).fill(1), ...t.shape];
  const [p, q] = [full(a), full(b)];
  const apart = mul(
    reshape(a, p.flatMap((n) => [n, 1])), // prettier-ignore
    reshape(b, q.flatMap((n) => [1, n])), // prettier-ignore
  );
  return reshape(
    apart,
    p.map((n, i) => n * q[i]!),
  );
}

/**
 * The cross product of vectors of length 3 along an axis, by default the last, with broadcasting.
 *
 * @throws ShapeError for vectors that are not of length 3, or shapes that do not broadcast
 * @throws AxisError for an axis that they do not have
 */
export function cross(x: TensorLike, y: TensorLike, axis = -1): Tensor {
  const [a, b] = meet("cross", x, y);
  const shape = broadcastShapes("cross", a.shape, b.shape);
  const along = normalizeAxis("cross", axis, shape.length);
  if (
    shape[along] !== 3 ||
    a.shape[a.rank - shape.length + along] !== 3 ||
    b.shape[b.rank - shape.length + along] !== 3
  )
    refuse("cross", `vectors of length 3 along axis ${axis}`, a, b);
  return composed("cross", a.node ? a : b, () => {
    // Along the first axis all vectors turn at once.
    const [u, v] = [a, b].map((t) => moveAxis(expandTo(t, shape), along, 0)) as [Tensor, Tensor];
    const product = sub(mul(roll(u, -1, 0), roll(v, 1, 0)), mul(roll(u, 1, 0), roll(v, -1, 0)));
    return inPlaceOf(product, moveAxis(product, 0, along));
  });
}

/**
 * x1 · weight · x2 + bias of rows: [.., n], [outputs, n, m], [.., m] and [outputs] or none give [.., outputs].
 *
 * @throws ShapeError for a weight that does not fit the vectors, rows that do not fit each other, or a bias that does not fit the outputs
 */
export function bilinear(x1: TensorLike, x2: TensorLike, weight: TensorLike, bias?: TensorLike | null): Tensor {
  const [a, b, w] = [x1, x2, weight].map((x) => asTensor("bilinear", x)) as [Tensor, Tensor, Tensor];
  if (w.rank !== 3 || a.shape[a.rank - 1] !== w.shape[1] || b.shape[b.rank - 1] !== w.shape[2])
    refuse("bilinear", "[.., n], [.., m] and [outputs, n, m]", a, b, w);
  return inNameOf("bilinear", () => {
    const y = einsum("...i,oij,...j->...o", a, w, b);
    return bias === undefined || bias === null ? y : add(y, bias);
  });
}

/** How much each part of a sum counts. */
export interface AddmmOptions {
  /** The tensor that is added. Default 1. */
  beta?: number;
  /** The product. Default 1. */
  alpha?: number;
}

/**
 * beta x + alpha a b for two matrices; x broadcasts.
 *
 * @throws ShapeError for matrices that do not fit each other, or an x that does not broadcast
 */
export function addmm(x: TensorLike, a: TensorLike, b: TensorLike, options?: AddmmOptions): Tensor {
  return plus("addmm", x, () => mm(a, b), options);
}

/**
 * beta x + alpha a b for a matrix and a vector; x broadcasts.
 *
 * @throws ShapeError for a matrix and a vector that do not fit each other, or an x that does not broadcast
 */
export function addmv(x: TensorLike, a: TensorLike, b: TensorLike, options?: AddmmOptions): Tensor {
  return plus("addmv", x, () => mv(a, b), options);
}

/**
 * beta x + alpha a b for two batches of matrices; x broadcasts.
 *
 * @throws ShapeError for batches that do not fit each other, or an x that does not broadcast
 */
export function baddbmm(x: TensorLike, a: TensorLike, b: TensorLike, options?: AddmmOptions): Tensor {
  return plus("baddbmm", x, () => bmm(a, b), options);
}

/** With a beta of 0, what x holds does not count, NaN included. */
function plus(operation: string, x: TensorLike, multiply: () => Tensor, options?: AddmmOptions): Tensor {
  const { beta, alpha } = optionsOf(operation, options, { beta: 1, alpha: 1 });
  return composed(operation, x, () => {
    const product = multiply();
    const scaled = alpha === 1 ? product : mul(product, alpha);
    if (beta === 0) return scaled;
    return add(beta === 1 ? x : mul(x, beta), scaled);
  });
}
