import { Triangle } from "../../../assembly/abi/form.js";
import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import type { BatchedValues, SampleInput, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { dense, internal, named, type Internal } from "../define.js";
import {
  inner,
  matrixRow,
  onMatrices,
  packed,
  places,
  sizesOf,
  symmetric,
  transposed,
  unit,
  type MatrixSamples,
} from "./matrices.js";

// Linear systems and determinants. Derivatives: Giles 2008, "An extended collection of matrix derivative results".

/** Regular, and positive definite. */
const square: SampleInput = { shape: [3, 3], range: [-1, 1], diagonal: 2 };
const squares: SampleInput = { ...square, shape: [2, 3, 3] };
const alone: MatrixSamples<null> = { inputs: [[square], [squares]], params: [null] };
const sameSize = (m: number, n: number): number[] => [m, n];

/** Systems of a batch. With one matrix for all examples, their right sides stand side by side. */
function besides<P>(system: (o: Operations, a: Tensor, b: Tensor, params: P, name?: string) => Tensor) {
  return (o: Operations, { inputs, batched, params, name, count }: BatchedValues<P>): Tensor => {
    const each = (i: number): Tensor => (batched[i] ? inputs[i]! : o.expand(inputs[i]!, [count, ...inputs[i]!.shape]));
    const [a, b] = [inputs[0]!, each(1)];
    if (batched[0] || a.rank > 2) return system(o, each(0), b, params, name);
    const [, n, k] = b.shape as [number, number, number];
    const x = system(o, a, o.reshape(o.permute(b, [1, 0, 2]), [n, count * k]), params, name);
    return o.permute(o.reshape(x, [n, count, k]), [1, 0, 2]);
  };
}

const solving = matrixRow<null>("solve", {
  op: Op.Solve,
  refuses: true,
  batch: besides((o, a, b, _, name) => o.solve(a, b, name)),
  result: (_, n, __, k) => [n, k],
  // A Ẋ = Ḃ - Ȧ X
  tangent: (o, [ta, tb], { inputs: [a], output: x, name }) => o.solve(a!, less(o, tb, ta && o.matmul(ta, x)), name),
  shared: (o, g, { inputs: [a], name }) => o.solve(transposed(o, a!), g, name),
  transposes: [
    (o, _, { output: x, shared }) => o.neg(o.matmul(shared!, transposed(o, x))),
    (_, __, { shared }) => shared!,
  ],
  samples: {
    inputs: [
      [square, { shape: [3, 2] }],
      [squares, { shape: [2, 3, 1] }],
    ],
    params: [null],
  },
});

/** y - x, of which one may be missing. */
function less(o: Operations, y: Tensor | null | undefined, x: Tensor | null | undefined): Tensor {
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

const LOWER: TriangleParams = { upper: false, unit: false };

/** The triangle of a matrix that a triangular system reads. */
function triangleOf(o: Operations, x: Tensor, { upper, unit: ones }: TriangleParams): Tensor {
  return o.where(places(o, x, upper ? (ones ? "lt" : "le") : ones ? "gt" : "ge"), x, 0);
}

const triangular = matrixRow<TriangleParams>("solveTriangular", {
  op: Op.SolveTriangular,
  refuses: true,
  batch: besides((o, ...given) => o.solveTriangular(...given)),
  result: (_, n, __, k) => [n, k],
  options: ({ upper, unit: ones }) => ({ flags: (upper ? Triangle.Upper : 0) | (ones ? Triangle.Unit : 0) }),
  tangent: (o, [tt, tb], { inputs: [t], output: x, params, name }) =>
    o.solveTriangular(t!, less(o, tb, tt && o.matmul(triangleOf(o, tt, params), x)), params, name),
  shared: (o, g, { inputs: [t], params, name }) =>
    o.solveTriangular(transposed(o, t!), g, { ...params, upper: !params.upper }, name),
  transposes: [
    (o, _, { output: x, params, shared }) => o.neg(triangleOf(o, o.matmul(shared!, transposed(o, x)), params)),
    (_, __, { shared }) => shared!,
  ],
  samples: {
    inputs: [[square, { shape: [3, 2] }]],
    params: [{ ...LOWER, upper: true }, LOWER, { ...LOWER, unit: true }],
  },
});

/** X with T X = B for the triangle T of a matrix [.., n, n], and B [.., n, k]. */
export const solveTriangular: Internal<
  (t: Tensor, b: Tensor, params: TriangleParams, name?: string) => Tensor,
  TriangleParams
> = internal(triangular, (t: Tensor, b: Tensor, params: TriangleParams, name = "solveTriangular") =>
  apply(named(triangular, name), [dense(t), dense(b)], params),
);

/** Determinants [..] of matrices [.., n, n]. */
export const det: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("det", {
    op: Op.Det,
    result: () => [],
    tangent: (o, [ta], { inputs: [a] }) => inner(o, o.cofactor(a!), ta!),
    samples: alone,
  }),
);

/** Signs and logarithms of the magnitudes of determinants: [.., 2]. */
export const slogdet: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("slogdet", {
    op: Op.Slogdet,
    result: () => [2],
    // tr(A⁻¹ Ȧ); the sign is constant.
    tangent(o, [ta], { inputs: [a] }) {
      const t = inner(o, o.solve(transposed(o, a!), o.expand(unit(o, a!), a!.shape), "slogdet"), ta!);
      return packed(o, t.shape, [o.fill(t.shape, 0, t.dtype), t]);
    },
    samples: alone,
  }),
);

/** The gradient of the determinant: cofactors [.., n, n], also of singular matrices. */
export const cofactor: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("cofactor", {
    op: Op.Cofactor,
    result: sameSize,
    // Of C = det(A) A⁻ᵀ: Aᵀ Ċ = tr(Cᵀ Ȧ) - Ȧᵀ C
    tangent(o, [ta], { inputs: [a], output: c }) {
      const trace = o.reshape(inner(o, c, ta!), [...sizesOf(c).lead, 1, 1]);
      const right = o.sub(o.mul(trace, unit(o, c)), o.matmul(transposed(o, ta!), c));
      return o.solve(transposed(o, a!), right, "det");
    },
    samples: alone,
  }),
);

/** The lower triangular L [.., n, n] with L Lᵀ = (A + Aᵀ) / 2, which must be positive definite. */
export const cholesky: Internal<(a: Tensor) => Tensor> = onMatrices(
  matrixRow<null>("cholesky", {
    op: Op.Cholesky,
    refuses: true,
    result: sameSize,
    // L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), where Φ halves the diagonal and drops what is above (Murray 2016).
    tangent(o, [ta], { output: l }) {
      const half = o.solveTriangular(l, symmetric(o, ta!), LOWER);
      const whole = o.solveTriangular(l, transposed(o, half), LOWER);
      const below = o.add(triangleOf(o, whole, LOWER), triangleOf(o, whole, { ...LOWER, unit: true }));
      return o.matmul(l, o.mul(below, 0.5));
    },
    samples: alone,
  }),
);
