import { ValueError } from "../errors.js";
import { Tensor } from "./graph.js";

/** A tensor or number, or arrays and plain objects of such, as deep as you like. Everything else in them is passed along. */
export type Tree = unknown;

/** Any tree. The type names a pair, so that TypeScript infers `[h, c]` as a tuple and not as an array. */
export type AnyTree = readonly [unknown, ...unknown[]] | NonNullable<unknown> | null | undefined;

/** What is passed along as it is. */
export type Static = ((...args: never) => unknown) | ArrayBufferView | Map<unknown, unknown> | Set<unknown>;

/** A tree with tensors where there were numbers. */
export type Lifted<T> = T extends Tensor | number
  ? Tensor
  : T extends Static
    ? T
    : T extends object
      ? { [K in keyof T]: Lifted<T[K]> }
      : T;

/** What can become such a tree: with numbers in it too. */
export type Liftable<T> = T extends Tensor | number
  ? Tensor | number
  : T extends Static
    ? T
    : T extends object
      ? { [K in keyof T]: Liftable<T[K]> }
      : T;

/** A place in a tree, as `.layers[0].weight`; empty for the tree itself. */
export type TreePath = string;

/** A tree as deep as this path has no end. */
const LONGEST_PATH = 2048;

/**
 * The tree with `change` applied to every leaf, a tensor or a number. The structure is new; the rest is shared, or what
 * `other` makes of it.
 */
export function mapTree(
  tree: Tree,
  change: (leaf: Tensor | number, path: TreePath) => unknown,
  path: TreePath = "",
  other = (rest: unknown): unknown => rest,
): unknown {
  if (tree instanceof Tensor || typeof tree === "number") return change(tree, path);
  if (path.length > LONGEST_PATH)
    throw new ValueError("a tree", "arrays and objects of an end", "one that holds itself");
  if (Array.isArray(tree)) return tree.map((branch, i) => mapTree(branch, change, `${path}[${i}]`, other));
  if (isPlainObject(tree)) {
    const entries = Object.entries(tree).map(
      ([key, branch]) => [key, mapTree(branch, change, `${path}.${key}`, other)] as const,
    );
    return Object.fromEntries(entries);
  }
  return other(tree);
}

/** All tensors of a tree, in order. */
export function tensorsOf(tree: Tree): Tensor[] {
  const found: Tensor[] = [];
  mapTree(tree, (leaf) => {
    if (leaf instanceof Tensor) found.push(leaf);
    return leaf;
  });
  return found;
}

/** Visits every tensor of a tree together with what stands in its place in another: undefined where nothing does. */
export function visitBeside(
  tree: Tree,
  other: unknown,
  visit: (leaf: Tensor, other: unknown, path: TreePath) => void,
  path: TreePath = "",
): void {
  const at = (key: string | number): unknown => (other as Record<string | number, unknown> | null | undefined)?.[key];
  if (tree instanceof Tensor) visit(tree, other, path);
  else if (Array.isArray(tree)) tree.forEach((branch, i) => visitBeside(branch, at(i), visit, `${path}[${i}]`));
  else if (isPlainObject(tree)) {
    for (const [key, branch] of Object.entries(tree)) visitBeside(branch, at(key), visit, `${path}.${key}`);
  }
}

/** Whether a value is an object whose properties are branches of a tree. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
