import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { difference, dtypeOf, empty, get, integers, put, random, reals, seed } from "./data";
import { allocate, fresh } from "./subject";
import { begin, push, run } from "./tape";

/** m, n, k: every kind of tile and edge, one chain and several. */
// prettier-ignore
const SHAPES: StaticArray<StaticArray<i32>> = [
  [0, 3, 4], [3, 0, 4], [3, 4, 0], [1, 1, 1], [1, 1, 5], [1, 1, 2100], [1, 5, 3], [5, 1, 3], [1, 33, 17], [33, 1, 17],
  [2, 16, 2], [3, 3, 3], [4, 4, 4], [4, 5, 3], [5, 4, 17], [7, 7, 7], [8, 3, 5], [10, 10, 1], [3, 530, 1], [16, 16, 16], [11, 17, 33],
  [6, 8, 5], [13, 9, 4], [17, 5, 12], [3, 130, 520], [65, 17, 31], [70, 66, 130], [2, 100, 530], [100, 3, 530],
  [9, 515, 515], [61, 259, 20], [23, 70, 1030],
  [1, 1, 8200], [9, 1, 2050], [1, 15, 2051], [1030, 1, 37], [1, 1100, 40], [7, 1, 2049],
];

/** Row stride, column stride and position of the first element of [rows, columns], in elements. */
const LAYOUTS = 8;
const layout = new StaticArray<i32>(3);

describe("the matrix product", () => {
  beforeEach(() => {
    fresh();
    seed(10);
  });

  it("is exact on whole numbers, over all shapes and strides", () => {
    for (let i = 0; i < SHAPES.length; i++) {
      for (let j = 0; j < LAYOUTS; j++) {
        fresh();
        expect(exact<f32>(SHAPES[i], j, (j * 3 + i) % LAYOUTS)).toBe("");
        expect(exact<f64>(SHAPES[i], j, (j * 3 + i) % LAYOUTS)).toBe("");
      }
    }
  });

  it("gives an element the same bits wherever its row and its column stand", () => {
    for (let i = 3; i < SHAPES.length; i++) {
      fresh();
      expect(invariant<f32>(SHAPES[i])).toBe("");
      expect(invariant<f64>(SHAPES[i])).toBe("");
    }
  });

  it("rounds no worse than a sum in order", () => {
    for (let i = 3; i < SHAPES.length; i++) {
      fresh();
      expect(rounding<f32>(SHAPES[i])).toBeLessThan(1);
    }
  });

  it("repeats over batches, with strides of 0 as well", () => {
    for (let i = 0; i < SHAPES.length - 12; i++) {
      fresh();
      const m = SHAPES[i][0];
      const n = SHAPES[i][1];
      const k = SHAPES[i][2];
      expect(batched<f32>(m, n, k, [2, 3], [3 * m * k, m * k], [3 * k * n, k * n])).toBe(-1, i.toString());
      expect(batched<f64>(m, n, k, [2, 3], [3 * m * k, m * k], [0, 0])).toBe(-1, i.toString());
      expect(batched<f32>(m, n, k, [3, 1, 2], [0, 9, m * k], [2 * k * n, 7, k * n])).toBe(-1, i.toString());
      expect(batched<f32>(m, n, k, [2, 2], [m * k, 0], [0, k * n])).toBe(-1, i.toString());
      expect(batched<f64>(m, n, k, [4], [m * k + 1], [0])).toBe(-1, i.toString());
      expect(batched<f32>(m, n, k, [0, 2], [0, 0], [0, 0])).toBe(-1, i.toString());
    }
  });

  it("lets NaN and infinity through, against zeros as well", () => {
    const n = 19;
    const a = empty<f32>(n * n);
    const b = empty<f32>(n * n);
    const out = empty<f32>(n * n);
    for (let i = 0; i < n * n; i++) {
      put<f32>(a, i, 0);
      put<f32>(b, i, 1);
    }
    put<f32>(b, 4, NaN);
    put<f32>(b, 7 * n + 18, Infinity);
    expect(product<f32>(out, a, b, n, n, n, n, 1, n, 1)).toBe(Status.Ok);
    for (let i = 0; i < n * n; i++) {
      if (i % n == 4 || i % n == 18) expect(isNaN(get<f32>(out, i))).toBe(true);
      else expect(get<f32>(out, i)).toBe(0);
    }
  });

  it("knows no integers", () => {
    const x = integers<i32>(4, 1);
    expect(product<i32>(x, x, x, 1, 1, 1, 1, 1, 1, 1)).toBe(Status.Unsupported);
  });

  it("says so when there is no room to pack", () => {
    const x = integers<f32>(10000, 1);
    while (allocate(1 << 16)) {}
    expect(product<f32>(x, x, x, 100, 100, 4096, 0, 0, 0, 0)).toBe(Status.OutOfMemory);
  });
});

