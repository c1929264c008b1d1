import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { ValueError } from "../../errors.js";

/**
 * The n-th derivative of the digamma function at x, elementwise: n = 0 is `digamma`, n = 1 the trigamma function. Its
 * derivative is that of n + 1.
 *
 * @throws ValueError if n is no integer from 0 to 100
 */
export function polygamma(n: number, x: TensorLike): Tensor {
  if (!Number.isInteger(n) || n < 0 || n > 100)
    throw new ValueError("polygamma", "an order that is an integer from 0 to 100", String(n));
  return operations.polygamma(n, x);
}
