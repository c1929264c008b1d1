import { Op } from "../../../assembly/abi/op.js";
import { oneMinusSquare, unary, type Unary } from "../define.js";

/** Hyperbolic sine, elementwise. */
export const sinh: Unary = unary("sinh", { op: Op.Sinh, partial: (o, x) => o.cosh(x), domain: [[-3, 3]] });

/** Hyperbolic cosine, elementwise. */
export const cosh: Unary = unary("cosh", { op: Op.Cosh, partial: (o, x) => o.sinh(x), domain: [[-3, 3]] });

/** Inverse hyperbolic sine, elementwise. */
export const asinh: Unary = unary("asinh", {
  op: Op.Asinh,
  partial: (o, x) => o.reciprocal(o.hypot(x, 1)), // 1 / √(x² + 1)
  domain: [[-4, 4]],
});

/** Inverse hyperbolic cosine, elementwise; NaN below 1. */
export const acosh: Unary = unary("acosh", {
  op: Op.Acosh,
  partial: (o, x) => o.div(o.rsqrt(o.sub(x, 1)), o.sqrt(o.add(x, 1))), // 1 / √(x² - 1), infinite at 1
  singular: true,
  domain: [[1.1, 5]],
});

/** Inverse hyperbolic tangent, elementwise; infinite at -1 and 1, NaN beyond. */
export const atanh: Unary = unary("atanh", {
  op: Op.Atanh,
  partial: (o, x) => o.reciprocal(oneMinusSquare(o, x)), // 1 / (1 - x²)
  singular: true,
  domain: [[-0.9, 0.9]],
});
