import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { dispose, ownedBy } from "../../core/running/scopes.js";
import { normalizeAxis } from "../../core/shape.js";
import { ne, sub } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { gather } from "../../primitives/indexing.js";
import { identity } from "../../primitives/movement.js";
import { foremost } from "../../primitives/order.js";
import { logaddexp } from "../elementwise/elementwise.js";
import { cat } from "../shapes/movement.js";
import type { Sorted } from "../indexing/order.js";
import { part } from "../shapes/split.js";

/**
 * Running log Σ e^x along an axis, by default the last: y[i] = log(e^x[0] + .. + e^x[i]), without overflow.
 *
 * @throws AxisError for an axis that x does not have
 */
export function logcumsumexp(x: TensorLike, axis = -1): Tensor {
  let y = identity(float(asTensor("logcumsumexp", x)));
  const along = normalizeAxis("logcumsumexp", axis, y.rank || 1);
  const n = y.shape[along] ?? 1;
  // By doubling: sums of runs of 1, 2, 4, .. elements, each of two runs of half the length.
  for (let run = 1; run < n; run *= 2) {
    const [start, earlier, later] = [part(y, along, 0, run), part(y, along, 0, n - run), part(y, along, run, n - run)];
    const done = [y, start, earlier, later];
    // Each step leaves its result alone.
    y = ownedBy("logcumsumexp", () => cat([start, logaddexp(earlier, later)], along));
    if (!y.node) done.forEach(dispose); // No graph has seen them.
  }
  return y;
}

/**
 * The greatest elements so far along an axis, by default the last, and their places (i32): the last of equal ones, which alone
 * has the derivative. From a NaN on, NaN.
 *
 * @throws AxisError for an axis that x does not have
 */
export function cummax(x: TensorLike, axis = -1): Sorted {
  return extremes("cummax", x, axis, true);
}

/**
 * The least elements so far along an axis, and their places, as `cummax` finds the greatest.
 *
 * @throws AxisError for an axis that x does not have
 */
export function cummin(x: TensorLike, axis = -1): Sorted {
  return extremes("cummin", x, axis, false);
}

function extremes(operation: string, x: TensorLike, axis: number, greatest: boolean): Sorted {
  const t = asTensor(operation, x);
  const along = normalizeAxis(operation, axis, t.rank || 1);
  const indices = foremost(t, along, greatest);
  return { values: gather(t, along, indices), indices };
}

/**
 * Differences of neighbours along an axis, by default the last, `order` times; each time there is one fewer. Of truth values: whether they differ.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ValueError for an order that is no whole number from 0
 */
export function diff(x: TensorLike, order = 1, axis = -1): Tensor {
  let y = identity(asTensor("diff", x));
  checkWhole("diff", "order", order, 0);
  const along = normalizeAxis("diff", axis, y.rank);
  for (let i = Math.min(order, y.shape[along]!); i > 0; i--) {
    const n = Math.max(y.shape[along]! - 1, 0);
    const [later, earlier] = [part(y, along, Math.min(1, y.shape[along]!), n), part(y, along, 0, n)];
    y = y.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
  }
  return y;
}
