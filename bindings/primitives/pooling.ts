import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { encodePool, type Spans } from "../core/encode/window.js";
import type { Derivative, Primitive, Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import { sizeOf } from "../core/shape.js";
import { dense, internal, type Internal } from "./define.js";

// The largest elements of windows over the last two axes. Of equals the first counts, and NaN is larger than anything.

/** The windows: which rows, and which columns. */
export interface Pooling {
  readonly rows: Spans;
  readonly columns: Spans;
}

/** Planes [count, h w] of x [.., h, w]. */
function flat(o: Operations, x: Tensor): Tensor {
  const plane = x.shape[x.rank - 2]! * x.shape[x.rank - 1]!;
  return o.reshape(x, [sizeOf(x.shape.slice(0, -2)), plane]);
}

/** Windows that overlap, and with a step inside. */
const WINDOWS: Pooling = {
  rows: {
    bounds: [
      [0, 2],
      [1, 3],
    ],
    step: 1,
  },
  columns: {
    bounds: [
      [0, 3],
      [2, 5],
      [3, 4],
    ],
    step: 2,
  },
};

function pooling(name: string, op: Op, index: boolean, derivative: Derivative<Pooling>): Primitive<Pooling> {
  return {
    name,
    infer: ([x], { rows, columns }) => ({
      shape: [...x!.shape.slice(0, -2), rows.bounds.length, columns.bounds.length],
      dtype: index ? "i32" : x!.dtype,
    }),
    encode: (tape, out, [x], { rows, columns }) => encodePool(tape, op, out, x!, rows, columns),
    batch: "rows",
    derivative,
    samples: () => [{ inputs: [{ shape: [2, 3, 5] }], params: WINDOWS }],
  };
}

const values = pooling("maxPool", Op.MaxPool, false, {
  kind: "fused",
  definition(o, [x], params) {
    const index = o.maxPoolIndices(x!, params);
    return o.reshape(o.gather(flat(o, x!), 1, flat(o, index)), index.shape);
  },
  backward: [
    (o, g, { inputs: [x], params }) => {
      const zeros = o.expand(o.fill([], 0, g.dtype), flat(o, x!).shape);
      return o.reshape(o.scatterAdd(zeros, 1, flat(o, o.maxPoolIndices(x!, params)), flat(o, g)), x!.shape);
    },
  ],
});

const positions = pooling("maxPoolIndices", Op.MaxPoolIndices, true, { kind: "none" });

type Pool = Internal<(x: Tensor, params: Pooling) => Tensor, Pooling>;

/** The largest element of each window of x [.., h, w]. */
export const maxPool: Pool = internal(values, (x: Tensor, params: Pooling) => apply(values, [dense(x)], params));

/** Its position in its plane, row times width and column, as i32. */
export const maxPoolIndices: Pool = internal(positions, (x: Tensor, params: Pooling) =>
  apply(positions, [dense(x)], params),
);