/** Runs one product without batches; strides in elements. */
// prettier-ignore
function product<T>(
  out: usize, a: usize, b: usize, m: i32, n: i32, k: i32, aRow: i32, aColumn: i32, bRow: i32, bColumn: i32,
): i32 {
  words<T>(out, a, b, m, n, k, aRow, aColumn, bRow, bColumn);
  push(0);
  return run();
}

// prettier-ignore
function words<T>(
  out: usize, a: usize, b: usize, m: i32, n: i32, k: i32, aRow: i32, aColumn: i32, bRow: i32, bColumn: i32,
): void {
  begin(Op.Matmul, dtypeOf<T>());
  push(out);
  push(a);
  push(b);
  push(m);
  push(n);
  push(k);
  push(aRow);
  push(aColumn);
  push(bRow);
  push(bColumn);
  push(0);
  push(0);
  push(0);
  push(n);
}

/** The sum in order, in f64. */
// prettier-ignore
function element<T>(a: usize, aStep: i32, b: usize, bStep: i32, k: i32, absolute: bool): f64 {
  let sum: f64 = 0;
  for (let l = 0; l < k; l++) {
    const term = <f64>get<T>(a, l * aStep) * <f64>get<T>(b, l * bStep);
    sum += absolute ? abs(term) : term;
  }
  return sum;
}

function choose(index: i32, rows: i32, columns: i32): void {
  let row = columns;
  let column = 1;
  let first = 0;
  if (index == 1) {
    row = 1;
    column = rows;
  } else if (index == 2) {
    row = columns + 3;
  } else if (index == 3) {
    row = 1;
    column = rows + 5;
  } else if (index == 4) {
    row = -columns;
    first = columns * max(rows - 1, 0);
  } else if (index == 5) {
    row = -1;
    column = -rows;
    first = max(rows * columns - 1, 0);
  } else if (index == 6) {
    row = 3;
    column = 3 * rows + 1;
  } else if (index == 7) {
    row = 0;
  }
  layout[0] = row;
  layout[1] = column;
  layout[2] = first;
}

/** What is wrong with a product of whole numbers, whose sums are exact in any order; empty if nothing is. */
function exact<T>(shape: StaticArray<i32>, aLayout: i32, bLayout: i32): string {
  const m = shape[0];
  const n = shape[1];
  const k = shape[2];
  choose(aLayout, m, k);
  const aRow = layout[0];
  const aColumn = layout[1];
  const a = integers<T>(3 * (m + 5) * (k + 3), 9) + ((<usize>layout[2]) << alignof<T>());
  choose(bLayout, k, n);
  const bRow = layout[0];
  const bColumn = layout[1];
  const b = integers<T>(3 * (k + 5) * (n + 3), 9) + ((<usize>layout[2]) << alignof<T>());
  const out = empty<T>(m * n + 2);
  const want = empty<T>(m * n + 2);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const row = a + ((<usize>(i * aRow)) << alignof<T>());
      const column = b + ((<usize>(j * bColumn)) << alignof<T>());
      put<T>(want, 1 + i * n + j, element<T>(row, aColumn, column, bRow, k, false));
    }
  }
  const status = product<T>(out + sizeof<T>(), a, b, m, n, k, aRow, aColumn, bRow, bColumn);
  const at = difference<T>(out, want, m * n + 2);
  if (!status && at < 0) return "";
  return `m ${m} n ${n} k ${k} layouts ${aLayout} ${bLayout}: status ${status}, element ${at - 1}`;
}

