/** A matrix in memory: numbers, and the distance from one row, and from one column, to the next. */
export interface Matrix {
  readonly data: Float32Array | Float64Array;
  readonly row: number;
  readonly column: number;
}

export type LoopOrder = keyof typeof multiply;

/** Three loops in the two orders that are worth writing; which is better depends on what is transposed. */
export const multiply = { ikj: byRows, ijk: byDots };

/** Adds rows of b to rows of out. */
function byRows(out: Matrix["data"], a: Matrix, b: Matrix, m: number, k: number, n: number): void {
  const [x, y, rowA, columnA, rowB, columnB] = [a.data, b.data, a.row, a.column, b.row, b.column];
  out.fill(0, 0, m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const factor = x[i * rowA + l * columnA]!;
      for (let j = 0, at = l * rowB; j < n; j++, at += columnB) out[i * n + j]! += factor * y[at]!;
    }
  }
}

/** Multiplies rows of a with columns of b. */
function byDots(out: Matrix["data"], a: Matrix, b: Matrix, m: number, k: number, n: number): void {
  const [x, y, rowA, columnA, rowB, columnB] = [a.data, b.data, a.row, a.column, b.row, b.column];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0, p = i * rowA, q = j * columnB; l < k; l++, p += columnA, q += rowB) sum += x[p]! * y[q]!;
      out[i * n + j] = sum;
    }
  }
}
