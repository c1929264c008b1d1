import { Op } from "../../../assembly/abi/op.js";
import type { Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { binary, oneMinusSquare, partials, unary, type Binary, type Unary } from "../define.js";

/** Tangent of radians, elementwise. */
export const tan: Unary = unary("tan", {
  op: Op.Tan,
  partial: (o, _, y) => o.add(1, o.square(y)), // 1 + y², in terms of the output
  domain: [
    [-1.2, 1.2],
    [1.9, 4.3],
  ],
});

/** Arc sine, elementwise: the angle in [-π/2, π/2]; NaN beyond [-1, 1]. */
export const asin: Unary = unary("asin", {
  op: Op.Asin,
  partial: (o, x) => o.rsqrt(oneMinusSquare(o, x)), // 1 / √(1 - x²)
  singular: true,
  domain: [[-0.9, 0.9]],
});

/** Arc cosine, elementwise: the angle in [0, π]; NaN beyond [-1, 1]. */
export const acos: Unary = unary("acos", {
  op: Op.Acos,
  partial: (o, x) => o.neg(o.rsqrt(oneMinusSquare(o, x))), // -1 / √(1 - x²)
  singular: true,
  domain: [[-0.9, 0.9]],
});

/** Arc tangent, elementwise: the angle in [-π/2, π/2]. */
export const atan: Unary = unary("atan", {
  op: Op.Atan,
  partial: (o, x) => o.reciprocal(o.add(1, o.pow(x, 2))), // 1 / (1 + x²), of a square whose slope may be infinite
  domain: [[-3, 3]],
});

/**
 * The angle of the point (x, y) in [-π, π], elementwise with broadcasting: y first, as in C, whose special values it has.
 * At the origin the derivatives are taken as 0.
 */
export const atan2: Binary = binary("atan2", {
  op: Op.Atan2,
  computes: "float",
  derivative: {
    kind: "elementwise",
    partials: partials(
      (o, [y, x]) => overSquares(o, x!, y!, x!), // x / (x² + y²)
      (o, [y, x]) => o.neg(overSquares(o, y!, y!, x!)), // -y / (x² + y²)
    ),
  },
  domain: [
    [
      [0.3, 2],
      [-2, 2],
    ],
    [
      [-2, -0.3],
      [-2, 2],
    ],
    [
      [-2, 2],
      [0.3, 2],
    ],
  ],
});

/** a / (x² + y²), 0 at the origin. The larger of |x| and |y|, a constant here, keeps the squares in range. */
function overSquares(o: Operations, a: Tensor, y: Tensor, x: Tensor): Tensor {
  const size = o.detach(o.maximum(o.abs(x), o.abs(y)));
  const scale = o.where(o.eq(size, 0), 1, size);
  const squares = o.add(o.square(o.div(x, scale)), o.square(o.div(y, scale)));
  return o.div(o.div(o.div(a, scale), o.where(o.eq(size, 0), 1, squares)), scale);
}
