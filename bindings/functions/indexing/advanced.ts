import { constant } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { IndexError } from "../../errors.js";
import { add, mul } from "../../primitives/elementwise/arithmetic.js";
import { asIndex } from "../../primitives/define.js";
import { iota } from "../../primitives/generate.js";
import { gatherRows } from "../../primitives/indexing.js";
import { permute, reshape } from "../../primitives/movement.js";
import { behind, othersOf } from "../shapes/movement.js";
import { coordinates } from "./choose.js";

/** x with tensors for some of its axes, as `slice` says: integers, or truth values for as many axes as they have. */
export function pickByTensors(
  operation: string,
  x: Tensor,
  given: readonly (readonly [axis: number, index: Tensor])[],
): Tensor {
  const entries = given.flatMap(([axis, index]) => integersOf(operation, x, axis, index));
  const axes = entries.map(([axis]) => axis);
  const lengths = axes.map((axis) => x.shape[axis]!);
  const index = flatIndex(
    operation,
    entries.map(([, each]) => each),
    lengths,
  );
  // The axes that are picked from come first, as one.
  const others = othersOf(x, axes);
  const rest = others.map((axis) => x.shape[axis]!);
  const table = reshape(permute(x, [...axes, ...others]), [sizeOf(lengths), ...rest]);
  const picked = gatherRows(table, index, operation);
  const neighbours = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
  return behind(picked, index.rank, neighbours ? others.filter((axis) => axis < axes[0]!).length : 0);
}

/** Truth values as the places where they hold, one index an axis. */
function integersOf(operation: string, x: Tensor, axis: number, index: Tensor): [number, Tensor][] {
  if (index.dtype !== "bool") return [[axis, asIndex(index, operation)]];
  const covered: Shape = x.shape.slice(axis, axis + index.rank);
  if (index.rank === 0 || !sameShape(index.shape, covered))
    throw new IndexError(operation, `truth values ${showShape(covered)}`, showShape(index.shape));
  return coordinates(index).map((each, i) => [axis + i, each]);
}

/** Indices of several axes as one into all of them together. */
function flatIndex(operation: string, indices: readonly Tensor[], lengths: Shape): Tensor {
  if (indices.length === 1) return indices[0]!;
  indices.reduce((shape, index) => broadcastShapes(operation, shape, index.shape), [] as Shape);
  return indices.reduce(
    (flat, index, i) => {
      // Counted from the start; what is outside its own axis is refused, and does not fall into another row.
      const fromStart = gatherRows(iota(lengths[i]!, "i32"), index, operation);
      return add(mul(flat, lengths[i]!), fromStart);
    },
    constant(0, "i32"),
  );
}
