// The matrix product over any strides and batches, F32 and F64.

import { DType } from "../abi/dtype";
import { Head, MatmulWord } from "../abi/form";
import { Status } from "../abi/status";
import { outOfMemory, workspace } from "../arena";
import { cost, multiply, prepare, scratch } from "./matmul/product";
import { Product, Replay } from "./matmul/work";

/**
 * Runs a Matmul instruction. The bits of an element depend on its row of a and its column of b alone: not on strides,
 * on addresses, on the other rows and columns, or on how the work is divided. `replay` is what runs an activation.
 */
export function matmul(instruction: usize, replay: Replay): i32 {
  switch (load<i32>(instruction, Head.DType << 2)) {
    case DType.F32:
      return run<f32>(instruction, replay);
    case DType.F64:
      return run<f64>(instruction, replay);
    default:
      return Status.Unsupported;
  }
}

/** Sizes of a product, and from row to row and from column to column the bytes of its matrices. */
// @ts-ignore: decorator
@inline
// prettier-ignore
function lay(
  p: Product, m: i32, n: i32,
  aRow: usize, aColumn: usize, bRow: usize, bColumn: usize, cRow: usize, cColumn: usize,
): void {
  p.m = m;
  p.n = n;
  p.aRow = aRow;
  p.aColumn = aColumn;
  p.bRow = bRow;
  p.bColumn = bColumn;
  p.cRow = cRow;
  p.cColumn = cColumn;
}

function run<T>(instruction: usize, replay: Replay): i32 {
  const out = load<usize>(instruction, MatmulWord.Out << 2);
  const n = load<i32>(instruction, MatmulWord.N << 2);
  const k = load<i32>(instruction, MatmulWord.K << 2);
  let m = load<i32>(instruction, MatmulWord.M << 2);
  let aRow = load<i32>(instruction, MatmulWord.ARow << 2);
  let rank = load<usize>(instruction, MatmulWord.Rank << 2);
  const sizes = instruction + (MatmulWord.Batch << 2);
  let xStrides = sizes + (rank << 2);
  let yStrides = xStrides + (rank << 2);

  let count = 1;
  for (let d: usize = 0; d < rank; d++) count *= load<i32>(sizes + (d << 2));
  const bytes = (<usize>count * m * n) << alignof<T>();
  if (bytes == 0) return Status.Ok;

  // Batches over one B, whose matrices A lie one below the other, are a single A with more rows.
  // But a row by a matrix stays one, since its sums have an order of their own.
  const row = m == 1;
  for (; rank; rank--) {
    const d = (rank - 1) << 2;
    const size = load<i32>(sizes + d);
    if (size == 1) continue;
    const stride = load<i32>(xStrides + d);
    if (load<i32>(yStrides + d) != 0 || (row && n > 1) || (m > 1 && stride != m * aRow)) break;
    if (m == 1) aRow = stride;
    m *= size;
    count /= size;
  }

  let x = load<usize>(instruction, MatmulWord.A << 2);
  let y = load<usize>(instruction, MatmulWord.B << 2);
  const aRowBytes = (<usize>aRow) << alignof<T>();
  const aColumn = load<usize>(instruction, MatmulWord.AColumn << 2) << alignof<T>();
  const bRow = load<usize>(instruction, MatmulWord.BRow << 2) << alignof<T>();
  const bColumn = load<usize>(instruction, MatmulWord.BColumn << 2) << alignof<T>();
  const line = load<usize>(instruction, MatmulWord.Line << 2) << alignof<T>();

  // C^T = B^T A^T are the same sums with the roles exchanged: taken where that wastes less, or packs less.
  const exchange =
    n != 1 &&
    (m == 1 || cost<T>(n, m, k, aRowBytes != sizeof<T>(), n > 1) < cost<T>(m, n, k, bColumn != sizeof<T>(), false));
  const accumulates = load<i32>(instruction, MatmulWord.Accumulate << 2) != 0;
  const need = exchange ? scratch<T>(n, m, k, accumulates) : scratch<T>(m, n, k, accumulates);
  const place = workspace(need);
  if (!place) return outOfMemory(need);
  const p = changetype<Product>(place);
  p.k = k;
  p.exchanged = exchange;
  p.bias = load<usize>(instruction, MatmulWord.Bias << 2);
  p.activation = load<i32>(instruction, MatmulWord.Activation << 2);
  p.replay = replay;
  if (exchange) {
    lay(p, n, m, bColumn, bRow, aColumn, aRowBytes, sizeof<T>(), line);
    const address = x;
    x = y;
    y = address;
    const strides = xStrides;
    xStrides = yStrides;
    yStrides = strides;
  } else {
    lay(p, m, n, aRowBytes, aColumn, bRow, bColumn, line, sizeof<T>());
  }
  prepare<T>(p, accumulates);

  p.c = out;
  for (let index = 0; index < count; index++) {
    let rest = index;
    let xOffset = 0;
    let yOffset = 0;
    for (let d = rank << 2; d;) {
      d -= 4;
      const size = load<i32>(sizes + d);
      const i = d ? rest % size : rest;
      rest /= size;
      xOffset += i * load<i32>(xStrides + d);
      yOffset += i * load<i32>(yStrides + d);
    }
    p.a = x + ((<usize>xOffset) << alignof<T>());
    p.b = y + ((<usize>yOffset) << alignof<T>());
    multiply<T>(p);
    p.c += <usize>m * line;
  }
  return Status.Ok;
}
