import { Op } from "../../../assembly/abi/op.js";
import { unary, type Unary } from "../define.js";

const LN2 = 0.6931471805599453;
const LN10 = 2.302585092994046;

/** 2 to the x, elementwise. */
export const exp2: Unary = unary("exp2", { op: Op.Exp2, partial: (o, _, y) => o.mul(LN2, y), domain: [[-3, 3]] });

/** e^x - 1, elementwise, exact near 0. */
export const expm1: Unary = unary("expm1", { op: Op.Expm1, partial: (o, x) => o.exp(x), domain: [[-3, 3]] });

/** Logarithm to the base 2, elementwise; -Infinity at 0, NaN below. */
export const log2: Unary = unary("log2", {
  op: Op.Log2,
  partial: (o, x) => o.div(1 / LN2, x),
  singular: true,
  domain: [[0.05, 5]],
});

/** Logarithm to the base 10, elementwise; -Infinity at 0, NaN below. */
export const log10: Unary = unary("log10", {
  op: Op.Log10,
  partial: (o, x) => o.div(1 / LN10, x),
  singular: true,
  domain: [[0.05, 5]],
});

/** log(1 + x), elementwise, exact near 0; -Infinity at -1, NaN below. */
export const log1p: Unary = unary("log1p", {
  op: Op.Log1p,
  partial: (o, x) => o.reciprocal(o.add(1, x)),
  singular: true,
  domain: [[-0.9, 4]],
});

/** log(1 + e^x), elementwise: a smooth max(x, 0). Does not overflow. */
export const softplus: Unary = unary("softplus", {
  op: Op.Softplus,
  partial: (o, x) => o.sigmoid(x),
  domain: [[-5, 5]],
});

/** What an x may be that stands beside a factor which is exactly 0 long before: at Infinity there is no 0 · ∞ in any derivative. */
const MOST = 100;

/** x sigmoid(x), elementwise, also called swish; 0 at -Infinity. */
export const silu: Unary = unary("silu", {
  op: Op.Silu,
  partial: (o, x, y) => {
    const s = o.sigmoid(x);
    return o.add(s, o.mul(o.sub(1, s), o.minimum(y, MOST))); // s + y (1 - s)
  },
  domain: [[-5, 5]],
});

/** x tanh(softplus(x)), elementwise; 0 at -Infinity. */
export const mish: Unary = unary("mish", {
  op: Op.Mish,
  partial: (o, x) => {
    const t = o.tanh(o.softplus(x));
    return o.add(t, o.mul(o.sub(1, o.square(t)), o.minimum(o.silu(x), MOST))); // t + x sigmoid(x) (1 - t²)
  },
  domain: [[-5, 5]],
});
