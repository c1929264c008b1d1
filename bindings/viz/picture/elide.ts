import type { GraphData, GraphEdge, GraphNode } from "./data.js";

/** How much of a large graph is drawn. */
export interface Limits {
  /** Only values that are so many steps from a result or nearer, the longest way, and the inputs. Default: all. */
  depth?: number;
  /** At most so many nodes, of the function and of its derivative each: the first, and the last. Default 150. */
  limit?: number;
}

const DEFAULT_LIMIT = 150;

/** What stands for nodes that are not drawn, by their identifiers. */
type Places = ReadonlyMap<string, string>;

/** A graph, and perhaps that of a derivative of it, within the limits: what is beyond is drawn together in one node each. */
export function within(primal: GraphData, derived: GraphData | null, limits: Limits): GraphData {
  const { depth = Infinity, limit = DEFAULT_LIMIT } = limits;
  const far = beyond(primal, depth);
  const first = shortened(primal, far, limit, "rest");
  if (!derived) return first.data;
  const inputs = new Set(primal.nodes.filter(({ role }) => role === "input").map((node) => node.id));
  const moved = { nodes: derived.nodes, edges: moveEdges(derived.edges, first.places) };
  const second = shortened(moved, withoutOwner(derived, far, inputs), limit, "restd");
  const here = new Set(first.data.nodes.map((node) => node.id));
  const nodes = second.data.nodes.map(({ of, ...node }) => ({ ...node, ...(of && here.has(of) && { of }) }));
  return { nodes: [...first.data.nodes, ...nodes], edges: [...first.data.edges, ...second.data.edges] };
}

/** Without the nodes that are gone, and then without those in the middle. */
function shortened(
  data: GraphData,
  gone: ReadonlySet<string>,
  limit: number,
  id: string,
): { data: GraphData; places: Places } {
  const kept = data.nodes.filter((node) => !gone.has(node.id));
  // The nodes stand in the order of evaluation: those in the middle lie between the others.
  const before = Math.ceil((limit - 1) / 2);
  const fits = kept.length + Math.sign(gone.size) <= limit;
  const middle = fits ? [] : kept.slice(before, kept.length - (limit - 1 - before));
  return together(data, between(data, new Set([...gone, ...middle.map((node) => node.id)])), id);
}

/** With all that lies on a way from one of these to another: drawn apart, it would close a circle. */
function between({ nodes, edges }: GraphData, gone: ReadonlySet<string>): Set<string> {
  const before = reached([...nodes].reverse(), usersIn(edges), gone);
  return new Set([...reached(nodes, usesIn(edges), gone)].filter((id) => before.has(id)));
}

/** These, and the nodes behind them in a list that is in the order of the edges. */
function reached(
  nodes: readonly GraphNode[],
  sources: ReadonlyMap<string, readonly string[]>,
  from: Iterable<string>,
): Set<string> {
  const found = new Set(from);
  for (const { id } of nodes) if (sources.get(id)?.some((source) => found.has(source))) found.add(id);
  return found;
}

/** What is more than `depth` steps, on the longest way, from all that nothing uses. */
function beyond({ nodes, edges }: GraphData, depth: number): Set<string> {
  if (depth === Infinity) return new Set();
  const users = usersIn(edges);
  const steps = new Map<string, number>();
  const far = new Set<string>();
  for (const { id, role } of [...nodes].reverse()) {
    const own = (users.get(id) ?? []).reduce((most, user) => Math.max(most, steps.get(user)! + 1), 0);
    steps.set(id, own);
    if (own > depth && role !== "input") far.add(id);
  }
  return far;
}

/**
 * The part of a derivative's graph that is not drawn when part of the function's is not. Adjoints flow away from the results:
 * with one go all that are computed from it, but for those of the inputs. Tangents flow towards them: with some goes what serves
 * only these.
 */
function withoutOwner(
  { nodes, edges }: GraphData,
  gone: ReadonlySet<string>,
  inputs: ReadonlySet<string>,
): Set<string> {
  const far = new Set<string>();
  if (gone.size === 0) return far;
  const [users, uses] = [usersIn(edges), usesIn(edges)];
  if (nodes.some(({ role }) => role === "adjoint"))
    for (const { id, of } of nodes) {
      if (of !== undefined && inputs.has(of)) continue;
      if ((of !== undefined && gone.has(of)) || (uses.get(id) ?? []).some((x) => far.has(x))) far.add(id);
    }
  for (const { id, of } of [...nodes].reverse()) {
    const by = users.get(id) ?? [];
    if (of === undefined ? by.length > 0 && by.every((user) => far.has(user)) : gone.has(of)) far.add(id);
  }
  return far;
}

function usersIn(edges: readonly GraphEdge[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const list = users.get(from);
    if (list) list.push(to);
    else users.set(from, [to]);
  }
  return users;
}

function usesIn(edges: readonly GraphEdge[]): Map<string, string[]> {
  return usersIn(edges.map(({ from, to }) => ({ from: to, to: from })));
}

/** The graph with one node in place of several. */
function together(
  { nodes, edges }: GraphData,
  gone: ReadonlySet<string>,
  id: string,
): { data: GraphData; places: Places } {
  if (gone.size === 0) return { data: { nodes, edges }, places: new Map() };
  const first = nodes.find((node) => gone.has(node.id))!;
  const { role, shape, dtype } = first;
  const derived = role === "adjoint" || role === "tangent" ? `${role}s` : "values";
  const rest: GraphNode = {
    id,
    role: "elided",
    standsFor: role,
    name: `${gone.size} ${derived} not shown`,
    formula: "",
    operation: "elided",
    value: "",
    shape,
    dtype,
    results: [],
  };
  const places = new Map([...gone].map((node) => [node, id]));
  const moved = moveEdges(edges, places);
  // In the order of evaluation: behind the last that it is computed from, and before all that is computed from it.
  const sources = new Set(moved.flatMap(({ from, to }) => (to === id ? [from] : [])));
  const last = nodes.reduce((latest, node, i) => (sources.has(node.id) ? i : latest), -1);
  const at = last >= 0 ? last + 1 : nodes.indexOf(first);
  const [earlier, later] = [nodes.slice(0, at), nodes.slice(at)].map((list) => list.filter((x) => !gone.has(x.id)));
  const behind = reached(earlier!, usesIn(moved), [id]);
  const [above, below] = [false, true].map((is) => earlier!.filter((node) => behind.has(node.id) === is));
  const data = { nodes: [...above!, rest, ...below!, ...later!], edges: moved };
  return { data, places };
}

/** The edges between what is drawn; of several to or from what is drawn together, one tells enough. */
function moveEdges(edges: readonly GraphEdge[], places: Places): GraphEdge[] {
  if (places.size === 0) return [...edges];
  const seen = new Set<string>();
  return edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.from) ?? edge.from, places.get(edge.to) ?? edge.to];
    if (from === edge.from && to === edge.to) return [edge];
    const key = `${from} ${to}`;
    if (from === to || seen.has(key)) return [];
    seen.add(key);
    return [{ from, to }];
  });
}
