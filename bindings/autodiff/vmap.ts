import { assign } from "../core/values/assign.js";
import { checkLive, consume, inPlaceOf, isTracking, makeNode, symbolic, withTracking } from "../core/running/apply.js";
import { checkFunction } from "../core/checks.js";
import { withTensors, type NestedArray } from "../core/values/create.js";
import type { ElementArray } from "../core/dtype.js";
import { Tensor, type Hook, type Node, type Primitive } from "../core/graph.js";
import { Draws } from "../core/running/draws.js";
import { operations } from "../core/operations.js";
import { optionsOf } from "../core/options.js";
import { ownedBy } from "../core/running/scopes.js";
import { denseStrides, normalizeAxis } from "../core/shape.js";
import { isTracing, tracing } from "../core/running/symbolic.js";
import { isPlainObject, mapTree, tensorsOf, type Static } from "../core/tree.js";
import { WeakNumber } from "../core/values/weak.js";
import { CaptureError, ShapeError, ValueError } from "../errors.js";
import { batch } from "./transforms/batch.js";
import type { AnyFunction } from "./calls/call.js";
import { another } from "./calls/handles.js";
import { pathBetween, type Path } from "./transforms/path.js";

/** What a function of examples can be called with: typed arrays serve where it takes tensors. */
export type Examples<A> = A extends Tensor
  ? Tensor | ElementArray
  : A extends Static | NestedArray
    ? A
    : A extends object
      ? { [K in keyof A]: Examples<A[K]> }
      : A;

/** Axes of a tree: one for all its tensors, null for those that all examples share, or a tree of such. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

/** Options of `vmap`. */
export interface VmapOptions {
  /** The axis of the examples in the arguments: one for all, or a list with one for each. Null: shared. Default 0. */
  inAxes?: number | readonly Axes[];
  /** The axis of the examples in the result. Null for what is the same for all of them. Default 0. */
  outAxes?: Axes;
}

/** An input of the function for a single example. */
const oneExample: Primitive<null> = {
  name: "an example of vmap",
  infer: ([x]) => x!,
  derivative: { kind: "none" },
  samples: () => [],
};

/** What a result without values depends on. */
const STRAY =
  "one of an example from elsewhere: another vmap left it behind, or a rule of customGradient closes over it";

/**
 * f for a whole batch: f is written for one example, and called with tensors that have one more axis, along which the
 * examples lie. It runs once, on tensors that have a shape but no values (asking for these is a CaptureError), and each of
 * its operations then runs for all examples together. Numbers, and arguments whose axis is null, are shared by all. Calls
 * nest, and mix with all derivatives: `vmap(grad(f))` gives the gradient of each example.
 * Throws when the arguments have different numbers of examples, or none has any.
 */
export function vmap<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options?: VmapOptions,
): (...args: { [K in keyof A]: Examples<A[K]> }) => Y;
export function vmap(f: AnyFunction, options?: VmapOptions): (...args: unknown[]) => unknown {
  const { inAxes = 0, outAxes = 0 } = optionsOf("vmap", options, { inAxes: undefined, outAxes: undefined });
  checkFunction("vmap", "a function", f);
  return (...args) =>
    ownedBy("vmap", () => {
      const nested = isTracing();
      const outside = nested || isTracking();
      const given = withTensors(args);
      const examples: Example[] = [];
      const lifted = mapWithAxes(given, inAxes, "inAxes", (x, axis) => {
        if (axis === null || x instanceof WeakNumber) return x;
        const made = new Example(x, axis);
        examples.push(made);
        return made.input;
      });
      const count = countOf(examples);
      const nodes = examples.map(({ input }) => input.node!);
      const draws = new Draws((state) => {
        nodes.push((state.node = makeNode(oneExample, [], null, state)));
        return state;
      });
      const run = (): unknown => {
        const result = draws.during(() => f(...(lifted as never)));
        const outputs = tensorsOf(result).map((x) => x.node);
        const path = pathOf(outputs, nodes);
        const states = withTracking(false, () => draws.divide(count, assign));
        const values = [...examples.map(({ batch }) => batch), ...states.map((each) => each.states)];
        const graph = outside && (path.foreign || values.some((x) => x.node !== null));
        const found = batch(outputs, nodes, values, path, graph, forAll);
        // Each result is a handle of its own, though several may have one value, or that of an argument.
        const own = found.map((x, i) => (x && (found.indexOf(x) < i || values.includes(x)) ? another(x) : x));
        let next = 0;
        return mapWithAxes(result, outAxes, "outAxes", (x, axis) => {
          const value = own[next++] ?? null;
          if (x instanceof WeakNumber) return x;
          const y = placed(x, value, axis, count);
          if (y.storage || nested) return y;
          throw new CaptureError("vmap", "results of its arguments", STRAY);
        });
      };
      return tracing(nodes, run, (node) => consume(node, "vmap"));
    });
}

