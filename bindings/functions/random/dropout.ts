import { withTracking } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { optionsOf } from "../../core/options.js";
import { ownedBy } from "../../core/running/scopes.js";
import { ValueError } from "../../errors.js";
import { mul, where } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { defaultGenerator, type Generator } from "./random.js";

/** Options of `dropout`. */
export interface DropoutOptions {
  /** Whether elements are dropped at all; when not, the result is x. Default true. */
  training?: boolean;
  /** Where the random numbers come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Each element of x is 0 with probability p, and otherwise x / (1 - p), so that the expectation stays x (Srivastava et al.,
 * "Dropout", 2014). Of the shape and dtype of x. Which elements are dropped is a random draw: `checkpoint` repeats it, and
 * under vmap each example has its own. Throws when p is not a number from 0 to 1.
 */
export function dropout(x: TensorLike, p = 0.5, options?: DropoutOptions): Tensor {
  const { training, generator } = optionsOf("dropout", options, { training: true, generator: undefined });
  if (!(p >= 0 && p <= 1)) throw new ValueError("dropout", "a probability from 0 to 1", String(p));
  const z = float(asTensor("dropout", x));
  if (!training || p === 0) return operations.identity(z);
  const scales = ownedBy("dropout", () =>
    withTracking(false, () => {
      const kept = (generator ?? defaultGenerator()).bernoulli(1 - p, z.shape);
      return where(kept, operations.fill([], p === 1 ? 0 : 1 / (1 - p), z.dtype), 0);
    }),
  );
  return mul(z, scales);
}
