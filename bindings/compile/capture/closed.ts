import { symbolic } from "../../core/running/apply.js";
import { isDifferentiable, Node, type Primitive, type Tensor } from "../../core/graph.js";
import { GradientError } from "../../errors.js";

/**
 * The tracked tensors that a result depends on and the function closes over; each as a tensor without values that has its node.
 * `since`: the number of the first node that the function made.
 */
export function closedOver(y: Tensor, since: number): readonly Tensor[] {
  const found = new Map<Node, Tensor>();
  const seen = new Set<Node>();
  const pending = [y];
  for (let x = pending.pop(); x; x = pending.pop()) {
    const { node } = x;
    if (!node || seen.has(node)) continue;
    seen.add(node);
    if (node.serial < since) {
      const stand = symbolic(x, x.dtype);
      stand.node = node;
      found.set(node, stand);
    } else if (isDifferentiable(node)) pending.push(...node.inputs);
  }
  return [...found.values()];
}

/** Makes a result depend on these, so that a derivative by one of them is an error instead of 0. */
export function dependOn(outer: readonly Tensor[], y: Tensor, name: string): void {
  if (outer.length > 0) y.node = new Node({ ...closing, name }, outer, null, y);
}

const refuse = (): never => {
  throw new GradientError(
    "compile",
    "derivatives by arguments, or made inside of the program",
    "one by a tensor that the function closes over; pass that as an argument of grad(), or detach() the result",
  );
};

/** The primitive of the node of a program's result. */
const closing: Primitive<null> = {
  name: "program",
  savesNothing: true,
  infer: ([x]) => x!,
  derivative: { kind: "custom", adjoints: refuse, tangent: refuse },
  samples: () => [],
};
