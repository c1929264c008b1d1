import { isDifferentiable, type Node } from "../../core/graph.js";
import { operations } from "../../core/operations.js";

/** The part of a graph that a derivative passes through. */
export interface Path {
  /** Its nodes in ascending order of creation: inputs before outputs. */
  readonly nodes: readonly Node[];
  readonly onPath: ReadonlySet<Node>;
  /** Whether the outputs depend on a tracked value from before `since`, or another leaf: an outer derivative is interested. */
  readonly foreign: boolean;
  /** Whether something on it has no values yet: the graph is part of one that is still being made. */
  readonly symbolic: boolean;
}

/**
 * The nodes between `outputs` and the sources: those for which `isSource` holds. The walk ends at nodes made before number
 * `since`, passes only nodes that `passes` lets through, and does not pass an identity node that is a source.
 */
export function pathBetween(
  outputs: readonly Node[],
  isSource: (node: Node) => boolean,
  since = 0,
  passes: (node: Node) => boolean = isDifferentiable,
): Path {
  const seen = new Set<Node>();
  const pending = outputs.filter((node) => node.serial >= since);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!passes(node) || (isSource(node) && node.primitive === operations.identity.primitive)) continue;
    for (const x of node.inputs) if (x.node && x.node.serial >= since) pending.push(x.node);
  }
  let [foreign, symbolic] = [false, false];
  // What is left of `seen` lies on the path: the inputs of a node have had their turn before it.
  const nodes = [...seen]
    .sort((a, b) => a.serial - b.serial)
    .filter((node) => {
      const [source, passed] = [isSource(node), passes(node)];
      foreign ||= passed && leadsOutside(node, source, since);
      // A consumed node has no inputs left: the walk cannot know what lies behind it.
      const on = source || (passed && (node.consumed || node.inputs.some((x) => x.node && seen.has(x.node))));
      if (on) symbolic ||= !node.output.storage;
      else seen.delete(node);
      return on;
    });
  return { nodes, onPath: seen, foreign, symbolic };
}

/** The path through a definition, from its value to the identity nodes of its arguments. */
export function pathThrough(output: Node, wrt: readonly Node[]): Path {
  const chosen = new Set(wrt);
  return pathBetween([output], (node) => chosen.has(node), Math.min(...wrt.map(({ serial }) => serial)));
}

/** Whether a derivative outside passes through this node: something older feeds it, or it is a leaf that is no source. */
function leadsOutside(node: Node, source: boolean, since: number): boolean {
  return (
    (node.retainsGrad && node.inputs.length === 0 && !source) ||
    node.inputs.some((x) => x.node && x.node.serial < since)
  );
}
