import type { Node, Tensor } from "../../core/graph.js";
import { nextNodeSerial } from "../../core/graph.js";
import { withTracking } from "../../core/running/apply.js";
import { operations } from "../../core/operations.js";
import { identify } from "../../autodiff/transforms/identity.js";
import { pullback } from "../../autodiff/transforms/pullback.js";
import { pushforward } from "../../autodiff/transforms/pushforward.js";
import { formulaIn, MOST_TANGENTS, type Evaluation } from "../evaluation.js";
import { BAR, constantName, DOT, formulaOf, marked } from "../names.js";
import { showConstant, showValue } from "../number.js";
import { partialsOf } from "../partials.js";
import type { GraphData, GraphEdge, GraphNode, Role } from "./data.js";

/** The graph of a function, and the graphs of its derivatives, which take their values from it. */
export interface Parts {
  readonly primal: GraphData;
  readonly adjoint: GraphData;
  /** By the name of the input. */
  readonly tangents: ReadonlyMap<string, GraphData>;
}

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

/** The graph of the function: its nodes, and before them the constants that have edges to them, or that are results. */
function primalOf(evaluation: Evaluation, ids: ReadonlyMap<Node, string>): GraphData {
  const { nodes, names, passed, outputs } = evaluation;
  const constants = new Map<Tensor, GraphNode>();
  const constant = (x: Tensor): GraphNode => {
    const described = describe(`c${constants.size + 1}`, "constant", x);
    return { ...described, name: constantName(x, passed) ?? "", formula: "", operation: "constant" };
  };
  const edges: GraphEdge[] = [];
  const list = nodes.map((node): GraphNode => {
    const { role, results } = partOf(evaluation, node);
    const given = role === "input" || role === "parameter";
    if (!given) {
      for (const x of node.inputs)
        if (!(x.node && ids.has(x.node)) && x.size > 1 && !constants.has(x)) constants.set(x, constant(x));
      edges.push(...edgesTo(node, evaluation, ids, constants));
    }
    return {
      ...describe(ids.get(node)!, role, node.output),
      name: names.get(node)!,
      formula: formulaIn(evaluation, node),
      operation: given ? role : node.primitive.name,
      results,
    };
  });
  for (const { label, value } of outputs) {
    if (value.node && ids.has(value.node)) continue;
    const { results, ...described } = constants.get(value) ?? constant(value);
    const formula = constantName(value, passed) ?? showConstant(value);
    constants.set(value, { ...described, role: "output", name: "", formula, results: [...results, label] });
  }
  return { nodes: [...constants.values(), ...list], edges };
}

/** What a node is to the function, and which results it is. */
function partOf({ sources, parameters, outputs }: Evaluation, node: Node): { role: Role; results: string[] } {
  const results = outputs.flatMap(({ label, value }) => (value.node === node ? [label] : []));
  const computed = results.length > 0 ? "output" : "value";
  return { role: sources.includes(node) ? "input" : parameters.has(node) ? "parameter" : computed, results };
}

/** The edges to a node. The first from another shows the local partial derivative, where that is a number. */
function edgesTo(
  node: Node,
  { names, path }: Evaluation,
  ids: ReadonlyMap<Node, string>,
  constants: ReadonlyMap<Tensor, GraphNode>,
): GraphEdge[] {
  const to = ids.get(node)!;
  const partials = partialsOf(node, path.onPath, names);
  return node.inputs.flatMap((x, i): GraphEdge[] => {
    const from = x.node && ids.get(x.node);
    if (!from) return constants.has(x) ? [{ from: constants.get(x)!.id, to }] : [];
    const partial = partials[names.get(x.node!)!];
    const first = node.inputs.findIndex((other) => other.node === x.node) === i;
    return [{ from, to, ...(first && partial?.size === 1 && { partial: showValue(partial) }) }];
  });
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
