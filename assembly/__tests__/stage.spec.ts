import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, get, integers, put, random, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, run, runReduce } from "./tape";

/** Rows and columns: around the squares of a transposition, the tiles, and the rows that are too short for a call each. */
// prettier-ignore
const SIZES: StaticArray<StaticArray<usize>> = [
  [1, 1], [2, 3], [3, 2], [4, 4], [5, 3], [3, 17], [17, 5], [33, 130], [130, 33], [31, 257], [300, 9], [9, 300],
  [127, 128], [65, 193], [1300, 3], [3, 1300], [0, 5], [5, 0],
  [5, 16], [6, 21], [70, 35], [4, 15],
];

/** How an input lies: dense, transposed, a row for all, a column for all, one element, every second column. */
const enum Lie {
  Dense = 0,
  Transposed = 1,
  Row = 2,
  Column = 3,
  Single = 4,
  Stepped = 5,
  Count = 6,
}

describe("operands that lie otherwise than the output", () => {
  beforeEach(() => {
    fresh();
    seed(11);
  });

  it("are copied right, in every size of element", () => {
    for (let i = 0; i < SIZES.length; i++) {
      for (let lie = 0; lie < Lie.Count; lie++) {
        expect(copied<f32>(SIZES[i], lie)).toBe("");
        expect(copied<f64>(SIZES[i], lie)).toBe("");
        expect(copied<u8>(SIZES[i], lie)).toBe("");
      }
    }
  });

  it("are combined right, whichever lies how", () => {
    for (let i = 0; i < SIZES.length; i++) {
      for (let a = 0; a < Lie.Count; a++) {
        for (let b = 0; b < Lie.Count; b++) {
          expect(added<f32>(SIZES[i], a, b)).toBe("");
          if ((a + b) % 3 == 0) expect(added<f64>(SIZES[i], a, b)).toBe("");
        }
      }
    }
  });

  it("are walked in batches", () => {
    const x = integers<f32>(3 * 37 * 70, 1000);
    const out = empty<f32>(3 * 37 * 70 + 1);
    const want = copyOf<f32>(out, 3 * 37 * 70 + 1);
    // [3, 37, 70] of a dense [3, 70, 37].
    begin(Op.Copy, dtypeOf<f32>());
    push(3);
    push(out);
    push(x);
    push(0);
    push(0);
    push(3);
    push(37);
    push(70);
    push(37 * 70);
    push(70);
    push(1);
    push(37 * 70);
    push(1);
    push(37);
    expect(run()).toBe(Status.Ok);
    for (let k = 0; k < 3; k++) {
      for (let i = 0; i < 37; i++) {
        for (let j = 0; j < 70; j++) put<f32>(want, (k * 37 + i) * 70 + j, get<f32>(x, (k * 70 + j) * 37 + i));
      }
    }
    expect(difference<f32>(out, want, 3 * 37 * 70 + 1)).toBe(-1);
  });
});

describe("reductions that take their time", () => {
  beforeEach(() => {
    fresh();
    seed(12);
  });

  it("multiply as a scalar loop does, along rows and down columns", () => {
    for (let inner: usize = 1; inner <= 40; inner += 3) {
      for (let count: usize = 0; count < 40; count += 7) {
        expect(product<f32>(count, inner)).toBe("");
        expect(product<f64>(count, inner)).toBe("");
        expect(product<i32>(count, inner)).toBe("");
      }
    }
    expect(product<f32>(67, 2051)).toBe("");
  });

  it("sum squared deviations, along rows and down columns, also far from 0", () => {
    for (let inner: usize = 1; inner <= 150; inner += 7) {
      for (let count: usize = 0; count < 200; count += 33) {
        expect(deviation<f32>(count, inner, 1000)).toBeLessThan(1e-5);
        expect(deviation<f64>(count, inner, 1e8)).toBeLessThan(1e-9);
      }
    }
    expect(deviation<f32>(1031, 131, 1000)).toBeLessThan(1e-5);
    expect(deviation<f64>(67, 2050, 1e8)).toBeLessThan(1e-9);
    const x = empty<i32>(4);
    expect(runReduce<i32>(Op.Deviation, x, x, 1, 4, 1)).toBe(Status.Unsupported);
  });

  it("find the largest byte", () => {
    for (let inner: usize = 1; inner <= 150; inner += 7) {
      for (let count: usize = 1; count < 100; count += 11) {
        largestByte(count, inner);
      }
    }
    largestByte(1031, 519);
  });
});

/** Strides of an input of [rows, columns], and the elements that it needs. */
function rowStride(lie: i32, columns: usize): isize {
  if (lie == Lie.Dense) return columns;
  if (lie == Lie.Stepped) return 2 * columns;
  return lie == Lie.Transposed || lie == Lie.Column ? 1 : 0;
}

