import { checkFunction } from "../../core/checks.js";
import { operations } from "../../core/operations.js";
import { withoutEffects } from "../../core/running/effects.js";
import type { AnyTree, Lifted } from "../../core/tree.js";
import { checkAlike, chosen, lifted, lookOf, zipTrees } from "./tree.js";
import { truthOf, type Condition } from "./truth.js";

/**
 * `yes(...operands)` if the condition holds, else `no(...operands)`: one truth value, or a tensor of one element. The results
 * are trees of tensors that look alike; numbers in them become tensors. Differentiable in both modes.
 *
 * Where the condition is a value of a program (`compile`), or of an example (`vmap`), both functions are computed and the
 * result chosen element by element, to the same bits but for the signs of zeros among the gradients (and, where a program has
 * a `vmap` around it, the order of sums over examples), as long as all is finite in both: a derivative that is infinite or NaN
 * may reach the result from the other one. Neither may assign to variables or draw numbers then, and what one refuses, such as
 * an index outside, is refused whichever is chosen.
 */
export function cond<A extends readonly unknown[], Y extends AnyTree>(
  condition: Condition,
  yes: (...operands: A) => Y,
  no: (...operands: A) => Y,
  ...operands: A
): Lifted<Y> {
  for (const f of [yes, no]) checkFunction("cond", "two functions", f);
  const truth = truthOf("cond", condition);
  if (typeof truth === "boolean") return chosen(lifted("cond", (truth ? yes : no)(...operands))) as Lifted<Y>;
  const [x, y] = withoutEffects(
    "cond",
    () => [lifted("cond", yes(...operands)), lifted("cond", no(...operands))] as const,
  );
  checkAlike("cond", "a result of the second function", y, lookOf(x));
  return zipTrees([x, y], ([a, b]) => operations.where(truth, a!, b!)) as Lifted<Y>;
}
