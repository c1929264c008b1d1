// Errors in units in the last place.

import { exponentOf, from, scale, scaleOf, sub, toNumber, type Big } from "./big.js";
import type { DType } from "./points.js";

/** Exponents of the last place of 1, of the least normal number, and of what is just too large. */
const FORMAT = { f32: { digits: 23, least: -126, most: 128 }, f64: { digits: 52, least: -1022, most: 1024 } } as const;

/** The unit in the last place of an f32, or of an f64 that is not tiny. */
export function lastPlace(value: number, dtype: DType): number {
  const { digits, least } = FORMAT[dtype];
  return 2 ** (Math.max(exponentOf(value), least) - digits);
}

/** How far y is from the exact value. */
export function ulpsOf(y: number, exact: Big, dtype: DType, absolute: boolean): number {
  const { digits, least, most } = FORMAT[dtype];
  const exponent = scaleOf(exact);
  if (exponent >= most) return Math.abs(y) === Infinity && Math.sign(y) === (exact.m < 0n ? -1 : 1) ? 0 : Infinity;
  // The largest numbers may round to infinity.
  if (Math.abs(y) === Infinity)
    return exponent === most - 1 && toNumber(scale(exact, -exponent)) > 2 - 2 ** -digits ? 0 : Infinity;
  if (Number.isNaN(y)) return Infinity;
  const last = Math.max(exponent, least, absolute ? 0 : -Infinity) - digits;
  return Math.abs(toNumber(scale(sub(from(y), exact), -last)));
}
