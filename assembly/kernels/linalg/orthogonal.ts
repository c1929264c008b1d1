// Orthogonal factors, of matrices that lie in memory column by column: n columns of m >= n numbers, so many bytes apart.

import { tick } from "../../control";
import { addTimes, divide, dot, rotate } from "./vectors";

/**
 * QR by Householder's reflections (Golub and Van Loan 2013, 5.2). Leaves R above the diagonal, and in the place of the rest of each
 * column the vector v of its reflection I - f v vᵀ. At `factors` are n such f, and behind them the n numbers of R's diagonal.
 */
export function reflect(w: usize, m: usize, n: usize, step: usize, factors: usize): void {
  for (let j: usize = 0; j < n; j++) {
    tick();
    const v = w + j * step + (j << 3);
    const length = m - j;
    const norm = sqrt(dot(v, v, length));
    let factor: f64 = 0;
    if (norm != 0) {
      divide(v, norm, length);
      const first = load<f64>(v);
      factor = 1 / (1 + abs(first));
      store<f64>(v, first + (first < 0 ? -1 : 1));
      store<f64>(factors + ((n + j) << 3), first < 0 ? norm : -norm);
    } else store<f64>(factors + ((n + j) << 3), 0);
    store<f64>(factors + (j << 3), factor);
    for (let i = j + 1; i < n; i++) reflectOne(w + i * step + (j << 3), v, factor, length);
  }
}

// @ts-ignore: decorator
@inline
function reflectOne(x: usize, v: usize, factor: f64, length: usize): void {
  addTimes(x, -factor * dot(v, x, length), v, length);
}

/** The first `columns` columns of the product of these reflections, contiguous; those of R's negative numbers are negated. */
// prettier-ignore
export function orthogonal(
  q: usize, columns: usize, w: usize, m: usize, n: usize, step: usize, factors: usize,
): void {
  memory.fill(q, 0, (columns * m) << 3);
  for (let i: usize = 0; i < columns; i++) {
    tick();
    const x = q + ((i * m) << 3);
    store<f64>(x + (i << 3), i < n && load<f64>(factors + ((n + i) << 3)) < 0 ? -1 : 1);
    // Those behind column i leave its unit vector as it is.
    for (let j = min(i + 1, n); j; j--) {
      const at = (j - 1) << 3;
      reflectOne(x + at, w + (j - 1) * step + at, load<f64>(factors + at), m - j + 1);
    }
  }
}

/** Writes R with a diagonal >= 0 below and above itself, [n, n], row by row. */
export function triangle(r: usize, w: usize, n: usize, step: usize, factors: usize): void {
  memory.fill(r, 0, (n * n) << 3);
  for (let i: usize = 0; i < n; i++) {
    const diagonal = load<f64>(factors + ((n + i) << 3));
    store<f64>(r + ((i * n + i) << 3), abs(diagonal));
    for (let j = i + 1; j < n; j++) {
      const value = load<f64>(w + j * step + (i << 3));
      store<f64>(r + ((i * n + j) << 3), diagonal < 0 ? -value : value);
    }
  }
}

const EPSILON: f64 = 2.220446049250313e-16;

/** So often, all pairs of columns are visited at most; about ten times suffice. */
const SWEEPS = 60;

/**
 * Makes n columns of m numbers orthogonal by rotations of pairs (Hestenes 1958; Demmel and Veselić 1992), which turn all of the
 * `whole` numbers of a column: what stands behind the m, the unit matrix say, gathers their product.
 */
export function orthogonalise(w: usize, m: usize, n: usize, whole: usize, step: usize): void {
  const least = EPSILON * sqrt(<f64>m);
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let p: usize = 0; p < n; p++) {
      tick();
      const x = w + p * step;
      for (let q = p + 1; q < n; q++) {
        const y = w + q * step;
        const a = dot(x, x, m);
        const b = dot(y, y, m);
        const g = dot(x, y, m);
        if (!(abs(g) > least * sqrt(a) * sqrt(b))) continue;
        const slope = (b - a) / (2 * g);
        const t = (slope < 0 ? -1 : 1) / (abs(slope) + sqrt(1 + slope * slope));
        const c = 1 / sqrt(1 + t * t);
        rotate(x, y, c, c * t, whole);
        moved = true;
      }
    }
  }
}

/** Sorts columns of `whole` numbers by the n values, descending. */
export function sortColumns(w: usize, values: usize, n: usize, whole: usize, step: usize): void {
  for (let i: usize = 0; i < n; i++) {
    let best = i;
    for (let j = i + 1; j < n; j++) if (load<f64>(values + (j << 3)) > load<f64>(values + (best << 3))) best = j;
    if (best == i) continue;
    rotate(w + i * step, w + best * step, 0, 1, whole);
    const value = load<f64>(values + (i << 3));
    store<f64>(values + (i << 3), load<f64>(values + (best << 3)));
    store<f64>(values + (best << 3), value);
  }
}

/** Negates a vector of n numbers whose first is below 0; whether it was. */
export function turnUp(x: usize, n: usize): bool {
  if (!(load<f64>(x) < 0)) return false;
  divide(x, -1, n);
  return true;
}
