import { apply, consumedError, inPlaceOf, withTracking } from "../core/apply.js";
import type { BatchedValues, Hook, Node, Tensor } from "../core/graph.js";
import { asOneOperation, originOf, unseen } from "../core/finite.js";
import { operations, type Operations } from "../core/operations.js";
import { aligned, expandTracked } from "../primitives/define.js";
import { identify } from "./identity.js";
import type { Path } from "./path.js";
import { temporarily, type Temporaries } from "./temporaries.js";

/**
 * Batching, from graph to graph: the values of `outputs` for a whole batch, given those of the inputs, in which the
 * examples lie along the first axis. Walks the path once, earliest node first. With `graph` the values are tracked where
 * operations on them would be; without, each is freed after its last use. Null for what does not depend on the inputs.
 * `forAll` makes one hook on the adjoints of all examples of those on a single one.
 */
export function batch(
  outputs: readonly (Node | null)[],
  inputs: readonly Node[],
  values: readonly Tensor[],
  path: Path,
  graph: boolean,
  forAll: (hooks: ReadonlySet<Hook>) => Hook,
): (Tensor | null)[] {
  const count = values[0]!.shape[0]!;
  return temporarily("vmap", graph, (temporaries) =>
    new Batch(path, count, temporaries, forAll).run(outputs, inputs, values),
  );
}

class Batch {
  private readonly values = new Map<Node, Tensor>();
  /** How often the value of each node is still asked for. */
  private readonly uses = new Map<Node, number>();

  constructor(
    private readonly path: Path,
    private readonly count: number,
    private readonly temporaries: Temporaries,
    private readonly forAll: (hooks: ReadonlySet<Hook>) => Hook,
  ) {}

  run(outputs: readonly (Node | null)[], inputs: readonly Node[], values: readonly Tensor[]): (Tensor | null)[] {
    for (const [i, node] of inputs.entries()) this.set(node, values[i]!);
    const given = new Set(inputs);
    const passed = this.path.nodes.filter((node) => !given.has(node));
    for (const node of passed) for (const x of askedFor(node)) this.use(x, 1);
    for (const node of outputs) if (node) this.use(node, 1);
    for (const node of passed) this.visit(node);
    const results = outputs.map((node) => (node && this.values.get(node)) ?? null);
    for (const result of results) this.temporaries.release(result);
    return results;
  }

  private visit(node: Node): void {
    if (node.consumed) throw consumedError("vmap", node);
    const { primitive, params, inputs } = node;
    const known = inputs.map((x) => (x.node && this.values.get(x.node)) ?? null);
    const values: BatchedValues<unknown> = {
      inputs: inputs.map((x, i) => known[i] ?? x),
      batched: known.map((x) => x !== null),
      params,
      count: this.count,
    };
    const rule = (): [Tensor] => [batched(node, primitive.batch, values)];
    const looked = (): readonly [Tensor] => this.looked(node, rule);
    const [value] = this.temporaries.brief(() => (node.untracked ? withTracking(false, looked) : looked()));
    this.set(node, node.hooks && value.node ? this.hooked(value, node.hooks) : value);
    for (const x of askedFor(node)) this.use(x, -1);
  }

  /** What a derivative's rule made is looked at as what it would be without a batch. */
  private looked(node: Node, rule: () => readonly [Tensor]): readonly [Tensor] {
    const origin = originOf(node);
    if (origin === undefined) return rule();
    if (!origin) return unseen(rule);
    const inputs = (): Tensor[] => origin.inputs.map((x) => (x.node && this.values.get(x.node)) ?? x);
    return asOneOperation(origin.operation, inputs, rule);
  }

  private hooked(value: Tensor, hooks: ReadonlySet<Hook>): Tensor {
    const own = inPlaceOf(value, identify(value));
    own.node!.hooks = new Set([this.forAll(hooks)]);
    return own;
  }

  private set(node: Node, value: Tensor): void {
    this.values.set(node, value);
    this.temporaries.hold(value);
  }

  /** A value will be asked for once more, or has been; after the last time it is let go. */
  private use(node: Node, change: 1 | -1): void {
    const left = (this.uses.get(node) ?? 0) + change;
    this.uses.set(node, left);
    const value = this.values.get(node);
    if (left > 0 || !value) return;
    this.values.delete(node);
    this.temporaries.letGo(value);
  }
}

/** The nodes whose values are asked for where a node is visited. */
function askedFor(node: Node): Node[] {
  return [...node.inputs, ...(originOf(node)?.inputs ?? [])].flatMap((x) => x.node ?? []);
}

/** The value of a node for all examples. */
function batched(node: Node, rule: Node["primitive"]["batch"], values: BatchedValues<unknown>): Tensor {
  const { primitive, params, output } = node;
  const { inputs, count } = values;
  if (typeof rule === "function") return rule(operations, values);
  if (rule === "elementwise") {
    const { rank } = output;
    // What is tracked is expanded by an operation, whose adjoint sums; for others the kernel's strides do it.
    const level = inputs.map((x, i) =>
      values.batched[i] ? aligned(operations, x, rank) : expandTracked(x, [count, ...x.shape]),
    );
    return apply(primitive, level, params);
  }
  if (rule === "rows") {
    const all = inputs.map((x, i) => (values.batched[i] ? x : operations.expand(x, [count, ...x.shape])));
    return apply(
      primitive,
      all.map((x) => laidDensely(x, true)),
      params,
    );
  }
  return oneByOne(operations, node, values);
}

/** The kernel for each example in turn, and the results put together. */
function oneByOne(o: Operations, node: Node, { inputs, batched: which, count }: BatchedValues<unknown>): Tensor {
  const { primitive, params, output } = node;
  const parts: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const example = inputs.map((x, k) => {
      if (!which[k]) return x;
      const one = o.stridedSlice(x, {
        starts: [i, ...x.shape.slice(1).map(() => 0)],
        sizes: [1, ...x.shape.slice(1)],
        steps: x.shape.map(() => 1),
      });
      return laidDensely(o.reshape(one, x.shape.slice(1)), node.inputs[k]!.dense);
    });
    parts.push(o.reshape(apply(primitive, example, params), [1, ...output.shape]));
  }
  const boxes = parts.map((_, i) => ({
    starts: [i, ...output.shape.map(() => 0)],
    sizes: [1, ...output.shape],
    steps: [1, ...output.shape.map(() => 1)],
  }));
  return count === 0
    ? o.fill([0, ...output.shape], 0, output.dtype)
    : o.embed(parts, boxes, [count, ...output.shape], true);
}

function laidDensely(x: Tensor, wanted: boolean): Tensor {
  return wanted && !x.dense ? operations.copy(x) : x;
}
