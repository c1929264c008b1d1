import { Op, Triangle } from "../../assembly/abi.js";
import { apply } from "../core/apply.js";
import { encodeMatrix } from "../core/encode-matrix.js";
import type { Primitive, SampleInput, Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import { dense, internal, named, sample, type Internal } from "./define.js";
import { inner, matrices, packed, places, solutions, symmetric, transposed, unit } from "./matrices.js";

// Linear systems and determinants. Derivatives: Giles 2008, "An extended collection of matrix derivative results".

/** Regular matrices, and positive definite ones. */
const square: SampleInput = { shape: [3, 3], range: [-1, 1], diagonal: 2 };
const squares: SampleInput = { ...square, shape: [2, 3, 3] };

const solving: Primitive<null> = {
  name: "solve",
  refuses: true,
  infer: (inputs) => ({ shape: solutions("solve", inputs), dtype: inputs[0]!.dtype }),
  encode(tape, out, inputs) {
    const [n, width] = out.shape.slice(-2) as [number, number];
    encodeMatrix(tape, Op.Solve, out, inputs, n * width, { width });
  },
  batch: "rows",
  derivative: {
    kind: "tangent",
    // A Ẋ = Ḃ - Ȧ X
    tangent: (o, [ta, tb], { inputs: [a], output: x }) => o.solve(a!, moved(o, tb, ta && o.matmul(ta, x))),
    shared: (o, g, { inputs: [a] }) => o.solve(transposed(o, a!), g),
    transposes: [
      (o, _, { output: x, shared }) => o.neg(o.matmul(shared!, transposed(o, x))),
      (_, __, { shared }) => shared!,
    ],
  },
  samples: () => [sample([square, { shape: [3, 2] }]), sample([squares, { shape: [2, 3, 1] }])],
};

/** y - x of which one may be missing. */
function moved(o: Operations, y: Tensor | null | undefined, x: Tensor | null | undefined): Tensor {
  return !x ? y! : y ? o.sub(y, x) : o.neg(x);
}

/** X with A X = B for regular A [.., n, n] and B [.., n, k]. */
export const solve: Internal<(a: Tensor, b: Tensor, name?: string) => Tensor> = internal(
  solving,
  (a: Tensor, b: Tensor, name = "solve") => apply(named(solving, name), [dense(a), dense(b)], null),
);

/** Which triangle is meant, and whether its diagonal is taken as 1. */
export interface TriangleParams {
  readonly upper: boolean;
  readonly unit: boolean;
}

/** The triangle of a matrix that a triangular system reads. */
function triangleOf(o: Operations, x: Tensor, { upper, unit }: TriangleParams): Tensor {
  const compare = upper ? (unit ? "lt" : "le") : unit ? "gt" : "ge";
  return o.where(places(o, x.shape.at(-1)!, compare), x, 0);
}

const triangular: Primitive<TriangleParams> = {
  name: "solveTriangular",
  refuses: true,
  infer: (inputs) => ({ shape: solutions("solveTriangular", inputs), dtype: inputs[0]!.dtype }),
  encode(tape, out, inputs, { upper, unit }) {
    const [n, width] = out.shape.slice(-2) as [number, number];
    const flags = (upper ? Triangle.Upper : 0) | (unit ? Triangle.Unit : 0);
    encodeMatrix(tape, Op.SolveTriangular, out, inputs, n * width, { width, flags });
  },
  batch: "rows",
  derivative: {
    kind: "tangent",
    tangent: (o, [tt, tb], { inputs: [t], output: x, params }) =>
      o.solveTriangular(t!, moved(o, tb, tt && o.matmul(triangleOf(o, tt, params), x)), params),
    shared: (o, g, { inputs: [t], params: { upper, unit } }) =>
      o.solveTriangular(transposed(o, t!), g, { upper: !upper, unit }),
    transposes: [
      (o, _, { output: x, params, shared }) => o.neg(triangleOf(o, o.matmul(shared!, transposed(o, x)), params)),
      (_, __, { shared }) => shared!,
    ],
  },
  samples: () =>
    [
      { upper: true, unit: false },
      { upper: false, unit: false },
      { upper: false, unit: true },
    ].map((params) => ({ inputs: [square, { shape: [3, 2] }], params })),
};

/** X with T X = B for the triangle T of a matrix [.., n, n], and B [.., n, k]. */
export const solveTriangular: Internal<(t: Tensor, b: Tensor, params: TriangleParams) => Tensor, TriangleParams> =
  internal(triangular, (t: Tensor, b: Tensor, params: TriangleParams) =>
    apply(triangular, [dense(t), dense(b)], params),
  );

const determinant: Primitive<null> = {
  name: "det",
  infer: ([a]) => ({ shape: matrices("det", a).lead, dtype: a!.dtype }),
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.Det, out, inputs, 1),
  batch: "rows",
  derivative: {
    kind: "tangent",
    tangent: (o, [ta], { inputs: [a] }) => inner(o, o.cofactor(a!), ta!),
  },
  samples: () => [sample([square]), sample([squares])],
};

