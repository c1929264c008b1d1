import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { listOf, showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import { reshape } from "../../primitives/movement.js";

/**
 * The product of matrices one after another, in the order that takes the fewest multiplications (Cormen et al., "Introduction to
 * Algorithms", 15.2). The first and the last may be vectors: a row and a column, which the result is without. As NumPy's `multi_dot`.
 */
export function multiDot(factors: readonly TensorLike[]): Tensor {
  const given = listOf(factors).map((x) => asTensor("multiDot", x));
  const last = given.length - 1;
  const list = given.map((x, i) => (x.rank === 1 && i % last === 0 ? reshape(x, i ? [x.size, 1] : [1, x.size]) : x));
  if (last < 1 || list.some((x, i) => x.rank !== 2 || (i > 0 && list[i - 1]!.shape[1] !== x.shape[0])))
    throw new ShapeError(
      "multiDot",
      "two matrices or more whose lengths meet, vectors at the ends",
      given.map(({ shape }) => showShape(shape)).join(", ") || "none",
    );
  const lengths = [list[0]!.shape[0]!, ...list.map(({ shape }) => shape[1]!)];
  // Of the factors from i to j: how many multiplications they take at least, and behind which of them they are parted for that.
  const costs = list.map(() => list.map(() => 0));
  const cuts = list.map(() => list.map(() => 0));
  for (let span = 1; span <= last; span++) {
    for (let i = 0, j = span; j <= last; i++, j++) {
      costs[i]![j] = Infinity;
      for (let k = i; k < j; k++) {
        const cost = costs[i]![k]! + costs[k + 1]![j]! + lengths[i]! * lengths[k + 1]! * lengths[j + 1]!;
        if (cost < costs[i]![j]!) [costs[i]![j], cuts[i]![j]] = [cost, k];
      }
    }
  }
  const product = (i: number, j: number): Tensor =>
    i === j ? list[i]! : matmul(product(i, cuts[i]![j]!), product(cuts[i]![j]! + 1, j));
  const y = product(0, last);
  const kept = y.shape.filter((_, axis) => given[axis && last]!.rank === 2);
  return kept.length === 2 ? y : reshape(y, kept);
}