/** The hooks on the adjoint of an example, as one on those of all. */
function forAll(hooks: ReadonlySet<Hook>): Hook {
  return vmap((g: Tensor) => [...hooks].reduce((adjoint, hook) => hook(adjoint) ?? adjoint, g));
}

/** A batch, and what stands for one example of it while f runs. */
class Example {
  /** The examples along the first axis. */
  readonly batch: Tensor;
  readonly input: Tensor;

  constructor(x: Tensor, axis: number) {
    checkLive("vmap", x);
    const at = normalizeAxis("vmap", axis, x.rank);
    const others = x.shape.map((_, i) => i).filter((i) => i !== at);
    this.batch = at === 0 ? x : operations.permute(x, [at, ...others]);
    const shape = this.batch.shape.slice(1);
    this.input = symbolic({ shape, strides: denseStrides(shape), offset: 0 }, x.dtype);
    this.input.node = makeNode(oneExample, [], null, this.input);
  }
}

function countOf(examples: readonly Example[]): number {
  const counts = examples.map(({ batch }) => batch.shape[0]!);
  const [count] = counts;
  if (count === undefined) throw new ValueError("vmap", "at least one tensor with an axis of examples", "none");
  if (counts.some((other) => other !== count))
    throw new ShapeError("vmap", "the same number of examples in all arguments", counts.join(" and "));
  return count;
}

function pathOf(outputs: readonly (Node | null)[], inputs: readonly Node[]): Path {
  const sources = new Set(inputs);
  return pathBetween(
    outputs.filter((node) => node !== null),
    (node) => sources.has(node),
    Math.min(...inputs.map(({ serial }) => serial)),
    () => true,
  );
}

/** A result with its examples where they are wanted. What is the same for all examples is repeated, or stays as it is. */
function placed(x: Tensor, value: Tensor | null, axis: number | null, count: number): Tensor {
  if (axis === null) {
    if (value)
      throw new ValueError(
        "vmap",
        "a value that is the same for all examples, for an axis of null",
        "one that differs",
      );
    return x;
  }
  const batched = value ?? operations.expand(x, [count, ...x.shape]);
  const at = normalizeAxis("vmap", axis, batched.rank);
  if (at === 0) return batched;
  const order = batched.shape.map((_, i) => i).slice(1);
  order.splice(at, 0, 0);
  return inPlaceOf(batched, operations.permute(batched, order));
}

/** A tree with its tensors changed, each beside its axis. */
function mapWithAxes(
  tree: unknown,
  axes: Axes | undefined,
  option: string,
  change: (x: Tensor, axis: number | null) => unknown,
): unknown {
  if (axes === null || typeof axes === "number") {
    return mapTree(tree, (leaf) => (leaf instanceof Tensor ? change(leaf, axes) : leaf));
  }
  const below = (branch: unknown, key: string | number): unknown =>
    mapWithAxes(branch, (axes as Readonly<Record<string | number, Axes>> | undefined)?.[key], option, change);
  const known = Array.isArray(tree) || isPlainObject(tree) ? tree : null;
  const surplus = known && Object.keys(axes ?? {}).find((key) => !(key in known));
  if (typeof surplus === "string")
    throw new ValueError("vmap", `${option} like what they belong to`, `one more, at ${surplus}`);
  if (axes !== undefined && Array.isArray(tree)) return tree.map(below);
  if (axes !== undefined && isPlainObject(tree)) {
    return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, below(branch, key)]));
  }
  if (tensorsOf(tree).length === 0) return tree;
  throw new ValueError("vmap", `${option} for every tensor: a number, null, or a tree of them`, typeof axes);
}
