import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, error, get, put, random, reals, seed } from "./data";
import { fault, fresh } from "./subject";
import { runForm } from "./tape";
import { ulps } from "./ulps";

const COLUMNS: StaticArray<usize> = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100, 1030, 2500];
const ROWS: usize = 3;

/** The largest of the row that `visit` looked at last, and the logarithm of the sum of its exponentials beyond that. */
let peak: f64 = 0;
let spread: f64 = 0;

describe("softmax and its kin", () => {
  beforeEach(() => {
    fresh();
    seed(7);
  });

  it("agree with a scalar loop in f64, for small and for huge logits", () => {
    for (let i = 0; i < COLUMNS.length; i++) {
      expect(softmaxError<f32>(COLUMNS[i], 3)).toBeLessThan(2e-6);
      expect(softmaxError<f32>(COLUMNS[i], 1e4)).toBeLessThan(2e-6);
      expect(softmaxError<f64>(COLUMNS[i], 3)).toBeLessThan(1e-14);
      expect(softmaxError<f64>(COLUMNS[i], 1e4)).toBeLessThan(1e-14);
    }
  });

  it("have backward kernels that agree with a scalar loop in f64", () => {
    for (let i = 0; i < COLUMNS.length; i++) {
      expect(backwardError<f32>(COLUMNS[i])).toBeLessThan(4e-6);
      expect(backwardError<f64>(COLUMNS[i])).toBeLessThan(1e-14);
    }
  });

  it("make a cross-entropy and its gradient", () => {
    for (let i = 0; i < COLUMNS.length; i++) {
      expect(crossEntropyError<f32>(COLUMNS[i], 3)).toBeLessThan(2e-6);
      expect(crossEntropyError<f32>(COLUMNS[i], 1e4)).toBeLessThan(2e-6);
      expect(crossEntropyError<f64>(COLUMNS[i], 3)).toBeLessThan(1e-14);
    }
  });

  it("give NaN for a row of -inf, and 0 for one -inf among others", () => {
    const x = empty<f32>(12);
    const y = empty<f32>(12);
    for (let i = 0; i < 12; i++) put<f32>(x, i, -Infinity);
    for (let i = 6; i < 11; i++) put<f32>(x, i, 2);
    expect(runForm(Op.Softmax, dtypeOf<f32>(), y, x, 0, 0, 2, 6)).toBe(Status.Ok);
    for (let i = 0; i < 6; i++) expect(isNaN(get<f32>(y, i))).toBe(true);
    for (let i = 6; i < 11; i++) expect(get<f32>(y, i)).toBe(<f32>0.2);
    expect(get<f32>(y, 11)).toBe(0);
    expect(runForm(Op.LogSoftmax, dtypeOf<f32>(), y, x, 0, 0, 2, 6)).toBe(Status.Ok);
    expect(isNaN(get<f32>(y, 0))).toBe(true);
    expect(get<f32>(y, 11)).toBe(-Infinity);
  });

  it("take powers of e to 2 units in the last place, and 1, 0 and NaN as they are", () => {
    // With a sum of -1, which the last element makes, what comes is e to the y.
    const n: usize = 50000;
    const y = empty<f32>(n);
    const g = empty<f32>(n);
    const out = empty<f32>(n);
    for (let i: usize = 0; i < n; i++) {
      put<f32>(y, i, (-85 * <f64>i) / <f64>n);
      put<f32>(g, i, i == n - 1 ? -1 : 0);
    }
    expect(runForm(Op.LogSoftmaxBackward, dtypeOf<f32>(), out, y, g, 0, 1, n)).toBe(Status.Ok);
    expect(get<f32>(out, 0)).toBe(1);
    let worst: f64 = 0;
    for (let i: usize = 0; i < n - 1; i++)
      worst = max(worst, ulps<f32>(get<f32>(out, i), Math.exp(<f64>get<f32>(y, i))));
    expect(worst).toBeLessThanOrEqual(2);
    const edges: StaticArray<f64> = [-0.0, 1, -88, 0, -1e30, 0, -Infinity, 0, NaN, NaN];
    for (let i = 0; i < edges.length; i += 2) put<f32>(y, i, edges[i]);
    expect(runForm(Op.LogSoftmaxBackward, dtypeOf<f32>(), out, y, g, 0, 1, n)).toBe(Status.Ok);
    for (let i = 0; i < edges.length; i += 2)
      expect(ulps<f32>(get<f32>(out, i), edges[i + 1])).toBe(0, edges[i].toString());
  });

  it("may write over their input", () => {
    for (let op: i32 = Op.Softmax; op <= Op.LogSoftmax; op++) {
      const x = reals<f32>(3 * 37, 5);
      const y = empty<f32>(3 * 37);
      runForm(op, dtypeOf<f32>(), y, x, 0, 0, 3, 37);
      runForm(op, dtypeOf<f32>(), x, x, 0, 0, 3, 37);
      expect(difference<f32>(x, y, 3 * 37)).toBe(-1);
    }
  });

  it("check every target before they write anything", () => {
    const x = reals<f32>(15, 1);
    const out = empty<f32>(15);
    const untouched = copyOf<f32>(out, 15);
    const targets = empty<i32>(3);
    for (let bad = -1; bad <= 5; bad += 6) {
      for (let op: i32 = Op.CrossEntropy; op <= Op.CrossEntropyBackward; op++) {
        for (let i = 0; i < 3; i++) put<i32>(targets, i, i == 2 ? bad : i);
        expect(runForm(op, dtypeOf<f32>(), out, x, targets, x, 3, 5)).toBe(Status.OutsideFromStart);
        expect(difference<f32>(out, untouched, 15)).toBe(-1);
        expect(load<u32>(fault(), Fault.Position)).toBe(2);
        expect(load<f64>(fault(), Fault.Value)).toBe(bad);
        expect(load<u32>(fault(), Fault.Limit)).toBe(5);
      }
    }
  });

  it("do nothing with no rows or no columns, and nothing to integers", () => {
    const x = empty<f32>(4);
    const untouched = copyOf<f32>(x, 4);
    expect(runForm(Op.Softmax, dtypeOf<f32>(), x, x, 0, 0, 0, 4)).toBe(Status.Ok);
    expect(runForm(Op.Softmax, dtypeOf<f32>(), x, x, 0, 0, 4, 0)).toBe(Status.Ok);
    expect(runForm(Op.CrossEntropy, dtypeOf<f32>(), x, x, x, 0, 0, 4)).toBe(Status.Ok);
    expect(runForm(Op.Softmax, dtypeOf<i32>(), x, x, 0, 0, 1, 4)).toBe(Status.Unsupported);
    expect(difference<f32>(x, untouched, 4)).toBe(-1);
  });
});

