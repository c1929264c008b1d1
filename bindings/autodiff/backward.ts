import { checkUsable, consume, consumedError, withTracking } from "../core/running/apply.js";
import type { TensorLike } from "../core/values/create.js";
import { recorder } from "../core/running/capturing.js";
import { checkEffect } from "../core/running/effects.js";
import { gradientOf } from "../core/running/gradient.js";
import type { Node, Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { checkOptions } from "../core/options.js";
import { ownedBy } from "../core/running/scopes.js";
import { showShape } from "../core/shape.js";
import { GradientError } from "../errors.js";
import { isOfNow, relinquish, retain } from "../runtime/scope.js";
import { pathBetween } from "./transforms/path.js";
import { pullback } from "./transforms/pullback.js";
import { seed } from "./calls/seed.js";

/** Options of `backward`. */
export interface BackwardOptions {
  /** The adjoint of the tensor itself, of its shape; needed unless it has one element. Default 1. */
  gradient?: TensorLike;
  /** Keep what the graph saved, so that backward can be called again. Default: as createGraph. */
  retainGraph?: boolean;
  /** Make the gradients tracked, so that they can be differentiated. Default false. */
  createGraph?: boolean;
}

/**
 * Adds the gradient of y to `.grad` of every leaf that it depends on. The graph is let go afterwards, unless told otherwise.
 * Throws when y is not tracked, has several elements and no `gradient` is given, or when its graph was let go before.
 * Nothing is accumulated when it throws.
 */
export function backward(y: Tensor, options: BackwardOptions = {}): void {
  checkOptions("backward", options, { gradient: null, retainGraph: false, createGraph: false });
  checkUsable("backward", y);
  const { createGraph = false, retainGraph = createGraph } = options;
  const node = y.node;
  if (!node) {
    throw new GradientError(
      "backward",
      "a tensor computed from one with requiresGrad",
      `a constant ${y.dtype} ${showShape(y.shape)}`,
    );
  }
  const path = pathBetween([node], (candidate) => candidate.retainsGrad);
  const spent = path.nodes.find((candidate) => candidate.consumed);
  if (spent) throw consumedError("backward", spent);
  const leaves = path.nodes.filter((candidate) => candidate.retainsGrad);
  const sums = ownedBy("backward", () =>
    withTracking(createGraph, () => {
      const start = seed("backward", y, options.gradient);
      const gradients = pullback([node], [start], leaves, path, createGraph);
      return gradients.map((g, i) => (g ? accumulated(leaves[i]!, g, gradients) : null));
    }),
  );
  // Outside of the scope: what a user still holds of the old gradients must not end with it.
  for (const [i, sum] of sums.entries()) if (sum) setGrad(leaves[i]!, sum);
  if (!retainGraph) for (const passed of path.nodes) if (passed.inputs.length > 0) consume(passed, "backward");
}

/**
 * The gradient that a leaf has so far, plus one more. It is a dense tensor of its own, since `.grad` may be freed: copied
 * unless nothing else refers to it, neither a graph nor what a hook or a rule may have found elsewhere.
 */
function accumulated(leaf: Node, g: Tensor, all: readonly (Tensor | null)[]): Tensor {
  const before = gradientOf(leaf);
  if (before) return operations.add(before, g);
  const own = isOfNow(g.storage!) && g.storage!.handles === 1 && all.indexOf(g) === all.lastIndexOf(g);
  return own && g.dense && !g.node ? g : operations.copy(g);
}

/** Replaces the gradient of a leaf. The old one is freed, or, if the user may hold it, made a temporary of what runs now. */
export function setGrad(leaf: Node, grad: Tensor | null): void {
  checkEffect();
  if (recorder) return recorder.setGradient(leaf, grad);
  const before = leaf.grad?.storage;
  const after = grad?.storage;
  const shown = leaf.gradShown;
  leaf.grad = grad;
  leaf.gradShown = false;
  if (after) retain(after, leaf.output.storage);
  if (before && before !== after) relinquish(before, "zeroGrad", shown);
}

/** The accumulated gradient of a tensor with requiresGrad: of its shape and dtype, or null before any `backward`. */
export function gradOf(x: Tensor): Tensor | null {
  const grad = x.node?.retainsGrad ? gradientOf(x.node) : null;
  if (grad && !recorder) x.node!.gradShown = true;
  return grad;
}

/** Forgets the accumulated gradient. */
export function zeroGrad(x: Tensor): void {
  if (x.node?.retainsGrad) setGrad(x.node, null);
}

/** Whether operations on x are tracked for differentiation. */
export function requiresGrad(x: Tensor): boolean {
  return x.node !== null && x.type.float;
}
