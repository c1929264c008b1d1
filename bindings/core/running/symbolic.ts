import type { Node } from "../graph.js";

/** The nodes without values that are being made, while any are. */
let recorded: Node[] | null = null;

/** Whether a graph without values is being made. */
export function isTracing(): boolean {
  return recorded !== null;
}

/** Notes a node without values. */
export function recordSymbolic(node: Node): void {
  recorded?.push(node);
}

/**
 * Runs a body that makes nodes without values from `inputs`. When it is done, `release` is called for those and for all
 * that depend on them; other nodes are part of a graph around this one.
 */
export function tracing<T>(inputs: readonly Node[], body: () => T, release: (node: Node) => void): T {
  const outer = recorded;
  const made: Node[] = (recorded = []);
  try {
    return body();
  } finally {
    recorded = outer;
    const dependent = new Set(inputs);
    for (const node of made) {
      if (node.inputs.some((x) => x.node && dependent.has(x.node))) dependent.add(node);
      else recordSymbolic(node);
    }
    dependent.forEach(release);
  }
}
