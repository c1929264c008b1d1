import { Op } from "../../../assembly/abi/op.js";
import { apply, inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { defaultDType } from "../../core/dtype.js";
import { encodeMatmul } from "../../core/encode/encode.js";
import { Tensor, type BatchedValues, type Epilogue, type Primitive } from "../../core/graph.js";
import { operations, type Operations } from "../../core/operations.js";
import { composed } from "../../core/running/scopes.js";
import { broadcastShapes, showShape, sizeOf } from "../../core/shape.js";
import { inNameOf, ShapeError } from "../../errors.js";
import type { Tape } from "../../runtime/tape.js";
import {
  aligned,
  castTo,
  computable,
  dense,
  expandTracked,
  meet,
  operation,
  sample,
  type Operation,
} from "../define.js";
import { transposed } from "./matrices.js";

/** The product p q, laid out as x is: the transpose of a dense x gets the transpose of a dense qᵀ pᵀ. */
function laidOutAs(o: Operations, x: Tensor, p: Tensor, q: Tensor): Tensor {
  const columnMajor = x.strides[x.rank - 2]! < x.strides[x.rank - 1]!;
  return columnMajor ? transposed(o, o.matmul(transposed(o, q), transposed(o, p))) : o.matmul(p, q);
}

const product: Primitive<null> = {
  name: "matmul",
  symbol: "@",
  infer([a, b]) {
    if (a!.rank === 2 && b!.rank === 2 && a!.shape[1] === b!.shape[0]) {
      return { shape: [a!.shape[0]!, b!.shape[1]!], dtype: a!.dtype };
    }
    const [m, k] = a!.shape.slice(-2);
    const [l, n] = b!.shape.slice(-2);
    if (k !== l) throw mismatch(a!, b!);
    return {
      shape: [...broadcastShapes("matmul", a!.shape.slice(0, -2), b!.shape.slice(0, -2)), m!, n!],
      dtype: a!.dtype,
    };
  },
  encode: (tape, out, [a, b]) => encodeMatmul(tape, Op.Matmul, out, a!, b!),
  product: {
    bias: true,
    encode: (tape, out, [a, b], _, epilogue) => encodeMatmul(tape, Op.Matmul, out, a!, b!, epilogue),
  },
  batch: batchedProduct,
  derivative: {
    kind: "bilinear",
    transposes: [
      (o, g, { inputs: [a, b] }) => laidOutAs(o, a!, g, transposed(o, b!)), // Ā = C̄ Bᵀ
      (o, g, { inputs: [a, b] }) => laidOutAs(o, b!, transposed(o, a!), g), // B̄ = Aᵀ C̄
    ],
  },
  samples: () => [
    { inputs: [{ shape: [3, 4] }, { shape: [4, 2] }], params: null },
    { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 4, 5] }], params: null },
  ],
};

/** A batch of products. With one matrix on the left for all, the columns of the right ones stand side by side. */
function batchedProduct(o: Operations, { inputs, batched, count }: BatchedValues<null>): Tensor {
  const [a, b] = inputs as [Tensor, Tensor];
  if (!batched[0] && a.rank === 2 && b.rank === 3) {
    const [k, n] = [b.shape[1]!, b.shape[2]!];
    const beside = o.reshape(o.permute(b, [1, 0, 2]), [k, count * n]);
    return o.permute(o.reshape(o.matmul(a, beside), [a.shape[0]!, count, n]), [1, 0, 2]);
  }
  // With one matrix on the right for all, the examples are more rows.
  if (!batched[1] && b.rank === 2) return o.reshape(o.matmul(rowsOf(o, a), b), [...a.shape.slice(0, -1), b.shape[1]!]);
  const rank = Math.max(...inputs.map((x, i) => x.rank - (batched[i] ? 1 : 0)));
  const [x, y] = inputs.map((z, i) => (batched[i] ? aligned(o, z, rank) : z)) as [Tensor, Tensor];
  return o.matmul(x, y);
}

