// Matrices between their tensors and the working memory, where all numbers are f64.

import { DType } from "../../abi/dtype";

/**
 * Reads [rows, columns] of a tensor into memory whose rows and columns lie so many bytes apart; the address behind what was read.
 */
// prettier-ignore
export function read(
  x: usize, dtype: i32, to: usize, rows: usize, columns: usize, rowStep: usize, columnStep: usize,
): usize {
  for (; rows; rows--) {
    let slot = to;
    for (let n = columns; n; n--) {
      if (dtype == DType.F32) {
        store<f64>(slot, <f64>load<f32>(x));
        x += 4;
      } else {
        store<f64>(slot, load<f64>(x));
        x += 8;
      }
      slot += columnStep;
    }
    to += rowStep;
  }
  return x;
}

/** Writes [rows, columns] to a tensor, from such memory; the address behind what was written. */
// prettier-ignore
export function write(
  out: usize, dtype: i32, from: usize, rows: usize, columns: usize, rowStep: usize, columnStep: usize,
): usize {
  for (; rows; rows--) {
    let slot = from;
    for (let n = columns; n; n--) {
      if (dtype == DType.F32) {
        store<f32>(out, <f32>load<f64>(slot));
        out += 4;
      } else {
        store<f64>(out, load<f64>(slot));
        out += 8;
      }
      slot += columnStep;
    }
    from += rowStep;
  }
  return out;
}

/** Puts (A + Aᵀ) / 2 in the place of A, [n, n] with rows so many bytes apart. */
export function symmetrise(a: usize, n: usize, step: usize): void {
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j < i; j++) {
      const lower = a + i * step + (j << 3);
      const upper = a + j * step + (i << 3);
      // Halves first: a sum may overflow.
      const mean = load<f64>(lower) * 0.5 + load<f64>(upper) * 0.5;
      store<f64>(lower, mean);
      store<f64>(upper, mean);
    }
  }
}

/** Adds a number to the diagonal. */
export function addToDiagonal(a: usize, n: usize, step: usize, value: f64): void {
  for (; n; n--) {
    store<f64>(a, load<f64>(a) + value);
    a += step + 8;
  }
}

/**
 * Divides rows of a length by a power of two, about their largest magnitude, so that squares neither overflow nor vanish; this power.
 */
export function normalise(a: usize, rows: usize, length: usize, step: usize): f64 {
  let most: f64 = 0;
  for (let i: usize = 0; i < rows; i++)
    for (let j: usize = 0; j < length; j++) most = max(most, abs(load<f64>(a + i * step + (j << 3))));
  // Its exponent alone; of 0, NaN, infinities and what is too small or large to be inverted exactly, 1.
  const bits = reinterpret<u64>(most) & 0x7ff0000000000000;
  const power = bits - 0x0010000000000000 < 0x7fc0000000000000 ? reinterpret<f64>(bits) : 1;
  for (let i: usize = 0; i < rows; i++)
    for (let j: usize = 0; j < length; j++) {
      const slot = a + i * step + (j << 3);
      store<f64>(slot, load<f64>(slot) / power);
    }
  return power;
}
