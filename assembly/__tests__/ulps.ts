// How far a number is from the exact value.

/**
 * The distance of y from the exact value, in units in the last place of T at the value; infinite where only one of them
 * is NaN, or infinite after rounding, or where zeros differ in sign.
 */
export function ulps<T>(y: T, exact: f64): f64 {
  const rounded = <T>exact;
  if (y == rounded && !isFinite<T>(y)) return 0;
  if (y != y && exact != exact) return 0;
  if (!isFinite<T>(y) || !isFinite<T>(rounded)) return Infinity;
  if (exact == 0) return y == 0 && 1 / <f64>y == 1 / exact ? 0 : Infinity;
  const exponent = <i32>((reinterpret<u64>(exact) >> 52) & 0x7ff) - 1023;
  const last = sizeof<T>() == 4 ? max(exponent, -126) - 23 : max(exponent, -1022) - 52;
  // In two factors, since the inverse of the smallest unit is no f64.
  const half = last >> 1;
  return abs(<f64>y - exact) * power(-half) * power(half - last);
}

/** 2^n. */
function power(n: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + n)) << 52);
}
