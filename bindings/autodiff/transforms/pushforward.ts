import { asOneOperation } from "../../core/running/finite.js";
import type { Node, Tensor } from "../../core/graph.js";
import { pathThrough, type Path } from "./path.js";
import { isTransparent, tangentOf } from "./rules.js";
import { NONE, temporarily, type Temporaries } from "./temporaries.js";
import { Walk, type Steps } from "./walk.js";

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

class Pushforward implements Steps {
  private readonly tangents: Walk;

  constructor(
    private readonly path: Path,
    private readonly temporaries: Temporaries,
  ) {
    this.tangents = new Walk(temporaries);
  }

  run(outputs: readonly (Node | null)[], wrt: readonly Node[], tangents: readonly Tensor[]): (Tensor | null)[] {
    return this.tangents.run(this.path.nodes, outputs, wrt, tangents, this);
  }

  askedFor(node: Node): Node[] {
    return node.inputs.flatMap((x) => x.node ?? []);
  }

  visit(node: Node): Tensor | null {
    const known = node.inputs.map((x) => this.tangents.of(x));
    if (known.every((t) => t === null)) return null;
    const [tangent] = this.temporaries.brief(() => {
      const rule = (): [Tensor | null] => [tangentOf(node, known, pushDefinition)];
      if (isTransparent(node)) return rule();
      const inputs = (): Tensor[] => [...known.filter((t) => t !== null), ...node.inputs];
      return asOneOperation(`the pushforward of ${node.primitive.name}`, inputs, rule);
    });
    return tangent;
  }
}

/** The pushforward of one output through a definition; as a graph if one is being made. */
function pushDefinition(output: Tensor, wrt: readonly Node[], tangents: readonly Tensor[]): Tensor | null {
  if (!output.node) return null;
  return new Pushforward(pathThrough(output.node, wrt), NONE).run([output.node], wrt, tangents)[0]!;
}
