import { apply, consumedError, inPlaceOf, withTracking } from "../../core/running/apply.js";
import type { BatchedValues, Hook, Node, Tensor } from "../../core/graph.js";
import { asOneOperation, originOf, unseen } from "../../core/running/finite.js";
import { operations, type Operations } from "../../core/operations.js";
import { aligned, expandTracked } from "../../primitives/define.js";
import { identify } from "./identity.js";
import type { Path } from "./path.js";
import { temporarily, type Temporaries } from "./temporaries.js";
import { Walk, type Steps } from "./walk.js";

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

class Batch implements Steps {
  private readonly values: Walk;

  constructor(
    private readonly path: Path,
    private readonly count: number,
    private readonly temporaries: Temporaries,
    private readonly forAll: (hooks: ReadonlySet<Hook>) => Hook,
  ) {
    this.values = new Walk(temporaries);
  }

  run(outputs: readonly (Node | null)[], inputs: readonly Node[], values: readonly Tensor[]): (Tensor | null)[] {
    return this.values.run(this.path.nodes, outputs, inputs, values, this);
  }

  askedFor(node: Node): Node[] {
    return [...node.inputs, ...(originOf(node)?.inputs ?? [])].flatMap((x) => x.node ?? []);
  }

  visit(node: Node): Tensor {
    if (node.consumed) throw consumedError("vmap", node);
    const { primitive, params, inputs } = node;
    const known = inputs.map((x) => this.values.of(x));
    const values: BatchedValues<unknown> = {
      inputs: inputs.map((x, i) => known[i] ?? x),
      batched: known.map((x) => x !== null),
      params,
      name: primitive.name,
      count: this.count,
      shape: node.output.shape,
    };
    const rule = (): [Tensor] => [batched(node, primitive.batch, values)];
    const looked = (): readonly [Tensor] => this.looked(node, rule);
    const [value] = this.temporaries.brief(() => (node.untracked ? withTracking(false, looked) : looked()));
    return node.hooks && value.node ? this.hooked(value, node.hooks) : value;
  }

  /** Under `debugNaN`: a derivative's rule is one operation in a batch too, in the name that it has without one. */
  private looked(node: Node, rule: () => readonly [Tensor]): readonly [Tensor] {
    const origin = originOf(node);
    if (origin === undefined) return rule();
    if (!origin) return unseen(rule);
    const inputs = (): Tensor[] => origin.inputs.map((x) => this.values.of(x) ?? x);
    return asOneOperation(origin.operation, inputs, rule);
  }

  private hooked(value: Tensor, hooks: ReadonlySet<Hook>): Tensor {
    const own = inPlaceOf(value, identify(value));
    own.node!.hooks = new Set([this.forAll(hooks)]);
    return own;
  }
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
      values.batched[i] ? aligned(operations, x, rank) : expandTracked(x, [count, ...output.shape]),
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
