import { checkWhole } from "../../core/checks.js";
import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { inNameOf } from "../../errors.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import { matrixExp as exponential } from "../../primitives/linalg/decompositions.js";
import { copy } from "../../primitives/movement.js";
import { diagonal as diagonalOf } from "../shapes/diagonals.js";
import { matrixOf, unitOf } from "./arguments.js";
import { inv } from "./systems.js";

/**
 * A power of matrices [.., n, n], by squarings; of a negative exponent that of the inverse, of 0 the unit matrix. Floats only.
 *
 * @throws SingularError for a negative power of a singular matrix
 */
export function matrixPower(a: TensorLike, n: number): Tensor {
  const x = matrixOf("matrixPower", a);
  checkWhole("matrixPower", "exponent", n);
  let power: Tensor | null = null;
  let square = n < 0 ? inNameOf("matrixPower", () => inv(x)) : x;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = power ? matmul(power, square) : square;
    if (rest > 1) square = matmul(square, square);
  }
  if (!power) return unitOf(x);
  return power === x ? copy(x) : power;
}

/**
 * e^A of matrices A [.., n, n], by scaling and squaring, in f64 whatever the dtype (Moler and Van Loan 2003). Floats only. Derivatives by
 * the exponential of block triangular matrices, twice as large for each order (Najfeld and Havel 1995).
 */
export function matrixExp(a: TensorLike): Tensor {
  return exponential(matrixOf("matrixExp", a));
}

/** The diagonals of matrices, by default of the last two axes; otherwise as the function of the name outside `linalg`. */
export function diagonal(x: TensorLike, offset = 0, axis1 = -2, axis2 = -1): Tensor {
  return diagonalOf(x, offset, axis1, axis2);
}
