import { checkUsable, consumedError } from "../core/running/apply.js";
import { checkFunction } from "../core/checks.js";
import type { Hook, Node, Tensor } from "../core/graph.js";
import { GradientError } from "../errors.js";

/**
 * Has a function called with the adjoint of x whenever a derivative has computed it; a tensor that it returns takes the
 * adjoint's place. Returns a function that removes it. In a function of `vmap` the hook sees the adjoint of one example.
 * Throws when x is not tracked, or when its graph was let go.
 */
export function registerHook(x: Tensor, hook: Hook): () => void {
  checkFunction("registerHook", "a function", hook);
  const node = nodeOf("registerHook", x);
  const hooks = (node.hooks ??= new Set());
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

/**
 * Has `backward` keep the gradient of an intermediate value in its `.grad`, as of a leaf, for as long as a scope keeps the
 * value. Throws when x is not tracked, when its graph was let go, and inside of `vmap` or `checkpoint`, whose intermediate
 * values are not kept.
 */
export function retainGrad(x: Tensor): void {
  checkUsable("retainGrad", x);
  nodeOf("retainGrad", x).retainsGrad = true;
}

function nodeOf(operation: string, x: Tensor): Node {
  if (x.node?.consumed) throw consumedError(operation, x.node);
  if (x.node && x.type.float) return x.node;
  throw new GradientError(operation, "a tensor that depends on one with requiresGrad", `a constant ${x.dtype}`);
}
