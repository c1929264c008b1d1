import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, get, integers, put, random, reals, seed } from "./data";
import { fresh } from "./subject";
import { runReduce } from "./tape";

/** Outer, Count, Inner. */
// prettier-ignore
const SHAPES: StaticArray<StaticArray<usize>> = [
  [1, 1, 1], [3, 2, 1], [2, 3, 1], [3, 5, 1], [1, 17, 1], [2, 31, 1], [1, 33, 1], [2, 1025, 1], [1, 2100, 1],
  [1, 7, 2], [2, 9, 3], [2, 200, 4], [1, 130, 5], [2, 64, 15], [1, 65, 16], [3, 70, 17], [1, 66, 32], [2, 3, 67],
  [2, 129, 131], [1, 1, 9], [0, 3, 2], [2, 3, 0], [1, 1031, 131], [2, 66, 2050], [1, 67, 3001],
];

describe("reductions", () => {
  beforeEach(() => {
    fresh();
    seed(6);
  });

  it("agree with a scalar loop on whole numbers, over all shapes", () => {
    for (let i = 0; i < SHAPES.length; i++) {
      expect(exact<f32>(SHAPES[i], false)).toBe("");
      expect(exact<f64>(SHAPES[i], false)).toBe("");
      expect(exact<i32>(SHAPES[i], false)).toBe("");
    }
  });

  it("let NaN through, and find the first", () => {
    for (let i = 0; i < SHAPES.length; i++) {
      expect(exact<f32>(SHAPES[i], true)).toBe("");
      expect(exact<f64>(SHAPES[i], true)).toBe("");
    }
  });

  it("sum nothing to 0, and refuse other reductions of nothing", () => {
    const x = empty<f32>(1);
    const out = empty<f32>(3);
    expect(runReduce<f32>(Op.Sum, out, x, 3, 0, 1)).toBe(Status.Ok);
    for (let i = 0; i < 3; i++) expect(get<f32>(out, i)).toBe(0);
    expect(runReduce<f32>(Op.Sum, out, x, 1, 0, 3)).toBe(Status.Ok);
    for (let i = 0; i < 3; i++) expect(get<f32>(out, i)).toBe(0);
    expect(runReduce<f32>(Op.Max, out, x, 1, 0, 3)).toBe(Status.Unsupported);
    expect(runReduce<f32>(Op.ArgMin, out, x, 3, 0, 1)).toBe(Status.Unsupported);
    expect(runReduce<u8>(Op.Sum, out, x, 3, 0, 1)).toBe(Status.Unsupported);
  });

  it("keep infinities", () => {
    const x = empty<f64>(40);
    const out = empty<f64>(1);
    for (let i = 0; i < 40; i++) put<f64>(x, i, -Infinity);
    runReduce<f64>(Op.Max, out, x, 1, 40, 1);
    expect(get<f64>(out, 0)).toBe(-Infinity);
    put<f64>(x, 7, Infinity);
    runReduce<f64>(Op.Sum, out, x, 1, 40, 1);
    expect(isNaN(get<f64>(out, 0))).toBe(true);
    runReduce<f64>(Op.Max, out, x, 1, 40, 1);
    expect(get<f64>(out, 0)).toBe(Infinity);
  });

  it("tell infinities of both signs from NaN down columns", () => {
    const rows = 301;
    const columns = 477;
    const x = reals<f32>(rows * columns, 100);
    const out = empty<f32>(columns);
    const place = empty<i32>(columns);
    for (let j = 0; j < columns; j++) {
      put<f32>(x, (j % rows) * columns + j, Infinity);
      put<f32>(x, ((j + 2) % rows) * columns + j, -Infinity);
    }
    runReduce<f32>(Op.Max, out, x, 1, rows, columns);
    runReduce<f32>(Op.ArgMax, place, x, 1, rows, columns);
    for (let j = 0; j < columns; j++) {
      expect(get<f32>(out, j)).toBe(Infinity);
      expect(load<i32>(place + (j << 2))).toBe(j % rows);
    }
  });

  it("sum four million numbers in f32 to seven digits, along rows and down columns", () => {
    const n = 4000000;
    const x = empty<f32>(n);
    for (let i = 0; i < n; i++) store<f32>(x + (i << 2), <f32>random(1 << 24) / 16777216);
    for (let inner = 1; inner <= 64; inner *= 2) expect(sumError(x, n, inner)).toBeLessThan(2e-7);
  });

  it("do not depend on where the data lie", () => {
    const n: usize = 1029 * 131;
    const x = reals<f32>(n, 100);
    const aligned = (empty<f32>(n + 16) + 63) & ~63;
    memory.copy(aligned, x, n << 2);
    const a = empty<f32>(131);
    const b = copyOf<f32>(a, 131);
    runReduce<f32>(Op.Sum, a, x, 131, 1029, 1);
    runReduce<f32>(Op.Sum, b, aligned, 131, 1029, 1);
    expect(difference<f32>(a, b, 131)).toBe(-1);
    runReduce<f32>(Op.Sum, a, x, 1, 1029, 131);
    runReduce<f32>(Op.Sum, b, aligned, 1, 1029, 131);
    expect(difference<f32>(a, b, 131)).toBe(-1);
  });

  it("add a column alike, however many stand beside it", () => {
    const rows: usize = 517;
    const columns: usize = 300;
    const x = reals<f32>(rows * columns, 100);
    const out = empty<f32>(columns);
    runReduce<f32>(Op.Sum, out, x, 1, rows, columns);
    for (let width: usize = 2; width < columns; width += 23) {
      const part = empty<f32>(rows * width);
      const sums = empty<f32>(width);
      for (let i: usize = 0; i < rows; i++)
        memory.copy(part + ((i * width) << 2), x + ((i * columns) << 2), width << 2);
      runReduce<f32>(Op.Sum, sums, part, 1, rows, width);
      expect(difference<f32>(sums, out, width)).toBe(-1);
    }
  });
});

