import { alias, makeNode } from "../../core/running/apply.js";
import type { Tensor } from "../../core/graph.js";
import { nameOf, setName } from "../../core/running/names.js";
import { operations } from "../../core/operations.js";

/**
 * x under an identity node of its own, tracked or not before. An inner derivative stops at its own identity nodes, an outer
 * one passes through them: that is all that keeps nested derivatives apart.
 */
export function identify(x: Tensor): Tensor {
  const y = alias(x);
  y.node = makeNode(operations.identity.primitive, [x], null, y);
  const name = nameOf(x);
  if (name !== undefined) setName(y, name);
  return y;
}
