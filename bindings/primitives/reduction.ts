import { Op } from "../../assembly/abi.js";
import { apply, inPlaceOf, withTracking } from "../core/apply.js";
import { asTensor, type TensorLike } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import { encodeReduce } from "../core/encode.js";
import type { Derivative, Primitive, Tensor } from "../core/graph.js";
import { operations, type Operations } from "../core/operations.js";
import { normalizeAxes, normalizeAxis, showShape, sizeOf, type Shape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import { dense, type Operation, operation } from "./define.js";

/** A run of neighbouring axes, [from, to). */
export interface AxisRun {
  readonly from: number;
  readonly to: number;
}

export interface ReduceOptions {
  /** Keep the reduced axes, with length 1. Default false. */
  keepDims?: boolean;
}

/** Reduces over the given axes, or over all: `x.sum()`, `x.sum(0)`, `x.sum([0, -1], { keepDims: true })`. */
export type Reduction = Operation<(x: TensorLike, axes?: Axes, options?: ReduceOptions) => Tensor, AxisRun>;
type Axes = number | readonly number[] | null;

interface ReductionRow {
  readonly op: Op;
  /** Type of the result for a type of the argument. */
  readonly dtype?: DTypeName;
  readonly derivative: Derivative<AxisRun>;
  /** Whether a reduction over no elements has a value. */
  readonly empty: boolean;
}

function reduction(name: string, row: ReductionRow): Reduction {
  const primitive: Primitive<AxisRun> = {
    name,
    infer: ([x], { from, to }) => ({
      shape: [...x!.shape.slice(0, from), ...x!.shape.slice(to)],
      dtype: row.dtype ?? x!.dtype,
    }),
    encode(tape, out, [x], { from, to }) {
      const lengths = x!.shape;
      encodeReduce(
        tape,
        row.op,
        out,
        x!,
        sizeOf(lengths.slice(0, from)),
        sizeOf(lengths.slice(from, to)),
        sizeOf(lengths.slice(to)),
      );
    },
    batch: (_, { inputs: [x], params: { from, to } }) => apply(primitive, [dense(x!)], { from: from + 1, to: to + 1 }),
    derivative: row.derivative,
    samples: () =>
      [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
        { from: 0, to: 3 },
      ].map((params) => ({
        inputs: [{ shape: [3, 2, 4] }],
        params,
      })),
  };
  return operation(primitive, (x: TensorLike, axes?: Axes, options: ReduceOptions = {}) => {
    const t = asTensor(name, x);
    const listed = normalizeAxes(name, axes, t.rank);
    if (!row.empty && listed.some((axis) => t.shape[axis] === 0)) {
      throw new ShapeError(name, "at least one element to reduce", showShape(t.shape));
    }
    const whole = t.dtype === "bool" || t.dtype === "u8";
    let y = whole ? operations.cast(t, "i32") : listed.length === 0 ? operations.identity(t) : t;
    // Each run of neighbouring axes is one reduction, from the last so that earlier axes keep their numbers.
    for (const run of runsOf(listed)) y = apply(primitive, [dense(y)], run);
    return options.keepDims ? inPlaceOf(y, operations.reshape(y, keptShape(t.shape, listed))) : y;
  });
}

function runsOf(axes: readonly number[]): AxisRun[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i]!;
    const last = runs[runs.length - 1];
    if (last?.from === axis + 1) last.from = axis;
    else runs.push({ from: axis, to: axis + 1 });
  }
  return runs;
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** A reduced tensor, repeated along the axes that were reduced. */
function restore(o: Operations, y: Tensor, x: Tensor, run: AxisRun): Tensor {
  return o.expand(o.reshape(y, keptShape(x.shape, axesOf(run))), x.shape);
}

/** Sum over axes. Truth values and u8 are counted in i32; the sum of no elements is 0. */
export const sum: Reduction = reduction("sum", {
  op: Op.Sum,
  empty: true,
  derivative: { kind: "linear", transposes: [(o, g, { inputs: [x], params }) => restore(o, g, x!, params)] },
});

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

function axesOf({ from, to }: AxisRun): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Largest element over axes; NaN if any is. Equal ones share the derivative. */
export const max: Reduction = reduction("max", { op: Op.Max, empty: false, derivative: extreme("max") });

/** Smallest element over axes; NaN if any is. Equal ones share the derivative. */
export const min: Reduction = reduction("min", { op: Op.Min, empty: false, derivative: extreme("min") });

/** Position along one axis, or in the flattened tensor: `x.argMax(-1)`. */
export type ArgReduction = Operation<(x: TensorLike, axis?: number | null, options?: ReduceOptions) => Tensor, AxisRun>;

function argReduction(name: string, op: Op): ArgReduction {
  const index = reduction(name, { op, dtype: "i32", empty: false, derivative: { kind: "none" } });
  return operation(index.primitive, (x: TensorLike, axis: number | null = null, options: ReduceOptions = {}) => {
    const t = asTensor(name, x);
    if (axis === null && options.keepDims) {
      return operations.reshape(
        index(operations.reshape(t, [t.size]), 0),
        keptShape(t.shape, normalizeAxes(name, null, t.rank)),
      );
    }
    return axis === null
      ? index(operations.reshape(t, [t.size]), 0, options)
      : index(t, normalizeAxis(name, axis, t.rank), options);
  });
}

/** Position (i32) of the first largest element along an axis, or in the flattened tensor; a NaN counts as largest. */
export const argMax: ArgReduction = argReduction("argMax", Op.ArgMax);

/** Position (i32) of the first smallest element along an axis, or in the flattened tensor; a NaN counts as smallest. */
export const argMin: ArgReduction = argReduction("argMin", Op.ArgMin);
