import { asTensor, type TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { ShapeError, ValueError } from "../../errors.js";
import { matmul } from "../../primitives/contraction.js";
import { expandTo } from "../../primitives/define.js";
import { matrixExp as exponential } from "../../primitives/decompositions.js";
import { eye } from "../creation.js";
import { matrixOf } from "./arguments.js";
import { inv } from "./systems.js";

/**
 * A power of matrices [.., n, n], by squarings; of a negative exponent that of the inverse, of 0 the unit matrix. Floats only.
 *
 * @throws SingularError for a negative power of a singular matrix
 */
export function matrixPower(a: TensorLike, n: number): Tensor {
  const x = matrixOf("matrixPower", a);
  if (!Number.isInteger(n)) throw new ValueError("matrixPower", "a whole exponent", String(n));
  let power: Tensor | null = null;
  let square = n < 0 ? inv(x) : x;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = power ? matmul(power, square) : square;
    if (rest > 1) square = matmul(square, square);
  }
  if (!power) return expandTo(eye(x.shape.at(-1)!, { dtype: x.dtype }), x.shape);
  return power === x ? matmul(x, eye(x.shape.at(-1)!, { dtype: x.dtype })) : power;
}

/**
 * e^A of matrices A [.., n, n], by scaling and squaring, in f64 whatever the dtype (Moler and Van Loan 2003). Floats only. Derivatives by
 * the exponential of block triangular matrices, twice as large for each order (Najfeld and Havel 1995).
 */
export function matrixExp(a: TensorLike): Tensor {
  return exponential(matrixOf("matrixExp", a));
}

/** The product of two or more matrices, in the order that takes the least work; the first and the last may be vectors. */
export function multiDot(list: readonly TensorLike[]): Tensor {
  const tensors = list.map((x) => asTensor("multiDot", x));
  if (tensors.length < 2) throw new ShapeError("multiDot", "two factors or more", String(tensors.length));
  return best(tensors, new Map(), 0, tensors.length - 1).run();
}

interface Plan {
  readonly work: number;
  run(): Tensor;
}

/** The cheapest product of the factors from i to j (dynamic programming). */
function best(factors: readonly Tensor[], known: Map<number, Plan>, i: number, j: number): Plan {
  const key = i * factors.length + j;
  let plan = known.get(key);
  if (plan) return plan;
  if (i === j) plan = { work: 0, run: () => factors[i]! };
  for (let k = i; k < j; k++) {
    const [left, right] = [best(factors, known, i, k), best(factors, known, k + 1, j)];
    const rows = factors[i]!.rank === 1 ? 1 : factors[i]!.shape[0]!;
    const columns = factors[j]!.rank === 1 ? 1 : factors[j]!.shape[1]!;
    const work = left.work + right.work + rows * factors[k]!.shape.at(-1)! * columns;
    if (!plan || work < plan.work) plan = { work, run: () => matmul(left.run(), right.run()) };
  }
  known.set(key, plan!);
  return plan!;
}
