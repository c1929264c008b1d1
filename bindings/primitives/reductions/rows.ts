import { Op } from "../../../assembly/abi/op.js";
import { apply, inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import { encodeRows } from "../../core/encode/encode.js";
import type { Derivative, Primitive, SampleInput, Tensor } from "../../core/graph.js";
import { operations, type Operations } from "../../core/operations.js";
import { checkOptions, optionsOf } from "../../core/options.js";
import { normalizeAxes, normalizeAxis, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { castAs, dense, float, type Internal, internal, operation, type Operation, sample } from "../define.js";
import { KEEPS, keptShape, type Axes, type ReduceOptions } from "./reduce.js";

// Fused operations on the rows of matrices. All inputs are dense, and rows lie along the last axis.

interface RowsRow {
  readonly op: Op;
  /** One number a row, instead of a row. */
  readonly scalar?: boolean;
  /** Targets may lie outside of the classes. */
  readonly refuses?: boolean;
  readonly derivative: Derivative<null>;
  readonly inputs: readonly SampleInput[];
}

function rows(name: string, row: RowsRow): Primitive<null> {
  return {
    name,
    infer: ([x]) => ({ shape: row.scalar ? x!.shape.slice(0, -1) : x!.shape, dtype: x!.dtype }),
    encode(tape, out, inputs) {
      const x = inputs[0]!;
      const columns = x.shape[x.rank - 1]!;
      encodeRows(tape, row.op, out, inputs, sizeOf(x.shape.slice(0, -1)), columns);
    },
    batch: "rows",
    refuses: row.refuses ?? false,
    derivative: row.derivative,
    samples: () => [sample(row.inputs)],
  };
}

/** Calls a row operation along any axis, by moving that axis to the end and back. */
function alongAxis(primitive: Primitive<null>, x: TensorLike, axis: number, options?: SoftmaxOptions): Tensor {
  const { dtype } = optionsOf(primitive.name, options, { dtype: undefined });
  const t = float(castAs(asTensor(primitive.name, x), dtype));
  if (t.rank === 0) return operations.reshape(alongAxis(primitive, operations.reshape(t, [1]), axis), []);
  const last = t.rank - 1;
  const along = normalizeAxis(primitive.name, axis, t.rank);
  if (along === last) return apply(primitive, [dense(t)], null);
  const swap = t.shape.map((_, i) => (i === along ? last : i === last ? along : i));
  const turned = operations.permute(t, swap);
  const y = apply(primitive, [dense(turned)], null);
  inPlaceOf(turned, t); // Nobody else will see these views.
  return inPlaceOf(y, operations.permute(y, swap));
}

/** Sum over the last axis, which stays with length 1. */
function rowSum(o: Operations, x: Tensor): Tensor {
  return o.sum(x, -1, { keepDims: true });
}

/** e^(x - max), which does not overflow; the shift is a constant to differentiation, since it cancels. */
function shifted(o: Operations, x: Tensor): Tensor {
  return x.size === 0 ? x : o.sub(x, o.detach(o.max(x, -1, { keepDims: true })));
}

const matrix: Shape = [3, 4];

const softmaxRows = rows("softmax", {
  op: Op.Softmax,
  derivative: {
    kind: "fused",
    definition(o, [x]) {
      const e = o.exp(shifted(o, x!));
      return o.div(e, rowSum(o, e));
    },
    backward: [(o, g, { output: y }) => o.softmaxBackward(y, g)],
  },
  inputs: [{ shape: matrix }],
});

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** What x is cast to first. */
  dtype?: DTypeName;
}

type AlongAxis = (x: TensorLike, axis?: number, options?: SoftmaxOptions) => Tensor;

/** Softmax e^x / Σ e^x along an axis, by default the last. */
export const softmax: Operation<AlongAxis> = operation<AlongAxis, null>(softmaxRows, (x, axis = -1, options) =>
  alongAxis(softmaxRows, x, axis, options),
);

const logSoftmaxRows = rows("logSoftmax", {
  op: Op.LogSoftmax,
  derivative: {
    kind: "fused",
    definition(o, [x]) {
      const z = shifted(o, x!);
      return o.sub(z, o.log(rowSum(o, o.exp(z))));
    },
    backward: [(o, g, { output: y }) => o.logSoftmaxBackward(y, g)],
  },
  inputs: [{ shape: matrix }],
});

/** Logarithm of the softmax, x - log Σ e^x, along an axis, by default the last. */
export const logSoftmax: Operation<AlongAxis> = operation<AlongAxis, null>(logSoftmaxRows, (x, axis = -1, options) =>
  alongAxis(logSoftmaxRows, x, axis, options),
);

/**
 * log Σ e^x by row, in other operations. A row with an element that is Infinity is that; a row of -Infinity alone is
 * that, and a constant to differentiation.
 */
function logsumexpOf(o: Operations, x: Tensor): Tensor {
  if (x.size === 0) return o.log(o.sum(o.exp(x), -1));
  const peak = o.detach(o.max(x, -1, { keepDims: true }));
  const top = o.eq(peak, Infinity);
  const bottom = o.eq(peak, -Infinity);
  const row = x.shape.slice(0, -1);
  const shift = o.where(top, 0, o.where(bottom, 0, peak));
  const usual = o.where(top, 0, o.where(bottom, 0, x));
  const y = o.add(o.log(o.sum(o.exp(o.sub(usual, shift)), -1)), o.reshape(shift, row));
  const infinite = o.sum(o.where(o.eq(x, Infinity), x, 0), -1);
  return o.where(o.reshape(top, row), infinite, o.where(o.reshape(bottom, row), -Infinity, y));
}

/** Largest numbers: that much less that much is 0, where Infinity less Infinity is NaN. */
const LARGEST: Readonly<Record<string, number>> = { f32: 3.4028234663852886e38, f64: Number.MAX_VALUE };

const logsumexpRows = rows("logsumexp", {
  op: Op.Logsumexp,
  scalar: true,
  derivative: {
    kind: "fused",
    definition: (o, [x]) => logsumexpOf(o, x!),
    backward: [
      (o, g, { inputs: [x], output: y }) => {
        const column = [...y.shape, 1];
        const most = LARGEST[x!.dtype]!;
        const shift = o.where(o.eq(y, -Infinity), 0, o.minimum(y, most));
        const softmax = o.exp(o.sub(o.minimum(x!, most), o.reshape(shift, column)));
        return o.mul(o.reshape(g, column), softmax);
      },
    ],
  },
  inputs: [{ shape: matrix }],
});

/**
 * log Σ e^x over axes, or over all, without overflow; -Infinity for no elements. Its derivative is the softmax; where that is
 * not defined, it is 1 for an element that is Infinity and 0 for the others, and 0 for each where all are -Infinity.
 * Integers become floats.
 */
export const logsumexp: Operation<(x: TensorLike, axes?: Axes, options?: ReduceOptions) => Tensor> = operation(
  logsumexpRows,
  (x: TensorLike, axes?: Axes, options: ReduceOptions = {}) => {
    checkOptions("logsumexp", options, KEEPS);
    const t = float(asTensor("logsumexp", x));
    const listed = normalizeAxes("logsumexp", axes, t.rank);
    const { shape } = t;
    const count = sizeOf(listed.map((axis) => shape[axis]!));
    const kept = shape.flatMap((_, axis) => (listed.includes(axis) ? [] : [axis]));
    const turned = operations.permute(t, [...kept, ...listed]);
    const merged = operations.reshape(turned, [...turned.shape.slice(0, kept.length), count]);
    const y = count === 0 ? logsumexpOf(operations, merged) : apply(logsumexpRows, [dense(merged)], null);
    // Nobody else will see these views.
    inPlaceOf(turned, t);
    inPlaceOf(merged, t);
    return options.keepDims ? inPlaceOf(y, operations.reshape(y, keptShape(shape, listed))) : y;
  },
);

const softmaxAdjoint = rows("softmaxBackward", {
  op: Op.SoftmaxBackward,
  derivative: { kind: "fused", definition: (o, [y, g]) => o.mul(y!, o.sub(g!, rowSum(o, o.mul(g!, y!)))) },
  inputs: [{ shape: matrix, range: [0, 1] }, { shape: matrix }],
});

/** Adjoint of softmax by row, y (g - Σ g y), from its value y and the adjoint g of that. */
export const softmaxBackward: Internal<(y: Tensor, g: Tensor) => Tensor> = internal(
  softmaxAdjoint,
  (y: Tensor, g: Tensor) => apply(softmaxAdjoint, [dense(y), dense(g)], null),
);

const logSoftmaxAdjoint = rows("logSoftmaxBackward", {
  op: Op.LogSoftmaxBackward,
  derivative: { kind: "fused", definition: (o, [y, g]) => o.sub(g!, o.mul(o.exp(y!), rowSum(o, g!))) },
  inputs: [{ shape: matrix, range: [-3, 0] }, { shape: matrix }],
});

/** Adjoint of logSoftmax by row, g - e^y Σ g, from its value y and the adjoint g of that. */
export const logSoftmaxBackward: Internal<(y: Tensor, g: Tensor) => Tensor> = internal(
  logSoftmaxAdjoint,
  (y: Tensor, g: Tensor) => apply(logSoftmaxAdjoint, [dense(y), dense(g)], null),
);

/** Whether each element of x [*rows, columns] stands in the column that its row's target names. */
function isTarget(o: Operations, x: Tensor, target: Tensor): Tensor {
  return o.eq(o.reshape(target, [...target.shape, 1]), o.iota(x.shape[x.rank - 1]!, "i32"));
}

const crossEntropyInputs = [{ shape: matrix }, { shape: [3], dtype: "i32", range: [0, 3] }] as const;

const crossEntropyRows = rows("crossEntropy", {
  op: Op.CrossEntropy,
  scalar: true,
  refuses: true,
  derivative: {
    kind: "fused",
    definition: (o, [x, target]) => o.neg(o.sum(o.where(isTarget(o, x!, target!), o.logSoftmax(x!), 0), -1)),
    backward: [(o, g, { inputs: [x, target] }) => o.crossEntropyBackward(x!, target!, g), null],
  },
  inputs: crossEntropyInputs,
});

/**
 * Cross-entropy of each row of logits [rows, classes] with its class index, i32 [rows]: log Σ e^x - x[target], in [rows].
 * An index outside the classes is an error. The loss of PyTorch's name, with a mean, is in the functions.
 */
export const crossEntropy: Internal<(x: Tensor, target: Tensor) => Tensor> = internal(
  crossEntropyRows,
  (x: Tensor, target: Tensor) => {
    if (x.rank !== 2 || target.rank !== 1 || target.size !== x.shape[0]) {
      throw new ShapeError(
        "crossEntropy",
        "logits [rows, classes] and class indices [rows]",
        `${showShape(x.shape)} and ${showShape(target.shape)}`,
      );
    }
    return apply(crossEntropyRows, [dense(float(x)), dense(operations.toIndex(target))], null);
  },
);

const crossEntropyAdjoint = rows("crossEntropyBackward", {
  op: Op.CrossEntropyBackward,
  refuses: true,
  derivative: {
    kind: "fused",
    definition: (o, [x, target, g]) =>
      o.mul(o.sub(o.softmax(x!), o.cast(isTarget(o, x!, target!), x!.dtype)), o.reshape(g!, [...g!.shape, 1])),
  },
  inputs: [...crossEntropyInputs, { shape: [3] }],
});

/** Adjoint of crossEntropy for the logits: (softmax(x) - onehot(target)) g, by row. */
export const crossEntropyBackward: Internal<(x: Tensor, target: Tensor, g: Tensor) => Tensor> = internal(
  crossEntropyAdjoint,
  (x: Tensor, target: Tensor, g: Tensor) => apply(crossEntropyAdjoint, [dense(x), dense(target), dense(g)], null),
);
