import { broadcast, build, getBroadcast, type Plain } from "../support/plain.js";
import { digamma, erf, erfc, erfinv, gelu, geluSlope, geluTanh, lgamma, polygamma } from "../support/special.js";
import { elementwise, type References } from "./reference.js";

/** What is exact near its roots in absolute terms: the units are those of the value, and of 1 at least. */
function absolute(f: (x: number) => number) {
  return {
    scale: ([x]: readonly Plain[]): Plain => ({
      shape: x!.shape,
      data: x!.data.map((value) => Math.max(1, Math.abs(f(value)))),
    }),
  };
}

/** Trigonometric and special functions. */
export const specialReferences = {
  tan: elementwise(1, Math.tan, { ulps: 4 }),
  asin: elementwise(1, Math.asin, { ulps: 4 }),
  acos: elementwise(1, Math.acos, { ulps: 4 }),
  atan: elementwise(1, Math.atan, { ulps: 4 }),
  atan2: elementwise(2, Math.atan2, { ulps: 4 }),
  erf: elementwise(1, erf, { ulps: 6 }),
  erfc: elementwise(1, erfc, { ulps: 12 }),
  erfinv: elementwise(1, erfinv, { ulps: 10 }),
  lgamma: elementwise(1, lgamma, { ulps: 12, ...absolute(lgamma) }),
  digamma: elementwise(1, digamma, { ulps: 12, ...absolute(digamma) }),
  gelu: elementwise(1, gelu, { ulps: 20 }),
  geluSlope: elementwise(1, geluSlope, { ulps: 12, ...absolute(geluSlope) }),
  geluTanh: elementwise(1, geluTanh, { ulps: 20 }),
  polygamma: {
    value(inputs) {
      const [n, x] = inputs as [Plain, Plain];
      return build(broadcast(n.shape, x.shape)!, (at) => polygamma(getBroadcast(n, at), getBroadcast(x, at)));
    },
    ulps: 20,
    large: [1, 3, 4, 5, 17].map((length) => ({
      inputs: [
        { shape: [length], dtype: "i32", range: [1, 4] },
        { shape: [length], range: [0.1, 20] },
      ],
      params: null,
    })),
  },
} satisfies Partial<References>;
