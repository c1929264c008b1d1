/** The matrix product of the tape, F32 and F64, over any strides and batches. */
import { DType, Head, MatmulWord, Status } from "../abi";
import { outOfMemory, workspace } from "../arena";
import { Product, cost, multiply, prepare, scratch } from "./matmul/product";

/**
 * Form Matmul: out[.., i, j] = sum over l of a[.., i, l] * b[.., l, j].
 */
export function matmul(instruction: usize): i32 {
  const dtype = word(instruction, Head.DType);
  if (dtype == DType.F32) return run<f32>(instruction);
  if (dtype == DType.F64) return run<f64>(instruction);
  return Status.Unsupported;
}

// @ts-ignore: decorator
@inline
function word(instruction: usize, index: i32): i32 {
  return load<i32>(instruction + ((<usize>index) << 2));
}

function run<T>(instruction: usize): i32 {
  let m = word(instruction, MatmulWord.M);
  const n = word(instruction, MatmulWord.N);
  const k = word(instruction, MatmulWord.K);
  const out = <usize>word(instruction, MatmulWord.Out);
  let rank = word(instruction, MatmulWord.Rank);
  const sizes = instruction + ((<usize>MatmulWord.Batch) << 2);
  const aStrides = sizes + (<usize>rank << 2);
  const bStrides = aStrides + (<usize>rank << 2);
  let aRow = word(instruction, MatmulWord.ARow);

  let count = 1;
  for (let d = 0; d < rank; d++) count *= word(sizes, d);
  const outBytes = <usize>count * m * n * sizeof<T>();
  if (outBytes == 0) return Status.Ok;
  if (k == 0) {
    memory.fill(out, 0, outBytes);
    return Status.Ok;
  }

  // Batches that only lengthen A are more rows of it: one product shares the packed B.
  while (rank > 0) {
    const size = word(sizes, rank - 1);
    const stride = word(aStrides, rank - 1);
    if (size > 1) {
      if (word(bStrides, rank - 1) != 0) break;
      if (m > 1 && stride != m * aRow) break;
      if (m == 1) aRow = stride;
      m *= size;
      count /= size;
    }
    rank--;
  }

  const a = <usize>word(instruction, MatmulWord.A);
  const b = <usize>word(instruction, MatmulWord.B);
  const aRowBytes = <usize>aRow * sizeof<T>();
  const aColumn = <usize>word(instruction, MatmulWord.AColumn) * sizeof<T>();
  const bRow = <usize>word(instruction, MatmulWord.BRow) * sizeof<T>();
  const bColumn = <usize>word(instruction, MatmulWord.BColumn) * sizeof<T>();
  const line = <usize>n * sizeof<T>();

  // C^T = B^T A^T: the same sums with the roles exchanged, when that wastes less or needs less packing.
  const exchange =
    cost<T>(n, m, k, aRowBytes != sizeof<T>(), n > 1) < cost<T>(m, n, k, bColumn != sizeof<T>(), false);
  const bytes = exchange ? scratch<T>(n, m, k) : scratch<T>(m, n, k);
  const place = workspace(bytes);
  if (place == 0) return outOfMemory(bytes);
  const p = changetype<Product>(place);
  p.k = k;
  p.m = exchange ? n : m;
  p.n = exchange ? m : n;
  p.aRow = exchange ? bColumn : aRowBytes;
  p.aColumn = exchange ? bRow : aColumn;
  p.bRow = exchange ? aColumn : bRow;
  p.bColumn = exchange ? aRowBytes : bColumn;
  p.cRow = exchange ? sizeof<T>() : line;
  p.cColumn = exchange ? line : sizeof<T>();
  prepare<T>(p);

  for (let index = 0; index < count; index++) {
    let rest = index;
    let aOffset = 0;
    let bOffset = 0;
    for (let d = rank - 1; d >= 0; d--) {
      const size = word(sizes, d);
      const i = rest % size;
      rest /= size;
      aOffset += i * word(aStrides, d);
      bOffset += i * word(bStrides, d);
    }
    const x = a + <usize>aOffset * sizeof<T>();
    const y = b + <usize>bOffset * sizeof<T>();
    p.a = exchange ? y : x;
    p.b = exchange ? x : y;
    p.c = out + <usize>index * m * line;
    multiply<T>(p);
  }
  return Status.Ok;
}
