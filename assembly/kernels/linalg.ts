// Dense linear algebra. Whatever the dtype, a matrix is read into working memory as f64, and what is computed is rounded once.

import { DType } from "../abi/dtype";
import { Head, MatrixWord, Triangle } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { outOfMemory, workspace } from "../arena";
import { tick } from "../control";
import { diagonalProduct, eliminate, cholesky, Pivot, solveTriangle } from "./linalg/eliminate";
import { exponential } from "./linalg/exponential";
import { addToDiagonal, normalise, read, symmetrise, write } from "./linalg/matrices";
import { orthogonal, orthogonalise, reflect, sortColumns, triangle, turnUp } from "./linalg/orthogonal";
import { addTimes, divide, dot } from "./linalg/vectors";
import { Log } from "../lanes/arithmetic";
import { dtypeOf } from "./box/walk";

/** Runs an instruction of form Matrix: F32 or F64. What precedes a matrix that is refused has been written. */
export function linalg(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.F64) return Status.Unsupported;
  const m = load<usize>(instruction, MatrixWord.Rows << 2);
  const n = load<usize>(instruction, MatrixWord.Columns << 2);
  const width = load<usize>(instruction, MatrixWord.Width << 2);
  // As much as the most that any of them needs.
  const numbers = <u64>(m + n) * (2 * n + 2) + <u64>width * m + 2;
  const need = <usize>min<u64>(numbers << 3, 0xffffffff);
  const w = workspace(need);
  if (!w) return outOfMemory(need);
  const op = load<i32>(instruction, Head.Op << 2);
  const count = load<usize>(instruction, MatrixWord.Count << 2);
  let out = load<usize>(instruction, MatrixWord.Out << 2);
  let a = load<usize>(instruction, MatrixWord.A << 2);
  let b = load<usize>(instruction, MatrixWord.B << 2);
  const size: usize = dtype == DType.F32 ? 4 : 8;
  for (let matrix: usize = 0; matrix < count; matrix++) {
    let status: i32 = Status.Ok;
    if (op <= Op.SolveTriangular) {
      status = system(instruction, op, dtype, w, a, b, out, n, width, matrix);
      b += n * width * size;
      out += n * width * size;
    } else if (op == Op.Cholesky) {
      read(a, dtype, w, n, n, n << 3, 8);
      symmetrise(w, n, n << 3);
      status = cholesky(w, n, matrix);
      out = write(out, dtype, w, n, n, n << 3, 8);
    } else if (op == Op.MatrixExp) {
      read(a, dtype, w, n, n, n << 3, 8);
      out = write(out, dtype, exponential(w, n), n, n, n << 3, 8);
    } else if (op < Op.Cholesky) out = determinant(op, dtype, w, a, out, n);
    else if (op == Op.Qr) out = qr(dtype, w, a, out, m, n, width);
    else if (op == Op.Eigh) out = eigh(dtype, w, a, out, n);
    else out = svd(instruction, op, dtype, w, a, out, m, n, width);
    if (status) return status;
    a += m * n * size;
  }
  return Status.Ok;
}

// prettier-ignore
function system(
  instruction: usize, op: i32, dtype: i32, w: usize, a: usize, b: usize, out: usize, n: usize, width: usize,
  matrix: usize,
): i32 {
  // The equations, one a row: [A | B].
  const step = (n + width) << 3;
  const right = w + (n << 3);
  read(a, dtype, w, n, n, step, 8);
  read(b, dtype, right, n, width, step, 8);
  let flags: u32 = Triangle.Upper;
  if (op == Op.Solve) {
    const status = eliminate(w, n, n + width, Pivot.Refuse, matrix);
    if (status) return status;
  } else flags = load<u32>(instruction, Head.Extra << 2);
  const status = solveTriangle(w, step, right, step, n, width, flags, matrix);
  if (!status) write(out, dtype, right, n, width, step, 8);
  return status;
}

function determinant(op: i32, dtype: i32, w: usize, a: usize, out: usize, n: usize): usize {
  const all = op == Op.Cofactor;
  const step = all ? n << 4 : n << 3;
  read(a, dtype, w, n, n, step, 8);
  if (all) return cofactors(dtype, w, out, n);
  eliminate(w, n, n, Pivot.Keep, 0);
  const det = diagonalProduct(w, n, step);
  if (op == Op.Det) {
    store<f64>(w, det);
    return write(out, dtype, w, 1, 1, 8, 8);
  }
  let sign: f64 = 1;
  let sum: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const pivot = load<f64>(w + i * step + (i << 3));
    if (pivot < 0) sign = -sign;
    else if (pivot == 0) sign = 0;
    sum += f64x2.extract_lane(changetype<Log>(0).apply<f64>(f64x2.splat(abs(pivot))), 0);
  }
  store<f64>(w, sign);
  store<f64>(w, sum, 8);
  return write(out, dtype, w, 1, 2, 8, 8);
}

