import { identify } from "../../autodiff/transforms/identity.js";
import { allocateSymbolic } from "../../core/running/apply.js";
import { checkFunction, checkWhole } from "../../core/checks.js";
import { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { checkOptions } from "../../core/options.js";
import { withoutDraws } from "../../core/running/draws.js";
import { showShape } from "../../core/shape.js";
import { mapTree, type AnyTree, type Liftable, type Lifted, type Tree } from "../../core/tree.js";
import { ShapeError, ValueError } from "../../errors.js";
import { stack } from "../../functions/shapes/movement.js";
import { select } from "../../functions/shapes/split.js";
import { capture } from "../capture/capture.js";
import { checkAlike, lifted, lookOf, zipTrees } from "./tree.js";

/** Options of `scan`. */
export interface LoopOptions {
  /** How many steps; needed only where there are no tensors to go through. */
  length?: number;
  /** From the last slice to the first; the parts of the result stay in the places of theirs. Default false. */
  reverse?: boolean;
}

/**
 * `[carry, y] = f(carry, x)` for each slice x of the tensors in `xs` along their first axis, and in the end [the last carry,
 * all y stacked along a new first axis]. Carry, x and y are trees; a carry keeps its shapes and dtypes; numbers become
 * tensors. Without `xs` (null), f gets null `length` times. Of no slices, the shapes of y are found by a call of f as `compile` makes
 * it: on tensors without values, which it must not ask for, and without effects on variables, gradients and generators; variables,
 * and layers with theirs, are made before.
 *
 * Differentiable in both modes, under every transformation, and with effects: f may be a whole training step. In a program
 * (`compile`), all steps are one list of instructions and one replay.
 */
export function scan<C extends AnyTree, X, Y>(
  f: (carry: Lifted<C>, x: X) => readonly [carry: Liftable<C>, y: Y],
  init: C,
  xs: X,
  options?: LoopOptions,
): [carry: Lifted<C>, ys: Lifted<Y>];
/** The same of trees whose types a generic function knows nothing of. */
export function scan<C, X, Y>(
  f: (carry: C, x: X) => readonly [carry: C, y: Y],
  init: C,
  xs: X,
  options?: LoopOptions,
): [carry: C, ys: Y];
export function scan(
  f: (carry: Tree, x: Tree) => readonly [carry: Tree, y: Tree],
  init: Tree,
  xs: Tree,
  options: LoopOptions = {},
): [carry: Tree, ys: Tree] {
  checkOptions("scan", options, { length: 0, reverse: false });
  const { length, reverse = false } = options;
  checkFunction("scan", "a function", f);
  const count = countOf(xs, length);
  let carry = lifted("scan", init);
  const look = lookOf(carry);
  const step = (x: Tree): Tree => {
    const made: unknown = f(carry, x);
    if (!Array.isArray(made) || made.length !== 2)
      throw new ValueError(
        "scan",
        "a function that returns [carry, y]",
        Array.isArray(made) ? `${made.length} values` : typeof made,
      );
    const [next, y] = made as [Tree, Tree];
    carry = lifted("scan", next);
    checkAlike("scan", "a carry", carry, look);
    return lifted("scan", y);
  };
  if (count === 0) {
    const end = carry;
    let y: Tree;
    const looked = (): void => {
      carry = mapTree(end, (leaf) => unknown(leaf as Tensor, 0));
      y = step(mapTree(xs, (leaf) => unknown(leaf as Tensor, 1)));
    };
    withoutDraws(() => capture("scan", looked, [], [])).constants.giveBack("scan");
    return [end, zipTrees([y], ([leaf]) => operations.fill([0, ...leaf!.shape], 0, leaf!.dtype))];
  }
  const ys = new Array<Tree>(count);
  let first = "";
  for (let i = 0; i < count; i++) {
    const at = reverse ? count - 1 - i : i;
    ys[at] = step(mapTree(xs, (leaf) => select(leaf, 0, at)));
    if (i === 0) first = lookOf(ys[at]);
    else checkAlike("scan", "a result", ys[at], first);
  }
  return [carry, zipTrees(ys, (leaves) => stack(leaves))];
}

/** How many slices there are. */
function countOf(xs: Tree, length: number | undefined): number {
  let count = length;
  if (count !== undefined) checkWhole("scan", "number of steps", count, 0);
  mapTree(xs, (leaf, path) => {
    if (!(leaf instanceof Tensor) || leaf.rank === 0)
      throw new ShapeError(
        "scan",
        "tensors with a first axis to go through",
        `${leaf instanceof Tensor ? "a 0-d tensor" : "a number"} at xs${path}`,
      );
    count ??= leaf.shape[0]!;
    if (leaf.shape[0] !== count)
      throw new ShapeError("scan", `${count} slices along the first axis`, `${showShape(leaf.shape)} at xs${path}`);
    return leaf;
  });
  if (count === undefined) throw new ValueError("scan", "tensors to go through, or { length }", "neither");
  return count;
}

/** What stands for a tensor, or a slice of one, where only looks count: it has no values. */
function unknown(x: Tensor, axes: number): Tensor {
  const y = allocateSymbolic(x.shape.slice(axes), x.dtype);
  return x.node ? identify(y) : y;
}
