import { inPlaceOf, withTracking } from "../core/running/apply.js";
import { checkFunction, checkList } from "../core/checks.js";
import { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { checkChoice, optionsOf } from "../core/options.js";
import { ownedBy } from "../core/running/scopes.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { cat } from "../functions/shapes/movement.js";
import {
  positionsNamed,
  positionsOf,
  type Differentiable,
  type Differentiables,
  type Gradient,
} from "./calls/arguments.js";
import { Call, type AnyFunction, type CallGraph } from "./calls/call.js";
import { zerosLike } from "./calls/handles.js";
import { gradientFor } from "./grad.js";
import { linearized, pushedForward } from "./jvp.js";
import { pullback } from "./transforms/pullback.js";
import { pushforward } from "./transforms/pushforward.js";
import { vmap } from "./vmap.js";

/** The Jacobian of a result by an argument: for each tensor of the one, a tree like the other. */
export type Jacobian<Y, X> = Y extends Tensor | number
  ? Gradient<X>
  : Y extends object
    ? { [K in keyof Y]: Jacobian<Y[K], X> }
    : Y;

/** Options of `jacobian`. */
export interface JacobianOptions<N extends number | readonly number[] = number> {
  /** Which arguments to differentiate by: one position, or several for a tuple of Jacobians. Default 0. */
  argnums?: N;
  /**
   * "forward" costs a pass an element of the arguments, "reverse" one an element of the result. "auto", the default, takes
   * the smaller number.
   */
  mode?: "auto" | "forward" | "reverse";
}

/**
 * The Jacobian of a function: a function of the same arguments. For a result of shape [*m] and an argument of shape [*n]
 * it has shape [*m, *n] and, by either mode, the argument's dtype, as gradients have; for trees it is a tree like the result, of
 * trees like the argument. Throws when a value is not floating-point.
 */
export function jacobian<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
): (...args: Differentiables<A>) => Jacobian<Y, A[0]>;
export function jacobian<A extends readonly unknown[], Y, const N extends number = 0>(
  f: (...args: A) => Y,
  options: JacobianOptions<N>,
): (...args: Differentiables<A>) => Jacobian<Y, A[N]>;
export function jacobian<A extends readonly unknown[], Y, const N extends readonly number[]>(
  f: (...args: A) => Y,
  options: JacobianOptions<N>,
): (...args: Differentiables<A>) => Jacobian<Y, { [K in keyof N]: A[N[K] & keyof A] }>;
export function jacobian(
  f: AnyFunction,
  options: JacobianOptions<number | readonly number[]> = {},
): (...args: readonly unknown[]) => unknown {
  return jacobianFor("jacobian", f, options);
}

function jacobianFor(
  name: string,
  f: AnyFunction,
  options: JacobianOptions<number | readonly number[]>,
): (...args: readonly unknown[]) => unknown {
  const { argnums = 0, mode } = optionsOf(name, options, { argnums: undefined, mode: "auto" });
  checkFunction(name, "a function", f);
  checkChoice(name, "mode", mode, ["auto", "forward", "reverse"]);
  const positions = positionsNamed(name, argnums);
  return (...args) =>
    ownedBy(name, () => {
      const call = new Call(name, f, args, positions);
      const values = tensorsOf(call.result);
      const integer = values.find((y) => !y.type.float);
      if (integer) throw new GradientError(name, "floating-point values", integer.dtype);
      const graph = call.graphOf(values);
      const forward = mode === "auto" ? elements(values) > elements(call.sources) : mode === "forward";
      const blocks = withTracking(graph.foreign, () => (forward ? byColumns : byRows)(values, call, graph));
      let next = 0;
      const tree = mapTree(call.result, (y) => {
        const trees = call.treesOf(y instanceof Tensor ? blocks[next++]! : call.sources.map(zerosLike));
        return typeof argnums === "number" ? trees[0] : trees;
      });
      call.end(graph);
      return tree;
    });
}

/**
 * The Hessian of a scalar-valued function, forward over reverse: a function of the same arguments. Its shape is
 * [*n, *n] for an argument of shape [*n]; for trees, a tree of trees.
 */
export function hessian<A extends readonly unknown[], const N extends number = 0>(
  f: (...args: A) => Tensor,
  options?: Omit<JacobianOptions<N>, "mode">,
): (...args: Differentiables<A>) => Jacobian<Gradient<A[N]>, A[N]>;
export function hessian(
  f: AnyFunction,
  options?: Omit<JacobianOptions, "mode">,
): (...args: readonly unknown[]) => unknown {
  const { argnums } = optionsOf("hessian", options, { argnums: 0 });
  return jacobianFor("hessian", gradientFor("hessian", f, argnums), { argnums, mode: "forward" });
}

