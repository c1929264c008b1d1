import { checkLive, withTracking } from "../core/apply.js";
import type { Node, Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { Scope } from "../runtime/scope.js";
import type { Storage } from "../runtime/storage.js";
import { adjointsOf } from "./rules.js";

/** The part of a graph that a derivative passes through. */
export interface Path {
  /** Its nodes in ascending order of creation: inputs before outputs. */
  readonly nodes: readonly Node[];
  readonly onPath: ReadonlySet<Node>;
  /** Whether something on it depends on a tracked value that is not among the sources: an outer derivative is interested. */
  readonly foreign: boolean;
}

/**
 * The nodes between `outputs` and the sources: those for which `isSource` holds. The walk ends at nodes made before number
 * `since`, and does not pass an identity node that is a source.
 */
export function pathBetween(outputs: readonly Node[], isSource: (node: Node) => boolean, since = 0): Path {
  const seen = new Set<Node>();
  const pending = outputs.filter((node) => node.serial >= since);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (isSource(node) && node.primitive === operations.identity.primitive) continue;
    for (const x of node.inputs) if (x.node && x.node.serial >= since) pending.push(x.node);
  }
  const onPath = new Set<Node>();
  const nodes: Node[] = [];
  let foreign = false;
  for (const node of [...seen].sort((a, b) => a.serial - b.serial)) {
    const source = isSource(node);
    if (!source && !node.inputs.some((x) => x.node && onPath.has(x.node))) {
      // A consumed node has no inputs left: the walk cannot know what lies behind it.
      if (!node.consumed) continue;
    }
    onPath.add(node);
    nodes.push(node);
    foreign ||= node.inputs.some((x) => x.node && !onPath.has(x.node));
  }
  return { nodes, onPath, foreign };
}

/** What has been gathered of the adjoint of a node so far. */
class Adjoint {
  /** The sum of the contributions. */
  sum: Tensor | null = null;
  /** Contributions of slices, which fill parts of it: one buffer takes them all. */
  parts: { gather: NonNullable<Gathering["gather"]>; gs: Tensor[]; params: unknown[]; input: Tensor } | null = null;
}
type Gathering = Extract<Node["primitive"]["derivative"], { kind: "linear" }>;

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
): (Tensor | null)[] {
  if (graph) return new Pullback(path, wrt, null).run(outputs, adjoints);
  const scope = Scope.enter("pullback");
  const survivors = new Set<Storage>();
  try {
    const results = withTracking(false, () => new Pullback(path, wrt, scope).run(outputs, adjoints));
    for (const result of results) if (result?.storage) survivors.add(result.storage);
    return results;
  } finally {
    scope.leave();
    scope.close(survivors);
  }
}

class Pullback {
  private readonly adjoints = new Map<Node, Adjoint>();
  private readonly wrt: ReadonlySet<Node>;

  constructor(
    private readonly path: Path,
    private readonly sources: readonly Node[],
    /** The scope that owns the adjoints; null where they are wanted as a graph. */
    private readonly scope: Scope | null,
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
    for (const node of this.wrt) this.release(this.adjoints.get(node)?.sum);
    return results;
  }

  private visit(node: Node): void {
    const adjoint = this.adjoints.get(node);
    if (!adjoint) return;
    const g = this.complete(adjoint);
    if (node.inputs.length > 0 || node.consumed) this.pass(node, g);
    if (this.wrt.has(node)) return;
    this.adjoints.delete(node);
    this.letGo(g);
  }

  /** Sends the adjoint of a node on to its arguments. */
  private pass(node: Node, g: Tensor): void {
    if (this.gather(node, g)) return;
    const wanted = node.inputs.map((x) => x.node !== null && this.path.onPath.has(x.node));
    if (!node.consumed && !wanted.includes(true)) return;
    const contributions = this.brief(() => adjointsOf(node, g, wanted, pullDefinition));
    for (const [i, contribution] of contributions.entries()) {
      if (contribution) this.contribute(node.inputs[i]!.node!, contribution);
    }
  }

  /** Sets a contribution aside that fills only a part of its argument's adjoint. */
  private gather(node: Node, g: Tensor): boolean {
    const derivative = node.primitive.derivative;
    if (derivative.kind !== "linear" || !derivative.gather || node.consumed) return false;
    const input = node.inputs[0]!;
    if (!input.node || !this.path.onPath.has(input.node)) return true;
    const adjoint = this.adjointOf(input.node);
    adjoint.parts ??= { gather: derivative.gather, gs: [], params: [], input };
    adjoint.parts.gs.push(g);
    adjoint.parts.params.push(node.params);
    this.hold(g);
    return true;
  }

  private contribute(node: Node, contribution: Tensor): void {
    this.accumulate(this.adjointOf(node), contribution);
  }

  /** Adds to the sum of an adjoint; what the new sum replaces is let go. */
  private accumulate(adjoint: Adjoint, contribution: Tensor): void {
    const before = adjoint.sum;
    this.hold(contribution);
    if (!before) {
      adjoint.sum = contribution;
      return;
    }
    adjoint.sum = operations.add(before, contribution);
    this.hold(adjoint.sum);
    this.letGo(before);
    this.letGo(contribution);
  }

  /** The whole adjoint of a node, once all who use its value have contributed. */
  private complete(adjoint: Adjoint): Tensor {
    const { parts } = adjoint;
    if (parts) {
      adjoint.parts = null;
      const filled = parts.gather(operations, parts.gs, parts.params, parts.input);
      for (const g of parts.gs) this.letGo(g);
      this.accumulate(adjoint, filled);
    }
    return adjoint.sum!;
  }

  private adjointOf(node: Node): Adjoint {
    let adjoint = this.adjoints.get(node);
    if (!adjoint) this.adjoints.set(node, (adjoint = new Adjoint()));
    return adjoint;
  }

  /** Runs a rule; what it made on the way, and does not return, is freed at once unless a graph needs it. */
  private brief(rule: () => (Tensor | null)[]): (Tensor | null)[] {
    if (!this.scope) return rule();
    const inner = Scope.enter("pullback");
    const survivors: Storage[] = [];
    try {
      const results = rule();
      for (const x of results) if (x?.storage) survivors.push(x.storage);
      return results;
    } finally {
      inner.leave();
      inner.close(survivors);
    }
  }

  /** An adjoint is in use once more; views of it count, since they share its storage. */
  private hold(x: Tensor): void {
    if (this.scope && x.storage) x.storage.edges++;
  }

  private release(x: Tensor | null | undefined): void {
    if (this.scope && x?.storage) x.storage.edges--;
  }

  /** An adjoint is in use once less. Only what was made by this pullback is freed. */
  private letGo(x: Tensor): void {
    const storage = x.storage;
    if (!this.scope || !storage) return;
    if (--storage.edges <= 0 && storage.list === this.scope) storage.free("pullback");
  }
}

/** The pullback of one output through a definition; as a graph if one is being made. */
function pullDefinition(output: Tensor, adjoint: Tensor, wrt: readonly Node[]): (Tensor | null)[] {
  if (!output.node) return wrt.map(() => null);
  checkLive("pullback", output);
  const chosen = new Set(wrt);
  const path = pathBetween([output.node], (node) => chosen.has(node), Math.min(...wrt.map((node) => node.serial)));
  return new Pullback(path, wrt, null).run([output.node], [adjoint]);
}
