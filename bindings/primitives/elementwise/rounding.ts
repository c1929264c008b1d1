import { Op } from "../../../assembly/abi/op.js";
import { unary, type Unary } from "../define.js";

/** What the laws draw from: no integer, nor anything halfway, lies in it. */
const domain = [
  [-2.4, -2.1],
  [-0.9, -0.6],
  [0.1, 0.4],
  [1.6, 1.9],
] as const;

/** The largest integer that is not above x, elementwise, in x's type. Its derivative is 0. */
export const floor: Unary = unary("floor", { op: Op.Floor, lanes: "floor", computes: "number", partial: null, domain });

/** The smallest integer that is not below x, elementwise, in x's type. Its derivative is 0. */
export const ceil: Unary = unary("ceil", { op: Op.Ceil, lanes: "ceil", computes: "number", partial: null, domain });

/** The nearest integer, halves to the even one, elementwise, in x's type. Its derivative is 0. */
export const round: Unary = unary("round", {
  op: Op.Round,
  lanes: "nearest",
  computes: "number",
  partial: null,
  domain,
});

/** x without its fraction, elementwise, in x's type. Its derivative is 0. */
export const trunc: Unary = unary("trunc", { op: Op.Trunc, lanes: "trunc", computes: "number", partial: null, domain });
