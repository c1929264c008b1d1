import { Op } from "../../assembly/abi.js";
import { apply, inPlaceOf } from "../core/apply.js";
import type { TensorLike } from "../core/create.js";
import { defaultDType } from "../core/dtype.js";
import { encodeMatmul } from "../core/encode.js";
import type { BatchedValues, Primitive, Tensor } from "../core/graph.js";
import { operations, type Operations } from "../core/operations.js";
import { broadcastShapes, showShape } from "../core/shape.js";
import { ShapeError } from "../errors.js";
import { aligned, castTo, expandTracked, meet, operation, type Operation } from "./define.js";

/** The last two axes exchanged. */
function transposed(o: Operations, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(axes.splice(-2, 1)[0]!);
  return o.permute(x, axes);
}

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
  // A matrix on the right for all is no more than one whose batch has no axes.
  if (!batched[1] && b.rank === 2) return o.matmul(a, b);
  const rank = Math.max(...inputs.map((x, i) => x.rank - (batched[i] ? 1 : 0)));
  const [x, y] = inputs.map((z, i) => (batched[i] ? aligned(o, z, rank) : z)) as [Tensor, Tensor];
  return o.matmul(x, y);
}

function mismatch(a: Tensor, b: Tensor): ShapeError {
  return new ShapeError("matmul", "[.., m, k] and [.., k, n]", `${showShape(a.shape)} and ${showShape(b.shape)}`);
}

/**
 * Matrix product: [m, k] by [k, n] is [m, n]; leading axes broadcast; a vector counts as a row on the left and as a column
 * on the right, and its axis is dropped. Integers are multiplied as floats.
 */
export const matmul: Operation<(a: TensorLike, b: TensorLike) => Tensor> = operation(
  product,
  (a: TensorLike, b: TensorLike) => {
    let [x, y] = meet("matmul", a, b);
    if (x.rank === 0 || y.rank === 0) throw mismatch(x, y);
    if (!x.type.float) [x, y] = [castTo(x, defaultDType), castTo(y, defaultDType)];
    const row = x.rank === 1;
    const column = y.rank === 1;
    if (x.shape[x.rank - 1] !== y.shape[column ? 0 : y.rank - 2]) throw mismatch(x, y);
    if (x.rank === 2 && y.rank === 2) return apply(product, [x, y], null);
    if (row) x = operations.reshape(x, [1, x.size]);
    if (column) y = operations.reshape(y, [y.size, 1]);
    const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2));
    const left = expandTracked(x, [...batch, ...x.shape.slice(-2)]);
    const right = expandTracked(y, [...batch, ...y.shape.slice(-2)]);
    const z = apply(product, [left, right], null);
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
