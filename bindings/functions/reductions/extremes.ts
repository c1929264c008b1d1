import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { normalizeAxis } from "../../core/shape.js";
import { inNameOf } from "../../errors.js";
import { operation } from "../../primitives/define.js";
import { gather } from "../../primitives/indexing.js";
import { KEEPS, type ReduceOptions } from "../../primitives/reductions/reduce.js";
import { argMax, argMin, max, min, type ArgReduction } from "../../primitives/reductions/reduction.js";
import { squeeze } from "../shapes/movement.js";
import type { Sorted } from "../indexing/order.js";

/** Another name of `max`: equal elements share the derivative. */
export const amax: typeof max = renamed("amax", max);

/** Another name of `min`: equal elements share the derivative. */
export const amin: typeof min = renamed("amin", min);

function renamed(name: string, f: typeof max): typeof max {
  return operation(f.primitive, (...given: Parameters<typeof max>) => inNameOf(name, () => f(...given)));
}

/**
 * The largest elements along an axis, and their places (i32): the first of equal ones, which alone has the derivative.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ShapeError where there is no element to choose from
 */
export function maxDim(x: TensorLike, axis: number, options?: ReduceOptions): Sorted {
  return withPlace("maxDim", argMax, x, axis, options);
}

/**
 * The smallest elements along an axis, and their places (i32): the first of equal ones, which alone has the derivative.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ShapeError where there is no element to choose from
 */
export function minDim(x: TensorLike, axis: number, options?: ReduceOptions): Sorted {
  return withPlace("minDim", argMin, x, axis, options);
}

function withPlace(
  operation: string,
  find: ArgReduction,
  x: TensorLike,
  axis: number,
  options?: ReduceOptions,
): Sorted {
  const { keepDims } = optionsOf(operation, options, KEEPS);
  const t = asTensor(operation, x);
  const along = normalizeAxis(operation, axis, t.rank || 1);
  const places = inNameOf(operation, () => find(t, along, { keepDims: true }));
  const values = gather(t, along, places);
  const kept = (y: Tensor): Tensor => (keepDims ? y : squeeze(y, along));
  return { values: kept(values), indices: kept(places) };
}
