import { Op } from "../../../assembly/abi/op.js";
import type { SampleInput, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import type { Shape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import type { Internal } from "../define.js";
import {
  matrixRow,
  onMatrices,
  packed,
  places,
  qrShapes,
  sizesOf,
  svdShapes,
  symmetric,
  transposed,
  unit,
  unpacked,
} from "./matrices.js";

// Orthogonal decompositions. What one consists of lies packed in the last axis; `unpacked` takes it apart.

const tall: SampleInput = { shape: [4, 3], range: [-1, 1], diagonal: 2 };
const square: SampleInput = { shape: [2, 3, 3], range: [-1, 1], diagonal: 2 };
const tallOrSquare = [[tall], [square]];

/** How many columns an orthogonal factor has: as the matrix, or as many as it has rows. */
export interface WidthParams {
  readonly width: number;
}

/** Elements of Q, or U, and whatever else there is. */
function roomOf(operation: string, m: number, n: number, { width }: WidthParams, rest: number): Shape {
  if (width !== m && width !== n) throw new ShapeError(operation, `${n} or ${m} columns`, `${width}`);
  return [m * width + rest];
}

/** Columns from one on to another. */
function columns(o: Operations, q: Tensor, from: number, to: number): Tensor {
  const { lead, m } = sizesOf(q);
  const starts = [...lead.map(() => 0), 0, from];
  return o.stridedSlice(q, { starts, sizes: [...lead, m, to - from], steps: starts.map(() => 1) });
}

/**
 * The tangent of an orthogonal factor from that of its first n columns Q: those that complete it follow by -Q Q̇ᵀ, so that all stay
 * orthogonal.
 */
function completed(o: Operations, tangent: Tensor, all: Tensor): Tensor {
  const [n, width] = [sizesOf(tangent).n, sizesOf(all).n];
  if (width === n) return tangent;
  const rest = o.matmul(transposed(o, tangent), columns(o, all, n, width));
  const parts = [tangent, o.neg(o.matmul(columns(o, all, 0, n), rest))];
  const steps = all.shape.map(() => 1);
  const boxes = parts.map((x, i) => ({
    starts: steps.map((_, axis) => (axis === all.rank - 1 ? i * n : 0)),
    sizes: x.shape,
    steps,
  }));
  return o.embed(parts, boxes, all.shape, true);
}

/** Q [m, width] and R [n, n] of A [.., m, n], m >= n, with a diagonal >= 0, packed. */
export const qr: Internal<(a: Tensor, params: WidthParams) => Tensor, WidthParams> = onMatrices(
  matrixRow<WidthParams>("qr", {
    op: Op.Qr,
    kind: "tall",
    result: (m, n, params) => roomOf("qr", m, n, params, n * n),
    // With M = Qᵀ Ȧ R⁻¹ and the skew X of its part below the diagonal: Q̇ = Ȧ R⁻¹ - Q (M - X), Ṙ = (M - X) R (Walter 2012).
    tangent(o, [ta], { inputs: [a], output, params: { width } }) {
      const { lead, n } = sizesOf(a!);
      const [all, r] = unpacked(o, output, qrShapes(a!, width)) as [Tensor, Tensor];
      const q = columns(o, all, 0, n);
      const lower = { upper: false, unit: false };
      const b = transposed(o, o.solveTriangular(transposed(o, r), transposed(o, ta!), lower, "qr"));
      const m = o.matmul(transposed(o, q), b);
      const below = o.where(places(o, m, "gt"), m, 0);
      const upper = o.add(o.sub(m, below), transposed(o, below));
      return packed(o, lead, [completed(o, o.sub(b, o.matmul(q, upper)), all), o.matmul(upper, r)]);
    },
    samples: { inputs: tallOrSquare, params: [{ width: 3 }] },
  }),
);

/** x over `gaps` off the diagonal, 0 on it. Where x is 0 so is the result, whatever the gap: adjoints of 0 stay 0. */
function over(o: Operations, x: Tensor, gaps: Tensor): Tensor {
  const ones = unit(o, x);
  return o.gatedMul(x, o.sub(o.reciprocal(o.add(gaps, ones)), ones));
}

/** Numbers [.., n] as rows, and as columns. */
function crosswise(o: Operations, x: Tensor): [row: Tensor, column: Tensor] {
  const [lead, n] = [x.shape.slice(0, -1), x.shape[x.rank - 1]!];
  return [o.reshape(x, [...lead, 1, n]), o.reshape(x, [...lead, n, 1])];
}

/** The diagonals [.., n] of square matrices. */
function diagonals(o: Operations, a: Tensor): Tensor {
  return o.sum(o.where(places(o, a, "eq"), a, 0), -1);
}

/** Eigenvalues [n], ascending, and eigenvectors [n, n], as columns, of (A + Aᵀ) / 2 of A [.., n, n], packed. */
export const eigh: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("eigh", {
    op: Op.Eigh,
    result: (_, n) => [n + n * n],
    // With D = Vᵀ Ȧ V: ẇ = diag D, V̇ = V (F ∘ D), where F is 1 / (wⱼ - wᵢ) off the diagonal (Giles 2008).
    tangent(o, [ta], { inputs: [a], output }) {
      const { lead, n } = sizesOf(a!);
      const [w, v] = unpacked(o, output, [[n], [n, n]]) as [Tensor, Tensor];
      const d = o.matmul(o.matmul(transposed(o, v), symmetric(o, ta!)), v);
      return packed(o, lead, [diagonals(o, d), o.matmul(v, over(o, d, o.sub(...crosswise(o, w))))]);
    },
    samples: { inputs: [[{ ...square, shape: [3, 3] }], [square]], params: [null] },
  }),
);

/** U [m, width], singular values [n], descending, and V [n, n] of A [.., m, n], m >= n, packed. */
export const svd: Internal<(a: Tensor, params: WidthParams) => Tensor, WidthParams> = onMatrices(
  matrixRow<WidthParams>("svd", {
    op: Op.Svd,
    kind: "tall",
    result: (m, n, params) => roomOf("svd", m, n, params, n + n * n),
    // Townsend 2016, "Differentiating the singular value decomposition".
    tangent(o, [ta], { inputs: [a], output, params: { width } }) {
      const { lead, m, n } = sizesOf(a!);
      const [all, s, v] = unpacked(o, output, svdShapes(a!, width)) as [Tensor, Tensor, Tensor];
      const u = columns(o, all, 0, n);
      const [row, column] = crosswise(o, s);
      const image = o.matmul(ta!, v);
      const d = o.matmul(transposed(o, u), image);
      const turned = transposed(o, d);
      const gaps = o.mul(o.sub(row, column), o.add(row, column));
      const tv = o.matmul(v, over(o, o.add(o.mul(column, d), o.mul(turned, row)), gaps));
      let tu = o.matmul(u, over(o, o.add(o.mul(d, row), o.mul(column, turned)), gaps));
      if (m > n) tu = o.add(tu, o.gatedMul(o.sub(image, o.matmul(u, d)), o.reciprocal(row)));
      return packed(o, lead, [completed(o, tu, all), diagonals(o, d), tv]);
    },
    samples: { inputs: tallOrSquare, params: [{ width: 3 }] },
  }),
);

/** Singular values up to `value` times the largest count as 0, and those up to `least`. */
export interface LeastParams {
  readonly value: number;
  readonly least: number;
}

/** The pseudoinverse [.., n, m] of A [.., m, n], m >= n. */
export const pinv: Internal<(a: Tensor, params: LeastParams) => Tensor, LeastParams> = onMatrices(
  matrixRow<LeastParams>("pinv", {
    op: Op.Pinv,
    kind: "tall",
    result: (m, n) => [n, m],
    // Golub and Pereyra 1973, of constant rank: Ṗ = -P Ȧ P + P Pᵀ Ȧᵀ (I - A P) + (I - P A) Ȧᵀ Pᵀ P.
    tangent(o, [ta], { inputs: [a], output: p }) {
      const [turned, q] = [transposed(o, ta!), transposed(o, p)];
      const left = o.matmul(o.matmul(p, q), o.sub(turned, o.matmul(o.matmul(turned, a!), p)));
      const right = o.matmul(o.sub(turned, o.matmul(p, o.matmul(a!, turned))), o.matmul(q, p));
      return o.sub(o.add(left, right), o.matmul(p, o.matmul(ta!, p)));
    },
    samples: { inputs: tallOrSquare, params: [{ value: 1e-12, least: 0 }] },
  }),
);

/** The derivative of e^A along E: what stands at the top right in the exponential of [[A, E], [0, A]] (Najfeld and Havel 1995). */
function frechet(o: Operations, a: Tensor, e: Tensor): Tensor {
  const { lead, n } = sizesOf(a);
  const box = (row: number, column: number) => ({
    starts: [...lead.map(() => 0), row, column],
    sizes: a.shape,
    steps: a.shape.map(() => 1),
  });
  const blocks = o.embed([a, e, a], [box(0, 0), box(0, n), box(n, n)], [...lead, 2 * n, 2 * n]);
  return o.stridedSlice(o.matrixExp(blocks), box(0, n));
}

/** e^A of matrices A [.., n, n]. */
export const matrixExp: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("matrixExp", {
    op: Op.MatrixExp,
    result: (_, n) => [n, n],
    tangent: (o, [ta], { inputs: [a] }) => frechet(o, a!, ta!),
    transposes: [(o, g, { inputs: [a] }) => frechet(o, transposed(o, a!), g)],
    samples: { inputs: [[{ shape: [3, 3], range: [-1, 1] }], [{ shape: [2, 2, 2] }]], params: [null] },
  }),
);