function mismatch(a: Tensor, b: Tensor): ShapeError {
  return new ShapeError("matmul", "[.., m, k] and [.., k, n]", `${showShape(a.shape)} and ${showShape(b.shape)}`);
}

/**
 * Matrix product: [m, k] by [k, n] is [m, n]; leading axes broadcast; a vector counts as a row on the left and as a column
 * on the right, and its axis is dropped. The product of integers is of i32, which wraps; all its terms are there at once.
 *
 * @throws ShapeError for lengths that do not meet, leading axes that do not broadcast, and 0-d tensors
 */
export const matmul: Operation<(a: TensorLike, b: TensorLike) => Tensor> = operation(
  product,
  (a: TensorLike, b: TensorLike) => {
    let [x, y] = meet("matmul", a, b);
    if (x.rank === 0 || y.rank === 0) throw mismatch(x, y);
    const whole = !x.type.float;
    if (whole) [x, y] = [computable(x, "number"), computable(y, "number")];
    const row = x.rank === 1;
    const column = y.rank === 1;
    if (x.shape[x.rank - 1] !== y.shape[column ? 0 : y.rank - 2]) throw mismatch(x, y);
    if (!whole && x.rank === 2 && y.rank === 2) return apply(product, [x, y], null);
    if (!whole && x.rank > 2 && y.rank === 2) return rowsTimes(x, y);
    const given = [x, y] as const;
    if (row) x = operations.reshape(x, [1, x.size]);
    if (column) y = operations.reshape(y, [y.size, 1]);
    const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2));
    const left = expandTracked(x, [...batch, ...x.shape.slice(-2)]);
    const right = expandTracked(y, [...batch, ...y.shape.slice(-2)]);
    const z = whole ? wholeProduct(operations, left, right) : apply(product, [left, right], null);
    // The views on the way are nobody else's.
    if (left !== x) inPlaceOf(left, x);
    if (right !== y) inPlaceOf(right, y);
    if (row) inPlaceOf(x, given[0]);
    if (column) inPlaceOf(y, given[1]);
    if (!row && !column) return z;
    return inPlaceOf(
      z,
      operations.reshape(z, [
        ...batch,
        ...(row ? [] : [x.shape[x.rank - 2]!]),
        ...(column ? [] : [y.shape[y.rank - 1]!]),
      ]),
    );
  },
);

/** Σ a b of [.., m, k] and [.., k, n] in integers. */
function wholeProduct(o: Operations, a: Tensor, b: Tensor): Tensor {
  return composed("matmul", a, () => {
    const terms = o.mul(
      o.reshape(a, [...a.shape, 1]),
      o.reshape(b, [...b.shape.slice(0, -2), 1, ...b.shape.slice(-2)]),
    );
    return o.sum(terms, -2);
  });
}

/** Many matrices by one: as the rows of a single matrix, whose adjoints are single products too. */
function rowsTimes(x: Tensor, y: Tensor): Tensor {
  const rows = rowsOf(operations, x);
  const z = apply(product, [rows, y], null);
  // The views on the way are nobody else's.
  inPlaceOf(rows, x);
  return inPlaceOf(z, operations.reshape(z, [...x.shape.slice(0, -1), y.shape[1]!]));
}

/** Rows [count, columns] of a tensor [.., columns]. */
function rowsOf(o: Operations, x: Tensor): Tensor {
  const columns = x.shape[x.rank - 1]!;
  return x.rank === 2 ? x : o.reshape(x, [columns === 0 ? sizeOf(x.shape.slice(0, -1)) : x.size / columns, columns]);
}

function encodeAffine(tape: Tape, out: Tensor, [x, weight, bias]: readonly Tensor[], epilogue: Epilogue = {}): void {
  const turned = transposedView(weight!);
  encodeMatmul(tape, Op.Matmul, out, x!, turned, { ...epilogue, bias: bias! });
  inPlaceOf(turned, weight!); // Nobody else will see it.
}

