import { Op } from "../../assembly/abi.js";
import { apply } from "../core/apply.js";
import { encodeMatrix } from "../core/encode-matrix.js";
import type { Primitive, SampleInput, Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import { sizeOf, type Shape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import { dense, internal, sample, type Internal } from "./define.js";
import { diagonals, matrices, packed, places, symmetric, transposed, unit, unpacked } from "./matrices.js";

// Orthogonal decompositions. What one consists of lies packed in the last axis; `unpacked` takes it apart.

const tall: SampleInput = { shape: [4, 3], range: [-1, 1], diagonal: 2 };
const square: SampleInput = { shape: [2, 3, 3], range: [-1, 1], diagonal: 2 };

/** How many columns an orthogonal factor has: as the matrix, or as many as it has rows. */
export interface WidthParams {
  readonly width: number;
}

function checkedWidth(operation: string, { m, n }: { m: number; n: number }, { width }: WidthParams): number {
  if (width === m || width === n) return width;
  throw new ShapeError(operation, `${n} or ${m} columns`, `${width}`);
}

/** The first columns of an orthogonal factor, and those that complete it, if any. */
function columnsOf(o: Operations, q: Tensor, n: number): [first: Tensor, more: Tensor | null] {
  const [m, width] = q.shape.slice(-2) as [number, number];
  if (width === n) return [q, null];
  const part = (start: number, length: number): Tensor =>
    o.stridedSlice(q, {
      starts: q.shape.map((_, axis) => (axis === q.rank - 1 ? start : 0)),
      sizes: [...q.shape.slice(0, -2), m, length],
      steps: q.shape.map(() => 1),
    });
  return [part(0, n), part(n, width - n)];
}

/** The tangent of a factor from that of its first columns Q: those that complete it follow by -Q Q̇ᵀ, so that all stay orthogonal. */
function completed(o: Operations, tangent: Tensor, q: Tensor, more: Tensor | null): Tensor {
  if (!more) return tangent;
  const rest = o.neg(o.matmul(q, o.matmul(transposed(o, tangent), more)));
  const lead = q.shape.slice(0, -2);
  const [m, n] = q.shape.slice(-2) as [number, number];
  const width = n + more.shape.at(-1)!;
  const zeros = lead.map(() => 0);
  const steps = q.shape.map(() => 1);
  const boxes = [
    { starts: [...zeros, 0, 0], sizes: q.shape, steps },
    { starts: [...zeros, 0, n], sizes: more.shape, steps },
  ];
  return o.embed([tangent, rest], boxes, [...lead, m, width], true);
}

function qrShapes(a: Tensor, width: number): Shape[] {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return [
    [m, width],
    [n, n],
  ];
}

const qrRows: Primitive<WidthParams> = {
  name: "qr",
  infer([a], params) {
    const { lead, ...size } = matrices("qr", a, true);
    const width = checkedWidth("qr", size, params);
    return { shape: [...lead, size.m * width + size.n ** 2], dtype: a!.dtype };
  },
  encode: (tape, out, inputs, { width }) => encodeMatrix(tape, Op.Qr, out, inputs, out.shape.at(-1)!, { width }),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // With M = Qᵀ Ȧ R⁻¹ and the skew X of its part below the diagonal: Q̇ = Ȧ R⁻¹ - Q (M - X), Ṙ = (M - X) R (Walter 2012).
    tangent(o, [ta], { inputs: [a], output, params: { width } }) {
      const { lead, n } = matrices("qr", a, true);
      const [all, r] = unpacked(o, output, qrShapes(a!, width)) as [Tensor, Tensor];
      const [q, more] = columnsOf(o, all, n);
      const lower = { upper: false, unit: false };
      const b = transposed(o, o.solveTriangular(transposed(o, r), transposed(o, ta!), lower));
      const m = o.matmul(transposed(o, q), b);
      const below = o.where(places(o, n, "gt"), m, 0);
      const upper = o.add(o.where(places(o, n, "le"), m, 0), transposed(o, below));
      const tangent = o.sub(b, o.matmul(q, upper));
      return packed(o, lead, [completed(o, tangent, q, more), o.matmul(upper, r)]);
    },
  },
  samples: () => [
    { inputs: [tall], params: { width: 3 } },
    { inputs: [square], params: { width: 3 } },
  ],
};

/** Q [m, width] and R [n, n] of A [.., m, n], m >= n, with a diagonal >= 0, packed. */
export const qr: Internal<(a: Tensor, params: WidthParams) => Tensor, WidthParams> = internal(
  qrRows,
  (a: Tensor, params: WidthParams) => apply(qrRows, [dense(a)], params),
);

const eighRows: Primitive<null> = {
  name: "eigh",
  infer([a]) {
    const { lead, n } = matrices("eigh", a);
    return { shape: [...lead, n + n ** 2], dtype: a!.dtype };
  },
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.Eigh, out, inputs, out.shape.at(-1)!),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // With D = Vᵀ Ȧ V: ẇ = diag D, V̇ = V (F ∘ D), where F is 1 / (wⱼ - wᵢ) off the diagonal (Giles 2008).
    tangent(o, [ta], { inputs: [a], output }) {
      const { lead, n } = matrices("eigh", a);
      const [w, v] = unpacked(o, output, [[n], [n, n]]) as [Tensor, Tensor];
      const d = o.matmul(o.matmul(transposed(o, v), symmetric(o, ta!)), v);
      const gaps = o.sub(o.reshape(w, [...lead, 1, n]), o.reshape(w, [...lead, n, 1]));
      return packed(o, lead, [diagonals(o, d), o.matmul(v, over(o, d, gaps))]);
    },
  },
  samples: () => [sample([{ ...square, shape: [3, 3] }]), sample([square])],
};

