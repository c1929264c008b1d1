import { apply, consume, consumedError, makeNode, revive, symbolic, withTracking } from "../../core/running/apply.js";
import { constant } from "../../core/values/create.js";
import { isDifferentiable, type Derivative, type Node, type Tensor, type Values } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { denseStrides } from "../../core/shape.js";
import { tracing } from "../../core/running/symbolic.js";
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
  const o = operations;
  const values = valuesOf("backward", node);
  const derivative = derivativeOf(node);
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
      if (!backward) {
        const { output, wrt } = definedBy(values, derivative, (i) => wanted[i]!);
        const pulled = pullDefinition(output, g, wrt);
        return wanted.map((want) => (want ? pulled.shift()! : null));
      }
      const common = withShared(derivative, g, values);
      return wanted.map((want, i) => (want ? (backward[i]?.(o, g, common, i) ?? null) : null));
    }
    case "tangent": {
      const { transposes } = derivative;
      if (!transposes) return throughTangent(values, derivative.tangent, g, wanted, pullDefinition);
      const common = withShared(derivative, g, values);
      return wanted.map((want, i) => (want ? transposes[i]!(o, g, common, i) : null));
    }
    case "custom":
      return derivative.adjoints(g, values, wanted).map((adjoint, i) => (wanted[i] ? adjoint : null));
  }
}

/** The values, and with them what the adjoints have in common. */
function withShared(derivative: Extract<Derivative, { kind: "fused" | "tangent" }>, g: Tensor, values: Values): Values {
  return derivative.shared ? { ...values, shared: derivative.shared(operations, g, values) } : values;
}

/** Whether a node stands for operations of the user's own, each of which has a derivative to look at, as a checkpoint does. */
export function isTransparent({ primitive }: Node): boolean {
  return primitive.derivative.kind === "fused" && !primitive.encode;
}

/** A definition to be differentiated by some of its arguments, which are under identity nodes of their own. */
interface Defined {
  readonly output: Tensor;
  readonly wrt: readonly Node[];
}

function definedBy(
  { inputs, params }: Values,
  { definition }: Extract<Derivative, { kind: "fused" }>,
  by: (argument: number) => boolean,
): Defined {
  return withTracking(true, () => {
    const wrapped = inputs.map((x, i) => (by(i) ? identify(x) : x));
    const output = definition(operations, wrapped, params);
    return { output, wrt: wrapped.flatMap((x, i) => (by(i) ? [x.node!] : [])) };
  });
}

/**
 * The adjoints of arguments by transposing the tangent: the pullback of its graph, which is made of tangents without values. Being
 * linear in them, the pullback needs none.
 */
function throughTangent(
  values: Values,
  tangent: Extract<Derivative, { kind: "tangent" }>["tangent"],
  g: Tensor,
  wanted: readonly boolean[],
  pullDefinition: PullDefinition,
): (Tensor | null)[] {
  const tangents = values.inputs.map((x, i) => (wanted[i] ? unknownLike(x) : null));
  const nodes = tangents.flatMap((t) => (t ? [t.node!] : []));
  const pull = (): (Tensor | null)[] => {
    const output = withTracking(true, () => tangent(operations, tangents, values));
    return pullDefinition(output, g, nodes);
  };
  const pulled = tracing(nodes, pull, (node) => consume(node, "the pullback of a tangent"));
  return wanted.map((want) => (want ? pulled.shift()! : null));
}

/** A tensor like x without values. */
function unknownLike({ shape, dtype }: Tensor): Tensor {
  const t = symbolic({ shape, strides: denseStrides(shape), offset: 0 }, dtype);
  t.node = makeNode(operations.identity.primitive, [], null, t);
  return t;
}

/** Differentiates a definition forward, likewise given from above. */
export type PushDefinition = (output: Tensor, wrt: readonly Node[], tangents: readonly Tensor[]) => Tensor | null;

/**
 * The tangent of a node's value, from those of its arguments, null where there is none. Every kind of derivative in the
 * table is read here, for forward mode.
 */
export function tangentOf(
  node: Node,
  tangents: readonly (Tensor | null)[],
  pushDefinition: PushDefinition,
): Tensor | null {
  const o = operations;
  const values = valuesOf("jvp", node);
  const { inputs, params } = values;
  const derivative = derivativeOf(node);
  switch (derivative.kind) {
    case "none":
      return null;
    case "elementwise": {
      const times = derivative.singular ? o.gatedMul : o.mul;
      return total(tangents, (t, i) => {
        const partial = derivative.partials[i];
        return partial ? times(t, partial(o, inputs, values.output)) : null;
      });
    }
    case "linear": {
      if (derivative.tangent) return derivative.tangent(o, tangents, values);
      const moving = inputs.map((x, i) => {
        const constantIn = !(derivative.variadic || derivative.transposes[i]);
        return constantIn ? x : laidOutAs(x, tangents[i] ?? zerosFor(x));
      });
      return apply(node.primitive, moving, params);
    }
    case "bilinear":
      return total(tangents, (t, i) =>
        apply(
          node.primitive,
          inputs.map((x, j) => (i === j ? laidOutAs(x, t) : x)),
          params,
        ),
      );
    case "tangent":
      return derivative.tangent(o, tangents, values);
    case "fused": {
      const { output, wrt } = definedBy(values, derivative, (i) => tangents[i] !== null);
      return pushDefinition(
        output,
        wrt,
        tangents.filter((t) => t !== null),
      );
    }
    case "custom":
      return derivative.tangent(tangents, values);
  }
}

/** Integers have no derivatives, nor has what was made untracked. Where they have nodes at all, a graph is made of everything. */
function derivativeOf(node: Node): Derivative {
  return isDifferentiable(node) ? node.primitive.derivative : { kind: "none" };
}

function valuesOf(operation: string, node: Node): Values {
  if (node.consumed) throw consumedError(operation, node);
  const { primitive, inputs, output, params } = node;
  return { inputs: inputs.map(revive), output: revive(output), params, name: primitive.name };
}

/** The sum of what each tangent contributes; null if none does. */
function total(
  tangents: readonly (Tensor | null)[],
  contribution: (t: Tensor, argument: number) => Tensor | null,
): Tensor | null {
  let sum: Tensor | null = null;
  for (const [i, t] of tangents.entries()) {
    const term = t && contribution(t, i);
    if (term) sum = sum ? operations.add(sum, term) : term;
  }
  return sum;
}

/** Zeros of the shape of x, which take no memory. */
function zerosFor(x: Tensor): Tensor {
  return operations.expand(constant(0, x.dtype), x.shape);
}

/** A tangent in a layout that the operation took its argument x in: dense, or as x lies. */
function laidOutAs(x: Tensor, t: Tensor): Tensor {
  const alike = t.dense || (!x.dense && t.strides.every((stride, axis) => stride === x.strides[axis]));
  return alike ? t : operations.copy(t);
}
