import type { Op } from "../../../assembly/abi/op.js";
import { apply, inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import { encodeReduce } from "../../core/encode/encode.js";
import type { Derivative, Primitive, Tensor } from "../../core/graph.js";
import { operations, type Operations } from "../../core/operations.js";
import { checkOptions } from "../../core/options.js";
import { isDense, normalizeAxes, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { castAs, computable, dense, type Operation, operation } from "../define.js";

/** A run of neighbouring axes, [from, to). */
export interface AxisRun {
  readonly from: number;
  readonly to: number;
}

/** What every reduction over axes can be told. */
export interface ReduceOptions {
  /** Keep the reduced axes, with length 1. Default false. */
  keepDims?: boolean;
}

/** Options of `sum`, `prod`, `max`, `min`, `mean` and `nansum`. */
export interface SumOptions extends ReduceOptions {
  /** What x is cast to first. */
  dtype?: DTypeName;
}

/** The defaults of options. */
export const KEEPS = { keepDims: false };
export const SUMS = { keepDims: false, dtype: undefined };

/** Reduces over the given axes, or over all: `x.sum()`, `x.sum(0)`, `x.sum([0, -1], { keepDims: true })`. */
export type Reduction = Operation<(x: TensorLike, axes?: Axes, options?: SumOptions) => Tensor, AxisRun>;
/** One axis, several, or all of them. */
export type Axes = number | readonly number[] | null;

/** What sets one reduction apart from the others. */
export interface ReductionRow {
  readonly op: Op;
  /** Whether a reduction of everything can be had in parts. */
  readonly parts?: boolean;
  /** Type of the result for a type of the argument. */
  readonly dtype?: DTypeName;
  readonly derivative: Derivative<AxisRun>;
  /** Whether a reduction over no elements has a value. */
  readonly empty: boolean;
}

/** An operation that reduces axes. Truth values and u8 are counted in i32. */
export function reduction(name: string, row: ReductionRow): Reduction {
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
    ...(row.parts && { isTotal: (shape, { from, to }) => sizeOf(shape.slice(from, to)) === sizeOf(shape) }),
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
  return operation(primitive, (x: TensorLike, axes?: Axes, options: SumOptions = {}) => {
    checkOptions(name, options, SUMS);
    const t = castAs(asTensor(name, x), options.dtype);
    const listed = normalizeAxes(name, axes, t.rank);
    if (!row.empty && listed.some((axis) => t.shape[axis] === 0)) {
      throw new ShapeError(name, "at least one element to reduce", showShape(t.shape));
    }
    return reduceOver(primitive, computable(t, "number"), listed, options);
  });
}

/**
 * Reduces over some axes, in ascending order. Where x is a dense tensor with its axes in another order, they are put back
 * first, so that memory is read as it lies: the order in which a sum is added up is that of memory.
 */
export function reduceOver(
  primitive: Primitive<AxisRun>,
  x: Tensor,
  axes: readonly number[],
  options: ReduceOptions,
): Tensor {
  const y = axes.length === 0 ? operations.identity(x) : reduceInMemory(primitive, x, axes);
  return options.keepDims ? inPlaceOf(y, operations.reshape(y, keptShape(x.shape, axes))) : y;
}

function reduceInMemory(primitive: Primitive<AxisRun>, x: Tensor, axes: readonly number[]): Tensor {
  const order = x.dense ? null : memoryOrder(x);
  if (!order) return reduceRuns(primitive, x, axes);
  const turned = operations.permute(x, order);
  const y = reduceRuns(
    primitive,
    turned,
    axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b),
  );
  inPlaceOf(turned, x); // Nobody else will see it.
  const kept = order.filter((axis) => !axes.includes(axis));
  const back = [...kept].sort((a, b) => a - b).map((axis) => kept.indexOf(axis));
  return back.every((axis, i) => axis === i) ? y : inPlaceOf(y, operations.permute(y, back));
}

/** The axes of x from the longest stride to the shortest, if x lies densely in that order. */
export function memoryOrder(x: Tensor): number[] | null {
  const order = x.shape.map((_, axis) => axis).sort((a, b) => x.strides[b]! - x.strides[a]! || a - b);
  return isDense(
    order.map((axis) => x.shape[axis]!),
    order.map((axis) => x.strides[axis]!),
  )
    ? order
    : null;
}

/** A last run shorter than this is not worth to be reduced row by row, if another can come first. */
const SHORT = 64;

/** Each run of neighbouring axes is one reduction: the last first, unless it is short. */
function reduceRuns(primitive: Primitive<AxisRun>, x: Tensor, axes: readonly number[]): Tensor {
  const runs = runsOf(axes);
  const [last] = runs;
  let y = x;
  if (runs.length > 1 && sizeOf(x.shape.slice(last!.from, last!.to)) < SHORT) {
    let gone = 0;
    for (const { from, to } of runs.reverse()) {
      y = apply(primitive, [dense(y)], { from: from - gone, to: to - gone });
      gone += to - from;
    }
    return y;
  }
  // Earlier axes keep their numbers.
  for (const run of runs) y = apply(primitive, [dense(y)], run);
  return y;
}

/** The runs of neighbours among ascending axes, the last first. */
export function runsOf(axes: readonly number[]): AxisRun[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i]!;
    const last = runs[runs.length - 1];
    if (last?.from === axis + 1) last.from = axis;
    else runs.push({ from: axis, to: axis + 1 });
  }
  return runs;
}

/** A shape with some of its axes of length 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** A reduced tensor, repeated along the axes that were reduced. */
export function restore(o: Operations, y: Tensor, x: Tensor, run: AxisRun): Tensor {
  return o.expand(o.reshape(y, keptShape(x.shape, axesOf(run))), x.shape);
}

/** The axes of a run. */
export function axesOf({ from, to }: AxisRun): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
