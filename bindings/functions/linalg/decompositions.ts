import type { TensorLike } from "../../core/values/create.js";
import { spacing } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { checkChoice, checkOptions, optionsOf } from "../../core/options.js";
import { inNameOf, ValueError } from "../../errors.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import * as rows from "../../primitives/linalg/decompositions.js";
import { qrShapes, svdShapes, unpacked } from "../../primitives/linalg/matrices.js";
import { cat } from "../shapes/movement.js";
import { narrow } from "../shapes/split.js";
import { matrixOf, transposed } from "./arguments.js";

/** Options of `qr`. */
export interface QrOptions {
  /** "reduced" (default): Q [m, k] and R [k, n], where k is the lesser of m and n. "complete": Q [m, m] and R [m, n]. "r": R [k, n], and an empty Q [0]. */
  mode?: "reduced" | "complete" | "r";
}

/** What `qr` gives: A = Q R. */
export interface QrResult {
  /** Orthonormal columns. */
  readonly q: Tensor;
  /** Upper triangular, with a diagonal that is not negative. */
  readonly r: Tensor;
}

/**
 * Q with orthonormal columns and the upper triangular R, with a diagonal >= 0, whose product is A [.., m, n], by Householder's
 * reflections. Floats only. The first k columns of A must be independent for there to be a derivative (Walter 2012). The columns
 * that complete Q are one choice of many: only what does not depend on it has a derivative worth the name.
 */
export function qr(a: TensorLike, options?: QrOptions): QrResult {
  const { mode } = optionsOf("qr", options, { mode: "reduced" });
  checkChoice("qr", "mode", mode, ["reduced", "complete", "r"]);
  const x = matrixOf("qr", a, "any");
  const [m, n] = x.shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  const width = mode === "complete" ? m : k;
  const first = m < n ? narrow(x, -1, 0, k) : x;
  const [all, square] = unpacked(operations, rows.qr(first, { width }), qrShapes(first, width)) as [Tensor, Tensor];
  const zeros = (...shape: readonly number[]): Tensor => operations.fill(shape, 0, x.dtype);
  const q = mode === "r" ? zeros(0) : all;
  if (m < n) return { q, r: cat([square, matmul(transposed(all), narrow(x, -1, k, n - k))], -1) };
  return { q, r: width === k ? square : cat([square, zeros(...x.shape.slice(0, -2), m - k, n)], -2) };
}

/** What `eigh` gives: A = V diag(w) Vᵀ. */
export interface EighResult {
  /** [.., n], in ascending order. */
  readonly eigenvalues: Tensor;
  /** [.., n, n], as columns. The first element of each is not negative. */
  readonly eigenvectors: Tensor;
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices [.., n, n], of the symmetric part (A + Aᵀ) / 2 of others, by Jacobi's rotations
 * (Demmel and Veselić 1992). Floats only. Derivatives: Giles 2008; those of the vectors of equal eigenvalues are infinite or NaN, as
 * PyTorch's.
 */
export function eigh(a: TensorLike): EighResult {
  const x = matrixOf("eigh", a);
  const n = x.shape.at(-1)!;
  const [eigenvalues, eigenvectors] = unpacked(operations, rows.eigh(x), [[n], [n, n]]) as [Tensor, Tensor];
  return { eigenvalues, eigenvectors };
}

/** The eigenvalues that `eigh` gives. First derivatives are finite for equal ones, too. */
export function eigvalsh(a: TensorLike): Tensor {
  return inNameOf("eigvalsh", () => eigh(a).eigenvalues);
}

/** Options of `svd`. */
export interface SvdOptions {
  /** U [m, m] and Vᵀ [n, n], else as many of their vectors as there are singular values. Default true. */
  fullMatrices?: boolean;
}

/** What `svd` gives: A = U diag(s) Vᵀ. */
export interface SvdResult {
  /** Left singular vectors as columns. The first element of each is not negative. */
  readonly u: Tensor;
  /** Singular values [.., k], in descending order, where k is the lesser of m and n. */
  readonly s: Tensor;
  /** Right singular vectors as rows. */
  readonly vh: Tensor;
}

/**
 * The singular value decomposition U diag(s) Vᵀ of matrices [.., m, n], by one-sided rotations (Hestenes 1958). Floats only.
 * Derivatives: Townsend 2016; those of the vectors of equal singular values, or of those that are 0, are infinite or NaN, as PyTorch's.
 * Of the vectors that complete U or V only what does not depend on their choice has a derivative worth the name.
 */
export function svd(a: TensorLike, options?: SvdOptions): SvdResult {
  const { fullMatrices } = optionsOf("svd", options, { fullMatrices: true });
  const x = matrixOf("svd", a, "any");
  const [m, n] = x.shape.slice(-2) as [number, number];
  const tall = m < n ? transposed(x) : x;
  const width = fullMatrices ? Math.max(m, n) : Math.min(m, n);
  const [u, s, v] = unpacked(operations, rows.svd(tall, { width }), svdShapes(tall, width)) as [Tensor, Tensor, Tensor];
  return tall === x ? { u, s, vh: transposed(v) } : { u: v, s, vh: transposed(u) };
}

/** Singular values [.., k] of matrices [.., m, n], in descending order. First derivatives are finite for equal ones, and for 0, too. */
export function svdvals(a: TensorLike): Tensor {
  return inNameOf("svdvals", () => svd(a, { fullMatrices: false }).s);
}

/** Options of `matrixRank`, `pinv` and `lstsq`. */
export interface RankOptions {
  /** Singular values up to this share of the largest count as 0. Default: 0 beside an `atol`, else the larger of m and n times the spacing of numbers at 1. */
  rtol?: number;
  /** Singular values up to this count as 0, too. Default 0. */
  atol?: number;
}

/** Which singular values of a matrix count as 0. */
export function leastOf(operation: string, options: RankOptions = {}): (x: Tensor) => rows.LeastParams {
  checkOptions(operation, options, { rtol: 0, atol: 0 });
  return (x) => {
    const { atol = 0, rtol = atol > 0 ? 0 : Math.max(...x.shape.slice(-2)) * spacing[x.dtype]! } = options;
    if (!(rtol >= 0 && atol >= 0)) throw new ValueError(operation, "rtol and atol from 0 on", `${rtol} and ${atol}`);
    return { value: rtol, least: atol };
  };
}

/**
 * The pseudoinverse [.., n, m] of matrices [.., m, n] of any rank (Moore and Penrose). Floats only. Derivative at constant rank: Golub
 * and Pereyra 1973.
 */
export function pinv(a: TensorLike, options?: RankOptions): Tensor {
  const least = leastOf("pinv", options);
  return pseudoinverse(matrixOf("pinv", a, "any"), least);
}

/** That of a matrix. */
export function pseudoinverse(x: Tensor, least: (x: Tensor) => rows.LeastParams): Tensor {
  const params = least(x);
  return x.shape.at(-2)! < x.shape.at(-1)! ? transposed(rows.pinv(transposed(x), params)) : rows.pinv(x, params);
}
