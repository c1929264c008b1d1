import "../methods.js";
import { consumedError } from "../core/running/apply.js";
import { checkFunction } from "../core/checks.js";
import { leaf } from "../core/values/create.js";
import { nextNodeSerial, Tensor, type Node } from "../core/graph.js";
import type { Storage } from "../runtime/storage.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { asTensors } from "../autodiff/calls/arguments.js";
import { Call, type AnyFunction } from "../autodiff/calls/call.js";
import type { Path } from "../autodiff/transforms/path.js";
import { formulaOf, FreshNames, namesOf, userName } from "./names.js";

/** Of more inputs, only the first so many have tangents. */
export const MOST_TANGENTS = 8;

/** A result of a function. */
export interface Output {
  /** `y`, or `y.loss` by its place in a tree; what the user called it, for a tensor by itself. */
  readonly label: string;
  readonly value: Tensor;
}

/** The graph of one evaluation: its nodes in order, arguments first, then parameters, then what is computed from them. */
export interface Evaluation {
  readonly nodes: readonly Node[];
  readonly names: ReadonlyMap<Node, string>;
  /** The arguments, and what they are called. */
  readonly sources: readonly Node[];
  readonly inputs: readonly string[];
  /** Leaves that the function closes over, and what they are called. */
  readonly parameters: ReadonlyMap<Node, string>;
  /** What arguments that are passed along, such as integers, are called: by their storage, since views are made of them. */
  readonly passed: ReadonlyMap<Storage, string>;
  readonly outputs: readonly Output[];
  /** The part that derivatives pass through. */
  readonly path: Path;
  /** Lets the graph go, if nothing outside needs it. */
  end(): void;
}

/** Runs a function, and keeps the graph between its arguments and its results. */
export function evaluate(operation: string, f: AnyFunction, args: readonly unknown[]): Evaluation {
  checkFunction(operation, "a function", f);
  const positions = differentiable(args);
  const since = nextNodeSerial();
  const call = new Call(operation, f, args, positions);
  const outputs = outputsOf(operation, call.result);
  const { sources, path, ...graph } = call.graphOf(outputs.map(({ value }) => value));
  const starts = graph.outputs.filter((node) => node !== null);
  const found = pathTo(operation, starts, since, new Set(sources));
  const leaves = found.nodes.filter((node) => node.primitive === leaf);
  if (sources.length + leaves.length === 0)
    throw new GradientError(
      operation,
      "floating-point tensors or numbers among the arguments, or parameters in the function",
      args.length === 0 ? "no arguments" : "none",
    );
  const fresh = new FreshNames();
  const inputs: string[] = [];
  for (const position of positions) {
    const take = (x: Tensor, place: string): string => fresh.own(x) ?? fresh.take(`x${position + 1}${place}`);
    mapTree(call.lifted[position], (x, place) => inputs.push(take(x as Tensor, place)));
  }
  const nodes = [...new Set([...sources, ...leaves, ...found.nodes])];
  const passed = new Map<Storage, string>();
  call.lifted.forEach((argument, i) => {
    if (positions.includes(i)) return;
    for (const x of tensorsOf(argument)) if (x.storage) passed.set(x.storage, fresh.own(x) ?? fresh.take(`x${i + 1}`));
  });
  const parameters = new Map(leaves.map((node, i) => [node, fresh.take(userName(node.output) ?? `w${i + 1}`)]));
  const end = (): void => call.end({ ...graph, sources, path });
  return { nodes, names: namesOf(nodes), sources, inputs, parameters, passed, outputs, path: found, end };
}

/** The graph behind a tensor, as far back as it goes. */
export function evaluationOf(operation: string, y: Tensor): Evaluation {
  if (!y.node)
    throw new GradientError(operation, "a function, or a tensor that is tracked", "a tensor without a graph");
  const path = pathTo(operation, [y.node], 0, null);
  const sources = path.nodes.filter((node) => isRoot(node));
  const nodes = [...new Set([...sources, ...path.nodes])];
  const fresh = new FreshNames();
  const inputs = sources.map((node, i) => fresh.own(node.output) ?? fresh.take(`x${i + 1}`));
  const outputs = [{ label: userName(y) ?? "y", value: y }];
  const [names, parameters, passed] = [namesOf(nodes), new Map<Node, string>(), new Map<Storage, string>()];
  return { nodes, names, sources, inputs, parameters, passed, outputs, path, end: () => undefined };
}

/** How a node is computed, or what an argument or a parameter is called. */
export function formulaIn({ names, sources, inputs, parameters, passed }: Evaluation, node: Node): string {
  const source = sources.indexOf(node);
  return inputs[source] ?? parameters.get(node) ?? formulaOf(node, names, passed);
}

/** The arguments to differentiate by: those that hold tensors or numbers, and not only integers. */
function differentiable(args: readonly unknown[]): number[] {
  const trees = asTensors(args).map(tensorsOf);
  return trees.flatMap((tensors, i) => (tensors.some((x) => x.type.float) ? [i] : []));
}

function outputsOf(operation: string, result: unknown): Output[] {
  const outputs: Output[] = [];
  mapTree(result, (value, place) => {
    if (value instanceof Tensor && value.type.float) outputs.push({ label: `y${place}`, value });
  });
  if (outputs.length > 0) return outputs;
  const [other] = tensorsOf(result);
  const got = other ? other.dtype : result instanceof Promise ? "a promise" : typeof result;
  throw new GradientError(operation, "a function whose results hold floating-point tensors", got);
}

function isRoot(node: Node): boolean {
  return node.primitive === leaf || !node.inputs.some((x) => x.node);
}

/** The nodes made since number `since` between the outputs and the sources, or leaves; without sources, all that there are. */
function pathTo(operation: string, outputs: readonly Node[], since: number, sources: ReadonlySet<Node> | null): Path {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node) || (node.serial < since && node.primitive !== leaf)) continue;
    if (node.consumed) throw consumedError(operation, node);
    seen.add(node);
    if (!sources?.has(node)) for (const x of node.inputs) if (x.node) pending.push(x.node);
  }
  const onPath = new Set<Node>();
  for (const node of [...seen].sort((a, b) => a.serial - b.serial)) {
    const starts = sources ? sources.has(node) || node.primitive === leaf : isRoot(node);
    if (starts || node.inputs.some((x) => x.node && onPath.has(x.node))) onPath.add(node);
  }
  const nodes = [...onPath];
  return { nodes, onPath, foreign: true, symbolic: nodes.some((node) => !node.output.storage) };
}
