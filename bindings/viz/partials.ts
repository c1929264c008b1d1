import { alias } from "../core/running/apply.js";
import type { Node, Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { pushforward } from "../autodiff/transforms/pushforward.js";

/**
 * The local partial derivatives ∂v/∂u of a node by those that it is computed from, under their names: tangents of the value
 * alone, for an argument that grows by 1. Only where that is a number for each element: of scalars, and elementwise.
 */
export function partialsOf(
  node: Node,
  onPath: ReadonlySet<Node>,
  names: ReadonlyMap<Node, string>,
): Record<string, Tensor> {
  const partials = new Map<string, Tensor>();
  const local = { nodes: [node], onPath: new Set([node]), foreign: false, symbolic: false };
  for (const input of new Set(node.inputs.map((x) => x.node))) {
    if (!input || !onPath.has(input)) continue;
    const scalar = input.output.size === 1 && node.output.size === 1;
    if (!scalar && node.primitive.batch !== "elementwise") continue;
    const one = operations.fill(input.output.shape, 1, input.output.dtype);
    const [partial] = pushforward([node], [input], [one], local, true);
    if (partial) partials.set(names.get(input)!, plain(partial));
  }
  return Object.fromEntries(partials);
}

/** A value without its graph. */
export function plain(x: Tensor): Tensor {
  return x.node ? alias(x) : x;
}
