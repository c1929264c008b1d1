import { checkLive } from "../../core/running/apply.js";
import { Tensor, type Node } from "../../core/graph.js";
import { asOneOperation } from "../../core/running/finite.js";
import { operations } from "../../core/operations.js";
import { sameShape, showShape } from "../../core/shape.js";
import { GradientError } from "../../errors.js";
import { pathThrough, type Path } from "./path.js";
import { adjointsOf, isTransparent } from "./rules.js";
import { NONE, temporarily, type Temporaries } from "./temporaries.js";

/** What has been gathered of the adjoint of a node so far. */
class Adjoint {
  /** The sum of the contributions. */
  sum: Tensor | null = null;
  /** Contributions of slices, which fill parts of it: one buffer takes them all. */
  parts: { gather: NonNullable<Linear["gather"]>; gs: Tensor[]; params: unknown[]; input: Tensor } | null = null;
}
type Linear = Extract<Node["primitive"]["derivative"], { kind: "linear" }>;

/** Sees what each node contributes to the adjoint of each of its arguments. */
export type Watch = (from: Node, to: Node, contribution: Tensor) => void;

/**
 * Reverse mode, from graph to graph: the adjoints of `wrt`, given those of the outputs. Walks the path once, latest node
 * first. With `graph`, the adjoints are themselves tracked, to be differentiated again; without, each is freed after its
 * last use. An adjoint is null where the outputs do not depend on the node.
 */
export function pullback(
  outputs: readonly Node[],
  adjoints: readonly Tensor[],
  wrt: readonly Node[],
  path: Path,
  graph: boolean,
  watch?: Watch,
): (Tensor | null)[] {
  return temporarily("pullback", graph, (temporaries) =>
    new Pullback(path, wrt, temporaries, watch).run(outputs, adjoints),
  );
}

class Pullback {
  private readonly adjoints = new Map<Node, Adjoint>();
  private readonly wrt: ReadonlySet<Node>;

  constructor(
    private readonly path: Path,
    private readonly sources: readonly Node[],
    private readonly temporaries: Temporaries,
    private readonly watch?: Watch,
  ) {
    this.wrt = new Set(sources);
  }

  run(outputs: readonly Node[], adjoints: readonly Tensor[]): (Tensor | null)[] {
    for (const [i, node] of outputs.entries()) {
      if (this.path.onPath.has(node)) this.contribute(node, adjoints[i]!);
    }
    const { nodes } = this.path;
    for (let i = nodes.length - 1; i >= 0; i--) this.visit(nodes[i]!);
    const results = this.sources.map((node) => this.adjoints.get(node)?.sum ?? null);
    // From here on they are in the hands of the caller.
    for (const node of this.wrt) this.temporaries.release(this.adjoints.get(node)?.sum);
    return results;
  }

  private visit(node: Node): void {
    const adjoint = this.adjoints.get(node);
    if (!adjoint) return;
    const g = this.hooked(node, this.complete(adjoint));
    if (node.inputs.length > 0 || node.consumed) this.pass(node, g);
    if (this.wrt.has(node)) return;
    this.adjoints.delete(node);
    this.temporaries.letGo(g);
  }

  /** Sends the adjoint of a node on to its arguments. */
  private pass(node: Node, g: Tensor): void {
    if (this.gather(node, g)) return;
    const wanted = node.inputs.map((x) => x.node !== null && this.path.onPath.has(x.node));
    if (!node.consumed && !wanted.includes(true)) return;
    const contributions = this.temporaries.brief(() => {
      const rule = (): (Tensor | null)[] => adjointsOf(node, g, wanted, this.pullDefinition);
      if (isTransparent(node)) return rule();
      return asOneOperation(`the pullback of ${node.primitive.name}`, () => [g, ...node.inputs], rule);
    });
    // Some may be views of one storage, which the first must not take along.
    for (const contribution of contributions) if (contribution) this.temporaries.hold(contribution);
    for (const [i, contribution] of contributions.entries()) {
      if (!contribution) continue;
      const to = node.inputs[i]!.node!;
      this.watch?.(node, to, contribution);
      this.contribute(to, contribution);
    }
    for (const contribution of contributions) if (contribution) this.temporaries.letGo(contribution);
  }

  /** Sets a contribution aside that fills only a part of its argument's adjoint. */
  private gather(node: Node, g: Tensor): boolean {
    const derivative = node.primitive.derivative;
    if (derivative.kind !== "linear" || !derivative.gather || node.consumed || this.watch) return false;
    const input = node.inputs[0]!;
    if (!input.node || !this.path.onPath.has(input.node)) return true;
    const adjoint = this.adjointOf(input.node);
    adjoint.parts ??= { gather: derivative.gather, gs: [], params: [], input };
    adjoint.parts.gs.push(g);
    adjoint.parts.params.push(node.params);
    this.temporaries.hold(g);
    return true;
  }

  private contribute(node: Node, contribution: Tensor): void {
    this.accumulate(this.adjointOf(node), contribution);
  }

  /** Adds to the sum of an adjoint; what the new sum replaces is let go. */
  private accumulate(adjoint: Adjoint, contribution: Tensor): void {
    const before = adjoint.sum;
    this.temporaries.hold(contribution);
    if (!before) {
      adjoint.sum = contribution;
      return;
    }
    adjoint.sum = operations.add(before, contribution);
    this.temporaries.hold(adjoint.sum);
    this.temporaries.letGo(before);
    this.temporaries.letGo(contribution);
  }

  /** The whole adjoint of a node, once all who use its value have contributed. */
  private complete(adjoint: Adjoint): Tensor {
    const { parts } = adjoint;
    if (parts) {
      adjoint.parts = null;
      const filled = parts.gather(operations, parts.gs, parts.params, parts.input);
      for (const g of parts.gs) this.temporaries.letGo(g);
      this.accumulate(adjoint, filled);
    }
    return adjoint.sum!;
  }

  private adjointOf(node: Node): Adjoint {
    let adjoint = this.adjoints.get(node);
    if (!adjoint) this.adjoints.set(node, (adjoint = new Adjoint()));
    return adjoint;
  }

  /** The adjoint as a user's hooks leave it. */
  private hooked(node: Node, g: Tensor): Tensor {
    if (!node.hooks) return g;
    const adjoint = this.adjointOf(node);
    for (const hook of node.hooks) {
      const before = adjoint.sum!;
      const after = hook(before) ?? before;
      if (after === before) continue;
      checkReplacement(before, after);
      this.temporaries.hold(after);
      adjoint.sum = after;
      this.temporaries.letGo(before);
    }
    return adjoint.sum!;
  }

  /** The pullback of one output through a definition. */
  private readonly pullDefinition = (output: Tensor, adjoint: Tensor, wrt: readonly Node[]): (Tensor | null)[] => {
    if (!output.node) return wrt.map(() => null);
    checkLive("pullback", output);
    return pullback([output.node], [adjoint], wrt, pathThrough(output.node, wrt), this.temporaries === NONE);
  };
}

function checkReplacement(before: Tensor, after: unknown): void {
  const show = (x: unknown): string => (x instanceof Tensor ? `${x.dtype} ${showShape(x.shape)}` : typeof x);
  if (after instanceof Tensor) {
    checkLive("registerHook", after);
    if (after.dtype === before.dtype && sameShape(after.shape, before.shape)) return;
  }
  throw new GradientError(
    "registerHook",
    `a hook that returns an adjoint like the one it got, ${show(before)}`,
    show(after),
  );
}
