import { alias, apply, consume, makeNode, withRepeatableDraws, withTracking } from "../core/running/apply.js";
import { recorder } from "../core/running/capturing.js";
import { checkFunction } from "../core/checks.js";
import type { DTypeName } from "../core/dtype.js";
import { nextNodeSerial, Tensor, type Hook, type Node, type Primitive } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import type { Shape } from "../core/shape.js";
import { mapTree } from "../core/tree.js";
import { GradientError } from "../errors.js";
import type { AnyFunction } from "./calls/call.js";
import { vmap } from "./vmap.js";

/**
 * f with its intermediate values forgotten: they are computed again when a derivative needs them, which costs one more
 * forward pass and saves their memory (Griewank and Walther, "Revolve", 2000, in its simplest form). What is repeated is
 * the operations that f made, not f itself: random draws are made again from the state that they were made from, and
 * assignments happen once. The results are the same, bit for bit. Calls nest. Hooks in f are called as without; `retainGrad`
 * in f is a GradientError.
 */
export function checkpoint<A extends readonly unknown[], Y>(f: (...args: A) => Y): (...args: A) => Y;
export function checkpoint(f: AnyFunction): (...args: readonly unknown[]) => unknown {
  checkFunction("checkpoint", "a function", f);
  return (...args) =>
    ownedBy("checkpoint", () => {
      const since = nextNodeSerial();
      const made = new Set<Node>();
      const result = withRepeatableDraws(() => f(...(args as never)));
      const forgotten = mapTree(result, (y) => (y instanceof Tensor ? forget(y, since, made) : y));
      for (const node of made) consume(node, "checkpoint");
      return forgotten;
    });
}

/** A value whose graph since a node is replaced by one node, which remembers how to compute it. */
function forget(y: Tensor, since: number, made: Set<Node>): Tensor {
  if (!y.node || y.node.serial < since) return y;
  // What depends on nothing but random draws is a constant.
  if (y.node.untracked && y.storage) return alias(y);
  const nodes = nodesSince(y.node, since);
  if (nodes.some((node) => node.retainsGrad))
    throw new GradientError("checkpoint", "values on the way that may be forgotten", "one with retainGrad; use a hook");
  const recipe = new Recipe(y, nodes, since);
  for (const node of nodes) made.add(node);
  const z = alias(y);
  z.node = makeNode(rematerialise, recipe.from, recipe, z);
  // The states of generators are saved by the new node alone.
  for (const { node } of recipe.from) if (node?.untracked && node.serial >= since) made.add(node);
  recipe.from = [];
  return z;
}

/** How a value is computed: the operations that lead to it, and what they start from. */
class Recipe {
  readonly shape: Shape;
  readonly dtype: DTypeName;
  /** Values from outside. */
  from: Tensor[] = [];
  private readonly steps: readonly Step[];

  constructor(y: Tensor, nodes: readonly Node[], since: number) {
    this.shape = y.shape;
    this.dtype = y.dtype;
    const inside = (x: Tensor): boolean => x.node !== null && x.node.serial >= since && x.node.inputs.length > 0;
    const outside = new Set(nodes.flatMap(({ inputs }) => inputs.filter((x) => !inside(x))));
    this.from = [...outside];
    const places = new Map<Node | Tensor, number>();
    for (const [i, x] of this.from.entries()) places.set(x, i);
    for (const [i, node] of nodes.entries()) places.set(node, this.from.length + i);
    this.steps = nodes.map(({ primitive, params, untracked, hooks, inputs }) => ({
      primitive,
      params,
      untracked,
      hooks,
      places: inputs.map((x) => places.get(inside(x) ? x.node! : x)!),
    }));
  }

  /** Computes the value again, also in a program, which would otherwise see that it has it already. */
  computeAgain(inputs: readonly Tensor[]): Tensor {
    return recorder ? recorder.repeating(() => this.run(inputs)) : this.run(inputs);
  }

  /** Computes the value, of inputs that take the places of the first ones. */
  run(inputs: readonly Tensor[]): Tensor {
    const values = [...inputs];
    for (const { primitive, params, untracked, hooks, places } of this.steps) {
      const args = places.map((place) => values[place]!);
      const step = (): Tensor => (primitive.repeat ? primitive.repeat(args, params) : apply(primitive, args, params));
      const value = untracked ? withTracking(false, step) : step();
      if (hooks && value.node) value.node.hooks = hooks;
      values.push(value);
    }
    return values[values.length - 1]!;
  }
}

interface Step {
  readonly primitive: Primitive;
  readonly params: unknown;
  readonly untracked: boolean;
  readonly hooks: Set<Hook> | null;
  /** Where each argument is: among the inputs, or behind them, among the values of the steps before. */
  readonly places: readonly number[];
}

const rematerialise: Primitive<Recipe> = {
  name: "checkpoint",
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  derivative: { kind: "fused", definition: (_, inputs, recipe) => recipe.computeAgain(inputs) },
  batch: (_, { inputs, batched, params: recipe }) => {
    const inAxes = batched.map((each) => (each ? 0 : null));
    return checkpoint(vmap((...xs: Tensor[]) => recipe.run(xs), { inAxes }))(...inputs);
  },
  repeat: (inputs, recipe) => checkpoint((...xs: Tensor[]) => recipe.run(xs))(...inputs),
  samples: () => [],
};

/** The nodes that a value was computed by, back to number `since`, in the order of their making. Leaves are not computed. */
function nodesSince(last: Node, since: number): Node[] {
  const found = new Set<Node>();
  const pending = [last];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (found.has(node) || node.serial < since || node.inputs.length === 0) continue;
    found.add(node);
    for (const x of node.inputs) if (x.node) pending.push(x.node);
  }
  return [...found].sort((a, b) => a.serial - b.serial);
}