/** x over `gaps` off the diagonal, 0 on it. Where x is 0 so is the result, whatever the gap: adjoints of 0 stay 0. */
function over(o: Operations, x: Tensor, gaps: Tensor): Tensor {
  const ones = unit(o, x.shape.at(-1)!, x);
  return o.gatedMul(x, o.sub(o.reciprocal(o.add(gaps, ones)), ones));
}

/** Eigenvalues [n], ascending, and eigenvectors [n, n], as columns, of (A + Aᵀ) / 2 of A [.., n, n], packed. */
export const eigh: Internal<(a: Tensor) => Tensor> = internal(eighRows, (a: Tensor) =>
  apply(eighRows, [dense(a)], null),
);

function svdShapes(a: Tensor, width: number): Shape[] {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return [[m, width], [n], [n, n]];
}

const svdRows: Primitive<WidthParams> = {
  name: "svd",
  infer([a], params) {
    const { lead, ...size } = matrices("svd", a, true);
    const width = checkedWidth("svd", size, params);
    return { shape: [...lead, size.m * width + size.n + size.n ** 2], dtype: a!.dtype };
  },
  encode: (tape, out, inputs, { width }) => encodeMatrix(tape, Op.Svd, out, inputs, out.shape.at(-1)!, { width }),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // Townsend 2016, "Differentiating the singular value decomposition".
    tangent(o, [ta], { inputs: [a], output, params: { width } }) {
      const { lead, m, n } = matrices("svd", a, true);
      const [all, s, v] = unpacked(o, output, svdShapes(a!, width)) as [Tensor, Tensor, Tensor];
      const [u, more] = columnsOf(o, all, n);
      const [row, column] = [o.reshape(s, [...lead, 1, n]), o.reshape(s, [...lead, n, 1])];
      const image = o.matmul(ta!, v);
      const d = o.matmul(transposed(o, u), image);
      const gaps = o.mul(o.sub(row, column), o.add(row, column));
      const turned = transposed(o, d);
      const tv = o.matmul(v, over(o, o.add(o.mul(column, d), o.mul(turned, row)), gaps));
      let tu = o.matmul(u, over(o, o.add(o.mul(d, row), o.mul(column, turned)), gaps));
      if (m > n) tu = o.add(tu, o.gatedMul(o.sub(image, o.matmul(u, d)), o.reciprocal(row)));
      return packed(o, lead, [completed(o, tu, u, more), diagonals(o, d), tv]);
    },
  },
  samples: () => [
    { inputs: [tall], params: { width: 3 } },
    { inputs: [square], params: { width: 3 } },
  ],
};

