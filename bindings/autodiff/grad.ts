import { alias, checkLive, consume, inPlaceOf, isTracking, withTracking } from "../core/apply.js";
import { constant, tensor } from "../core/create.js";
import { defaultDType, dtypes, promote, type DTypeName, type TypedArray } from "../core/dtype.js";
import { nextNodeSerial, Tensor, type Node } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { dispose, ownedBy } from "../core/scopes.js";
import { showShape } from "../core/shape.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { seed } from "./backward.js";
import { identify } from "./identity.js";
import { pathBetween, pullback } from "./pullback.js";

/** What a differentiated function can be called with: numbers serve where f takes tensors. */
export type Differentiable<A> = A extends Tensor
  ? Tensor | number
  : A extends Static
    ? A
    : A extends object
      ? { [K in keyof A]: Differentiable<A[K]> }
      : A;

/** What is passed along as it is. */
type Static = ((...args: never) => unknown) | ArrayBufferView | Map<unknown, unknown> | Set<unknown>;

/** The gradient of an argument: its structure, with a tensor for every tensor or number. */
export type Gradient<A> = A extends Tensor | number
  ? Tensor
  : A extends Static
    ? A
    : A extends object
      ? { [K in keyof A]: Gradient<A[K]> }
      : A;

export interface GradOptions<N extends number | readonly number[] = number | readonly number[]> {
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
): (...args: Differentiable<A>) => Gradient<A[0]>;
export function grad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiable<A>) => Gradient<A[0]>;
export function grad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<0> & { hasAux: true },
): (...args: Differentiable<A>) => [Gradient<A[0]>, X];
export function grad<A extends readonly unknown[], const N extends number>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiable<A>) => Gradient<A[N]>;
export function grad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiable<A>) => { [K in keyof N]: Gradient<A[N[K] & keyof A]> };
export function grad(
  f: (...args: never) => unknown,
  options: GradOptions = {},
): (...args: readonly unknown[]) => unknown {
  return differentiated("grad", f, options, ({ gradient, aux }) => (options.hasAux ? [gradient, aux] : gradient));
}

/** As `grad`, returning [value, gradient]; with `hasAux`, [[value, aux], gradient]. */
export function valueAndGrad<A extends readonly Tensor[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiable<A>) => [Tensor, Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: Differentiable<A>) => [Tensor, Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<0> & { hasAux: true },
): (...args: Differentiable<A>) => [[Tensor, X], Gradient<A[0]>];
export function valueAndGrad<A extends readonly unknown[], const N extends number>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiable<A>) => [Tensor, Gradient<A[N]>];
export function valueAndGrad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: Differentiable<A>) => [Tensor, { [K in keyof N]: Gradient<A[N[K] & keyof A]> }];
export function valueAndGrad(
  f: (...args: never) => unknown,
  options: GradOptions = {},
): (...args: readonly unknown[]) => unknown {
  return differentiated("valueAndGrad", f, options, ({ value, gradient, aux }) =>
    options.hasAux ? [[value, aux], gradient] : [value, gradient],
  );
}

interface Evaluation {
  readonly value: Tensor;
  readonly gradient: unknown;
  readonly aux: unknown;
}

/** f with the machinery of reverse mode around it: it owns what is made inside, and frees all but what it returns. */
function differentiated(
  name: string,
  f: (...args: never) => unknown,
  { argnums = 0, hasAux = false, strict = false }: GradOptions,
  wanted: (evaluation: Evaluation) => unknown,
): (...args: readonly unknown[]) => unknown {
  const positions = typeof argnums === "number" ? [argnums] : argnums;
  return (...args) =>
    ownedBy(name, () => {
      const outside = isTracking();
      const since = nextNodeSerial();
      const lifted = liftArguments(name, args, positions);
      const { value, aux } = withTracking(true, () => split(name, f(...(lifted as never)), hasAux));
      const sources = positions.flatMap((position) => tensorsOf(lifted[position]));
      const { gradients, foreign, nodes } = gradientsOf(name, value, sources, since, outside, strict);
      // Unless something outside differentiates through this derivative, what it returns lets its graph go.
      const released = new Map<Tensor, Tensor>();
      const release = (x: unknown): unknown => {
        if (foreign || !(x instanceof Tensor) || !x.node || x.node.serial < since) return x;
        let free = released.get(x);
        if (!free) released.set(x, (free = sources.includes(x) ? alias(x) : inPlaceOf(x, alias(x))));
        return free;
      };
      let next = 0;
      const trees = positions.map((position) => mapTree(lifted[position], () => gradients[next++]));
      const results = wanted({
        value: release(value) as Tensor,
        gradient: typeof argnums === "number" ? trees[0] : trees,
        aux: mapTree(aux, release),
      });
      if (!foreign) {
        for (const node of nodes) consume(node);
        for (const source of sources) dispose(source);
      }
      return results;
    });
}

