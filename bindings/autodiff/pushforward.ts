import { asOneOperation } from "../core/finite.js";
import type { Node, Tensor } from "../core/graph.js";
import { pathBetween, type Path } from "./path.js";
import { isTransparent, tangentOf } from "./rules.js";
import { NONE, temporarily, type Temporaries } from "./temporaries.js";

/**
 * Forward mode, from graph to graph: the tangents of `outputs`, given those of `wrt`. Walks the path once, earliest node
 * first. With `graph`, the tangents are themselves tracked, to be differentiated again; without, each is freed after its
 * last use. A tangent is null where the output does not depend on `wrt`.
 */
export function pushforward(
  outputs: readonly (Node | null)[],
  wrt: readonly Node[],
  tangents: readonly Tensor[],
  path: Path,
  graph: boolean,
): (Tensor | null)[] {
  return temporarily("pushforward", graph, (temporaries) =>
    new Pushforward(path, temporaries).run(outputs, wrt, tangents),
  );
}

class Pushforward {
  private readonly tangents = new Map<Node, Tensor>();
  /** How often the tangent of each node is still asked for. */
  private readonly uses = new Map<Node, number>();

  constructor(
    private readonly path: Path,
    private readonly temporaries: Temporaries,
  ) {}

  run(outputs: readonly (Node | null)[], wrt: readonly Node[], tangents: readonly Tensor[]): (Tensor | null)[] {
    for (const [i, node] of wrt.entries()) this.set(node, tangents[i]!);
    const sources = new Set(wrt);
    const passed = this.path.nodes.filter((node) => !sources.has(node));
    for (const node of passed) for (const x of node.inputs) if (x.node) this.count(x.node);
    for (const node of outputs) if (node) this.count(node);
    for (const node of passed) this.visit(node);
    const results = outputs.map((node) => (node && this.tangents.get(node)) ?? null);
    for (const [i, node] of outputs.entries()) if (node && results[i]) this.temporaries.release(results[i]);
    return results;
  }

  private visit(node: Node): void {
    const known = node.inputs.map((x) => (x.node && this.tangents.get(x.node)) ?? null);
    if (known.some((t) => t !== null)) {
      const [tangent] = this.temporaries.brief(() => {
        const rule = (): [Tensor | null] => [tangentOf(node, known, pushDefinition)];
        if (isTransparent(node)) return rule();
        const inputs = (): Tensor[] => [...known.filter((t) => t !== null), ...node.inputs];
        return asOneOperation(`the pushforward of ${node.primitive.name}`, inputs, rule);
      });
      if (tangent && this.uses.has(node)) this.set(node, tangent);
    }
    for (const x of node.inputs) if (x.node) this.used(x.node);
  }

  private set(node: Node, tangent: Tensor): void {
    this.tangents.set(node, tangent);
    this.temporaries.hold(tangent);
  }

  private count(node: Node): void {
    this.uses.set(node, (this.uses.get(node) ?? 0) + 1);
  }

  /** A tangent has been asked for; after the last time it is let go. */
  private used(node: Node): void {
    const left = this.uses.get(node)! - 1;
    this.uses.set(node, left);
    const tangent = this.tangents.get(node);
    if (left > 0 || !tangent) return;
    this.tangents.delete(node);
    this.temporaries.letGo(tangent);
  }
}

/** The pushforward of one output through a definition; as a graph if one is being made. */
function pushDefinition(output: Tensor, wrt: readonly Node[], tangents: readonly Tensor[]): Tensor | null {
  if (!output.node) return null;
  const chosen = new Set(wrt);
  const path = pathBetween([output.node], (node) => chosen.has(node), Math.min(...wrt.map((node) => node.serial)));
  return new Pushforward(path, NONE).run([output.node], wrt, tangents)[0]!;
}
