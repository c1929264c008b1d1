import { asTensor } from "../../core/values/create.js";
import { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { showShape } from "../../core/shape.js";
import { mapTree, tensorsOf, type Tree } from "../../core/tree.js";
import { ValueError } from "../../errors.js";

/** A tree with tensors where there were numbers. */
export function lifted<T>(operation: string, tree: T): T {
  return mapTree(tree, (leaf) => asTensor(operation, leaf)) as T;
}

/**
 * The tree under identity nodes, as a choice between trees has nodes of its own: the adjoints of what it is used for are summed up
 * there first, in the same order.
 */
export function chosen<T>(tree: T): T {
  return mapTree(tree, (leaf) => (leaf instanceof Tensor && leaf.node ? operations.identity(leaf) : leaf)) as T;
}

/** What a tree looks like, in words that are the same for trees that can take each other's place. */
export function lookOf(tree: Tree): string {
  const look = mapTree(tree, (leaf) =>
    leaf instanceof Tensor ? `${leaf.dtype} ${showShape(leaf.shape)}` : typeof leaf,
  );
  return (JSON.stringify(look) as string | undefined)?.replaceAll('"', "") ?? String(look);
}

/** Refuses a tree that cannot take the place of another. */
export function checkAlike(operation: string, what: string, got: Tree, like: string): void {
  const look = lookOf(got);
  if (look !== like) throw new ValueError(operation, `${what} like ${like}`, look);
}

/** The tree with the tensors of trees that look like it, taken together place by place. */
export function zipTrees<T>(trees: readonly T[], combine: (leaves: readonly Tensor[]) => Tensor): T {
  const lists = trees.map(tensorsOf);
  let next = 0;
  return mapTree(trees[0], (leaf) => {
    if (!(leaf instanceof Tensor)) return leaf;
    const place = next++;
    return combine(lists.map((list) => list[place]!));
  }) as T;
}
