// Elementary functions of big numbers: arguments are brought near 0, where a series in fixed point takes over.

import {
  BITS,
  ONE,
  TWO,
  ZERO,
  abs,
  add,
  big,
  compare,
  div,
  fixed,
  from,
  mul,
  neg,
  round,
  scale,
  scaleOf,
  sqrt,
  sub,
  toNumber,
  type Big,
} from "./big.js";

/** Bits behind the point in series. */
const POINT = BITS + 40;

/** atan(1/n) in fixed point. */
function inverseTangent(n: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= -n * n;
    sum += power / k;
  }
  return sum;
}

/** π with enough bits to reduce the largest double (Machin's formula). */
const PI_BITS = 1400;
const PI_FIXED = 16n * inverseTangent(5n, PI_BITS) - 4n * inverseTangent(239n, PI_BITS);
export const PI: Big = big(PI_FIXED, -PI_BITS);

/** 2 atanh(1/3). */
export const LN2: Big = (() => {
  let power = (2n << BigInt(POINT + 20)) / 3n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= 9n;
    sum += power / k;
  }
  return big(sum, -POINT - 20);
})();

/** e to the x. */
export function exp(x: Big): Big {
  if (scaleOf(x) > 20) return x.m < 0n ? big(1n, -(1 << 20)) : big(1n, 1 << 20);
  const n = round(div(x, LN2));
  const r = fixed(sub(x, mul(big(n, 0), LN2)), POINT) >> 8n;
  let y = series(r);
  for (let i = 0; i < 8; i++) y = (y * y) >> BigInt(POINT);
  return big(y, Number(n) - POINT);
}

/** e to the r in fixed point, for small r. */
function series(r: bigint): bigint {
  let term = 1n << BigInt(POINT);
  let sum = term;
  for (let k = 1n; term > 1n || term < -1n; k++) {
    term = ((term * r) >> BigInt(POINT)) / k;
    sum += term;
  }
  return sum;
}

/** e to the x less 1. */
export function expm1(x: Big): Big {
  if (scaleOf(x) > -12) return sub(exp(x), ONE);
  let term = x;
  let sum = x;
  for (let k = 2n; k < 24n; k++) {
    term = div(mul(term, x), big(k, 0));
    sum = add(sum, term);
  }
  return sum;
}

/** The natural logarithm of a positive number: one step of Halley's on the f64 value. */
export function log(x: Big): Big {
  const e = scaleOf(x);
  const m = scale(x, -e);
  const near = sub(m, ONE);
  if (scaleOf(near) < -12) return add(log1p(near), mul(big(BigInt(e), 0), LN2));
  let y = from(Math.log(toNumber(m)));
  for (let i = 0; i < 2; i++) {
    const z = exp(y);
    y = add(y, scale(div(sub(m, z), add(m, z)), 1));
  }
  return add(y, mul(big(BigInt(e), 0), LN2));
}

/** log(1 + x). */
export function log1p(x: Big): Big {
  if (scaleOf(x) > -12) return log(add(ONE, x));
  const s = div(x, add(TWO, x));
  const z = mul(s, s);
  let term = scale(s, 1);
  let sum = term;
  for (let k = 3n; k < 25n; k += 2n) {
    term = mul(term, z);
    sum = add(sum, div(term, big(k, 0)));
  }
  return sum;
}

/** x less the nearest multiple of π/2, as a fixed-point number, and the quadrant that was taken off. */
function quadrant(x: Big): { rest: bigint; n: number } {
  const half = PI_FIXED >> 1n;
  const exact = x.e + PI_BITS >= 0 ? x.m << BigInt(x.e + PI_BITS) : x.m >> BigInt(-x.e - PI_BITS);
  const n = (2n * exact + half) / (2n * half) - (2n * exact + half < 0n ? 1n : 0n);
  return { rest: exact - n * half, n: Number(((n % 4n) + 4n) % 4n) };
}

/** Sine and cosine. */
export function sincos(x: Big): { sin: Big; cos: Big } {
  if (scaleOf(x) < -110) return { sin: x, cos: ONE };
  const { rest, n } = quadrant(x);
  const r = big(rest, -PI_BITS);
  const z = mul(r, r);
  let s = r;
  let c = ONE;
  let sin = r;
  let cos = ONE;
  for (let k = 1n; k < 26n; k++) {
    c = div(neg(mul(c, z)), big(2n * k * (2n * k - 1n), 0));
    s = div(neg(mul(s, z)), big(2n * k * (2n * k + 1n), 0));
    cos = add(cos, c);
    sin = add(sin, s);
    if (scaleOf(c) < -BITS && scaleOf(s) < scaleOf(sin) - BITS) break;
  }
  if (n === 0) return { sin, cos };
  if (n === 1) return { sin: cos, cos: neg(sin) };
  return n === 2 ? { sin: neg(sin), cos: neg(cos) } : { sin: neg(cos), cos: sin };
}

/** The arc tangent: half-angles until the series converges quickly. */
export function atan(x: Big): Big {
  if (compare(abs(x), ONE) > 0) {
    const rest = atan(div(ONE, x));
    return sub(x.m < 0n ? neg(scale(PI, -1)) : scale(PI, -1), rest);
  }
  let y = x;
  let halves = 0;
  for (; scaleOf(y) > -6; halves++) y = div(y, add(ONE, sqrt(add(ONE, mul(y, y)))));
  const z = mul(y, y);
  let power = y;
  let sum = y;
  for (let k = 3n; scaleOf(power) > scaleOf(y) - BITS && k < 60n; k += 2n) {
    power = neg(mul(power, z));
    sum = add(sum, div(power, big(k, 0)));
  }
  return scale(sum, halves);
}

/** The angle of the point (x, y). */
export function atan2(y: Big, x: Big): Big {
  if (x.m === 0n) return y.m < 0n ? neg(scale(PI, -1)) : y.m > 0n ? scale(PI, -1) : ZERO;
  const angle = atan(div(y, x));
  if (x.m > 0n) return angle;
  return y.m < 0n ? sub(angle, PI) : add(angle, PI);
}

/** x to a whole power. */
export function power(x: Big, n: number): Big {
  let y = ONE;
  for (let bits = n, square = x; bits > 0; bits >>= 1, square = mul(square, square)) if (bits & 1) y = mul(y, square);
  return y;
}
