import type { TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { sameShape, showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { where, lt } from "../../primitives/arithmetic.js";
import { matmul } from "../../primitives/contraction.js";
import { expandTo } from "../../primitives/define.js";
import { reshape } from "../../primitives/movement.js";
import * as rows from "../../primitives/systems.js";
import { select } from "../split.js";
import { eye } from "../creation.js";
import { matrixOf, pairOf, together, transposed } from "./arguments.js";
import { pinv, type RankOptions } from "./decompositions.js";

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
export function solve(a: TensorLike, b: TensorLike, { left = true }: SolveOptions = {}): Tensor {
  const [x, y] = pairOf("solve", a, b);
  const vectors = y.rank === 1 || (y.rank === x.rank - 1 && sameShape(y.shape, x.shape.slice(0, -1)));
  if (vectors) {
    const columns = solved("solve", x, reshape(y, [...y.shape, 1]), rows.solve);
    return reshape(columns, columns.shape.slice(0, -1));
  }
  if (left) return solved("solve", x, y, rows.solve);
  return transposed(solved("solve", transposed(x), transposed(matrixOf("solve", y, true)), rows.solve));
}

/** A system of a whole batch. */
function solved(operation: string, a: Tensor, b: Tensor, system: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (b.rank < 2 || b.shape.at(-2) !== a.shape.at(-1))
    throw new ShapeError(operation, "[.., n, n] and [.., n, k]", `${showShape(a.shape)} and ${showShape(b.shape)}`);
  return system(...together(operation, a, b));
}

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
export function solveTriangular(
  a: TensorLike,
  b: TensorLike,
  { upper, left = true, unitriangular: unit = false }: TriangularOptions,
): Tensor {
  const [x, y] = pairOf("solveTriangular", a, b);
  if (left) return solved("solveTriangular", x, y, (t, c) => rows.solveTriangular(t, c, { upper, unit }));
  const turned = transposed(matrixOf("solveTriangular", y, true));
  return transposed(
    solved("solveTriangular", transposed(x), turned, (t, c) => rows.solveTriangular(t, c, { upper: !upper, unit })),
  );
}

/**
 * The inverse of matrices [.., n, n]. Floats only.
 *
 * @throws SingularError with the pivot that is 0, as `solve` has it
 */
export function inv(a: TensorLike): Tensor {
  const x = matrixOf("inv", a);
  return rows.solve(x, expandTo(eye(x.shape.at(-1)!, { dtype: x.dtype }), x.shape), "inv");
}

/**
 * The determinant of matrices [.., n, n]: [..]. Of a singular one it is 0 but for rounding, and its gradient is that of a polynomial,
 * the cofactors; second derivatives there are a SingularError. Floats only.
 */
export function det(a: TensorLike): Tensor {
  return rows.det(matrixOf("det", a));
}

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
  const { sign, logabsdet } = slogdet(a);
  return where(lt(sign, 0), NaN, logabsdet);
}

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
export function cholesky(a: TensorLike, { upper = false }: CholeskyOptions = {}): Tensor {
  const l = rows.cholesky(matrixOf("cholesky", a));
  return upper ? transposed(l) : l;
}

/** X with A X = B, where A = L Lᵀ, from B [.., n, k] and L [.., n, n]; or A = Uᵀ U with its upper factor. */
export function choleskySolve(b: TensorLike, l: TensorLike, { upper = false }: CholeskyOptions = {}): Tensor {
  const [given, right] = pairOf("choleskySolve", l, b);
  const lower = upper ? transposed(given) : given;
  return solveTriangular(transposed(lower), solveTriangular(lower, right, { upper: false }), { upper: true });
}

/**
 * The least-squares solution X = A⁺ B: of all that make the sum of squares of A X - B least the one that is least itself, whatever the
 * rank of A [.., m, n]. B [.., m, k], or a vector [m] as in `solve`; batches broadcast. Floats only. By `pinv`, as its derivatives are.
 */
export function lstsq(a: TensorLike, b: TensorLike, options: RankOptions = {}): Tensor {
  const [x, y] = pairOf("lstsq", a, b, true);
  const inverse = pinv(x, options);
  if (y.rank === x.rank - 1 && y.rank > 1 && sameShape(y.shape, x.shape.slice(0, -1)))
    return reshape(matmul(inverse, reshape(y, [...y.shape, 1])), [...y.shape.slice(0, -1), x.shape.at(-1)!]);
  if (y.shape.at(y.rank === 1 ? 0 : -2) !== x.shape.at(-2))
    throw new ShapeError("lstsq", "[.., m, n] and [.., m, k]", `${showShape(x.shape)} and ${showShape(y.shape)}`);
  return matmul(inverse, y);
}
