import { Scan } from "../../../assembly/abi/form.js";
import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import { encodeAxis } from "../../core/encode/encode.js";
import type { Derivative, Primitive, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { optionsOf } from "../../core/options.js";
import { normalizeAxis, type Shape } from "../../core/shape.js";
import { alongNext, castAs, computable, dense, type Operation, operation } from "../define.js";

/** Options of `cumsum` and `cumprod`. */
export interface ScanOptions {
  /** From the end of the axis to its start. Default false. */
  reverse?: boolean;
  /** Leave each element out of its own result: the first result is that of nothing, 0 or 1. Default false. */
  exclusive?: boolean;
  /** What x is cast to first. */
  dtype?: DTypeName;
}

/** What a running operation is told. */
export interface Running extends Required<Omit<ScanOptions, "dtype">> {
  readonly axis: number;
}

/** A running operation along an axis: `x.cumsum(0)`, `x.cumsum(-1, { reverse: true })`. */
export type Cumulation = Operation<Cumulate, Running>;
type Cumulate = (x: TensorLike, axis?: number, options?: ScanOptions) => Tensor;

function cumulation(name: string, op: Op, derivative: Derivative<Running>): Cumulation {
  const primitive: Primitive<Running> = {
    name,
    infer: ([x]) => x!,
    encode(tape, out, [x], { axis, reverse, exclusive }) {
      const flags = (reverse ? Scan.Reverse : 0) | (exclusive ? Scan.Exclusive : 0);
      encodeAxis(tape, op, flags, { out, x: x! }, x!.shape, axis, x!.shape[axis]);
    },
    batch: alongNext(
      () => primitive,
      (params) => ({ ...params, axis: params.axis + 1 }),
    ),
    derivative,
    samples: () =>
      [[5, 2], [2, 5], [5, 2], [2, 5], []].map((shape, i) => ({
        inputs: [{ shape }],
        params: { axis: i % 2, reverse: i > 1, exclusive: i === 1 || i === 2 || i === 4 },
      })),
  };
  return operation<Cumulate, Running>(primitive, (x, axis = -1, options) => {
    const { reverse, exclusive, dtype } = optionsOf(name, options, {
      reverse: false,
      exclusive: false,
      dtype: undefined,
    });
    const t = computable(castAs(asTensor(name, x), dtype), "number");
    return apply(primitive, [dense(t)], { axis: normalizeAxis(name, axis, t.rank || 1), reverse, exclusive });
  });
}

/**
 * Running sums along an axis, by default the last: y[i] = x[0] + .. + x[i]. Of f32 the sums are formed in f64 and rounded
 * once each. Truth values and u8 are counted in i32, which wraps.
 *
 * @throws AxisError for an axis that x does not have
 */
export const cumsum: Cumulation = cumulation("cumsum", Op.Cumsum, {
  kind: "linear",
  transposes: [(o, g, { params: { axis, reverse, exclusive } }) => o.cumsum(g, axis, { reverse: !reverse, exclusive })],
});

/**
 * Running products along an axis, by default the last: y[i] = x[0] · .. · x[i]. Computed as `cumsum` computes sums. The
 * derivative divides by nothing, so it is exact where elements are 0.
 *
 * @throws AxisError for an axis that x does not have
 */
export const cumprod: Cumulation = cumulation("cumprod", Op.Cumprod, {
  kind: "fused",
  // By doubling: products of runs of 1, 2, 4, .. elements, each of two runs of half the length.
  definition(o, [x], { axis, reverse, exclusive }) {
    const line = x!.rank === 0 ? o.reshape(x!, [1]) : x!;
    const { shape } = line;
    const n = shape[axis]!;
    let y = reverse ? turned(o, line, axis) : line;
    if (exclusive && n > 0) {
      const one = o.fill(resized(shape, axis, 1), 1, y.dtype);
      y = joined(o, one, part(o, y, axis, 0, n - 1), axis);
    }
    for (let run = 1; run < n; run *= 2) {
      const longer = o.mul(part(o, y, axis, 0, n - run), part(o, y, axis, run, n - run));
      y = joined(o, part(o, y, axis, 0, run), longer, axis);
    }
    if (reverse) y = turned(o, y, axis);
    return x!.rank === 0 ? o.reshape(y, []) : y;
  },
});

function resized(shape: Shape, axis: number, length: number): number[] {
  return shape.map((other, i) => (i === axis ? length : other));
}

/** `length` elements along an axis, from `start` on. */
function part(o: Operations, x: Tensor, axis: number, start: number, length: number): Tensor {
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  return o.stridedSlice(x, { starts, sizes: resized(x.shape, axis, length), steps: x.shape.map(() => 1) });
}

/** x back to front along an axis. */
function turned(o: Operations, x: Tensor, axis: number): Tensor {
  const last = Math.max(x.shape[axis]! - 1, 0);
  const steps = x.shape.map((_, i) => (i === axis ? -1 : 1));
  return o.stridedSlice(x, { starts: x.shape.map((_, i) => (i === axis ? last : 0)), sizes: x.shape, steps });
}

/** Two parts along an axis as one. */
function joined(o: Operations, first: Tensor, second: Tensor, axis: number): Tensor {
  const before = first.shape[axis]!;
  const steps = first.shape.map(() => 1);
  return o.embed(
    [first, second],
    [0, before].map((start, i) => ({
      starts: first.shape.map((_, j) => (j === axis ? start : 0)),
      sizes: (i ? second : first).shape,
      steps,
    })),
    resized(first.shape, axis, before + second.shape[axis]!),
    true,
  );
}
