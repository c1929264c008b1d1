import type { Node, Tensor } from "../../core/graph.js";
import { nextNodeSerial } from "../../core/graph.js";
import { withTracking } from "../../core/apply.js";
import { operations } from "../../core/operations.js";
import { identify } from "../../autodiff/identity.js";
import { pullback } from "../../autodiff/pullback.js";
import { pushforward } from "../../autodiff/pushforward.js";
import { formulaIn, type Evaluation } from "../evaluation.js";
import { BAR, constantName, DOT, formulaOf, marked } from "../names.js";
import { showValue } from "../number.js";
import { partialsOf } from "../partials.js";
import type { GraphData, GraphEdge, GraphNode, Role } from "./data.js";

/** The graph of a function, and the graphs of its derivatives, which take their values from it. */
export interface Parts {
  readonly primal: GraphData;
  readonly adjoint: GraphData;
  /** By the name of the input. */
  readonly tangents: ReadonlyMap<string, GraphData>;
}

/** So many inputs have a graph of tangents. */
const MOST_TANGENTS = 8;

/** Draws up the graphs: what is left of the values is text. */
export function partsOf(evaluation: Evaluation): Parts {
  const ids = new Map(evaluation.nodes.map((node, i) => [node, `n${i + 1}`]));
  const primal = primalOf(evaluation, ids);
  return withTracking(true, () => ({
    primal,
    adjoint: adjointOf(evaluation, ids),
    tangents: new Map(
      evaluation.sources.slice(0, MOST_TANGENTS).map((source, i) => {
        const input = evaluation.inputs[i]!;
        return [input, tangentOf(evaluation, ids, source, `t${i + 1}x`)];
      }),
    ),
  }));
}

function primalOf(evaluation: Evaluation, ids: ReadonlyMap<Node, string>): GraphData {
  const { nodes, names, sources, parameters, passed, outputs, path } = evaluation;
  const constants = new Map<Tensor, string>();
  const given: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const list = nodes.map((node): GraphNode => {
    const to = ids.get(node)!;
    const results = outputs.flatMap(({ label, value }) => (value.node === node ? [label] : []));
    const input = sources.includes(node);
    const computed = results.length > 0 ? "output" : "value";
    const role: Role = input ? "input" : parameters.has(node) ? "parameter" : computed;
    if (role === "value" || role === "output") {
      const partials = partialsOf(node, path.onPath, names);
      const labelled = new Set<Node>();
      for (const x of node.inputs) {
        const from = x.node && ids.get(x.node);
        if (from) {
          const partial = partials[names.get(x.node!)!];
          const shown = partial?.size === 1 && !labelled.has(x.node!);
          edges.push({ from, to, ...(shown && { partial: showValue(partial) }) });
          labelled.add(x.node!);
        } else if (x.size > 1) {
          let id = constants.get(x);
          if (!id) {
            constants.set(x, (id = `c${constants.size + 1}`));
            const name = constantName(x, passed) ?? "";
            given.push({ ...describe(id, "constant", x), name, formula: "", operation: "constant" });
          }
          edges.push({ from: id, to });
        }
      }
    }
    const operation = role === "input" || role === "parameter" ? role : node.primitive.name;
    const formula = formulaIn(evaluation, node);
    return { ...describe(to, role, node.output), name: names.get(node)!, formula, operation, results };
  });
  return { nodes: [...given, ...list], edges };
}

/** The graph of adjoints: v̄ of every node, what is added to make it, and what that is made of. */
function adjointOf(evaluation: Evaluation, ids: ReadonlyMap<Node, string>): GraphData {
  const { nodes, names, outputs, path } = evaluation;
  const since = nextNodeSerial();
  const tracked = outputs.filter(({ value }) => value.node);
  const terms: [Tensor, string][] = [];
  const found = pullback(
    tracked.map(({ value }) => value.node!),
    tracked.map(({ value }) => identify(operations.fill(value.shape, 1, value.dtype))),
    nodes,
    path,
    true,
    (from, to, term) => {
      const [user, used] = [names.get(from)!, names.get(to)!];
      terms.push([term, `${marked(user, BAR)} ∂${user}/∂${used}`]);
    },
  );
  return derivedOf(evaluation, ids, found, terms, { role: "adjoint", mark: BAR, prefix: "a", since });
}

