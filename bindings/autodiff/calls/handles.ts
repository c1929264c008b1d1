import { alias } from "../../core/running/apply.js";
import type { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";

// What the users of derivatives are handed: tensors of their own, to dispose of.

/** Zeros like x. */
export function zerosLike(x: Tensor): Tensor {
  return operations.fill(x.shape, 0, x.dtype);
}

/**
 * Derivatives as their user gets them: zeros where there is none, and a handle for each, to dispose of, though one value
 * may serve several, or be what the user gave.
 */
export function handedOut(
  found: readonly (Tensor | null)[],
  like: readonly Tensor[],
  given: readonly Tensor[] = [],
): Tensor[] {
  return like.map((x, i) => {
    const value = found[i];
    if (!value) return zerosLike(x);
    return found.indexOf(value) < i || given.includes(value) ? another(value) : value;
  });
}

/** Another handle on the same value and graph. */
export function another(x: Tensor): Tensor {
  const y = alias(x);
  y.node = x.node;
  return y;
}