/** Determinants [..] of matrices [.., n, n]. */
export const det: Internal<(a: Tensor) => Tensor> = internal(determinant, (a: Tensor) =>
  apply(determinant, [dense(a)], null),
);

const logarithmic: Primitive<null> = {
  name: "slogdet",
  infer: ([a]) => ({ shape: [...matrices("slogdet", a).lead, 2], dtype: a!.dtype }),
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.Slogdet, out, inputs, 2),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // tr(A⁻¹ Ȧ); the sign is constant.
    tangent(o, [ta], { inputs: [a] }) {
      const { lead, n } = matrices("slogdet", a);
      const inverse = o.solve(transposed(o, a!), o.expand(unit(o, n, a!), a!.shape), "slogdet");
      const t = inner(o, inverse, ta!);
      return packed(o, lead, [o.fill(lead, 0, t.dtype), t]);
    },
  },
  samples: () => [sample([square]), sample([squares])],
};

/** Signs and logarithms of the magnitudes of determinants: [.., 2]. */
export const slogdet: Internal<(a: Tensor) => Tensor> = internal(logarithmic, (a: Tensor) =>
  apply(logarithmic, [dense(a)], null),
);

const cofactors: Primitive<null> = {
  name: "cofactor",
  infer([a]) {
    matrices("det", a);
    return a!;
  },
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.Cofactor, out, inputs, planeOf(out)),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // Of C = det(A) A⁻ᵀ: Aᵀ Ċ = tr(Cᵀ Ȧ) - Ȧᵀ C
    tangent(o, [ta], { inputs: [a], output: c }) {
      const trace = o.reshape(inner(o, c, ta!), [...c.shape.slice(0, -2), 1, 1]);
      const scaled = o.mul(trace, unit(o, c.shape.at(-1)!, c));
      return o.solve(transposed(o, a!), o.sub(scaled, o.matmul(transposed(o, ta!), c)), "det");
    },
  },
  samples: () => [sample([square]), sample([squares])],
};

/** Elements of a matrix. */
function planeOf(x: Tensor): number {
  return x.shape.at(-1)! * x.shape.at(-2)!;
}

/** The gradient of the determinant: cofactors [.., n, n], also of singular matrices. */
export const cofactor: Internal<(a: Tensor) => Tensor> = internal(cofactors, (a: Tensor) =>
  apply(cofactors, [dense(a)], null),
);

const factor: Primitive<null> = {
  name: "cholesky",
  refuses: true,
  infer([a]) {
    matrices("cholesky", a);
    return a!;
  },
  encode: (tape, out, inputs) => encodeMatrix(tape, Op.Cholesky, out, inputs, planeOf(out)),
  batch: "rows",
  derivative: {
    kind: "tangent",
    // L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), where Φ halves the diagonal and drops what is above (Murray 2016).
    tangent(o, [ta], { output: l }) {
      const lower = { upper: false, unit: false };
      const half = o.solveTriangular(l, symmetric(o, ta!), lower);
      const whole = o.solveTriangular(l, transposed(o, half), lower);
      const n = l.shape.at(-1)!;
      const weights = o.mul(o.add(o.cast(places(o, n, "gt"), l.dtype), o.cast(places(o, n, "ge"), l.dtype)), 0.5);
      return o.matmul(l, o.mul(whole, weights));
    },
  },
  samples: () => [sample([square]), sample([squares])],
};

/** The lower triangular L [.., n, n] with L Lᵀ = (A + Aᵀ) / 2, which must be positive definite. */
export const cholesky: Internal<(a: Tensor) => Tensor> = internal(factor, (a: Tensor) =>
  apply(factor, [dense(a)], null),
);
