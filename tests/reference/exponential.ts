import { elementwise, type References } from "./reference.js";

/** x to the power of y as C99 has it: JavaScript alone makes 1 to the power of NaN or Infinity NaN. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
}

/** x to the power of y in 32 bits. */
function wholePower(x: number, y: number): number {
  if (y < 0) return Math.abs(x) === 1 ? x ** (y & 1) : 0;
  let result = 1;
  for (; y > 0; y >>>= 1) {
    if (y & 1) result = Math.imul(result, x);
    x = Math.imul(x, x);
  }
  return result;
}

/** x e^x, which does not underflow as soon as e^x. */
const timesExp = (x: number) => (x === -Infinity ? -0 : x * Math.exp(x / 2) * Math.exp(x / 2));

function silu(x: number): number {
  return x < 0 ? timesExp(x) / (1 + Math.exp(x)) : x / (1 + Math.exp(-x));
}

/** With f = e^-|x| the powers of e that overflow are divided out. */
function mish(x: number): number {
  const f = Math.exp(-Math.abs(x));
  if (x < 0) return (timesExp(x) * (2 + f)) / (2 + 2 * f + f * f);
  return (x * (1 + 2 * f)) / (1 + 2 * f + 2 * f * f);
}

function halfToEven(x: number): number {
  const low = Math.floor(x);
  const up = x - low > 0.5 || (x - low === 0.5 && low % 2 !== 0);
  return low === x ? x : Math.sign(x) * Math.abs(up ? low + 1 : low);
}

const whole = { integers: ["i32"] } as const;

/** Functions made of powers and logarithms, and rounding. */
export const exponentialReferences = {
  exp2: elementwise(1, (x) => Math.pow(2, x), { ulps: 3 }),
  expm1: elementwise(1, Math.expm1, { ulps: 3 }),
  log2: elementwise(1, Math.log2, { ulps: 3 }),
  log10: elementwise(1, Math.log10, { ulps: 3 }),
  log1p: elementwise(1, Math.log1p, { ulps: 3 }),
  softplus: elementwise(1, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), { ulps: 4 }),
  silu: elementwise(1, silu, { ulps: 5 }),
  mish: elementwise(1, mish, { ulps: 6 }),

  sinh: elementwise(1, Math.sinh, { ulps: 4 }),
  cosh: elementwise(1, Math.cosh, { ulps: 4 }),
  asinh: elementwise(1, Math.asinh, { ulps: 4 }),
  acosh: elementwise(1, Math.acosh, { ulps: 4 }),
  atanh: elementwise(1, Math.atanh, { ulps: 4 }),

  pow: elementwise(2, power, { ulps: 4, ...whole, i32: wholePower }),
  hypot: elementwise(2, Math.hypot, { ulps: 3 }),
  cbrt: elementwise(1, Math.cbrt, { ulps: 3 }),
  rsqrt: elementwise(1, (x) => 1 / Math.sqrt(x), { ulps: 2 }),

  floor: elementwise(1, Math.floor, whole),
  ceil: elementwise(1, Math.ceil, whole),
  round: elementwise(1, halfToEven, whole),
  trunc: elementwise(1, Math.trunc, whole),
} satisfies Partial<References>;
