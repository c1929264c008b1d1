import type { Node, Tensor } from "../../core/graph.js";
import type { Temporaries } from "./temporaries.js";

/** What a walk does at each node. */
export interface Steps {
  /** The nodes whose companions are asked for where a node is passed. */
  askedFor(node: Node): readonly Node[];
  /** The companion of a node's value, from those of its arguments; null where there is none. */
  visit(node: Node): Tensor | null;
}

/**
 * A walk through a path, earliest node first, that computes a companion of each value, such as its tangent, or its values for
 * a batch: each is let go after its last use.
 */
export class Walk {
  private readonly companions = new Map<Node, Tensor>();
  /** How often the companion of each node is still asked for. */
  private readonly uses = new Map<Node, number>();

  constructor(private readonly temporaries: Temporaries) {}

  /** The companion of x, while it is needed. */
  of(x: Tensor): Tensor | null {
    return (x.node && this.companions.get(x.node)) ?? null;
  }

  /** Passes the nodes between the sources, whose companions are given, and the outputs, and returns those of the outputs. */
  run(
    nodes: readonly Node[],
    outputs: readonly (Node | null)[],
    sources: readonly Node[],
    given: readonly Tensor[],
    steps: Steps,
  ): (Tensor | null)[] {
    for (const [i, node] of sources.entries()) this.set(node, given[i]!);
    const known = new Set(sources);
    const passed = nodes.filter((node) => !known.has(node));
    for (const node of passed) for (const x of steps.askedFor(node)) this.use(x, 1);
    for (const node of outputs) if (node) this.use(node, 1);
    for (const node of passed) {
      const companion = steps.visit(node);
      if (companion && this.uses.has(node)) this.set(node, companion);
      for (const x of steps.askedFor(node)) this.use(x, -1);
    }
    const results = outputs.map((node) => (node && this.companions.get(node)) ?? null);
    for (const result of results) this.temporaries.release(result);
    return results;
  }

  private set(node: Node, companion: Tensor): void {
    this.companions.set(node, companion);
    this.temporaries.hold(companion);
  }

  /** A companion will be asked for once more, or has been; after the last time it is let go. */
  private use(node: Node, change: 1 | -1): void {
    const left = (this.uses.get(node) ?? 0) + change;
    this.uses.set(node, left);
    const companion = this.companions.get(node);
    if (left > 0 || !companion) return;
    this.companions.delete(node);
    this.temporaries.letGo(companion);
  }
}