function columnStride(lie: i32, rows: usize): isize {
  if (lie == Lie.Transposed) return rows;
  if (lie == Lie.Stepped) return 2;
  return lie == Lie.Dense || lie == Lie.Row ? 1 : 0;
}

function copied<T>(size: StaticArray<usize>, lie: i32): string {
  const rows = size[0];
  const columns = size[1];
  const x = integers<T>(2 * rows * columns + rows + columns + 1, 100);
  const out = empty<T>(rows * columns + 1);
  const want = copyOf<T>(out, rows * columns + 1);
  const r = rowStride(lie, columns);
  const s = columnStride(lie, rows);
  begin(Op.Copy, dtypeOf<T>());
  push(2);
  push(out);
  push(x);
  push(0);
  push(0);
  push(rows);
  push(columns);
  push(columns);
  push(1);
  push(r);
  push(s);
  const status = run();
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < columns; j++) {
      store<T>(want + ((i * columns + j) << alignof<T>()), get<T>(x, i * r + j * s));
    }
  }
  const at = difference<T>(out, want, rows * columns + 1);
  return status || at >= 0 ? `[${rows}, ${columns}] lie ${lie} dtype ${dtypeOf<T>()}: ${status}, ${at}` : "";
}

function added<T>(size: StaticArray<usize>, a: i32, b: i32): string {
  const rows = size[0];
  const columns = size[1];
  const length = 2 * rows * columns + rows + columns + 1;
  const x = integers<T>(length, 100);
  const y = integers<T>(length, 100);
  const out = empty<T>(rows * columns + 1);
  const want = copyOf<T>(out, rows * columns + 1);
  begin(Op.Add, dtypeOf<T>());
  push(2);
  push(out);
  push(x);
  push(y);
  push(0);
  push(rows);
  push(columns);
  push(columns);
  push(1);
  push(rowStride(a, columns));
  push(columnStride(a, rows));
  push(rowStride(b, columns));
  push(columnStride(b, rows));
  const status = run();
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < columns; j++) {
      const p = get<T>(x, i * rowStride(a, columns) + j * columnStride(a, rows));
      const q = get<T>(y, i * rowStride(b, columns) + j * columnStride(b, rows));
      store<T>(want + ((i * columns + j) << alignof<T>()), p + q);
    }
  }
  const at = difference<T>(out, want, rows * columns + 1);
  return status || at >= 0 ? `[${rows}, ${columns}] lie ${a} ${b} dtype ${dtypeOf<T>()}: ${status}, ${at}` : "";
}

function product<T>(count: usize, inner: usize): string {
  const x = empty<T>(count * inner);
  for (let i: usize = 0; i < count * inner; i++) put<T>(x, i, random(4) ? 1 : random(2) ? 2 : -1);
  const out = empty<T>(inner + 1);
  const want = copyOf<T>(out, inner + 1);
  for (let j: usize = 0; j < inner; j++) {
    let total: T = 1;
    for (let i: usize = 0; i < count; i++) total *= get<T>(x, i * inner + j);
    store<T>(want + (j << alignof<T>()), total);
  }
  const status = runReduce<T>(Op.Prod, out, x, 1, count, inner);
  return status || difference<T>(out, want, inner + 1) >= 0 ? `[${count}, ${inner}] dtype ${dtypeOf<T>()}` : "";
}

function largestByte(count: usize, inner: usize): void {
  const x = empty<u8>(inner * count);
  for (let i: usize = 0; i < inner * count; i++) store<u8>(x + i, <u8>random(random(9) ? 99 : 256));
  const out = empty<u8>(inner + 1);
  const want = copyOf<u8>(out, inner + 1);
  for (let j: usize = 0; j < inner; j++) {
    let most: u8 = 0;
    for (let i: usize = 0; i < count; i++) most = max(most, load<u8>(x + i * inner + j));
    store<u8>(want + j, most);
  }
  expect(runReduce<u8>(Op.Max, out, x, 1, count, inner)).toBe(Status.Ok);
  expect(difference<u8>(out, want, inner + 1)).toBe(-1);
}

/** The largest relative error. */
function deviation<T>(count: usize, inner: usize, far: f64): f64 {
  const x = empty<T>(count * inner);
  for (let i: usize = 0; i < count * inner; i++) put<T>(x, i, far + <f64>random(64));
  const out = empty<T>(inner + 1);
  if (runReduce<T>(Op.Deviation, out, x, 1, count, inner)) return Infinity;
  let worst: f64 = 0;
  for (let j: usize = 0; j < inner; j++) {
    let mean: f64 = 0;
    for (let i: usize = 0; i < count; i++) mean += <f64>get<T>(x, i * inner + j) / <f64>count;
    let total: f64 = 0;
    for (let i: usize = 0; i < count; i++) total += (<f64>get<T>(x, i * inner + j) - mean) ** 2;
    worst = max(worst, abs(<f64>get<T>(out, j) - total) / (total + 1));
  }
  return worst;
}
