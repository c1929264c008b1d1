import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import { encodeAxis, encodeGather, encodeMap } from "../core/encode/encode.js";
import type { Primitive, Sample, Tensor } from "../core/graph.js";
import { operations, type Operations } from "../core/operations.js";
import { normalizeAxis, sameShape, showShape, sizeOf, type Shape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import {
  alongNext,
  asIndex,
  computable,
  dense,
  type Internal,
  internal,
  meet,
  named,
  type Operation,
  operation,
} from "./define.js";
import { checkWithin, leading, sourceFor } from "./within.js";

const gatheringRows: Primitive<null> = {
  name: "gatherRows",
  refuses: true,
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
export const gatherRows: Internal<(x: Tensor, index: Tensor, name?: string) => Tensor> = internal(
  gatheringRows,
  (x: Tensor, index: Tensor, name = "gatherRows") => {
    if (x.rank === 0) throw new ShapeError(name, "a table [rows, ..]", showShape(x.shape));
    return apply(named(gatheringRows, name), [dense(x), dense(operations.toIndex(index, name))], null);
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

const scatteringRows: Primitive<number> = {
  name: "scatterAddRows",
  refuses: true,
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
export const scatterAddRows: Internal<(x: Tensor, index: Tensor, rows: number, name?: string) => Tensor, number> =
  internal(scatteringRows, (x: Tensor, index: Tensor, rows: number, name = "scatterAddRows") => {
    const lead: Shape = x.shape.slice(0, index.rank);
    if (!sameShape(lead, index.shape)) {
      throw new ShapeError(name, `rows [${index.shape.join(", ")}, ..] for that index`, showShape(x.shape));
    }
    return apply(named(scatteringRows, name), [dense(x), dense(operations.toIndex(index, name))], rows);
  });

const placingRows: Primitive<number> = {
  name: "lastPlaces",
  refuses: true,
  infer: (_, rows) => ({ shape: [rows], dtype: "i32" }),
  encode: (tape, out, [index], rows) => encodeGather(tape, Op.LastPlaces, out, index!, index!, rows, 1),
  batch(o, { inputs: [index], params: rows, count }) {
    const n = index!.shape[1]!;
    const all = o.lastPlaces(o.reshape(inEachExample(o, index!, true, rows, count), [count * n]), count * rows);
    // What is in no index stays below 0.
    const inEach = o.sub(o.reshape(all, [count, rows]), o.reshape(o.iota(count, "i32", 0, n), [count, 1]));
    return o.maximum(inEach, -1);
  },
  derivative: { kind: "none" },
  samples: () => [{ inputs: [{ shape: [5], dtype: "i32", range: [-4, 4] }], params: 4 }],
};

/** Of each of so many rows the last place in an index [n], i32; -1 of a row that is not there. */
export const lastPlaces: Internal<(index: Tensor, rows: number) => Tensor, number> = internal(
  placingRows,
  (index: Tensor, rows: number) => apply(placingRows, [dense(index)], rows),
);

/** Its parameter is an axis; or ~axis, and then no index counts from the end. */
const gathering: Primitive<number> = {
  name: "gather",
  refuses: true,
  infer: ([x, index]) => ({ shape: index!.shape, dtype: x!.dtype }),
  encode(tape, out, [x, index], params) {
    const axis = params < 0 ? ~params : params;
    encodeAxis(tape, Op.Gather, Number(params < 0), { out, x: x!, index: index! }, index!.shape, axis, x!.shape[axis]);
  },
  batch: alongNext(
    () => gathering,
    (params) => (params < 0 ? params - 1 : params + 1),
  ),
  derivative: {
    kind: "linear",
    transposes: [
      (o, g, { inputs: [x, index], params }) =>
        o.scatterAdd(o.expand(o.fill([], 0, g.dtype), x!.shape), params < 0 ? ~params : params, index!, g),
      null,
    ],
  },
  samples: () => [
    ...[0, 1, 2].map((axis): Sample<number> => ({
      inputs: [
        { shape: [3, 3, 3].map((length, i) => (i === axis ? 3 : length - i)) },
        { shape: [3, 3, 3].map((length, i) => (i === axis ? 4 : length - i)), dtype: "i32", range: [-3, 3] },
      ],
      params: axis,
    })),
    { inputs: [{ shape: [] }, { shape: [], dtype: "i32", range: [-1, 1] }], params: 0 },
  ],
};

/**
 * Elements picked along an axis, each by an index of its own (i32, negative counts from the end): for axis 0 of a matrix,
 * y[i, j] = x[index[i, j], j]. The index has as many axes as x; along the other ones it may be shorter, and then picks from
 * the beginning of x. PyTorch's gather. An index outside its axis is an error that names it.
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws ShapeError for an index of another number of axes, or longer than x along another axis
 * @throws AxisError for an axis that x does not have
 */
export const gather: Operation<(x: TensorLike, axis: number, index: TensorLike) => Tensor, number> = operation(
  gathering,
  (x: TensorLike, axis: number, index: TensorLike) => {
    const t = asTensor("gather", x);
    const along = normalizeAxis("gather", axis, t.rank || 1);
    const positions = asIndex(index, "gather");
    const box = checkWithin("gather", t, positions, along);
    return apply(gathering, [dense(leading(t, box)), dense(positions)], along);
  },
);

const scattering: Primitive<number> = {
  name: "scatterAdd",
  refuses: true,
  infer: ([x]) => x!,
  encode(tape, out, [x, index, source], axis) {
    encodeMap(tape, Op.Copy, out.type.code, 0, out, [x!]);
    encodeAxis(tape, Op.ScatterAdd, 0, { out, x: source!, index: index! }, index!.shape, axis, x!.shape[axis]);
  },
  batch: alongNext(
    () => scattering,
    (axis) => axis + 1,
  ),
  derivative: {
    kind: "linear",
    transposes: [(_, g) => g, null, (o, g, { inputs: [, index], params: axis }) => o.gather(g, axis, index!)],
  },
  samples: () =>
    gathering.samples().map(({ inputs: [x, index], params }) => ({
      inputs: [x!, index!, { shape: index!.shape }],
      params,
    })),
};

/**
 * x, with elements of another tensor added where an index says: for axis 0 of a matrix, y[index[i, j], j] += source[i, j],
 * in the order of i. The transpose of `gather`, and PyTorch's scatter_add: the index has as many axes as x; along the other
 * ones it may be shorter. The source is a number, or has at least the index's lengths.
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws ShapeError for an index or a source that does not fit x
 * @throws AxisError for an axis that x does not have
 */
export const scatterAdd: Operation<
  (x: TensorLike, axis: number, index: TensorLike, source: TensorLike) => Tensor,
  number
> = operation(scattering, (x: TensorLike, axis: number, index: TensorLike, source: TensorLike) => {
  const [a, b] = meet("scatterAdd", x, source).map((t) => computable(t, "number")) as [Tensor, Tensor];
  const along = normalizeAxis("scatterAdd", axis, a.rank || 1);
  const positions = asIndex(index, "scatterAdd");
  const box = checkWithin("scatterAdd", a, positions, along);
  const added = dense(sourceFor("scatterAdd", b, positions.shape));
  if (sameShape(box, a.shape)) return apply(scattering, [a, dense(positions), added], along);
  // Only the beginning of x is added to; the rest gets zeros.
  const zeros = operations.expand(operations.fill([], 0, a.dtype), box);
  const part = apply(scattering, [zeros, dense(positions), added], along);
  return operations.add(
    a,
    operations.embed([part], [{ starts: box.map(() => 0), sizes: box, steps: box.map(() => 1) }], a.shape),
  );
});
