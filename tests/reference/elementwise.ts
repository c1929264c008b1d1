import { broadcast, build, getBroadcast } from "../support/plain.js";
import { elementwise, type References } from "./reference.js";

const number = { integers: ["i32"] } as const;
const any = { integers: ["i32", "u8", "bool"] } as const;

/** Arithmetic, comparisons and choice. */
export const elementwiseReferences = {
  neg: elementwise(1, (x) => -x, number),
  abs: elementwise(1, Math.abs, number),
  sign: elementwise(1, Math.sign, number),
  square: elementwise(1, (x) => x * x, { ...number, i32: (x) => Math.imul(x, x) }),
  reciprocal: elementwise(1, (x) => 1 / x),
  sqrt: elementwise(1, Math.sqrt),
  exp: elementwise(1, Math.exp, { ulps: 3 }),
  log: elementwise(1, Math.log, { ulps: 3 }),
  sin: elementwise(1, Math.sin, { ulps: 4 }),
  cos: elementwise(1, Math.cos, { ulps: 4 }),
  tanh: elementwise(1, Math.tanh, { ulps: 8 }),
  sigmoid: elementwise(1, (x) => 1 / (1 + Math.exp(-x)), { ulps: 5 }),
  relu: elementwise(1, (x) => (x > 0 || Number.isNaN(x) ? x : 0)),

  add: elementwise(2, (x, y) => x + y, number),
  sub: elementwise(2, (x, y) => x - y, number),
  mul: elementwise(2, (x, y) => x * y, { ...number, i32: Math.imul }),
  div: elementwise(2, (x, y) => x / y),
  maximum: elementwise(2, Math.max, number),
  minimum: elementwise(2, Math.min, number),
  gatedMul: elementwise(2, (x, y) => (x === 0 ? 0 : x * y)),

  eq: elementwise(2, (x, y) => Number(x === y), any),
  ne: elementwise(2, (x, y) => Number(x !== y), any),
  lt: elementwise(2, (x, y) => Number(x < y), any),
  le: elementwise(2, (x, y) => Number(x <= y), any),
  gt: elementwise(2, (x, y) => Number(x > y), any),
  ge: elementwise(2, (x, y) => Number(x >= y), any),

  where: {
    value(inputs) {
      const [condition, x, y] = inputs as [(typeof inputs)[0], (typeof inputs)[0], (typeof inputs)[0]];
      const shape = broadcast(condition.shape, x.shape, y.shape)!;
      return build(shape, (at) => getBroadcast(getBroadcast(condition, at) !== 0 ? x : y, at));
    },
    ...any,
    large: [3, 4, 5, 16, 33].map((length) => ({
      inputs: [{ shape: [length], dtype: "bool" }, { shape: [length] }, { shape: [length] }],
      params: null,
    })),
  },
} satisfies Partial<References>;
