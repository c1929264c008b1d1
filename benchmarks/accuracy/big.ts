// Floating-point numbers with some 220 bits, on BigInt: slow, plain, and independent of Math's functions.

/** The number m * 2^e. */
export interface Big {
  readonly m: bigint;
  readonly e: number;
}

/** Bits that results are cut to. */
export const BITS = 220;

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** Exponent of the leading bit of a double, as `Math.log2` but exact: 0 for 1 <= |x| < 2. */
export function exponentOf(x: number): number {
  scratch[0] = x;
  const biased = (words[1]! >>> 20) & 0x7ff;
  return biased > 0 ? biased - 1023 : x === 0 ? -Infinity : exponentOf(x * 2 ** 64) - 64;
}

/** Bits in a whole number, give or take one. */
function lengthOf(m: bigint): number {
  let more = 0;
  while (m > LARGE || m < -LARGE) {
    m >>= 512n;
    more += 512;
  }
  return m === 0n ? 0 : more + exponentOf(Number(m)) + 1;
}
const LARGE = 1n << 1000n;

/** m * 2^e, cut to the bits that are kept. */
export function big(m: bigint, e: number): Big {
  const excess = lengthOf(m) - BITS;
  return excess > 32 ? { m: m >> BigInt(excess), e: e + excess } : { m, e };
}

/** A double, exactly. */
export function from(x: number): Big {
  if (x === 0) return ZERO;
  const e = Math.max(exponentOf(x), -1022) - 52;
  const half = Math.trunc(e / 2);
  return { m: BigInt(x * 2 ** -half * 2 ** (half - e)), e };
}

export const ZERO: Big = { m: 0n, e: 0 };
export const ONE: Big = { m: 1n, e: 0 };
export const TWO: Big = { m: 1n, e: 1 };
export const HALF: Big = { m: 1n, e: -1 };

/** The nearest double but for the last bit; infinite or 0 beyond the range. */
export function toNumber(x: Big): number {
  const excess = Math.max(0, lengthOf(x.m) - 64);
  const top = Number(x.m >> BigInt(excess));
  const e = x.e + excess;
  const half = Math.trunc(e / 2);
  return top * 2 ** Math.max(-1000, half) * 2 ** Math.max(-1000, e - half);
}

/** The exponent of the leading bit; one too low for a number just below a power of two, if anything. */
export function scaleOf(x: Big): number {
  const excess = Math.max(0, lengthOf(x.m) - 200);
  return x.m === 0n ? -Infinity : exponentOf(Number(x.m >> BigInt(excess))) + excess + x.e;
}

export function neg(x: Big): Big {
  return { m: -x.m, e: x.e };
}

export function abs(x: Big): Big {
  return x.m < 0n ? neg(x) : x;
}

export function add(x: Big, y: Big): Big {
  if (x.m === 0n) return y;
  if (y.m === 0n) return x;
  const [high, low] = x.e >= y.e ? [x, y] : [y, x];
  const shift = high.e - low.e;
  // What lies far below the last bit of the other is nothing.
  if (shift > 4 * BITS && lengthOf(low.m) + BITS < shift) return high;
  return big((high.m << BigInt(shift)) + low.m, low.e);
}

export function sub(x: Big, y: Big): Big {
  return add(x, neg(y));
}

export function mul(x: Big, y: Big): Big {
  return big(x.m * y.m, x.e + y.e);
}

export function div(x: Big, y: Big): Big {
  const shift = Math.max(0, BITS + 8 + lengthOf(y.m) - lengthOf(x.m));
  return big((x.m << BigInt(shift)) / y.m, x.e - y.e - shift);
}

/** x * 2^n. */
export function scale(x: Big, n: number): Big {
  return { m: x.m, e: x.e + n };
}

export function sqrt(x: Big): Big {
  if (x.m <= 0n) return ZERO;
  let shift = Math.max(0, 2 * BITS + 8 - lengthOf(x.m));
  if ((x.e - shift) % 2 !== 0) shift++;
  const m = x.m << BigInt(shift);
  let root = 1n << BigInt((lengthOf(m) >> 1) + 1);
  for (;;) {
    const next = (root + m / root) >> 1n;
    if (next >= root) return big(root, (x.e - shift) / 2);
    root = next;
  }
}

/** -1, 0 or 1 as x is below, equal to or above y. */
export function compare(x: Big, y: Big): number {
  const { m } = sub(x, y);
  return m < 0n ? -1 : m > 0n ? 1 : 0;
}

/** x as a fixed-point number with so many bits behind the point. */
export function fixed(x: Big, bits: number): bigint {
  const shift = x.e + bits;
  return shift >= 0 ? x.m << BigInt(shift) : x.m >> BigInt(-shift);
}

/** The nearest whole number. */
export function round(x: Big): bigint {
  return (fixed(x, 1) + 1n) >> 1n;
}
