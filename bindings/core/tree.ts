import { Tensor } from "./graph.js";

/** A tensor or number, or arrays and plain objects of such, as deep as you like. Everything else in them is passed along. */
export type Tree = unknown;

/** A place in a tree, as `.layers[0].weight`; empty for the tree itself. */
export type TreePath = string;

/** The tree with `change` applied to every leaf, a tensor or a number. The structure is new, the rest is shared. */
export function mapTree(
  tree: Tree,
  change: (leaf: Tensor | number, path: TreePath) => unknown,
  path: TreePath = "",
): unknown {
  if (tree instanceof Tensor || typeof tree === "number") return change(tree, path);
  if (Array.isArray(tree)) return tree.map((branch, i) => mapTree(branch, change, `${path}[${i}]`));
  if (isPlainObject(tree)) {
    const entries = Object.entries(tree).map(
      ([key, branch]) => [key, mapTree(branch, change, `${path}.${key}`)] as const,
    );
    return Object.fromEntries(entries);
  }
  return tree;
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

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
