import { Op } from "../../../assembly/abi/op.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { dtypes } from "../../core/dtype.js";
import { Tensor } from "../../core/graph.js";
import { isNumber, WeakNumber } from "../../core/values/weak.js";
import { CaptureError, ValueError } from "../../errors.js";
import { binary, operation, partials, unary, type Binary, type Unary } from "../define.js";

/** Cube root, elementwise; that of a negative number is negative. */
export const cbrt: Unary = unary("cbrt", {
  op: Op.Cbrt,
  partial: (o, _, y) => o.mul(1 / 3, o.pow(y, -2)), // 1 / (3 y²), of a power whose slope may be infinite
  singular: true,
  domain: [
    [-4, -0.1],
    [0.1, 4],
  ],
});

/** Reciprocal square root 1/√x, elementwise; infinite at 0, NaN below. */
export const rsqrt: Unary = unary("rsqrt", {
  op: Op.Rsqrt,
  lanes: (v, [x]) => v.apply("div", v.constant(1, x!), v.apply("sqrt", x!)),
  partial: (o, x, y) => o.mul(-0.5, o.div(y, x)), // -1 / (2 x √x)
  singular: true,
  domain: [[0.1, 5]],
});

const power = binary("pow", {
  symbol: "^",
  op: Op.Pow,
  derivative: {
    kind: "elementwise",
    partials: [
      // y x^(y - 1), and 0 where y is, x = 0 included.
      (o, [x, y]) => o.gatedMul(y!, o.pow(x!, o.sub(y!, 1))),
      // log(x) x^y; from 0 down the power is no function of the exponent, and the derivative is taken as 0.
      (o, [x], z) => o.gatedMul(o.where(o.le(x!, 0), 0, o.log(o.where(o.le(x!, 0), 1, x!))), z),
    ],
    singular: true,
  },
  domain: [
    [
      [0.2, 3],
      [-2, 3],
    ],
  ],
});

/**
 * x to the power of y, elementwise with broadcasting; special values are C99's: x^0 and 1^y are 1, NaN included, and a
 * fractional power of a negative number is NaN. The exponents 2, 1/2 and -1 give the bits of `square`, `sqrt` (but that
 * (-0)^0.5 is 0 and (-Infinity)^0.5 is Infinity) and `reciprocal`. Integers stay integers and wrap: a negative number as
 * their exponent is refused, a negative element of a tensor gives the reciprocal without its fraction (and 0 of 0).
 * The derivative by the exponent is taken as 0 where x <= 0.
 */
export const pow: Binary = operation(power.primitive, (base: TensorLike, y: TensorLike) => {
  const x = isNumber(base) ? base : asTensor("pow", base);
  const number = y instanceof WeakNumber ? y.example : y;
  if (
    typeof number === "number" &&
    Number.isInteger(number) &&
    x instanceof Tensor &&
    dtypes[x.dtype].rank < dtypes.f16.rank
  ) {
    if (number < 0)
      throw new ValueError("pow", "an exponent from 0 up for integers; cast them to a float for others", `${number}`);
    if (number !== y)
      throw new CaptureError(
        "pow",
        "integers to the power of a tensor, or of a static number",
        "one that may be negative in another call",
      );
  }
  return power(x, y);
});

/** √(x² + y²), elementwise with broadcasting, without overflow on the way. At (0, 0) the derivatives are taken as 0. */
export const hypot: Binary = binary("hypot", {
  op: Op.Hypot,
  computes: "float",
  derivative: {
    kind: "elementwise",
    partials: partials(
      (o, [x, y]) => o.gatedMul(x!, o.reciprocal(o.hypot(x!, y!))),
      (o, [x, y]) => o.gatedMul(y!, o.reciprocal(o.hypot(x!, y!))),
    ),
  },
  domain: [
    [
      [-2, 2],
      [0.3, 2],
    ],
    [
      [-2, 2],
      [-2, -0.3],
    ],
  ],
});
