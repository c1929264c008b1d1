import { Op } from "../../assembly/abi.js";
import { apply } from "../core/apply.js";
import { encodeGather } from "../core/encode.js";
import type { Primitive, Tensor } from "../core/graph.js";
import { operations, type Operations } from "../core/operations.js";
import { sameShape, showShape, sizeOf, type Shape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import { dense, type Internal, internal } from "./define.js";

const gathering: Primitive<null> = {
  name: "gatherRows",
  infer: ([x, index]) => ({ shape: [...index!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }),
  encode(tape, out, [x, index]) {
    encodeGather(tape, Op.GatherRows, out, x!, index!, x!.shape[0]!, sizeOf(x!.shape.slice(1)));
  },
  batch(o, { inputs: [x, index], batched, count }) {
    if (!batched[0]) return o.gatherRows(x!, index!);
    // The examples' tables one below the other are one table.
    const rows = x!.shape[1]!;
    const all = o.reshape(x!, [count * rows, ...x!.shape.slice(2)]);
    return o.gatherRows(all, inEachExample(o, index!, batched[1]!, rows, count));
  },
  derivative: {
    kind: "linear",
    transposes: [(o, g, { inputs: [x, index] }) => o.scatterAddRows(g, index!, x!.shape[0]!), null],
  },
  samples: () => [{ inputs: [{ shape: [4, 3] }, { shape: [5], dtype: "i32", range: [-4, 4] }], params: null }],
};

/**
 * Rows of a table [rows, ..] by index [*index] (i32, negative counts from the end), in [*index, ..]. An index outside the
 * table is an error that names it.
 */
export const gatherRows: Internal<(x: Tensor, index: Tensor) => Tensor> = internal(
  gathering,
  (x: Tensor, index: Tensor) => {
    if (x.rank === 0) throw new ShapeError("gatherRows", "a table [rows, ..]", showShape(x.shape));
    return apply(gathering, [dense(x), dense(operations.toIndex(index))], null);
  },
);

/** Indices into each example's table of so many rows, as indices into all of them, one below the other. */
function inEachExample(o: Operations, index: Tensor, batched: boolean, rows: number, count: number): Tensor {
  const shape = batched ? index.shape : [count, ...index.shape];
  const first = o.reshape(o.iota(count, "i32", 0, rows), [count, ...shape.slice(1).map(() => 1)]);
  const fromStart = o.where(o.lt(index, 0), o.add(index, rows), index);
  // An index outside its own table must not fall into another's.
  const inside = o.mul(o.cast(o.ge(fromStart, 0), "i32"), o.cast(o.lt(fromStart, rows), "i32"));
  return o.where(o.ne(inside, 0), o.add(fromStart, first), count * rows);
}

const scattering: Primitive<number> = {
  name: "scatterAddRows",
  infer: ([x, index], rows) => ({ shape: [rows, ...x!.shape.slice(index!.rank)], dtype: x!.dtype }),
  encode(tape, out, [x, index], rows) {
    encodeGather(tape, Op.ScatterAddRows, out, x!, index!, rows, sizeOf(out.shape.slice(1)));
  },
  batch(o, { inputs: [x, index], batched, params: rows, count }) {
    const each = batched[0] ? x! : o.expand(x!, [count, ...x!.shape]);
    const all = o.scatterAddRows(each, inEachExample(o, index!, batched[1]!, rows, count), count * rows);
    return o.reshape(all, [count, rows, ...all.shape.slice(1)]);
  },
  derivative: {
    kind: "linear",
    transposes: [(o, g, { inputs: [, index] }) => o.gatherRows(g, index!), null],
  },
  samples: () => [{ inputs: [{ shape: [5, 3] }, { shape: [5], dtype: "i32", range: [-4, 4] }], params: 4 }],
};

/** A table of so many rows of zeros, to which the rows x [*index, ..] are added where the index says, in its order. */
export const scatterAddRows: Internal<(x: Tensor, index: Tensor, rows: number) => Tensor, number> = internal(
  scattering,
  (x: Tensor, index: Tensor, rows: number) => {
    const lead: Shape = x.shape.slice(0, index.rank);
    if (!sameShape(lead, index.shape)) {
      throw new ShapeError("scatterAddRows", `rows [${index.shape.join(", ")}, ..] for that index`, showShape(x.shape));
    }
    return apply(scattering, [dense(x), dense(operations.toIndex(index))], rows);
  },
);
