import { consumedError, revive, withTracking } from "../core/apply.js";
import type { Node, Tensor, Values } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { identify } from "./identity.js";

/** Differentiates a definition: given here from above, since a definition's pullback is a pullback. */
export type PullDefinition = (output: Tensor, adjoint: Tensor, wrt: readonly Node[]) => (Tensor | null)[];

/**
 * The adjoints of a node's arguments, from that of its value: null where an argument is not wanted, or where the operation
 * does not depend on it differentiably. Every kind of derivative in the table is read here, for reverse mode.
 */
export function adjointsOf(
  node: Node,
  g: Tensor,
  wanted: readonly boolean[],
  pullDefinition: PullDefinition,
): (Tensor | null)[] {
  if (node.consumed) throw consumedError("backward", node);
  const o = operations;
  const values: Values = { inputs: node.inputs.map(revive), output: revive(node.output), params: node.params };
  const derivative = node.primitive.derivative;
  switch (derivative.kind) {
    case "none":
      return wanted.map(() => null);
    case "elementwise": {
      const times = derivative.singular ? o.gatedMul : o.mul;
      return wanted.map((want, i) => {
        const partial = derivative.partials[i];
        return want && partial ? times(g, partial(o, values.inputs, values.output)) : null;
      });
    }
    case "linear":
    case "bilinear": {
      const variadic = derivative.kind === "linear" && derivative.variadic;
      return wanted.map((want, i) => {
        const transpose = derivative.transposes[variadic ? 0 : i];
        return want && transpose ? transpose(o, g, values, i) : null;
      });
    }
    case "fused": {
      const { backward } = derivative;
      if (!backward) return throughDefinition(values, derivative.definition, g, wanted, pullDefinition);
      return wanted.map((want, i) => (want ? (backward[i]?.(o, g, values, i) ?? null) : null));
    }
  }
}

/** The adjoints of a fused operation's arguments by way of its definition in other operations. */
function throughDefinition(
  values: Values,
  definition: (o: typeof operations, inputs: readonly Tensor[], params: unknown) => Tensor,
  g: Tensor,
  wanted: readonly boolean[],
  pullDefinition: PullDefinition,
): (Tensor | null)[] {
  const { inputs, output } = withTracking(true, () => {
    const wrapped = values.inputs.map((x, i) => (wanted[i] ? identify(x) : x));
    return { inputs: wrapped, output: definition(operations, wrapped, values.params) };
  });
  const chosen = inputs.flatMap((x, i) => (wanted[i] ? [x.node!] : []));
  const pulled = pullDefinition(output, g, chosen);
  return wanted.map((want) => (want ? pulled.shift()! : null));
}
