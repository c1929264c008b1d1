import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { inNameOf, ValueError } from "../../errors.js";
import { lt, where } from "../../primitives/elementwise/arithmetic.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import * as rows from "../../primitives/linalg/systems.js";
import { select } from "../shapes/split.js";
import { matrixOf, ofSystem, transposed, unitOf } from "./arguments.js";
import { leastOf, pseudoinverse, type RankOptions } from "./decompositions.js";

/** Options of `solve`. */
export interface SolveOptions {
  /** A X = B, else X A = B. Default true. */
  left?: boolean;
}

/**
 * X with A X = B, by Gaussian elimination with row pivoting, in f64 whatever the dtype. A [.., n, n] and B [.., n, k], batches
 * broadcast: [.., n, k]. A vector B [n], or vectors B [.., n] of the very batch of A, give vectors. Floats only.
 * Derivatives: Giles 2008.
 *
 * @throws SingularError with the pivot that is 0, or no more than the rounding error of its own computing
 * @throws ShapeError, DTypeError
 */
export function solve(a: TensorLike, b: TensorLike, options?: SolveOptions): Tensor {
  const { left } = optionsOf("solve", options, { left: true });
  if (left) return ofSystem("solve", a, b, "square", rows.solve);
  return inNameOf("solve", () => transposed(solve(transposed(asTensor("solve", a)), transposed(asTensor("solve", b)))));
}

/** Options of `solveTriangular`. */
export interface TriangularOptions extends SolveOptions {
  /** The upper triangle of the matrix, else the lower one. The other triangle is not read. */
  upper: boolean;
  /** Whether the diagonal is taken as 1, and not read. Default false. */
  unitriangular?: boolean;
}

/**
 * X with T X = B, or X T = B, for the triangle T of a matrix [.., n, n], and B [.., n, k]; batches broadcast. Floats only.
 *
 * @throws SingularError with the first pivot that is 0
 */
export function solveTriangular(a: TensorLike, b: TensorLike, options: TriangularOptions): Tensor {
  const {
    upper,
    left,
    unitriangular: unit,
  } = optionsOf("solveTriangular", options, {
    upper: undefined,
    left: true,
    unitriangular: false,
  });
  if (typeof upper !== "boolean") throw new ValueError("solveTriangular", "upper as a boolean", String(upper));
  if (left) return ofSystem("solveTriangular", a, b, "square", (t, c) => rows.solveTriangular(t, c, { upper, unit }));
  const [t, c] = [a, b].map((x) => transposed(asTensor("solveTriangular", x))) as [Tensor, Tensor];
  return transposed(solveTriangular(t, c, { upper: !upper, unitriangular: unit }));
}

/**
 * The inverse of matrices [.., n, n]. Floats only.
 *
 * @throws SingularError with the pivot that is 0, as `solve` has it
 */
export function inv(a: TensorLike): Tensor {
  const x = matrixOf("inv", a);
  return rows.solve(x, unitOf(x), "inv");
}

/**
 * The determinant of matrices [.., n, n]: [..]. Of a singular one it is 0 but for rounding, and its gradient is that of a polynomial,
 * the cofactors; second derivatives there are a SingularError. Floats only.
 */
export function det(a: TensorLike): Tensor {
  return rows.det(matrixOf("det", a));
}

/** What `slogdet` gives: the determinant is sign · e^logabsdet. */
export interface SlogdetResult {
  /** 1, -1, or 0 for a singular matrix. */
  readonly sign: Tensor;
  /** log |det|, -Infinity for a singular matrix. */
  readonly logabsdet: Tensor;
}

/**
 * Sign and logarithm of the magnitude of the determinant of matrices [.., n, n], each [..]. The derivative at a singular matrix is a
 * SingularError. Floats only.
 */
export function slogdet(a: TensorLike): SlogdetResult {
  const pair = rows.slogdet(matrixOf("slogdet", a));
  return { sign: select(pair, -1, 0), logabsdet: select(pair, -1, 1) };
}

/** The logarithm of the determinant of matrices [.., n, n]: NaN where that is negative. */
export function logdet(a: TensorLike): Tensor {
  const { sign, logabsdet } = inNameOf("logdet", () => slogdet(a));
  return where(lt(sign, 0), NaN, logabsdet);
}

/** Options of `cholesky`. */
export interface CholeskyOptions {
  /** The upper triangular factor Lᵀ instead. Default false. */
  upper?: boolean;
}

/**
 * The lower triangular L [.., n, n] with a positive diagonal and L Lᵀ = (A + Aᵀ) / 2. It is the symmetric part that is taken, so that
 * derivatives are symmetric, as PyTorch's and JAX's are. Floats only. Derivative: Murray 2016.
 *
 * @throws SingularError with the first pivot that is not above 0: the matrix is not positive definite
 */
export function cholesky(a: TensorLike, options?: CholeskyOptions): Tensor {
  const { upper } = optionsOf("cholesky", options, { upper: false });
  const l = rows.cholesky(matrixOf("cholesky", a));
  return upper ? transposed(l) : l;
}

/**
 * The least-squares solution X = A⁺ B: of all that make the sum of squares of A X - B least the one that is least itself, whatever the
 * rank of A [.., m, n]. B [.., m, k], or vectors as in `solve`; batches broadcast. Floats only. By `pinv`, as its derivatives are.
 */
export function lstsq(a: TensorLike, b: TensorLike, options?: RankOptions): Tensor {
  const least = leastOf("lstsq", options);
  return ofSystem("lstsq", a, b, "any", (x, y) => matmul(pseudoinverse(x, least), y));
}