/** Names the first form of a product, or part of it, that has other bits than the plain one; empty if none has. */
function invariant<T>(shape: StaticArray<i32>): string {
  const m = shape[0];
  const n = shape[1];
  const k = shape[2];
  const a = reals<T>(m * k, 1);
  const b = reals<T>(k * n, 1);
  const aTurned = turned<T>(a, m, k);
  const bTurned = turned<T>(b, k, n);
  const whole = empty<T>(m * n);
  const other = empty<T>(m * n);
  product<T>(whole, a, b, m, n, k, k, 1, n, 1);
  product<T>(other, aTurned, b, m, n, k, 1, m, n, 1);
  if (difference<T>(whole, other, m * n) >= 0) return `TN ${m} ${n} ${k}`;
  product<T>(other, a, bTurned, m, n, k, k, 1, 1, k);
  if (difference<T>(whole, other, m * n) >= 0) return `NT ${m} ${n} ${k}`;
  product<T>(other, aTurned, bTurned, m, n, k, 1, m, 1, k);
  if (difference<T>(whole, other, m * n) >= 0) return `TT ${m} ${n} ${k}`;
  // C^T = B^T A^T, which exchanges the roles.
  product<T>(other, bTurned, aTurned, n, m, k, k, 1, m, 1);
  if (difference<T>(turned<T>(whole, m, n), other, m * n) >= 0) return `exchanged ${m} ${n} ${k}`;
  for (let times = 0; times < 20; times++) {
    const i = <i32>random(m);
    const rows = 1 + <i32>random(m - i);
    const j = <i32>random(n);
    const columns = 1 + <i32>random(n - j);
    // A vector's sums have an order of their own.
    if (m > 1 && n > 1 && (rows == 1 || columns == 1)) continue;
    const aPart = a + ((<usize>(i * k)) << alignof<T>());
    product<T>(other, aPart, b + ((<usize>j) << alignof<T>()), rows, columns, k, k, 1, n, 1);
    for (let r = 0; r < rows; r++) {
      const from = whole + ((<usize>((i + r) * n + j)) << alignof<T>());
      const part = other + ((<usize>(r * columns)) << alignof<T>());
      if (difference<T>(from, part, columns) >= 0) return `part ${i} ${rows} ${j} ${columns} of ${m} ${n} ${k}`;
    }
  }
  return "";
}

/** The matrix [rows, columns], transposed in memory. */
function turned<T>(x: usize, rows: i32, columns: i32): usize {
  const y = empty<T>(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      store<T>(y + ((<usize>(j * rows + i)) << alignof<T>()), get<T>(x, i * columns + j));
    }
  }
  return y;
}

/** The largest error in units of its bound k eps sum |a b|. */
function rounding<T>(shape: StaticArray<i32>): f64 {
  const m = shape[0];
  const n = shape[1];
  const k = shape[2];
  const a = reals<T>(m * k, 1);
  const b = reals<T>(k * n, 1);
  const out = empty<T>(m * n);
  product<T>(out, a, b, m, n, k, k, 1, n, 1);
  let worst: f64 = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const row = a + ((<usize>(i * k)) << alignof<T>());
      const column = b + ((<usize>j) << alignof<T>());
      const bound = 5.97e-8 * k * element<T>(row, 1, column, n, k, true);
      const e = abs(<f64>get<T>(out, i * n + j) - element<T>(row, 1, column, n, k, false));
      worst = max(worst, e / bound);
    }
  }
  return worst;
}

/** Position of the first element that differs from a product made for its batch alone, -1 if none does. */
// prettier-ignore
function batched<T>(
  m: i32, n: i32, k: i32, sizes: StaticArray<i32>, aStrides: StaticArray<i32>, bStrides: StaticArray<i32>,
): i32 {
  let count = 1;
  for (let d = 0; d < sizes.length; d++) count *= sizes[d];
  const a = reals<T>(count * (m * k + 1), 1);
  const b = reals<T>(count * (k * n + 1), 1);
  const out = empty<T>(count * m * n + 1);
  const want = empty<T>(count * m * n + 1);
  for (let index = 0; index < count; index++) {
    let rest = index;
    let aOffset = 0;
    let bOffset = 0;
    for (let d = sizes.length - 1; d >= 0; d--) {
      aOffset += (rest % sizes[d]) * aStrides[d];
      bOffset += (rest % sizes[d]) * bStrides[d];
      rest /= sizes[d];
    }
    const x = a + (<usize>aOffset << alignof<T>());
    const y = b + (<usize>bOffset << alignof<T>());
    product<T>(want + (<usize>(index * m * n) << alignof<T>()), x, y, m, n, k, k, 1, n, 1);
  }
  words<T>(out, a, b, m, n, k, k, 1, n, 1);
  push(sizes.length);
  for (let d = 0; d < sizes.length; d++) push(sizes[d]);
  for (let d = 0; d < sizes.length; d++) push(aStrides[d]);
  for (let d = 0; d < sizes.length; d++) push(bStrides[d]);
  return run() ? 0 : difference<T>(out, want, count * m * n + 1);
}
