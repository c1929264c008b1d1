// Linear systems: Gaussian elimination with row pivoting, triangular systems, and the factor of Cholesky.

import { Triangle } from "../../abi/form";
import { Status } from "../../abi/status";
import { fail, tick } from "../../control";
import { addTimes, divide, dot, rotate } from "./vectors";

const EPSILON: f64 = 2.220446049250313e-16;

/** What elimination does with a pivot of 0. */
export const enum Pivot {
  /** Such a matrix is refused; so is one whose pivot is no more than the rounding error of its computing. */
  Refuse,
  /** It stays. */
  Keep,
  /** It becomes a tiny number: of a matrix about as large as 1, cofactors hardly differ. */
  Replace,
}

const TINY: f64 = 6.223015277861142e-61; // 2^-200

/**
 * Makes the first n columns of n rows of `width` numbers upper triangular; below the diagonal stand the multipliers. Of two rows
 * that change places one is negated, so the determinant is the product of the pivots, and the equations stay true.
 */
export function eliminate(w: usize, n: usize, width: usize, zero: Pivot, matrix: usize): i32 {
  const step = width << 3;
  for (let k: usize = 0; k < n; k++) {
    tick();
    const row = w + k * step;
    const head = row + (k << 3);
    let best = head;
    for (let i = k + 1, slot = head + step; i < n; i++) {
      if (abs(load<f64>(slot)) > abs(load<f64>(best))) best = slot;
      slot += step;
    }
    if (best != head) rotate(row, best - (k << 3), 0, 1, width);
    let pivot = load<f64>(head);
    if (zero == Pivot.Refuse) {
      let error: f64 = 0;
      for (let i: usize = 0; i < k; i++) error += abs(load<f64>(row + (i << 3)) * load<f64>(w + i * step + (k << 3)));
      if (abs(pivot) <= EPSILON * error) return fail(Status.Singular, k, pivot, matrix);
    } else if (pivot == 0) {
      if (zero == Pivot.Keep) continue;
      store<f64>(head, (pivot = TINY));
    }
    for (let i = k + 1; i < n; i++) {
      const other = w + i * step + (k << 3);
      const factor = load<f64>(other) / pivot;
      store<f64>(other, factor);
      if (factor != 0) addTimes(other + 8, -factor, head + 8, width - k - 1);
    }
  }
  return Status.Ok;
}

/** The product of the diagonal. */
export function diagonalProduct(w: usize, n: usize, step: usize): f64 {
  let product: f64 = 1;
  for (; n; n--) {
    product *= load<f64>(w);
    w += step + 8;
  }
  return product;
}

/**
 * Solves T x = b in the place of b, n rows of `width` numbers: T is a triangle of n rows. Rows of both lie `step` and `stepB`
 * bytes apart.
 */
// prettier-ignore
export function solveTriangle(
  t: usize, step: usize, b: usize, stepB: usize, n: usize, width: usize, flags: u32, matrix: usize,
): i32 {
  for (let done: usize = 0; done < n; done++) {
    tick();
    const upper = flags & Triangle.Upper;
    const i = upper ? n - 1 - done : done;
    const row = t + i * step;
    const x = b + i * stepB;
    for (let j = upper ? i + 1 : 0, end = upper ? n : i; j < end; j++) {
      const factor = load<f64>(row + (j << 3));
      if (factor != 0) addTimes(x, -factor, b + j * stepB, width);
    }
    if (flags & Triangle.Unit) continue;
    const pivot = load<f64>(row + (i << 3));
    if (pivot == 0) return fail(Status.Singular, i, pivot, matrix);
    divide(x, pivot, width);
  }
  return Status.Ok;
}

/** Puts L with L Lᵀ = A in the place of the symmetric A, [n, n]; zeros above. */
export function cholesky(w: usize, n: usize, matrix: usize): i32 {
  for (let i: usize = 0; i < n; i++) {
    tick();
    const row = w + ((i * n) << 3);
    for (let j: usize = 0; j <= i; j++) {
      const other = w + ((j * n) << 3);
      const rest = load<f64>(row + (j << 3)) - dot(row, other, j);
      if (j < i) {
        store<f64>(row + (j << 3), rest / load<f64>(other + (j << 3)));
        store<f64>(other + (i << 3), 0);
      } else if (rest > 0) store<f64>(row + (j << 3), sqrt(rest));
      else return fail(Status.NotPositive, i, rest, matrix);
    }
  }
  return Status.Ok;
}