function visit<T>(x: usize, row: usize, n: usize): void {
  peak = -Infinity;
  for (let i: usize = 0; i < n; i++) peak = max(peak, <f64>get<T>(x, row * n + i));
  let total: f64 = 0;
  for (let i: usize = 0; i < n; i++) total += Math.exp(<f64>get<T>(x, row * n + i) - peak);
  spread = Math.log(total);
}

function softmaxError<T>(n: usize, limit: f64): f64 {
  const x = reals<T>(ROWS * n, limit);
  const y = empty<T>(ROWS * n + 1);
  const log = empty<T>(ROWS * n + 1);
  const want = empty<T>(ROWS * n + 1);
  const wantLog = empty<T>(ROWS * n + 1);
  if (runForm(Op.Softmax, dtypeOf<T>(), y, x, 0, 0, ROWS, n)) return Infinity;
  if (runForm(Op.LogSoftmax, dtypeOf<T>(), log, x, 0, 0, ROWS, n)) return Infinity;
  for (let i: usize = 0; i < ROWS * n; i++) {
    if (i % n == 0) visit<T>(x, i / n, n);
    const exact = <f64>get<T>(x, i) - peak - spread;
    put<T>(wantLog, i, exact);
    put<T>(want, i, Math.exp(exact));
  }
  return max(error<T>(y, want, ROWS * n + 1, 1e-3), error<T>(log, wantLog, ROWS * n + 1, 1));
}

function backwardError<T>(n: usize): f64 {
  const x = reals<T>(ROWS * n, 3);
  const g = reals<T>(ROWS * n, 1);
  const y = empty<T>(ROWS * n);
  const log = empty<T>(ROWS * n);
  runForm(Op.Softmax, dtypeOf<T>(), y, x, 0, 0, ROWS, n);
  runForm(Op.LogSoftmax, dtypeOf<T>(), log, x, 0, 0, ROWS, n);
  const out = empty<T>(ROWS * n + 1);
  const outLog = empty<T>(ROWS * n + 1);
  if (runForm(Op.SoftmaxBackward, dtypeOf<T>(), out, y, g, 0, ROWS, n)) return Infinity;
  if (runForm(Op.LogSoftmaxBackward, dtypeOf<T>(), outLog, log, g, 0, ROWS, n)) return Infinity;
  const want = empty<T>(ROWS * n + 1);
  const wantLog = empty<T>(ROWS * n + 1);
  let dot: f64 = 0;
  let sum: f64 = 0;
  for (let i: usize = 0; i < ROWS * n; i++) {
    if (i % n == 0) {
      dot = 0;
      sum = 0;
      for (let j = i; j < i + n; j++) {
        dot += <f64>get<T>(y, j) * <f64>get<T>(g, j);
        sum += <f64>get<T>(g, j);
      }
    }
    put<T>(want, i, <f64>get<T>(y, i) * (<f64>get<T>(g, i) - dot));
    put<T>(wantLog, i, <f64>get<T>(g, i) - Math.exp(<f64>get<T>(log, i)) * sum);
  }
  return max(error<T>(out, want, ROWS * n + 1, 0.1), error<T>(outLog, wantLog, ROWS * n + 1, 1));
}

function crossEntropyError<T>(n: usize, limit: f64): f64 {
  const x = reals<T>(ROWS * n, limit);
  const g = reals<T>(ROWS, 1);
  const targets = empty<i32>(ROWS);
  const want = empty<T>(ROWS + 1);
  const wantGradient = empty<T>(ROWS * n + 1);
  for (let i: usize = 0; i < ROWS; i++) {
    const target = random(<u32>n);
    put<i32>(targets, i, target);
    visit<T>(x, i, n);
    put<T>(want, i, spread - (<f64>get<T>(x, i * n + target) - peak));
    for (let j: usize = 0; j < n; j++) {
      const p = Math.exp(<f64>get<T>(x, i * n + j) - peak - spread) - (j == target ? 1 : 0);
      put<T>(wantGradient, i * n + j, p * <f64>get<T>(g, i));
    }
  }
  const out = empty<T>(ROWS + 1);
  const gradient = empty<T>(ROWS * n + 1);
  if (runForm(Op.CrossEntropy, dtypeOf<T>(), out, x, targets, 0, ROWS, n)) return Infinity;
  if (runForm(Op.CrossEntropyBackward, dtypeOf<T>(), gradient, x, targets, g, ROWS, n)) return Infinity;
  return max(error<T>(out, want, ROWS + 1, 1), error<T>(gradient, wantGradient, ROWS * n + 1, 0.1));
}
