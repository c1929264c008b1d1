// The exponential of a matrix.

import { tick } from "../../control";
import { addToDiagonal } from "./matrices";
import { addTimes } from "./vectors";

/** Terms of the series: what follows is below the rounding of 1 for a norm of 1/2. */
const TERMS = 14;

/**
 * e^x, [n, n], by Taylor's series of x / 2^s, whose norm is at most 1/2, and s squarings (Moler and Van Loan 2003, method 3). Behind x is
 * room for two more matrices; the address of the one that holds the result.
 */
export function exponential(x: usize, n: usize): usize {
  const bytes = (n * n) << 3;
  let norm: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    let sum: f64 = 0;
    for (let j: usize = 0; j < n; j++) sum += abs(load<f64>(x + ((i * n + j) << 3)));
    norm = max(norm, sum);
  }
  let squarings = 0;
  let scale: f64 = 1;
  for (; norm > 0.5 && norm < Infinity; squarings++) {
    norm *= 0.5;
    scale *= 0.5;
  }
  let p = x + bytes;
  let next = p + bytes;
  // P = I + x P / k for k from TERMS to 1.
  memory.fill(p, 0, bytes);
  addToDiagonal(p, n, n << 3, 1);
  for (let k = TERMS; k; k--) {
    multiply(next, x, p, n, scale / <f64>k);
    addToDiagonal(next, n, n << 3, 1);
    const other = p;
    p = next;
    next = other;
  }
  for (; squarings; squarings--) {
    multiply(next, p, p, n, 1);
    const other = p;
    p = next;
    next = other;
  }
  return p;
}

/** c = a b scale, all [n, n]. */
function multiply(c: usize, a: usize, b: usize, n: usize, scale: f64): void {
  const line = n << 3;
  memory.fill(c, 0, n * line);
  for (let i: usize = 0; i < n; i++) {
    tick();
    for (let j: usize = 0; j < n; j++) addTimes(c, load<f64>(a + (j << 3)) * scale, b + j * line, n);
    a += line;
    c += line;
  }
}
