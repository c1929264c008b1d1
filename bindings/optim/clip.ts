import type { ParameterTree } from "./group.js";
import { setGrad } from "../autodiff/backward.js";
import { withTracking } from "../core/running/apply.js";
import { gradientOf } from "../core/running/gradient.js";
import type { Node, Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { tensorsOf, type Tree } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { NonFiniteError, ValueError } from "../errors.js";
import { clamp } from "../functions/elementwise/elementwise.js";
import { add, div, maximum, minimum, mul } from "../primitives/elementwise/arithmetic.js";
import { castTo } from "../primitives/define.js";
import { abs, sqrt, square } from "../primitives/elementwise/unary.js";
import { fill } from "../primitives/generate.js";
import { pow } from "../primitives/elementwise/powers.js";
import { max, sum } from "../primitives/reductions/reduction.js";
import { checkBranches, checkNumber } from "./checks.js";
import { checkOptions } from "../shared/options.js";

/** Options of `gradNorm`. */
export interface GradNormOptions {
  /** The power of the norm, from 1 on; Infinity is the largest absolute value. Default 2. */
  normType?: number;
}

/** Options of `clipGradNorm`. */
export interface ClipNormOptions extends GradNormOptions {
  /**
   * Throw a NonFiniteError where the norm is infinite or NaN, and leave the gradients as they are. It reads the norm, which
   * a program cannot. Default false.
   */
  errorIfNonfinite?: boolean;
}

/** Added to the norm, against division by zero. */
const TINY = 1e-6;

/** The norm of all gradients together, 0-d in f64: 0 where there are none. */
export function gradNorm(parameters: ParameterTree, options: GradNormOptions = {}): Tensor {
  checkOptions("gradNorm", options, { normType: 0 });
  const { normType = 2 } = options;
  return withTracking(false, () =>
    ownedBy("gradNorm", () => normOf("gradNorm", leavesOf("gradNorm", parameters), normType)),
  );
}

/**
 * Scales all gradients by one factor, so that their norm, taken over all together, is at most `maxNorm`: by
 * min(1, maxNorm / (norm + 1e-6)). Returns the norm before that, 0-d in f64. Nothing is read back, so that it can be
 * compiled with the step. A norm that is NaN makes all gradients NaN, an infinite one makes them 0, and NaN where they were
 * infinite: `errorIfNonfinite` refuses that.
 */
export function clipGradNorm(parameters: ParameterTree, maxNorm: number, options: ClipNormOptions = {}): Tensor {
  checkOptions("clipGradNorm", options, { normType: 0, errorIfNonfinite: false });
  const { normType = 2, errorIfNonfinite = false } = options;
  if (typeof maxNorm !== "number" || !(maxNorm >= 0))
    throw new ValueError("clipGradNorm", "a maxNorm from 0 on", String(maxNorm));
  const leaves = leavesOf("clipGradNorm", parameters);
  const [total, clipped] = withTracking(false, () =>
    ownedBy("clipGradNorm", () => {
      const norm = normOf("clipGradNorm", leaves, normType);
      if (errorIfNonfinite && !Number.isFinite(norm.item()))
        throw new NonFiniteError("clipGradNorm", "gradients with a finite norm", String(norm.item()));
      const scale = minimum(div(maxNorm, add(norm, TINY)), 1);
      return [norm, leaves.map(({ gradient }) => mul(gradient, castTo(scale, gradient.dtype)))] as const;
    }),
  );
  replace(leaves, clipped);
  return total;
}

/** Takes every element of every gradient into [-clipValue, clipValue]; NaN stays. */
export function clipGradValue(parameters: ParameterTree, clipValue: number): void {
  checkNumber("clipGradValue", "clipValue", clipValue, 0);
  const leaves = leavesOf("clipGradValue", parameters);
  const clipped = withTracking(false, () =>
    ownedBy("clipGradValue", () => leaves.map(({ gradient }) => clamp(gradient, -clipValue, clipValue))),
  );
  replace(leaves, clipped);
}

/** Outside of the scope that made the new gradients: what a user still holds of the old ones must not end with it. */
function replace(leaves: readonly Leaf[], gradients: readonly Tensor[]): void {
  for (const [i, { node }] of leaves.entries()) setGrad(node, gradients[i]!);
}

/** A leaf that has a gradient. */
interface Leaf {
  readonly node: Node;
  readonly gradient: Tensor;
}

/** The leaves of a tree that have gradients; frozen parameters have none. */
function leavesOf(operation: string, parameters: Tree): Leaf[] {
  const tensors = new Set(tensorsOf(parameters));
  if (parameters === null || parameters === undefined)
    throw new ValueError(operation, "a tree of parameters, such as model.parameters()", String(parameters));
  checkBranches(operation, parameters);
  return [...tensors].flatMap((x) => {
    const { node } = x;
    if (x instanceof Variable && !node) return [];
    if (!node?.retainsGrad) throw new ValueError(operation, "parameters, or tensors with requiresGrad", String(x));
    const gradient = gradientOf(node);
    return gradient ? [{ node, gradient }] : [];
  });
}

/** The norm of all elements together, in f64. */
function normOf(operation: string, leaves: readonly Leaf[], power: number): Tensor {
  if (!(power >= 1)) throw new ValueError(operation, "a normType from 1 on", String(power));
  const none = fill([], 0, "f64");
  const parts = leaves.map(({ gradient }) =>
    castTo(
      ownedBy(operation, () => partOf(gradient, power)),
      "f64",
    ),
  );
  if (power === Infinity) return parts.reduce((largest, part) => maximum(largest, part), none);
  const total = parts.reduce((all, part) => add(all, part), none);
  if (power === 1) return total;
  return power === 2 ? sqrt(total) : pow(total, 1 / power);
}

/** What one gradient contributes to the norm, before the root. */
function partOf(gradient: Tensor, power: number): Tensor {
  if (gradient.size === 0) return fill([], 0, gradient.dtype);
  if (power === 2) return sum(square(gradient));
  if (power === Infinity) return max(abs(gradient));
  return sum(power === 1 ? abs(gradient) : pow(abs(gradient), power));
}
