import { alias } from "../core/apply.js";
import type { Tensor } from "../core/graph.js";
import { type Node } from "../core/graph.js";
import { nameOf } from "../core/names.js";
import { operations } from "../core/operations.js";
import { ownedBy } from "../core/scopes.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { positionsOf, type Differentiable } from "../autodiff/arguments.js";
import { Call, type AnyFunction, type CallGraph } from "../autodiff/call.js";
import { pullback } from "../autodiff/pullback.js";
import { pushforward } from "../autodiff/pushforward.js";
import { toJson, toMarkdown, type JsonTrace } from "./forms.js";
import { showConstant } from "./number.js";
import type { TraceData, TraceRow } from "./row.js";
import { showTable, type TableOptions } from "./table.js";

/** Traces with more inputs have tangents only for the first so many. */
const MOST_TANGENTS = 8;

/** An evaluation trace as the lecture draws it: forward values, tangents and adjoints side by side. */
export class Trace implements TraceData {
  constructor(
    readonly rows: readonly TraceRow[],
    /** Names of the arguments. */
    readonly inputs: readonly string[],
    /** Names of the results. */
    readonly outputs: readonly string[],
  ) {}

  /** The row of a name. */
  row(name: string): TraceRow | undefined {
    return this.rows.find((row) => row.name === name);
  }

  /** The textbook's table, aligned for a terminal. */
  toString(options: TableOptions = {}): string {
    return showTable(this, options);
  }

  /** The same as a Markdown table. */
  toMarkdown(options: TableOptions = {}): string {
    return toMarkdown(this, options);
  }

  /** Numbers and nested arrays; of large tensors shape and summary. */
  toJSON(): JsonTrace {
    return toJson(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * The evaluation trace of f at these arguments: every intermediate value with its formula, its tangents, its adjoint, and
 * the contributions that the adjoint is the sum of. Arguments are called x1, x2, .., or what `name` calls them. Where f's
 * value is not a scalar, the adjoints are those of the sum of its elements.
 */
export function trace<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  ...args: Differentiable<A> & readonly unknown[]
): Trace;
export function trace(f: AnyFunction, ...args: readonly unknown[]): Trace {
  const { rows, inputs, outputs } = ownedBy("trace", () => {
    const call = new Call("trace", f, args, positionsOf(args));
    const values = tensorsOf(call.result).filter((y) => y.node !== null);
    return read(call, values, call.graphOf(values));
  });
  return new Trace(rows, inputs, outputs);
}

function read(call: Call, values: readonly Tensor[], graph: CallGraph): TraceData {
  const { path, sources } = graph;
  const nodes = [...new Set([...sources, ...path.nodes])];
  const names = namesOf(nodes);
  const inputs = inputNames(call);
  const contributions = new Map<Node, Record<string, Tensor>>(nodes.map((node) => [node, {}]));
  const adjoints = pullback(
    values.map((y) => y.node!),
    values.map((y) => operations.fill(y.shape, 1, y.dtype)),
    nodes,
    path,
    true,
    (from, to, contribution) => {
      const all = contributions.get(to)!;
      const user = names.get(from)!;
      all[user] = all[user] ? operations.add(all[user], contribution) : contribution;
    },
  );
  const tangents = sources
    .slice(0, MOST_TANGENTS)
    .map((node) => pushforward(nodes, [node], [operations.fill(node.output.shape, 1, node.output.dtype)], path, true));
  const rows = nodes.map((node, i): TraceRow => {
    const source = sources.indexOf(node);
    const zero = (): Tensor => operations.fill(node.output.shape, 0, node.output.dtype);
    return {
      name: names.get(node)!,
      operation: source >= 0 ? "input" : node.primitive.name,
      formula: source >= 0 ? inputs[source]! : formulaOf(node, names),
      from: node.inputs.flatMap((x) => (x.node && names.has(x.node) ? [names.get(x.node)!] : [])),
      value: alias(node.output),
      tangents: Object.fromEntries(tangents.map((list, k) => [inputs[k]!, plain(list[i] ?? zero())])),
      partials: partialsOf(node, path.onPath, names),
      adjoint: plain(adjoints[i] ?? zero()),
      contributions: mapTree(contributions.get(node), (x) => plain(x as Tensor)) as Record<string, Tensor>,
    };
  });
  const outputs = values.map((y) => names.get(y.node!)!);
  call.end(graph);
  return { rows, inputs, outputs };
}

/** A value without its graph. */
function plain(x: Tensor): Tensor {
  return x.node ? alias(x) : x;
}

/** v1, v2, .., or a user's name. */
function namesOf(nodes: readonly Node[]): Map<Node, string> {
  const taken = new Set<string>();
  const names = new Map<Node, string>();
  for (const [i, node] of nodes.entries()) {
    const own = node.primitive === operations.identity.primitive ? undefined : nameOf(node.output);
    const chosen = own !== undefined && !taken.has(own) ? own : `v${i + 1}`;
    taken.add(chosen);
    names.set(node, chosen);
  }
  return names;
}

/** x1, x2, .. by position, with their places in trees, or a user's names. */
function inputNames(call: Call): string[] {
  const names: string[] = [];
  for (const [i, argument] of call.lifted.entries()) {
    mapTree(argument, (x, path) => names.push(nameOf(x as Tensor) ?? `x${i + 1}${path}`));
  }
  return names;
}

function formulaOf({ primitive, inputs }: Node, names: ReadonlyMap<Node, string>): string {
  const args = inputs.map((x) => (x.node && names.get(x.node)) ?? nameOf(x) ?? showConstant(x));
  const { symbol, name } = primitive;
  if (name === operations.identity.primitive.name) return args[0]!;
  if (symbol !== undefined && args.length === 2) return `${args[0]} ${symbol} ${args[1]}`;
  if (symbol !== undefined && args.length === 1) return `${symbol}${args[0]}`;
  return args.length === 1 ? `${name} ${args[0]}` : `${name}(${args.join(", ")})`;
}

/** The local partial derivatives: tangents of the value alone, for an argument that grows by 1. */
function partialsOf(node: Node, onPath: ReadonlySet<Node>, names: ReadonlyMap<Node, string>): Record<string, Tensor> {
  const partials: Record<string, Tensor> = {};
  if (node.inputs.every((x) => !x.node || !onPath.has(x.node))) return partials;
  const local = { nodes: [node], onPath: new Set([node]), foreign: false, symbolic: false };
  for (const input of new Set(node.inputs.map((x) => x.node))) {
    if (!input || !onPath.has(input)) continue;
    const scalar = input.output.size === 1 && node.output.size === 1;
    if (!scalar && node.primitive.batch !== "elementwise") continue;
    const one = operations.fill(input.output.shape, 1, input.output.dtype);
    const [partial] = pushforward([node], [input], [one], local, true);
    if (partial) partials[names.get(input)!] = plain(partial);
  }
  return partials;
}
