// The adjoint of attention: scores are computed again, block by block, rather than kept.

import { Log } from "../../lanes/arithmetic";
import { dotRow, each, expBelow, scaleRow } from "../rows/exponentials";
import { addRow, KEYS, lastKey, Pass, product, scaleQueries, scoreBlock } from "./block";

/**
 * Adds the adjoints of queries, keys and values, given that of the values y of attention. With the weights w = softmax(s) and
 * t = g vᵀ, the adjoint of the scores is w (t - Σ g y).
 */
export function addAdjoints<T>(p: Pass, g: usize, y: usize, dq: usize, dk: usize, dv: usize): void {
  const line = <usize>p.width * sizeof<T>();
  const deep = <usize>p.depth * sizeof<T>();
  const item = sizeof<T>();
  for (let i = 0; i < p.queries; i += p.block) {
    const rows = min(p.block, p.queries - i);
    const adjoints = g + <usize>i * line;
    const slopesOfQueries = dq + <usize>i * deep;
    const end = lastKey(p, i, rows);
    scaleQueries<T>(p, i, rows);
    normalisers<T>(p, i, rows, end, adjoints, y + <usize>i * line);
    for (let j = 0; j < end; j += KEYS) {
      const columns = min(KEYS, end - j);
      const row = <usize>columns * item;
      const values = p.v + <usize>j * line;
      // With a single block of keys the scores are still there.
      if (end > KEYS) scoreBlock<T>(p, i, rows, j, columns);
      for (let r = 0; r < rows; r++) {
        const at = p.scores + <usize>r * row;
        each<T, Weight>(at, at, at, <usize>columns, load<T>(p.peaks + ((<usize>r) << 3)), 0);
      }
      product<T>(p, columns, p.width, rows, p.scores, item, row, adjoints, line, item, dv + <usize>j * line, true);
      product<T>(p, rows, columns, p.width, adjoints, line, item, values, item, line, p.slopes, false);
      for (let r = 0; r < rows; r++) {
        const at = p.slopes + <usize>r * row;
        each<T, Slope>(at, p.scores + <usize>r * row, at, <usize>columns, load<T>(p.sums + ((<usize>r) << 3)), 0);
      }
      product<T>(
        p,
        rows,
        p.depth,
        columns,
        p.slopes,
        row,
        item,
        p.k + <usize>j * deep,
        deep,
        item,
        slopesOfQueries,
        true,
      );
      product<T>(p, columns, p.depth, rows, p.slopes, item, row, p.scaled, deep, item, dk + <usize>j * deep, true);
    }
    scaleRow<T>(slopesOfQueries, slopesOfQueries, <usize>(rows * p.depth), <T>p.scale);
  }
}

/** For each query, in the place of the largest score the logarithm of the sum of exponentials; in that of the sum, Σ g y. */
function normalisers<T>(p: Pass, i: i32, rows: i32, end: i32, g: usize, y: usize): void {
  for (let r = 0; r < rows; r++) {
    store<T>(p.peaks + ((<usize>r) << 3), -(<T>Infinity));
    store<f64>(p.sums + ((<usize>r) << 3), 0);
  }
  for (let j = 0; j < end; j += KEYS) {
    const columns = min(KEYS, end - j);
    scoreBlock<T>(p, i, rows, j, columns);
    for (let r = 0; r < rows; r++) addRow<T>(p, r, p.scores + <usize>(r * columns) * sizeof<T>(), columns, false);
  }
  const width = <usize>p.width;
  for (let r = 0; r < rows; r++) {
    const place = p.peaks + ((<usize>r) << 3);
    const sum = p.sums + ((<usize>r) << 3);
    const logarithm = changetype<Log>(0).apply<T>(v128.splat<T>(<T>load<f64>(sum)));
    store<T>(place, load<T>(place) + v128.extract_lane<T>(logarithm, 0));
    store<T>(
      sum,
      <T>dotRow<T>(g + ((<usize>r * width) << alignof<T>()), y + ((<usize>r * width) << alignof<T>()), width),
    );
  }
}

/** exp(x - s). */
@unmanaged
class Weight {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return expBelow<T>(v128.sub<T>(x, s));
  }
}

/** x (y - s). */
@unmanaged
class Slope {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return v128.mul<T>(x, v128.sub<T>(y, s));
  }
}