/** U [m, width], singular values [n], descending, and V [n, n] of A [.., m, n], m >= n, packed. */
export const svd: Internal<(a: Tensor, params: WidthParams) => Tensor, WidthParams> = internal(
  svdRows,
  (a: Tensor, params: WidthParams) => apply(svdRows, [dense(a)], params),
);

const inverting: Primitive<number> = {
  name: "pinv",
  infer([a]) {
    const { lead, m, n } = matrices("pinv", a, true);
    return { shape: [...lead, n, m], dtype: a!.dtype };
  },
  encode: (tape, out, inputs, value) =>
    encodeMatrix(tape, Op.Pinv, out, inputs, sizeOf(out.shape.slice(-2)), { width: out.shape.at(-2)!, value }),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // Golub and Pereyra 1973, of constant rank: Ṗ = -P Ȧ P + P Pᵀ Ȧᵀ (I - A P) + (I - P A) Ȧᵀ Pᵀ P.
    tangent(o, [ta], { inputs: [a], output: p }) {
      const turned = transposed(o, ta!);
      const q = transposed(o, p);
      const left = o.matmul(o.matmul(p, q), o.sub(turned, o.matmul(o.matmul(turned, a!), p)));
      const right = o.matmul(o.sub(turned, o.matmul(p, o.matmul(a!, turned))), o.matmul(q, p));
      return o.sub(o.add(left, right), o.matmul(p, o.matmul(ta!, p)));
    },
  },
  samples: () => [
    { inputs: [tall], params: 1e-12 },
    { inputs: [square], params: 1e-12 },
  ],
};

/** The pseudoinverse [.., n, m] of A [.., m, n], m >= n; singular values up to a share of the largest count as 0. */
export const pinv: Internal<(a: Tensor, share: number) => Tensor, number> = internal(
  inverting,
  (a: Tensor, share: number) => apply(inverting, [dense(a)], share),
);

const exponential: Primitive<null> = {
  name: "matrixExp",
  infer([a]) {
    matrices("matrixExp", a);
    return a!;
  },
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.MatrixExp, out, inputs, sizeOf(out.shape.slice(-2))),
  batch: "rows",
  derivative: {
    kind: "tangent",
    tangent: (o, [ta], { inputs: [a] }) => frechet(o, a!, ta!),
    transposes: [(o, g, { inputs: [a] }) => frechet(o, transposed(o, a!), g)],
  },
  samples: () => [sample([{ shape: [3, 3], range: [-1, 1] }]), sample([{ shape: [2, 2, 2] }])],
};

/** The derivative of e^A along E: what stands at the top right in the exponential of [[A, E], [0, A]] (Najfeld and Havel 1995). */
function frechet(o: Operations, a: Tensor, e: Tensor): Tensor {
  const { lead, n } = matrices("matrixExp", a);
  const zeros = lead.map(() => 0);
  const box = (row: number, column: number) => ({
    starts: [...zeros, row, column],
    sizes: a.shape,
    steps: a.shape.map(() => 1),
  });
  const blocks = o.embed([a, e, a], [box(0, 0), box(0, n), box(n, n)], [...lead, 2 * n, 2 * n]);
  return o.stridedSlice(o.matrixExp(blocks), box(0, n));
}

/** e^A of matrices A [.., n, n]. */
export const matrixExp: Internal<(a: Tensor) => Tensor> = internal(exponential, (a: Tensor) =>
  apply(exponential, [dense(a)], null),
);
