import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice, checkOptions } from "../../core/options.js";
import { dispose, ownedBy } from "../../core/running/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { inNameOf, ShapeError } from "../../errors.js";
import { add, eq, le, lt, where } from "../../primitives/elementwise/arithmetic.js";
import { meet } from "../../primitives/define.js";
import { fill } from "../../primitives/generate.js";
import { gather, gatherRows } from "../../primitives/indexing.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { isNaN } from "../elementwise/logic.js";

/** On which side of equal elements a value belongs. */
export interface SearchOptions {
  /** Behind them. Default false: before them. */
  right?: boolean;
  /** The same by name. */
  side?: "left" | "right";
  /** What sorts a sequence that is not ascending, such as its `argsort`. */
  sorter?: TensorLike;
}

/**
 * Where values belong in an ascending sequence (i32): the number of its elements that are less, or with `right` not greater.
 * The sequence is a vector, or has the leading axes of the values: [.., n] and [.., m]. NaN counts as the greatest.
 *
 * @throws ShapeError for a sequence that is neither a vector nor of the leading axes of the values
 */
export function searchsorted(sequence: TensorLike, values: TensorLike, options: SearchOptions = {}): Tensor {
  return searched("searchsorted", sequence, values, options);
}

function searched(operation: string, sequence: TensorLike, values: TensorLike, options: SearchOptions): Tensor {
  checkOptions(operation, options, { right: false, side: null, sorter: null });
  const { side = "left", right = side === "right", sorter } = options;
  checkChoice(operation, "side", side, ["left", "right"]);
  const [given, v] = meet(operation, sequence, values);
  const batched = given.rank > 1;
  if (given.rank === 0 || (batched && !sameShape(given.shape.slice(0, -1), v.shape.slice(0, -1))))
    throw new ShapeError(
      operation,
      "a vector, or a sequence with the leading axes of the values",
      `${showShape(given.shape)} and ${showShape(v.shape)}`,
    );
  const order = sorter === undefined ? undefined : asTensor(operation, sorter);
  if (order && !sameShape(order.shape, given.shape))
    throw new ShapeError(operation, `a sorter ${showShape(given.shape)}`, showShape(order.shape));
  const s = order ? inNameOf(operation, () => gather(given, -1, order)) : given;
  const n = s.shape[s.rank - 1]!;
  let low: Tensor = fill(v.shape, 0, "i32");
  // Each step leaves its result alone.
  const step = (next: (from: Tensor) => Tensor): void => {
    const from = low;
    low = ownedBy(operation, () => next(from));
    if (!low.node) dispose(from); // No graph has seen it.
  };
  // Binary search for all at once: of `left` elements from `low` on it is not known yet whether they are less.
  for (let left = n; left > 0; left >>= 1) {
    step((from) => {
      const at = add(from, (left - 1) >> 1);
      const found = batched ? gather(s, -1, at) : gatherRows(s, at);
      return where((right ? le : lt)(found, v), add(at, 1), from);
    });
  }
  // NaN, which comparisons leave in front, belongs behind all numbers.
  step((from) => where(isNaN(v), right ? n : sum(eq(s, s), -1, { keepDims: batched }), from));
  if (s !== given && !s.node) dispose(s);
  return low;
}

/**
 * Which interval between ascending boundaries each value is in (i32): `searchsorted` with the arguments exchanged.
 *
 * @throws ShapeError for boundaries that are neither a vector nor of the leading axes of the values
 */
export function bucketize(values: TensorLike, boundaries: TensorLike, options: SearchOptions = {}): Tensor {
  return searched("bucketize", boundaries, values, options);
}
