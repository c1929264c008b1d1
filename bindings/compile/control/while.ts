import { checkFunction, checkWhole } from "../../core/checks.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { withoutEffects } from "../../core/running/effects.js";
import { optionsOf } from "../../core/options.js";
import type { AnyTree, Liftable, Lifted, Tree } from "../../core/tree.js";
import { CaptureError } from "../../errors.js";
import { logicalAnd } from "../../functions/elementwise/logic.js";
import { checkAlike, chosen, lifted, lookOf, zipTrees } from "./tree.js";
import { truthOf, type Condition } from "./truth.js";

/** Options of `whileLoop`. */
export interface WhileOptions {
  /** The body runs at most so many times, whether the test still holds or not. Without end by default. */
  maxSteps?: number;
}

/**
 * `state = body(state)` as long as `test(state)` holds. A state is a tree of tensors that keep their shapes and dtypes; numbers
 * become tensors. Differentiable in both modes, through the steps that were taken.
 *
 * Where the test is a value of a program (`compile`), or of an example (`vmap`), `maxSteps` must be given: so many steps are
 * computed, and those after the end change nothing. The bits are the same as far as those of `cond` are, as long as all steps
 * are finite; the body must not assign to variables or draw numbers then, nor refuse the last state.
 */
export function whileLoop<S extends AnyTree>(
  test: (state: Lifted<S>) => Condition,
  body: (state: Lifted<S>) => Liftable<S>,
  init: S,
  options?: WhileOptions,
): Lifted<S>;
/** The same of a state whose type a generic function knows nothing of. */
export function whileLoop<S>(test: (state: S) => Condition, body: (state: S) => S, init: S, options?: WhileOptions): S;
export function whileLoop(
  test: (state: unknown) => Condition,
  body: (state: unknown) => unknown,
  init: unknown,
  options?: WhileOptions,
): unknown {
  const { maxSteps } = optionsOf("whileLoop", options, { maxSteps: Infinity });
  if (maxSteps !== Infinity) checkWhole("whileLoop", "number of steps", maxSteps, 0);
  for (const f of [test, body]) checkFunction("whileLoop", "two functions", f);
  let state = lifted("whileLoop", init);
  const look = lookOf(state);
  const next = (from: Tree): Tree => {
    const made = lifted("whileLoop", body(from));
    checkAlike("whileLoop", "a state", made, look);
    return made;
  };
  for (let step = 0; step < maxSteps; step++) {
    const truth = truthOf("whileLoop", test(state));
    if (typeof truth !== "boolean") return masked(truth, test, next, state, maxSteps - step);
    if (!truth) return chosen(state);
    state = chosen(next(state));
  }
  return state;
}

/** As many steps as there may be; those behind the last that counts leave the state as it is. */
function masked<S>(first: Tensor, test: (state: S) => Condition, next: (state: S) => S, init: S, steps: number): S {
  if (steps === Infinity)
    throw new CaptureError(
      "whileLoop",
      "{ maxSteps } where the test is not known before the program runs",
      "a loop without end",
    );
  let [state, running] = [init, first];
  return withoutEffects("whileLoop", () => {
    for (let step = 0; step < steps; step++) {
      const [before, goes] = [state, running];
      state = zipTrees([next(before), before], ([a, b]) => operations.where(goes, a!, b!));
      if (step + 1 === steps) break;
      const truth = truthOf("whileLoop", test(state));
      running = logicalAnd(running, truth);
    }
    return state;
  });
}