/** det(A) A⁻ᵀ of the A at the left of n rows of 2 n numbers. */
function cofactors(dtype: i32, w: usize, out: usize, n: usize): usize {
  const step = n << 4;
  const inverse = w + (n << 3);
  const power = normalise(w, n, n, step);
  appendUnit(w, n, n);
  eliminate(w, n, n << 1, Pivot.Replace, 0);
  solveTriangle(w, step, inverse, step, n, n, Triangle.Upper, 0);
  let det = diagonalProduct(w, n, step);
  for (let i: usize = 1; i < n; i++) det *= power;
  for (let i: usize = 0; i < n; i++) divide(inverse + i * step, 1 / det, n);
  return write(out, dtype, inverse, n, n, 8, step);
}

function qr(dtype: i32, w: usize, a: usize, out: usize, m: usize, n: usize, width: usize): usize {
  const step = m << 3;
  const factors = w + n * step;
  const q = factors + (n << 4);
  read(a, dtype, w, m, n, 8, step);
  const power = normalise(w, n, m, step);
  reflect(w, m, n, step, factors);
  orthogonal(q, width, w, m, n, step, factors);
  out = write(out, dtype, q, m, width, 8, step);
  triangle(q, w, n, step, factors);
  divide(q, 1 / power, n * n);
  return write(out, dtype, q, n, n, n << 3, 8);
}

/** Puts the unit matrix behind n rows of m numbers. */
function appendUnit(w: usize, m: usize, n: usize): void {
  const step = (m + n) << 3;
  for (let j: usize = 0; j < n; j++) memory.fill(w + j * step + (m << 3), 0, n << 3);
  addToDiagonal(w + (m << 3), n, step, 1);
}

/**
 * A + c is positive semidefinite for the largest sum c of magnitudes in a row (Gershgorin); the rotations that make its columns
 * orthogonal are its eigenvectors v, and those of A, with eigenvalues v · A v.
 */
function eigh(dtype: i32, w: usize, a: usize, out: usize, n: usize): usize {
  const line = n << 3;
  const step = line << 1;
  const copy = w + n * step;
  const values = copy + n * line;
  const image = values + line;
  read(a, dtype, copy, n, n, line, 8);
  symmetrise(copy, n, line);
  const power = normalise(copy, n, n, line);
  let most: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    let sum: f64 = 0;
    for (let j: usize = 0; j < n; j++) sum += abs(load<f64>(copy + i * line + (j << 3)));
    most = max(most, sum);
    memory.copy(w + i * step, copy + i * line, line);
  }
  addToDiagonal(w, n, step, most);
  appendUnit(w, n, n);
  orthogonalise(w, n, n, n << 1, step);
  for (let j: usize = 0; j < n; j++) {
    tick();
    const v = w + j * step + line;
    for (let i: usize = 0; i < n; i++) store<f64>(image + (i << 3), dot(copy + i * line, v, n));
    store<f64>(values + (j << 3), -power * dot(image, v, n));
  }
  sortColumns(w, values, n, n << 1, step);
  divide(values, -1, n);
  for (let j: usize = 0; j < n; j++) turnUp(w + j * step + line, n);
  out = write(out, dtype, values, 1, n, 8, 8);
  return write(out, dtype, w + line, n, n, 8, step);
}

/**
 * A V has orthogonal columns for the product V of rotations; their lengths are the singular values, and the orthogonal factor of its
 * QR is U, also where they are 0.
 */
// prettier-ignore
function svd(
  instruction: usize, op: i32, dtype: i32, w: usize, a: usize, out: usize, m: usize, n: usize, width: usize,
): usize {
  const step = (m + n) << 3;
  const line = m << 3;
  const values = w + n * step;
  const factors = values + (n << 3);
  const u = factors + (n << 4);
  read(a, dtype, w, m, n, 8, step);
  const power = normalise(w, n, m, step);
  appendUnit(w, m, n);
  orthogonalise(w, m, n, m + n, step);
  for (let j: usize = 0; j < n; j++) {
    const x = w + j * step;
    store<f64>(values + (j << 3), power * sqrt(dot(x, x, m)));
  }
  sortColumns(w, values, n, m + n, step);
  reflect(w, m, n, step, factors);
  orthogonal(u, width, w, m, n, step, factors);
  for (let j: usize = 0; j < width; j++) {
    if (turnUp(u + j * line, m) && j < n) divide(w + j * step + line, -1, n);
  }
  if (op == Op.Svd) {
    out = write(out, dtype, u, m, width, 8, line);
    out = write(out, dtype, values, 1, n, 8, 8);
    return write(out, dtype, w + line, n, n, 8, step);
  }
  const p = u + n * line;
  memory.fill(p, 0, n * line);
  const share = load<f64>(instruction, MatrixWord.Value << 2);
  const least = load<f64>(instruction, MatrixWord.Least << 2);
  for (let j: usize = 0; j < n; j++) {
    tick();
    const value = load<f64>(values + (j << 3));
    if (value <= share * load<f64>(values) || value <= least) break;
    for (let i: usize = 0; i < n; i++)
      addTimes(p + i * line, load<f64>(w + j * step + line + (i << 3)) / value, u + j * line, m);
  }
  return write(out, dtype, p, n, m, line, 8);
}
