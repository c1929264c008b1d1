import { Op } from "../../../assembly/abi/op.js";
import { unary, type Unary } from "../define.js";

/** Negation, elementwise. */
export const neg: Unary = unary("neg", {
  symbol: "−",
  op: Op.Neg,
  lanes: "neg",
  computes: "number",
  transpose: (o, g) => o.neg(g),
  domain: [[-3, 3]],
});

/** Absolute value, elementwise. At 0 the derivative is taken as 0. */
export const abs: Unary = unary("abs", {
  symbol: "|_|",
  op: Op.Abs,
  lanes: "abs",
  computes: "number",
  partial: (o, x) => o.sign(x),
  domain: [
    [-3, -0.1],
    [0.1, 3],
  ],
});

/** Sign, elementwise: -1, 0 or 1; NaN stays. Constant almost everywhere. */
export const sign: Unary = unary("sign", {
  op: Op.Sign,
  lanes: (v, [x]) => {
    const zero = v.constant(0, x!);
    const negative = v.apply("lt", x!, zero);
    const signed = v.select(negative, v.constant(-1, x!), v.constant(1, x!));
    return v.select(v.or(negative, v.apply("gt", x!, zero)), signed, x!);
  },
  computes: "number",
  partial: null,
  domain: [
    [-3, -0.1],
    [0.1, 3],
  ],
});

/** Square, elementwise. */
export const square: Unary = unary("square", {
  symbol: "_²",
  op: Op.Square,
  lanes: (v, [x]) => v.apply("mul", x!, x!),
  computes: "number",
  partial: (o, x) => o.mul(2, x),
  domain: [[-3, 3]],
});

/** Reciprocal 1/x, elementwise. */
export const reciprocal: Unary = unary("reciprocal", {
  symbol: "1 / _",
  op: Op.Reciprocal,
  lanes: (v, [x]) => v.apply("div", v.constant(1, x!), x!),
  partial: (o, x, y) => o.neg(o.div(y, x)), // -1/x²; a quotient's own partials are gated where they are infinite
  singular: true,
  domain: [
    [-3, -0.3],
    [0.3, 3],
  ],
});

/** Square root, elementwise; NaN below 0. */
export const sqrt: Unary = unary("sqrt", {
  symbol: "√_",
  op: Op.Sqrt,
  lanes: "sqrt",
  partial: (o, _, y) => o.div(0.5, y), // 1 / (2 √x)
  singular: true,
  domain: [[0.05, 5]],
});

/** Exponential, elementwise. */
export const exp: Unary = unary("exp", { op: Op.Exp, partial: (_, __, y) => y, domain: [[-3, 3]] });

/** Natural logarithm, elementwise; -Infinity at 0, NaN below. */
export const log: Unary = unary("log", {
  symbol: "ln ",
  op: Op.Log,
  partial: (o, x) => o.reciprocal(x),
  singular: true,
  domain: [[0.05, 5]],
});

/** Sine of radians, elementwise. */
export const sin: Unary = unary("sin", { op: Op.Sin, partial: (o, x) => o.cos(x), domain: [[-4, 4]] });

/** Cosine of radians, elementwise. */
export const cos: Unary = unary("cos", { op: Op.Cos, partial: (o, x) => o.neg(o.sin(x)), domain: [[-4, 4]] });

/** Hyperbolic tangent, elementwise. Odd, bounded by (-1, 1). */
export const tanh: Unary = unary("tanh", {
  op: Op.Tanh,
  partial: (o, _, y) => o.sub(1, o.square(y)), // 1 - y², in terms of the output
  domain: [[-3, 3]],
});

/** Logistic sigmoid 1 / (1 + e^-x), elementwise. */
export const sigmoid: Unary = unary("sigmoid", {
  op: Op.Sigmoid,
  partial: (o, _, y) => o.mul(y, o.sub(1, y)),
  domain: [[-4, 4]],
});

/** max(x, 0), elementwise; NaN stays. At 0 the derivative is taken as 0. */
export const relu: Unary = unary("relu", {
  op: Op.Relu,
  lanes: (v, [x]) => v.apply("add", v.apply("pmax", x!, v.constant(0, x!)), v.constant(0, x!)),
  partial: (o, _, y) => o.cast(o.gt(y, 0), y.dtype), // y is above 0 where x is, and saves what made it
  domain: [
    [-3, -0.1],
    [0.1, 3],
  ],
});