const affine: Primitive<null> = {
  name: "linear",
  infer: ([x, weight]) => ({ shape: [...x!.shape.slice(0, -1), weight!.shape[0]!], dtype: x!.dtype }),
  encode: (tape, out, inputs) => encodeAffine(tape, out, inputs),
  product: { bias: false, encode: (tape, out, inputs, _, epilogue) => encodeAffine(tape, out, inputs, epilogue) },
  derivative: {
    kind: "fused",
    definition: (o, [x, weight, bias]) => o.add(o.matmul(x!, o.permute(weight!, [1, 0])), bias!),
    backward: [
      (o, g, { inputs: [, weight] }) => o.matmul(g, weight!), // x̄ = ȳ W
      (o, g, { inputs: [x] }) => o.matmul(o.permute(rowsOf(o, g), [1, 0]), rowsOf(o, x!)), // W̄ = ȳᵀ x
      (o, g) => o.sum(rowsOf(o, g), 0),
    ],
  },
  batch(o, { inputs: [x, weight, bias], batched, ...rest }) {
    // Examples with one weight for all are more rows.
    if (!batched[1] && !batched[2]) return apply(affine, [dense(x!), weight!, bias!], null);
    const rank = x!.rank - (batched[0] ? 1 : 0);
    const turned = o.permute(weight!, batched[1] ? [0, 2, 1] : [1, 0]);
    const y = batchedProduct(o, { ...rest, inputs: [x!, turned], batched });
    return o.add(y, batched[2] ? aligned(o, bias!, rank) : bias!);
  },
  samples: () => [
    sample([{ shape: [3, 4] }, { shape: [2, 4] }, { shape: [2] }]),
    sample([{ shape: [2, 3, 4] }, { shape: [5, 4] }, { shape: [5] }]),
  ],
};

/** The transpose of a matrix, for one look at it: no handle that anything counts. */
function transposedView(x: Tensor): Tensor {
  const [rows, columns] = x.shape as readonly [number, number];
  const [row, column] = x.strides as readonly [number, number];
  return new Tensor(x.storage, x.dtype, [columns, rows], [column, row], x.offset, x.size, false);
}

/**
 * Affine map of rows: x [.., inputs], weight [outputs, inputs], bias [outputs] or none: x weightᵀ + bias, [.., outputs]. One
 * kernel, to the bits of the product and the sum by themselves. Integers are taken as floats.
 *
 * @throws ShapeError for a weight that does not take the inputs of x, or a bias that does not broadcast with the outputs
 */
export const linear: Operation<(x: TensorLike, weight: TensorLike, bias?: TensorLike | null) => Tensor> = operation(
  affine,
  (x: TensorLike, weight: TensorLike, bias?: TensorLike | null) => {
    let [input, w] = meet("linear", x, weight);
    const b = bias === undefined || bias === null ? null : asTensor("linear", bias, w);
    const fits = w.rank === 2 && input.rank > 0 && input.shape[input.rank - 1] === w.shape[1];
    if (!fits) {
      const got = `${showShape(input.shape)} and ${showShape(w.shape)}`;
      throw new ShapeError("linear", "x [.., inputs] and weight [outputs, inputs]", got);
    }
    if (!w.type.float) [input, w] = [castTo(input, defaultDType), castTo(w, defaultDType)];
    const product = (): Tensor => {
      const turned = operations.permute(w, [1, 0]);
      const y = matmul(input, turned);
      inPlaceOf(turned, w); // Nobody else will see it.
      return y;
    };
    if (!b) return product();
    const simple = input.rank > 1 && b.rank === 1 && b.size === w.shape[0] && b.dtype === w.dtype;
    return simple ? apply(affine, [input, w, dense(b)], null) : inNameOf("linear", () => operations.add(product(), b));
  },
);
