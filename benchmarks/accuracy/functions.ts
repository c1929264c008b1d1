// What is swept: each function with its promise, its reference in big numbers, and where its arguments are drawn from.

import type { Tensor } from "wengert";
import { ONE, TWO, add, big, div, from, mul, neg, scaleOf, scale, sqrt, sub, toNumber, type Big } from "./big.js";
import { LN2, atan, atan2, exp, expm1, log, log1p, sincos } from "./elementary.js";
import { erf, erfc, erfinv, gelu, geluTanh, lgamma, polygamma } from "./special.js";

export interface Swept {
  /** As in the table of the report. */
  readonly name: string;
  /** The function of the library, where it is not called `name`. */
  readonly call?: (library: Library, ...x: Tensor[]) => Tensor;
  readonly reference: (...x: Big[]) => Big;
  /** Largest error in f32 and in f64, in units in the last place of the exact value. */
  readonly promised: readonly [number, number];
  /** Intervals, one for each argument. Half of the points are spread evenly, half by magnitude. */
  readonly from: readonly (readonly [number, number])[];
  /** Points near which more are drawn: seams, poles, roots. */
  readonly near?: readonly number[];
  /** Errors count in units in the last place of 1 where those of the value are smaller: near roots. */
  readonly absolute?: boolean;
  /** Why some results do not count, and which. */
  readonly except?: { readonly why: string; readonly below: readonly [number, number] };
}

/** The functions of the package by name. */
export type Library = Readonly<Record<string, ((...x: unknown[]) => Tensor) | undefined>>;

const ALL: readonly [number, number] = [-1.7e308, 1.7e308];
const POSITIVE: readonly [number, number] = [0, 1.7e308];
const SUBNORMAL = "results at and below the least normal number do not count";

const half = (x: Big) => scale(x, -1);
const square = (x: Big) => mul(x, x);
const sigmoid = (x: Big) => div(ONE, add(ONE, exp(neg(x))));
/** tanh(x) = t / (t + 2) with t = e^(2x) - 1; on the other side of 0 where that is large. */
function tanh(x: Big): Big {
  if (x.m > 0n) return neg(tanh(neg(x)));
  const t = expm1(scale(x, 1));
  return div(t, add(t, TWO));
}
function sinh(x: Big): Big {
  if (x.m < 0n) return neg(sinh(neg(x)));
  const t = expm1(x);
  return half(add(t, div(t, add(ONE, t))));
}
function asinh(x: Big): Big {
  if (x.m < 0n) return neg(asinh(neg(x)));
  const s = square(x);
  return log1p(add(x, div(s, add(ONE, sqrt(add(ONE, s))))));
}
function softplus(x: Big): Big {
  return x.m > 0n ? add(x, log1p(exp(neg(x)))) : log1p(exp(x));
}
function mish(x: Big): Big {
  if (x.m > 0n && scaleOf(x) > 9) return x;
  const e = exp(x);
  const n = mul(e, add(e, TWO));
  return mul(x, div(n, add(n, TWO)));
}
function cbrt(x: Big): Big {
  let y = from(Math.cbrt(toNumber(x)));
  for (let i = 0; i < 3; i++) y = sub(y, div(sub(y, div(x, square(y))), big(3n, 0)));
  return y;
}
function pow(x: Big, y: Big): Big {
  return exp(mul(y, log(x)));
}
function cosineOf(x: Big): Big {
  return sqrt(mul(sub(ONE, x), add(ONE, x)));
}

/** A function by the name it has in the library. */
function of(
  name: string,
  reference: Swept["reference"],
  ulps: number,
  from: Swept["from"],
  more: Partial<Swept> = {},
): Swept {
  return { name, reference, promised: [ulps, ulps], from, ...more };
}

const QUARTERS = [1, 2, 3, 4, 5, 6, 11, 22, 355, 710, 104348, 208696].map((n) => (n * Math.PI) / 4);

