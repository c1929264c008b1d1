import { checkFunction } from "../core/checks.js";
import { Tensor } from "../core/graph.js";
import { optionsOf } from "../core/options.js";
import { ownedBy } from "../core/running/scopes.js";
import { showShape } from "../core/shape.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { positionsNamed, type Differentiables, type Gradient } from "./calls/arguments.js";
import { Call, type AnyFunction, type CallGraph } from "./calls/call.js";
import { handedOut } from "./calls/handles.js";
import { pullback } from "./transforms/pullback.js";
import { seed } from "./calls/seed.js";

/** Options of `grad` and `valueAndGrad`. */
export interface GradOptions<N extends number | readonly number[] = number> {
  /** Which arguments to differentiate by: one position, or several for a tuple of gradients. Default 0. */
  argnums?: N;
  /** Whether f returns [value, anything else], of which only the value is differentiated. Default false. */
  hasAux?: boolean;
  /** Whether an argument that f does not depend on is an error, rather than a gradient of zeros. Default false. */
  strict?: boolean;
}

/**
 * The gradient of a scalar-valued function: a function of the same arguments that returns the gradient by the first, or by
 * `argnums`. Arguments are trees of tensors and numbers, and numbers arrive in f as 0-d tensors. Calls nest in any order.
 * Throws when the value is not a scalar, or when an integer tensor stands among the differentiated arguments.
 */
export function grad<A extends readonly Tensor[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiables<A>) => Gradient<A[0]>;
export function grad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiables<A>) => Gradient<A[0]>;
export function grad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<0> & { hasAux: true },
): (...args: Differentiables<A>) => [Gradient<A[0]>, X];
export function grad<A extends readonly unknown[], X, const N extends number>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N> & { hasAux: true },
): (...args: Differentiables<A>) => [Gradient<A[N]>, X];
export function grad<A extends readonly unknown[], X, const N extends readonly number[]>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N> & { hasAux: true },
): (...args: Differentiables<A>) => [{ [K in keyof N]: Gradient<A[N[K] & keyof A]> }, X];
export function grad<A extends readonly unknown[], const N extends number>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiables<A>) => Gradient<A[N]>;
export function grad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiables<A>) => { [K in keyof N]: Gradient<A[N[K] & keyof A]> };
export function grad(
  f: AnyFunction,
  options: GradOptions<number | readonly number[]> = {},
): (...args: readonly unknown[]) => unknown {
  return differentiated("grad", f, options, ({ gradient, aux }) => (options.hasAux ? [gradient, aux] : gradient));
}

/** As `grad`, returning [value, gradient]; with `hasAux`, [[value, aux], gradient]. */
export function valueAndGrad<A extends readonly Tensor[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiables<A>) => [Tensor, Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiables<A>) => [Tensor, Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<0> & { hasAux: true },
): (...args: Differentiables<A>) => [[Tensor, X], Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[], X, const N extends number>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N> & { hasAux: true },
): (...args: Differentiables<A>) => [[Tensor, X], Gradient<A[N]>];
export function valueAndGrad<A extends readonly unknown[], X, const N extends readonly number[]>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N> & { hasAux: true },
): (...args: Differentiables<A>) => [[Tensor, X], { [K in keyof N]: Gradient<A[N[K] & keyof A]> }];
export function valueAndGrad<A extends readonly unknown[], const N extends number>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiables<A>) => [Tensor, Gradient<A[N]>];
export function valueAndGrad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiables<A>) => [Tensor, { [K in keyof N]: Gradient<A[N[K] & keyof A]> }];
export function valueAndGrad(
  f: AnyFunction,
  options: GradOptions<number | readonly number[]> = {},
): (...args: readonly unknown[]) => unknown {
  return differentiated("valueAndGrad", f, options, ({ value, gradient, aux }) =>
    options.hasAux ? [[value, aux], gradient] : [value, gradient],
  );
}

/** `grad` for another derivative, in whose name errors are. */
export function gradientFor(
  name: string,
  f: AnyFunction,
  argnums: number | readonly number[],
): (...args: readonly unknown[]) => unknown {
  return differentiated(name, f, { argnums }, ({ gradient }) => gradient);
}

interface Evaluation {
  readonly value: Tensor;
  readonly gradient: unknown;
  readonly aux: unknown;
}

/** f with the machinery of reverse mode around it: it owns what is made inside, and frees all but what it returns. */
function differentiated(
  name: string,
  f: AnyFunction,
  options: GradOptions<number | readonly number[]>,
  wanted: (evaluation: Evaluation) => unknown,
): (...args: readonly unknown[]) => unknown {
  const {
    argnums = 0,
    hasAux,
    strict,
  } = optionsOf(name, options, { argnums: undefined, hasAux: false, strict: false });
  checkFunction(name, "a function", f);
  const positions = positionsNamed(name, argnums);
  return (...args) =>
    ownedBy(name, () => {
      const call = new Call(name, f, args, positions);
      const { value, aux } = split(name, call.result, hasAux);
      const graph = call.graphOf(tensorsOf(call.result));
      const gradients = gradientsOf(name, value, call, graph, strict);
      const release = call.releasing(graph.foreign);
      const trees = call.treesOf(gradients);
      const results = wanted({
        value: release(value) as Tensor,
        gradient: typeof argnums === "number" ? trees[0] : trees,
        aux: release(aux),
      });
      call.end(graph);
      return results;
    });
}

function split(name: string, result: unknown, hasAux: boolean): { value: Tensor; aux: unknown } {
  if (hasAux && !(Array.isArray(result) && result.length === 2)) {
    const got = Array.isArray(result) ? `a list of ${result.length}` : typeof result;
    throw new GradientError(name, "a function that returns [value, aux], for hasAux", got);
  }
  const [value, aux] = hasAux ? (result as readonly [unknown, unknown]) : [result, undefined];
  if (!(value instanceof Tensor)) throw new GradientError(name, "a function whose value is a tensor", typeof value);
  if (value.rank !== 0)
    throw new GradientError(name, "a function whose value is a scalar, shape []", showShape(value.shape));
  if (!value.type.float) throw new GradientError(name, "a floating-point value", value.dtype);
  return { value, aux };
}

function gradientsOf(name: string, value: Tensor, call: Call, graph: CallGraph, strict: boolean): Tensor[] {
  const { sources, path, foreign } = graph;
  const found = value.node ? pullback([value.node], [seed(name, value)], sources, path, foreign) : [];
  const missing = sources.findIndex((_, i) => !found[i]);
  if (strict && missing >= 0) {
    throw new GradientError(
      name,
      "a value that depends on every differentiated argument",
      `no dependence on argument ${placesOf(call)[missing]!}`,
    );
  }
  return handedOut(found, call.sources);
}

/** Where each differentiated tensor is in the arguments, as messages say it. */
function placesOf({ lifted, positions }: Call): string[] {
  const places: string[] = [];
  for (const position of positions) mapTree(lifted[position], (_, path) => places.push(position + path));
  return places;
}
