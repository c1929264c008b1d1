import { expect } from "vitest";
import { compile, tensor, type Tensor } from "../../bindings/index.js";
import { mapTree } from "../../bindings/core/tree.js";

/** What programs are tried on. */
export const x = tensor([
  [1, -2, 3],
  [0.5, 5, -6],
]);

/** The values of tensors in a tree. */
export function arrays(tree: unknown): unknown {
  return mapTree(tree, (leaf) => (typeof leaf === "number" ? leaf : leaf.toArray()));
}

/** Checks that a program computes call after call what eager code does; everything is made anew for each of the two. */
export function same(make: () => (a: Tensor) => unknown, calls = 3): void {
  const [eager, compiled] = [make(), compile(make())];
  for (let i = 0; i < calls; i++) {
    const a = x.mul(i + 1);
    expect(arrays(compiled(a))).toEqual(arrays(eager(a)));
  }
}