export const functions: readonly Swept[] = [
  of("exp", exp, 1, [[-746, 710]]),
  of("exp2", (x) => exp(mul(x, LN2)), 2, [[-1075, 1024]]),
  of("expm1", expm1, 2, [[-60, 710]]),
  of("log", log, 1, [POSITIVE], { near: [1] }),
  of("log2", (x) => div(log(x), LN2), 2, [POSITIVE], { near: [1] }),
  of("log10", (x) => div(log(x), log(big(10n, 0))), 2, [POSITIVE], { near: [1] }),
  of("log1p", log1p, 2, [[-1, 1.7e308]], { near: [-1] }),
  of("sin", (x) => sincos(x).sin, 2, [ALL], { near: QUARTERS }),
  of("cos", (x) => sincos(x).cos, 2, [ALL], { near: QUARTERS }),
  of("tan", (x) => div(sincos(x).sin, sincos(x).cos), 2, [ALL], { near: QUARTERS }),
  of("asin", (x) => atan2(x, cosineOf(x)), 2, [[-1, 1]], { near: [0.5, -0.5, 1, -1] }),
  of("acos", (x) => atan2(cosineOf(x), x), 2, [[-1, 1]], { near: [0.5, -0.5, 1, -1] }),
  of("atan", atan, 2, [ALL], { near: [0.66, 1.515, 1, -1] }),
  of("atan2", atan2, 2, [ALL, ALL]),
  of("sinh", sinh, 2, [[-710, 710]]),
  of("cosh", (x) => half(add(exp(x), exp(neg(x)))), 2, [[-710, 710]]),
  of("tanh", tanh, 2, [ALL], { near: [0.26, 1] }),
  of("asinh", asinh, 2, [ALL]),
  of("acosh", (x) => log1p(add(sub(x, ONE), sqrt(mul(sub(x, ONE), add(x, ONE))))), 2, [[1, 1.7e308]], { near: [1] }),
  of("atanh", (x) => half(log1p(div(scale(x, 1), sub(ONE, x)))), 2, [[-1, 1]], { near: [0.5, 1, -1] }),
  of("sqrt", sqrt, 0.5, [POSITIVE]),
  of("rsqrt", (x) => div(ONE, sqrt(x)), 2, [POSITIVE]),
  of("cbrt", cbrt, 2, [ALL]),
  of("pow", pow, 2, [POSITIVE, [-8, 8]], { near: [1] }),
  of("hypot", (x, y) => sqrt(add(square(x), square(y))), 2, [ALL, ALL]),
  of("sigmoid", sigmoid, 2, [[-746, 746]]),
  of("softplus", softplus, 2, [[-746, 1000]]),
  of("silu", (x) => mul(x, sigmoid(x)), 2, [[-700, 1000]], { except: { why: SUBNORMAL, below: [1e-36, 1e-305] } }),
  of("mish", mish, 2, [[-700, 1000]], { except: { why: SUBNORMAL, below: [1e-36, 1e-305] } }),
  of("gelu", gelu, 2, [[-38.5, 40]], { near: [-0.7071], except: { why: SUBNORMAL, below: [1e-36, 1e-305] } }),
  of("gelu, tanh", geluTanh, 2, [[-21.5, 40]], {
    call: (w, x) => w.gelu!(x, { approximate: "tanh" }),
    except: { why: SUBNORMAL, below: [1e-36, 1e-305] },
  }),
  of("erf", erf, 2, [[-30, 30]], { near: [1, -1] }),
  of("erfc", erfc, 4, [[-30, 30]], { near: [0.5, -0.5, 1] }),
  of("erfinv", erfinv, 4, [[-1, 1]], { near: [0.25, 0.5, 1, -1] }),
  of("lgamma", lgamma, 4, [[-120, 1e300]], { near: [1, 2, 10, -2, -3, -10, -40, -2.4570247382208006], absolute: true }),
  of("digamma", (x) => polygamma(0, x), 4, [[-120, 1e300]], {
    near: [1, 1.4616321449683623, -1, -2, -10, -0.5040830082644554],
    absolute: true,
  }),
  of("polygamma(1, x)", (x) => polygamma(1, x), 2, [[-100, 1e100]], { call: (w, x) => w.polygamma!(1, x) }),
  of("polygamma(3, x)", (x) => polygamma(3, x), 4, [[-100, 1e60]], { call: (w, x) => w.polygamma!(3, x) }),
];