/** The graph of tangents along one input. */
function tangentOf(evaluation: Evaluation, ids: ReadonlyMap<Node, string>, source: Node, prefix: string): GraphData {
  const since = nextNodeSerial();
  const { shape, dtype } = source.output;
  const one = identify(operations.fill(shape, 1, dtype));
  const found = pushforward(evaluation.nodes, [source], [one], evaluation.path, true);
  return derivedOf(evaluation, ids, found, [], { role: "tangent", mark: DOT, prefix, since });
}

interface Derivation {
  readonly role: "adjoint" | "tangent";
  readonly mark: string;
  readonly prefix: string;
  /** The number of the first node that the derivative made. */
  readonly since: number;
}

/** The nodes that a derivative made, for the derivatives of all nodes, and the edges to them. */
function derivedOf(
  { nodes: primal, names: primalNames, passed }: Evaluation,
  primalIds: ReadonlyMap<Node, string>,
  found: readonly (Tensor | null)[],
  terms: readonly (readonly [Tensor, string])[],
  { role, mark, prefix, since }: Derivation,
): GraphData {
  const names = new Map(primalNames);
  const of = new Map<Node, string>();
  // One tensor may be the derivative of several nodes: `v̄7 = v̄5`. The latest stands first.
  for (let i = primal.length - 1; i >= 0; i--) {
    const node = found[i]?.node;
    if (!node || node.serial < since) continue;
    const name = marked(primalNames.get(primal[i]!)!, mark);
    names.set(node, of.has(node) ? `${names.get(node)} = ${name}` : name);
    if (!of.has(node)) of.set(node, primalIds.get(primal[i]!)!);
  }
  for (const [{ node }, name] of terms) if (node && !names.has(node)) names.set(node, name);
  const made = madeFor(found, since);
  let helpers = 0;
  for (const node of made) if (!names.has(node)) names.set(node, `u${++helpers}`);
  // In a formula, the first of several names will do.
  const short = new Map([...names].map(([node, name]) => [node, name.split(" = ")[0]!]));
  const ids = new Map<Node, string>([...primalIds, ...made.map((node, i) => [node, `${prefix}${i + 1}`] as const)]);
  const edges = made.flatMap((node) =>
    node.inputs.flatMap((x) => {
      const from = x.node && ids.get(x.node);
      return from ? [{ from, to: ids.get(node)! }] : [];
    }),
  );
  const nodes = made.map((node): GraphNode => {
    const seed = !node.inputs.some((x) => x.node);
    const formula = seed ? showValue(node.output) : formulaOf(node, short, passed);
    const operation = seed ? "seed" : node.primitive.name;
    const pair = of.get(node);
    const described = describe(ids.get(node)!, role, node.output);
    return { ...described, name: names.get(node)!, formula, operation, ...(pair !== undefined && { of: pair }) };
  });
  return { nodes, edges };
}

/** The nodes from number `since` on that these values are computed by, in order. */
function madeFor(values: readonly (Tensor | null)[], since: number): Node[] {
  const seen = new Set<Node>();
  const pending = values.flatMap((x) => x?.node ?? []);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.serial < since || seen.has(node)) continue;
    seen.add(node);
    for (const x of node.inputs) if (x.node) pending.push(x.node);
  }
  return [...seen].sort((a, b) => a.serial - b.serial);
}

function describe(id: string, role: Role, x: Tensor): Omit<GraphNode, "name" | "formula" | "operation"> {
  return { id, role, value: showValue(x), shape: x.shape, dtype: x.dtype, results: [] };
}
