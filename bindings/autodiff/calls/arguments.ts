import { checkLive } from "../../core/running/apply.js";
import { kindOf } from "../../core/checks.js";
import { asTensor, constant, withTensors, type NestedArray } from "../../core/values/create.js";
import { defaultDType, dtypes, promote, type DTypeName, type ElementArray } from "../../core/dtype.js";
import { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { sameShape, showShape } from "../../core/shape.js";
import { mapTree, tensorsOf, visitBeside, type Static, type Tree } from "../../core/tree.js";
import { asDType, WeakNumber } from "../../core/values/weak.js";
import { GradientError, ShapeError, ValueError } from "../../errors.js";
import { identify } from "../transforms/identity.js";

/** What a differentiated function can be called with: typed arrays and numbers serve where f takes tensors. */
export type Differentiable<A> = A extends Tensor
  ? Tensor | ElementArray | number
  : A extends Static
    ? A
    : A extends NestedArray
      ? NestedArray extends A
        ? never // What an operation takes for one tensor is a tree here, and the type of such trees has no end.
        : Differentiables<A>
      : A extends object
        ? Differentiables<A>
        : A;

/** What it can be called with, argument by argument. */
export type Differentiables<A> = { [K in keyof A]: Differentiable<A[K]> };

/** The gradient of an argument: its structure, with a tensor for every tensor, typed array or number. */
export type Gradient<A> = A extends Tensor | ElementArray | number
  ? Tensor
  : A extends Static
    ? A
    : A extends NestedArray
      ? NestedArray extends A
        ? never
        : { [K in keyof A]: Gradient<A[K]> }
      : A extends object
        ? { [K in keyof A]: Gradient<A[K]> }
        : A;

/** The arguments with their numbers as 0-d tensors, and the differentiated ones under identity nodes of their own. */
export function liftArguments(name: string, args: readonly unknown[], positions: readonly number[]): unknown[] {
  const tensors = asTensors(args);
  checkDifferentiable(name, tensors, positions);
  return tensors.map((argument, i) =>
    positions.includes(i) ? mapTree(argument, (leaf) => identify(leaf as Tensor)) : argument,
  );
}

/** The arguments with their numbers, and typed arrays, as tensors. */
export function asTensors(args: readonly unknown[]): unknown[] {
  const given = withTensors(args);
  const dtype = numberDType(given);
  return given.map((argument) =>
    mapTree(argument, (leaf) =>
      leaf instanceof WeakNumber
        ? asDType("number", leaf, dtype)
        : leaf instanceof Tensor
          ? leaf
          : constant(leaf, dtype),
    ),
  );
}

/** Refuses arguments that there is no derivative by: missing ones, integers, and trees without tensors. */
export function checkDifferentiable(name: string, args: readonly unknown[], positions: readonly number[]): void {
  for (const position of positions) {
    if (!(position in args))
      throw new GradientError(name, `an argument number ${position}`, `${args.length} arguments`);
    const argument = args[position];
    mapTree(argument, (leaf, path) => {
      const x = leaf as Tensor;
      checkLive(name, x);
      if (x.type.float) return;
      throw new GradientError(
        name,
        "arguments of f32 or f64 to differentiate by",
        `${x.dtype} ${showShape(x.shape)} at argument ${position}${path}`,
      );
    });
    if (tensorsOf(argument).length > 0) continue;
    throw new GradientError(
      name,
      `tensors or numbers to differentiate by at argument ${position}, in arrays and plain objects too`,
      kindOf(argument),
    );
  }
}

/** Numbers are weak: they take the floating-point type of the tensors that they come with. */
function numberDType(args: readonly unknown[]): DTypeName {
  const floats = tensorsOf(args)
    .filter((x) => !(x instanceof WeakNumber))
    .map((x) => x.dtype)
    .filter((dtype) => dtypes[dtype].float);
  return floats.length > 0 ? floats.reduce(promote) : defaultDType;
}

/** The positions that `argnums` names. */
export function positionsNamed(name: string, argnums: unknown): readonly number[] {
  const positions: readonly unknown[] = Array.isArray(argnums) ? argnums : [argnums];
  const other = positions.find((position) => !Number.isInteger(position));
  if (other === undefined && !positions.includes(undefined)) return positions as readonly number[];
  throw new ValueError(name, "argnums: a position, or a list of positions", kindOf(other));
}

/** The positions of all arguments. */
export function positionsOf(args: readonly unknown[]): number[] {
  return args.map((_, i) => i);
}

/**
 * The tangents or adjoints that a user gives for a tree of tensors: of their shapes, cast to their dtypes. What is of an
 * integer type has none. More of them than tensors and numbers in the tree are refused.
 */
export function alongside(name: string, tree: Tree, values: unknown): (Tensor | null)[] {
  const [given] = withTensors([values]);
  const found: (Tensor | null)[] = [];
  visitBeside(tree, given, (x, value, path) => {
    found.push(x.type.float ? fitting(name, x, value, path) : null);
  });
  const [places, count] = [leavesIn(tree), leavesIn(given)];
  if (count > places) throw new GradientError(name, `${places} tensors, like what they go with`, `${count}`);
  return found;
}

/** How many tensors and numbers there are in a tree. */
function leavesIn(tree: Tree): number {
  let count = 0;
  mapTree(tree, () => ++count);
  return count;
}

function fitting(name: string, x: Tensor, value: unknown, path: string): Tensor {
  const wanted = `an ${x.dtype} ${showShape(x.shape)} to go with the one at ${path === "" ? "the root" : path}`;
  if (!(value instanceof Tensor || typeof value === "number"))
    throw new GradientError(name, wanted, value === undefined ? "nothing" : typeof value);
  const t = asTensor(name, value, x);
  checkLive(name, t);
  if (!sameShape(t.shape, x.shape)) throw new ShapeError(name, wanted, showShape(t.shape));
  return t.dtype === x.dtype ? t : operations.cast(t, x.dtype);
}
