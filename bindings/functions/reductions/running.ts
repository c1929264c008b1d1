import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { composed } from "../../core/running/scopes.js";
import { normalizeAxis } from "../../core/shape.js";
import { ne, sub } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { gather } from "../../primitives/indexing.js";
import { embed, identity, stridedSlice, type Box } from "../../primitives/movement.js";
import { foremost } from "../../primitives/order.js";
import { logaddexp } from "../elementwise/elementwise.js";
import type { Sorted } from "../indexing/order.js";
import { part } from "../shapes/split.js";

/**
 * Running log Σ e^x along an axis, by default the last: y[i] = log(e^x[0] + .. + e^x[i]), without overflow.
 *
 * @throws AxisError for an axis that x does not have
 */
export function logcumsumexp(x: TensorLike, axis = -1): Tensor {
  const t = identity(float(asTensor("logcumsumexp", x)));
  const along = normalizeAxis("logcumsumexp", axis, t.rank || 1);
  return composed("logcumsumexp", t, () => runningSums(t, along));
}

/**
 * Running sums of neighbours that are added up in pairs are every other one of those wanted; each of the rest takes one addition
 * more: about 2n in all, where doubling the runs takes n log n (Brent and Kung 1982).
 */
function runningSums(x: Tensor, along: number): Tensor {
  const n = x.shape[along] ?? 1;
  if (n < 2) return x;
  const everyOther = (start: number, count: number): Box => ({
    starts: x.shape.map((_, i) => (i === along ? start : 0)),
    sizes: x.shape.map((length, i) => (i === along ? count : length)),
    steps: x.shape.map((_, i) => (i === along ? 2 : 1)),
  });
  const [pairs, rest] = [n >> 1, (n - 1) >> 1];
  const boxes = [everyOther(0, 1), everyOther(1, pairs), everyOther(2, rest)];
  const [first, second, third] = boxes.map((box) => stridedSlice(x, box)) as [Tensor, Tensor, Tensor];
  const sums = runningSums(logaddexp(stridedSlice(x, everyOther(0, pairs)), second), along);
  return embed([first, sums, logaddexp(part(sums, along, 0, rest), third)], boxes, x.shape, true);
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
    const n = y.shape[along]! - 1;
    const [later, earlier] = [part(y, along, 1, n), part(y, along, 0, n)];
    y = y.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
  }
  return y;
}