/** Names the first reduction that differs from a scalar loop; empty if none does. */
function exact<T>(shape: StaticArray<usize>, nan: bool): string {
  const outer = shape[0];
  const count = shape[1];
  const inner = shape[2];
  const x = integers<T>(outer * count * inner, 100);
  if (nan && outer * count * inner > 0) {
    for (let i = 0; i < 4; i++) put<T>(x, random(<u32>(outer * count * inner)), NaN);
  }
  const results = outer * inner;
  const out = empty<T>(results + 1);
  const want = empty<T>(results + 1);
  for (let op: i32 = Op.Sum; op <= Op.Min; op++) {
    const status = runReduce<T>(op, out, x, outer, count, inner);
    for (let i: usize = 0; i < results; i++) reduceOne<T>(op, x, want, want, i, count, inner);
    if (status || difference<T>(out, want, results + 1) >= 0) return name<T>(op, outer, count, inner);
  }
  const index = empty<i32>(results + 1);
  const wanted = empty<i32>(results + 1);
  for (let op: i32 = Op.ArgMax; op <= Op.ArgMin; op++) {
    const status = runReduce<T>(op, index, x, outer, count, inner);
    for (let i: usize = 0; i < results; i++) reduceOne<T>(op, x, want, wanted, i, count, inner);
    if (status || difference<i32>(index, wanted, results + 1) >= 0) return name<T>(op, outer, count, inner);
  }
  return "";
}

function name<T>(op: i32, outer: usize, count: usize, inner: usize): string {
  return `op ${op} dtype ${dtypeOf<T>()} of [${outer}, ${count}, ${inner}]`;
}

/** The scalar reference for result i: a value into `want`, or a position into `wanted`. */
function reduceOne<T>(op: i32, x: usize, want: usize, wanted: usize, i: usize, count: usize, inner: usize): void {
  const first = (i / inner) * count * inner + (i % inner);
  let best = get<T>(x, first);
  let sum = best;
  let place: usize = 0;
  for (let j: usize = 1; j < count; j++) {
    const v = get<T>(x, first + j * inner);
    sum += v;
    const beats = op == Op.Max || op == Op.ArgMax ? v > best : v < best;
    if (beats || (v != v && best == best)) {
      best = v;
      place = j;
    }
  }
  if (op >= Op.ArgMax) store<i32>(wanted + (i << 2), <i32>place);
  else store<T>(want + (i << alignof<T>()), op == Op.Sum ? sum : best);
}

function sumError(x: usize, n: usize, inner: usize): f64 {
  const out = empty<f32>(inner);
  const want = empty<f64>(inner);
  memory.fill(want, 0, inner << 3);
  for (let i: usize = 0; i < n; i++) put<f64>(want, i % inner, get<f64>(want, i % inner) + <f64>get<f32>(x, i));
  runReduce<f32>(Op.Sum, out, x, 1, n / inner, inner);
  let worst: f64 = 0;
  for (let i: usize = 0; i < inner; i++) worst = max(worst, abs(<f64>get<f32>(out, i) / get<f64>(want, i) - 1));
  return worst;
}
