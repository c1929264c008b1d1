import { Op } from "../../../assembly/abi/op.js";
import { apply, inPlaceOf, withTracking } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Derivative, Tensor } from "../../core/graph.js";
import { operations, type Operations } from "../../core/operations.js";
import { checkOptions } from "../../core/options.js";
import { normalizeAxes, normalizeAxis, sizeOf } from "../../core/shape.js";
import { dense, type Internal, internal, type Operation, operation } from "../define.js";
import {
  axesOf,
  KEEPS,
  keptShape,
  reduction,
  restore,
  type AxisRun,
  type ReduceOptions,
  type Reduction,
} from "./reduce.js";

/**
 * Sum over axes. Truth values and u8 are counted in i32; the sum of no elements is 0.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export const sum: Reduction = reduction("sum", {
  op: Op.Sum,
  parts: true,
  empty: true,
  derivative: { kind: "linear", transposes: [(o, g, { inputs: [x], params }) => restore(o, g, x!, params)] },
});

/** Elements along one axis, [outer, count, inner]. */
function part(o: Operations, x: Tensor, from: number, count: number): Tensor {
  const [outer, , inner] = x.shape as readonly [number, number, number];
  return o.stridedSlice(x, { starts: [0, from, 0], sizes: [outer, count, inner], steps: [1, 1, 1] });
}

/**
 * Product over axes. Truth values and u8 are counted in i32; the product of no elements is 1. The derivative divides by
 * nothing, so it is right where elements are 0.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export const prod: Reduction = reduction("prod", {
  op: Op.Prod,
  empty: true,
  derivative: {
    kind: "fused",
    // Halves are multiplied with each other until one element is left.
    definition(o, [x], run) {
      const { shape } = x!;
      const count = sizeOf(shape.slice(run.from, run.to));
      if (count === 0) return o.add(o.sum(x!, axesOf(run)), 1);
      const [lead, tail] = [shape.slice(0, run.from), shape.slice(run.to)];
      let y = o.reshape(x!, [sizeOf(lead), count, sizeOf(tail)]);
      let odd: Tensor | null = null;
      for (let n = count; n > 1; n >>= 1) {
        const half = n >> 1;
        if (n % 2 === 1) odd = odd ? o.mul(odd, part(o, y, n - 1, 1)) : part(o, y, n - 1, 1);
        y = o.mul(part(o, y, 0, half), part(o, y, half, half));
      }
      return o.reshape(odd ? o.mul(y, odd) : y, [...lead, ...tail]);
    },
  },
});

/** The differences from the mean over a run of axes. */
function centred(o: Operations, x: Tensor, run: AxisRun): Tensor {
  const count = sizeOf(x.shape.slice(run.from, run.to));
  return o.sub(x, restore(o, o.div(o.sum(x, axesOf(run)), count), x, run));
}

const deviating: Reduction = reduction("deviation", {
  op: Op.Deviation,
  empty: true,
  derivative: {
    kind: "fused",
    definition: (o, [x], run) => o.sum(o.square(centred(o, x!, run)), axesOf(run)),
    backward: [(o, g, { inputs: [x], params }) => o.mul(restore(o, o.mul(2, g), x!, params), centred(o, x!, params))],
  },
});

/** Sum of the squared deviations from the mean, Σ (x - mean)², over one run of neighbouring axes. */
export const deviation: Internal<(x: Tensor, run: AxisRun) => Tensor, AxisRun> = internal(
  deviating.primitive,
  (x: Tensor, run: AxisRun) => apply(deviating.primitive, [dense(x)], run),
);

/**
 * The derivative of an extreme goes to the elements that equal it, in equal shares. The shares are locally constant: near
 * x the extreme is the sum of the elements weighted with them.
 */
function extreme(name: "max" | "min"): Derivative<AxisRun> {
  const shares = (o: Operations, x: Tensor, y: Tensor, run: AxisRun): Tensor =>
    withTracking(false, () => {
      const hits = o.cast(o.eq(x, restore(o, y, x, run)), x.dtype);
      return o.div(hits, restore(o, o.sum(hits, axesOf(run)), x, run));
    });
  return {
    kind: "fused",
    definition(o, [x], run) {
      const y = withTracking(false, () => o[name](x!, axesOf(run)));
      return o.sum(o.gatedMul(shares(o, x!, y, run), x!), axesOf(run));
    },
    backward: [
      (o, g, { inputs: [x], output: y, params }) => o.mul(restore(o, g, x!, params), shares(o, x!, y, params)),
    ],
  };
}

/**
 * Largest element over axes; NaN if any is. Equal ones share the derivative.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 * @throws ShapeError where there is no element to choose from
 */
export const max: Reduction = reduction("max", { op: Op.Max, empty: false, derivative: extreme("max") });

/**
 * Smallest element over axes; NaN if any is. Equal ones share the derivative.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 * @throws ShapeError where there is no element to choose from
 */
export const min: Reduction = reduction("min", { op: Op.Min, empty: false, derivative: extreme("min") });

/** Position along one axis, or in the flattened tensor: `x.argMax(-1)`. */
export type ArgReduction = Operation<(x: TensorLike, axis?: number | null, options?: ReduceOptions) => Tensor, AxisRun>;

function argReduction(name: string, op: Op): ArgReduction {
  const index = reduction(name, { op, dtype: "i32", empty: false, derivative: { kind: "none" } });
  return operation(index.primitive, (x: TensorLike, axis: number | null = null, options: ReduceOptions = {}) => {
    checkOptions(name, options, KEEPS);
    const t = asTensor(name, x);
    const along = axis === null ? null : normalizeAxis(name, axis, t.rank || 1);
    if (along !== null && t.rank > 0) return index(t, along, options);
    const flat = operations.reshape(t, [t.size]);
    const y = index(flat, 0);
    inPlaceOf(flat, t); // Nobody else will see it.
    if (!options.keepDims) return y;
    return inPlaceOf(y, operations.reshape(y, keptShape(t.shape, normalizeAxes(name, null, t.rank))));
  });
}

/**
 * Position (i32) of the first largest element along an axis, or in the flattened tensor; a NaN counts as largest.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ShapeError where there is no element to choose from
 */
export const argMax: ArgReduction = argReduction("argMax", Op.ArgMax);

/**
 * Position (i32) of the first smallest element along an axis, or in the flattened tensor; a NaN counts as smallest.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ShapeError where there is no element to choose from
 */
export const argMin: ArgReduction = argReduction("argMin", Op.ArgMin);
