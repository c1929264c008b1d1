import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions, optionsOf } from "../../core/options.js";
import { isNumber } from "../../core/values/weak.js";
import { inNameOf, ValueError } from "../../errors.js";
import {
  add as sum,
  div as quotient,
  gt,
  mul,
  sub as difference,
  where,
} from "../../primitives/elementwise/arithmetic.js";
import { castTo, meet, operation, type Operation } from "../../primitives/define.js";
import { softplus as softplusRow } from "../../primitives/elementwise/exponential.js";
import { round as nearest, trunc } from "../../primitives/elementwise/rounding.js";
import { floorDivide } from "./elementwise.js";
import { wholeQuotient } from "./quotient.js";

// Primitives with the options that PyTorch gives them: what is called without them is the primitive.

/** Options of `add` and `sub`. A number in their place, which `list.reduce(add)` passes, is not looked at. */
export interface AlphaOptions {
  /** What y is multiplied by first. Default 1. */
  alpha?: number;
}

function scaled(operation: string, y: TensorLike, options: AlphaOptions | number | undefined): TensorLike {
  if (options === undefined || typeof options === "number") return y;
  checkOptions(operation, options, { alpha: 0 });
  const { alpha } = options;
  if (alpha === undefined) return y;
  return typeof y === "number" ? y * alpha : inNameOf(operation, () => mul(y, alpha));
}

type Scaled = (x: TensorLike, y: TensorLike, options?: AlphaOptions | number) => Tensor;

/** Sum x + alpha y of two tensors, elementwise with broadcasting. */
export const add: Operation<Scaled> = operation<Scaled, null>(sum.primitive, (x, y, options) =>
  sum(x, scaled("add", y, options)),
);

/** Difference x - alpha y, elementwise with broadcasting. */
export const sub: Operation<Scaled> = operation<Scaled, null>(difference.primitive, (x, y, options) =>
  difference(x, scaled("sub", y, options)),
);

/** Options of `div`. */
export interface DivOptions {
  /** Rounds the quotient toward 0 or down; integers then stay integers, and give 0 where they are divided by 0. Default: not at all. */
  roundingMode?: "trunc" | "floor" | null;
}

/** Quotient x / y, elementwise with broadcasting. Integers are divided as floats, unless the quotient is rounded. */
export const div: Operation<(x: TensorLike, y: TensorLike, options?: DivOptions) => Tensor> = operation(
  quotient.primitive,
  (x: TensorLike, y: TensorLike, options?: DivOptions) => {
    if (options === undefined) return quotient(x, y);
    const { roundingMode: mode } = optionsOf("div", options, { roundingMode: null });
    if (mode === null) return quotient(x, y);
    if (mode === "floor") return inNameOf("div", () => floorDivide(x, y));
    if (mode === "trunc") {
      const [a, b] = meet("div", x, y);
      return a.type.float ? trunc(quotient(a, b)) : wholeQuotient(a, b, trunc);
    }
    throw new ValueError("div", 'roundingMode "trunc" or "floor"', String(mode));
  },
);

/** Options of `round`. */
export interface RoundOptions {
  /** How many digits behind the point stay; below 0, how many before it become 0. Default 0. */
  decimals?: number;
}

/** The nearest number of so many decimals, by default integer, halves to the even one, elementwise, in x's type. Its derivative is 0. */
export const round: Operation<(x: TensorLike, options?: RoundOptions) => Tensor> = operation(
  nearest.primitive,
  (x: TensorLike, options?: RoundOptions) => {
    const { decimals } = optionsOf("round", options, { decimals: 0 });
    if (decimals === 0) return nearest(x);
    checkWhole("round", "number of decimals", decimals);
    const scale = Number(`1e${Math.abs(decimals)}`);
    if (!isNumber(x)) {
      const t = asTensor("round", x);
      if (!t.type.float && !t.type.half) {
        // In f64, which holds them all; they have no digits behind the point.
        if (decimals > 0) return nearest(t);
        return castTo(mul(nearest(quotient(castTo(t, "f64"), scale)), scale), "i32");
      }
    }
    return decimals > 0 ? quotient(nearest(mul(x, scale)), scale) : mul(nearest(quotient(x, scale)), scale);
  },
);

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
  beta?: number;
  /** Where beta x is above this, the result is x. Default 20 beside a beta, else nowhere. */
  threshold?: number;
}

/** log(1 + e^(beta x)) / beta, elementwise: a smooth max(x, 0). Does not overflow. */
export const softplus: Operation<(x: TensorLike, options?: SoftplusOptions) => Tensor> = operation(
  softplusRow.primitive,
  (x: TensorLike, options?: SoftplusOptions) => {
    if (options === undefined) return softplusRow(x);
    checkOptions("softplus", options, { beta: 0, threshold: 0 });
    const { beta = 1, threshold = beta === 1 ? Infinity : 20 } = options;
    if (beta === 1 && threshold === Infinity) return softplusRow(x);
    return inNameOf("softplus", () => {
      const z = mul(x, beta);
      return where(gt(z, threshold), x, quotient(softplusRow(z), beta));
    });
  },
);