/** The arguments with their numbers as 0-d tensors, and the differentiated ones under identity nodes of their own. */
function liftArguments(name: string, args: readonly unknown[], positions: readonly number[]): unknown[] {
  for (const position of positions) {
    if (!(position in args))
      throw new GradientError(name, `an argument number ${position}`, `${args.length} arguments`);
  }
  const dtype = numberDType(args);
  const lifted = args.map((argument, i) =>
    mapTree(ArrayBuffer.isView(argument) ? tensor(argument as TypedArray) : argument, (leaf, path) => {
      const x = leaf instanceof Tensor ? leaf : constant(leaf, dtype);
      if (!positions.includes(i)) return x;
      checkLive(name, x);
      if (!x.type.float) {
        throw new GradientError(
          name,
          "floating-point arguments to differentiate by",
          `${x.dtype} ${showShape(x.shape)} at argument ${i}${path}`,
        );
      }
      return identify(x);
    }),
  );
  for (const position of positions) {
    if (tensorsOf(lifted[position]).length > 0) continue;
    const got = args[position];
    throw new GradientError(
      name,
      `tensors or numbers to differentiate by at argument ${position}, in arrays and plain objects too`,
      got === null || typeof got !== "object" ? typeof got : got.constructor.name,
    );
  }
  return lifted;
}

/** Numbers are weak: they take the floating-point type of the tensors that they come with. */
function numberDType(args: readonly unknown[]): DTypeName {
  const floats = tensorsOf(args)
    .map((x) => x.dtype)
    .filter((dtype) => dtypes[dtype].float);
  return floats.length > 0 ? floats.reduce(promote) : defaultDType;
}

function split(name: string, result: unknown, hasAux: boolean): { value: Tensor; aux: unknown } {
  if (hasAux && !Array.isArray(result)) {
    throw new GradientError(name, "a function that returns [value, aux], for hasAux", typeof result);
  }
  const [value, aux] = hasAux ? (result as readonly [unknown, unknown]) : [result, undefined];
  if (!(value instanceof Tensor)) throw new GradientError(name, "a function whose value is a tensor", typeof value);
  if (value.rank !== 0)
    throw new GradientError(name, "a function whose value is a scalar, shape []", showShape(value.shape));
  if (!value.type.float) throw new GradientError(name, "a floating-point value", value.dtype);
  return { value, aux };
}

function gradientsOf(
  name: string,
  value: Tensor,
  sources: readonly Tensor[],
  since: number,
  outside: boolean,
  strict: boolean,
): { gradients: readonly Tensor[]; foreign: boolean; nodes: readonly Node[] } {
  const nodes = sources.map((x) => x.node!);
  const wanted = new Set<Node>(nodes);
  const outputs = value.node ? [value.node] : [];
  const path = pathBetween(outputs, (node) => wanted.has(node), since);
  const foreign = outside && path.foreign;
  const found = outputs.length > 0 ? pullback(outputs, [seed(value, undefined)], nodes, path, foreign) : [];
  const gradients = sources.map((x, i) => {
    const g = found[i];
    // One adjoint may serve several arguments: each gets a handle of its own, to dispose of.
    if (g) return found.indexOf(g) < i ? alias(g) : g;
    if (strict)
      throw new GradientError(
        name,
        "a value that depends on every differentiated argument",
        `no dependence on number ${i}`,
      );
    return operations.fill(x.shape, 0, x.dtype);
  });
  return { gradients, foreign, nodes: path.nodes };
}