/**
 * The Hessian of a scalar-valued function times a vector, forward over reverse, without the Hessian: the list of the
 * products for f's arguments, trees like these. `tangents` are as in `jvp`.
 */
export function hvp<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  primals: Differentiable<A>,
  tangents: Differentiable<A>,
): Gradient<A>;
export function hvp(f: AnyFunction, primals: readonly unknown[], tangents: readonly unknown[]): unknown {
  checkList("hvp", "primals", primals);
  const gradient = gradientFor("hvp", f, positionsOf(primals));
  return ownedBy("hvp", () => pushedForward("hvp", gradient, primals, tangents)[1]);
}

/** The Laplacian of a scalar-valued function of one tensor, Σ ∂²f/∂x_i²: the trace of the Hessian, without it. */
export function laplacian(f: (x: Tensor) => Tensor): (x: Tensor | number) => Tensor {
  const derivative = gradientFor("laplacian", f, 0);
  return (x) =>
    ownedBy("laplacian", () => {
      const [gradient, push] = linearized("laplacian", derivative, [x]) as readonly [Tensor, (e: Tensor) => Tensor];
      if (!((gradient as unknown) instanceof Tensor))
        throw new GradientError("laplacian", "a function of one tensor", `a tree: ${typeof gradient}`);
      const terms = alongBasis(gradient, (e) => [operations.sum(operations.mul(push(e), e))]);
      return terms[0] ? operations.sum(terms[0]) : zerosLike(operations.sum(gradient));
    });
}

/** For each value, a list of blocks, one a source. */
type Blocks = Tensor[][];

/** Reverse mode: the adjoint of each element of the values gives a row of every block. */
function byRows(values: readonly Tensor[], call: Call, { outputs, sources, path }: CallGraph): Blocks {
  return values.map((y, j) => {
    const node = outputs[j];
    const rows = node ? alongBasis(y, (g) => pullback([node], [g], sources, path, true)) : [];
    return call.sources.map((x, k) => {
      const shape = [...y.shape, ...x.shape];
      return rows[k] ? inPlaceOf(rows[k], operations.reshape(rows[k], shape)) : operations.fill(shape, 0, x.dtype);
    });
  });
}

/** Forward mode: the tangent of each element of the sources gives a column of every block. */
function byColumns(values: readonly Tensor[], call: Call, { outputs, sources, path }: CallGraph): Blocks {
  const columns = call.sources.map((x, k) =>
    alongBasis(x, (t) => pushforward(outputs, [sources[k]!], [t], path, true)),
  );
  return values.map((y, j) =>
    call.sources.map((x, k) => {
      const shape = [...y.shape, ...x.shape];
      const column = columns[k]?.[j];
      if (!column) return operations.fill(shape, 0, x.dtype);
      // The columns lie along the first axis; they belong behind those of y.
      const order = column.shape.map((_, axis) => axis).slice(1);
      const turned = inPlaceOf(column, operations.permute(column, [...order, 0]));
      const block = inPlaceOf(turned, operations.reshape(turned, shape));
      return y.dtype === x.dtype ? block : operations.cast(block, x.dtype);
    }),
  );
}

/** Elements that are computed at a time: of the basis, or of its image. */
const MOST_AT_ONCE = 1 << 21;

/**
 * A linear function on each element of the standard basis of tensors like x, a batch at a time: its results, with one more
 * axis in front, as long as x has elements. Null stays null.
 */
function alongBasis(x: Tensor, f: (element: Tensor) => readonly (Tensor | null)[]): (Tensor | null)[] {
  const atOnce = Math.max(1, Math.min(x.size, Math.floor(MOST_AT_ONCE / Math.max(1, x.size))));
  const batches: (readonly (Tensor | null)[])[] = [];
  for (let from = 0; from < x.size; from += atOnce) {
    const count = Math.min(atOnce, x.size - from);
    const position = operations.reshape(operations.iota(count, "i32", from), [count, 1]);
    const hit = operations.eq(operations.iota(x.size, "i32"), position);
    batches.push(vmap(f)(operations.reshape(operations.cast(hit, x.dtype), [count, ...x.shape])));
  }
  const [first = []] = batches;
  if (batches.length === 1) return [...first];
  return first.map(
    (part, i) =>
      part &&
      cat(
        batches.map((parts) => parts[i]!),
        0,
      ),
  );
}

function elements(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, x) => sum + x.size, 0);
}
