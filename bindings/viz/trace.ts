import { alias } from "../core/running/apply.js";
import type { Node, Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { ownedBy } from "../core/running/scopes.js";
import type { Differentiable } from "../autodiff/calls/arguments.js";
import type { AnyFunction } from "../autodiff/calls/call.js";
import { pullback } from "../autodiff/transforms/pullback.js";
import { pushforward } from "../autodiff/transforms/pushforward.js";
import { Printed } from "../shared/printed.js";
import { evaluate, formulaIn, MOST_TANGENTS, type Evaluation, type Output } from "./evaluation.js";
import { toJson, toMarkdown, type JsonTrace } from "./forms.js";
import { constantName, FreshNames } from "./names.js";
import { showConstant } from "./number.js";
import { partialsOf, plain } from "./partials.js";
import type { TraceData, TraceRow } from "./row.js";
import { showTable, type TableOptions } from "./table.js";

/** An evaluation trace as the lecture draws it: forward values, tangents and adjoints side by side. */
export class Trace extends Printed implements TraceData {
  readonly rows: readonly TraceRow[];
  readonly inputs: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;

  constructor({ rows, inputs, outputs }: TraceData) {
    super();
    this.rows = rows;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The row of a name. */
  row(name: string): TraceRow | undefined {
    return this.rows.find((row) => row.name === name);
  }

  /** The textbook's table, aligned for a terminal. Throws for a column of tangents that there is not. */
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
}

/**
 * The evaluation trace of f at these arguments: every intermediate value with its formula, its local partial derivatives, its
 * tangents, its adjoint, and the contributions that the adjoint is the sum of. Arguments are trees of tensors and numbers; they
 * are called x1, x2, .., or what `name` calls them; integers are passed along. Parameters that f closes over have rows too.
 * Where f's value is not a scalar, or a tree, the adjoints are those of the sum of all elements. Throws where nothing
 * floating-point goes in or comes out.
 */
export function trace<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  ...args: Differentiable<A> & readonly unknown[]
): Trace;
export function trace(f: AnyFunction, ...args: readonly unknown[]): Trace {
  const found = ownedBy("trace", () => {
    const evaluation = evaluate("trace", f, args);
    const trace = read(evaluation);
    evaluation.end();
    return trace;
  });
  return new Trace(found);
}

function read(evaluation: Evaluation): TraceData {
  const { nodes, names, sources, inputs, parameters, path } = evaluation;
  const { adjoints, contributions } = adjointsOf(evaluation);
  const tangents = sources
    .slice(0, MOST_TANGENTS)
    .map((node) => pushforward(nodes, [node], [operations.fill(node.output.shape, 1, node.output.dtype)], path, true));
  const given = new Set([...sources, ...parameters.keys()]);
  const rows = nodes.map((node, i): TraceRow => {
    const zero = (): Tensor => operations.fill(node.output.shape, 0, node.output.dtype);
    const by = [...contributions.get(node)!].sort(([a], [b]) => a.serial - b.serial);
    return {
      name: names.get(node)!,
      operation: sources.includes(node) ? "input" : parameters.has(node) ? "parameter" : node.primitive.name,
      formula: formulaIn(evaluation, node),
      from: given.has(node) ? [] : node.inputs.flatMap((x) => (x.node && names.get(x.node)) ?? []),
      value: alias(node.output),
      tangents: Object.fromEntries(tangents.map((list, k) => [inputs[k]!, plain(list[i] ?? zero())])),
      partials: partialsOf(node, path.onPath, names),
      adjoint: plain(adjoints[i] ?? zero()),
      contributions: Object.fromEntries(by.map(([user, contribution]) => [names.get(user)!, plain(contribution)])),
    };
  });
  const constants = constantsOf(evaluation, rows);
  const nameOf = (output: Output): string => constants.get(output)?.name ?? names.get(output.value.node!)!;
  const results = evaluation.outputs.map((output) => [output.label, nameOf(output)] as const);
  return { rows: [...rows, ...constants.values()], inputs, outputs: Object.fromEntries(results) };
}

/** The rows of results that depend on nothing. */
function constantsOf({ inputs, outputs, names, passed }: Evaluation, rows: readonly TraceRow[]): Map<Output, TraceRow> {
  const fresh = new FreshNames();
  for (const { name } of rows) fresh.take(name);
  const constant = outputs.filter(({ value }) => !(value.node && names.has(value.node)));
  return new Map(
    constant.map((output, i) => {
      const { shape, dtype } = output.value;
      const [zero, one] = [operations.fill(shape, 0, dtype), operations.fill(shape, 1, dtype)];
      const row: TraceRow = {
        name: fresh.take(`v${rows.length + i + 1}`),
        operation: "constant",
        formula: constantName(output.value, passed) ?? showConstant(output.value),
        from: [],
        value: plain(output.value),
        tangents: Object.fromEntries(inputs.slice(0, MOST_TANGENTS).map((input) => [input, zero])),
        partials: {},
        adjoint: one,
        contributions: {},
      };
      return [output, row];
    }),
  );
}

/** The adjoints of all nodes, null where there is none, and for each node what those that use it contribute. */
function adjointsOf({ nodes, outputs, path }: Evaluation): {
  adjoints: (Tensor | null)[];
  contributions: ReadonlyMap<Node, ReadonlyMap<Node, Tensor>>;
} {
  const contributions = new Map(nodes.map((node) => [node, new Map<Node, Tensor>()]));
  const tracked = outputs.filter(({ value }) => value.node);
  const adjoints = pullback(
    tracked.map(({ value }) => value.node!),
    tracked.map(({ value }) => operations.fill(value.shape, 1, value.dtype)),
    nodes,
    path,
    true,
    (from, to, contribution) => {
      const all = contributions.get(to)!;
      const before = all.get(from);
      all.set(from, before ? operations.add(before, contribution) : contribution);
    },
  );
  return { adjoints, contributions };
}
