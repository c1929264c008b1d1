import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import { encodeMap } from "../../core/encode/encode.js";
import type { Primitive, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { checkChoice, optionsOf } from "../../core/options.js";
import { broadcastShapes } from "../../core/shape.js";
import {
  expandTracked,
  float,
  internal,
  operation,
  sample,
  unary,
  type Internal,
  type Operation,
  type Unary,
} from "../define.js";

/** The error function 2/√π ∫₀ˣ e^(-t²) dt, elementwise. Odd, bounded by [-1, 1]. */
export const erf: Unary = unary("erf", {
  op: Op.Erf,
  partial: (o, x) => o.mul(TWO_OVER_ROOT_PI, o.exp(o.neg(o.square(held(o, x))))), // 2/√π e^(-x²)
  domain: [[-3, 3]],
});

/** The complementary error function 1 - erf(x), elementwise, without cancellation for large x. */
export const erfc: Unary = unary("erfc", {
  op: Op.Erfc,
  partial: (o, x) => o.mul(-TWO_OVER_ROOT_PI, o.exp(o.neg(o.square(held(o, x))))), // -2/√π e^(-x²)
  domain: [[-3, 3]],
});

/** The inverse of the error function, elementwise: infinite at -1 and 1, NaN beyond. */
export const erfinv: Unary = unary("erfinv", {
  op: Op.Erfinv,
  // √π/2 e^(y²), in terms of the output
  partial: (o, _, y) => o.div(1 / TWO_OVER_ROOT_PI, o.exp(o.neg(o.square(held(o, y))))),
  singular: true,
  domain: [[-0.9, 0.9]],
});

/** log |Γ(x)|, elementwise: Infinity at 0 and the negative integers. */
export const lgamma: Unary = unary("lgamma", {
  op: Op.Lgamma,
  partial: (o, x) => o.digamma(x),
  singular: true,
  domain: [
    [0.3, 6],
    [-0.8, -0.2],
    [-2.8, -2.2],
  ],
});

/** The derivative of log Γ(x), elementwise: infinite at 0, NaN at the negative integers. */
export const digamma: Unary = unary("digamma", {
  op: Op.Digamma,
  partial: (o, x) => o.polygamma(1, x),
  singular: true,
  domain: [
    [0.3, 6],
    [-0.8, -0.2],
    [-2.8, -2.2],
  ],
});

const derivatives: Primitive<null> = {
  name: "polygamma",
  infer: ([n, x]) => ({ shape: broadcastShapes("polygamma", n!.shape, x!.shape), dtype: x!.dtype }),
  encode: (tape, out, inputs) => encodeMap(tape, Op.Polygamma, out.type.code, 0, out, inputs),
  batch: "elementwise",
  derivative: { kind: "elementwise", partials: [null, (o, [n, x]) => o.polygamma(o.add(n!, 1), x!)], singular: true },
  samples: () =>
    [
      { orders: [1, 3] as const, range: [0.5, 5] as const },
      { orders: [0, 2] as const, range: [-1.8, -1.2] as const },
    ].flatMap(({ orders, range }) =>
      [[2, 3], []].map((shape) =>
        sample([
          { shape, dtype: "i32", range: orders },
          { shape, range },
        ]),
      ),
    ),
};

/**
 * The n-th derivative of the digamma function at x, elementwise with broadcasting; n is an i32 tensor, or a number. NaN
 * unless n is from 0 to 100. Users call `polygamma` of functions/elementwise/special.ts.
 */
export const polygamma: Internal<(n: TensorLike, x: TensorLike) => Tensor> = internal(
  derivatives,
  (n: TensorLike, x: TensorLike) => {
    const argument = float(asTensor("polygamma", x));
    const orders = typeof n === "number" ? constant(n, "i32") : asTensor("polygamma", n);
    return apply(
      derivatives,
      [orders, expandTracked(argument, derivatives.infer([orders, argument], null).shape)],
      null,
    );
  },
);

/** How `gelu` computes. */
export interface GeluOptions {
  /** "none" (default): by the error function. "tanh": the approximation that older models were trained with. */
  readonly approximate?: "none" | "tanh";
}

const exact: Unary = unary("gelu", {
  op: Op.Gelu,
  partial: (o, x) => o.geluSlope(x),
  domain: [[-4, 4]],
});

const slope: Unary = unary("geluSlope", {
  op: Op.GeluSlope,
  // φ(x) (2 - x²), with the density of the normal distribution
  partial(o, x) {
    const square = o.square(held(o, x));
    const density = o.mul(0.5 * TWO_OVER_ROOT_PI * Math.SQRT1_2, o.exp(o.mul(-0.5, square)));
    return o.mul(density, o.sub(2, square));
  },
  domain: [[-4, 4]],
});

/** The slope Φ(x) + x φ(x) of `gelu`, with the distribution function and the density of the normal distribution. */
export const geluSlope: Internal<(x: TensorLike) => Tensor> = internal(slope.primitive, slope);

const approximation: Unary = unary("geluTanh", {
  op: Op.GeluTanh,
  // s + x s (1 - s) v', where s = 1 / (1 + e^-v) and v = 2 √(2/π) (x + 0.044715 x³)
  partial: (o, x) => {
    const z = held(o, x); // Beyond, s is exactly 0 or 1.
    const square = o.square(z);
    const s = o.sigmoid(o.mul(z, o.add(GELU_A, o.mul(GELU_B, square))));
    const slope = o.add(GELU_A, o.mul(3 * GELU_B, square));
    return o.mul(s, o.add(1, o.mul(o.mul(z, slope), o.sub(1, s))));
  },
  domain: [[-4, 4]],
});

/** The approximation x / (1 + e^-v), v = 2 √(2/π) (x + 0.044715 x³), of `gelu`, whose other form it is. */
export const geluTanh: Internal<(x: TensorLike) => Tensor> = internal(approximation.primitive, approximation);

/**
 * The Gaussian error linear unit x Φ(x), elementwise; Φ is the normal distribution function. With
 * `{ approximate: "tanh" }` it is x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. Source: Hendrycks and Gimpel (2016).
 *
 * @throws ValueError if `approximate` is something else
 */
export const gelu: Operation<(x: TensorLike, options?: GeluOptions) => Tensor> = operation(
  exact.primitive,
  (x: TensorLike, options?: GeluOptions) => {
    const { approximate } = optionsOf("gelu", options, { approximate: "none" });
    checkChoice("gelu", "approximate", approximate, ["none", "tanh"]);
    return approximate === "none" ? exact(x) : approximation(asTensor("gelu", x));
  },
);

/** x held where e^(-x²) and the like are exactly 0 already: at the infinities there is no 0 · ∞ in any derivative. */
function held(o: Operations, x: Tensor): Tensor {
  return o.minimum(o.maximum(x, -40), 40);
}

const TWO_OVER_ROOT_PI = 1.1283791670955126;
/** 2 √(2/π), and 0.044715 times that. */
const GELU_A = 1.5957691216057308;
const GELU_B = 0.07135481627260025;
