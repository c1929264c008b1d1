import { Triangle } from "../abi/form";
import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { copyOf, dtypeOf, empty, get, put, reals, seed } from "./data";
import { fault, fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

const SIZES: StaticArray<i32> = [0, 1, 2, 3, 5, 8, 17, 40];

/** What rounding may do to about as many numbers as a row has, in f64 and once to f32. */
function tolerance<T>(n: i32): f64 {
  return (sizeof<T>() == 4 ? 1e-6 : 2e-14) * <f64>(n + 4);
}

// prettier-ignore
function runMatrix<T>(
  op: i32, out: usize, a: usize, b: usize, count: i32, m: i32, n: i32, width: i32, flags: i32 = 0, value: f64 = 0,
  least: f64 = 0,
): i32 {
  begin(op, dtypeOf<T>(), flags);
  push(out);
  push(a);
  push(b);
  push(count);
  push(m);
  push(n);
  push(width);
  pushNumber(value);
  pushNumber(least);
  return run();
}

/** Two matrices [m, n] with a heavy diagonal. */
function pair<T>(m: i32, n: i32): usize {
  const a = reals<T>(2 * m * n, 1);
  for (let k = 0; k < 2; k++) {
    for (let i = 0; i < min(m, n); i++) {
      const at = (k * m + i) * n + i;
      put<T>(a, at, <f64>get<T>(a, at) + sqrt(<f64>(m + n)) * 2);
    }
  }
  return a;
}

/** Room for so many numbers, with one behind that must stay as it is. */
function room<T>(length: i32): usize {
  return empty<T>(length + 1);
}

function untouched<T>(out: usize, length: i32): bool {
  return load<u8>(out + (length << alignof<T>())) == 85;
}

/** The largest element of a b - c, [m, k] [k, n], where rows and columns of a and b lie so far apart, relative to 1 + c. */
// prettier-ignore
function off<T>(
  a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32, bColumn: i32, c: usize, m: i32, k: i32, n: i32,
): f64 {
  let most: f64 = 0;
  let scale: f64 = 1;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f64 = 0;
      for (let l = 0; l < k; l++) {
        sum += <f64>get<T>(a, i * aRow + l * aColumn) * <f64>get<T>(b, l * bRow + j * bColumn);
      }
      // Without c: the unit matrix.
      const want: f64 = c ? <f64>get<T>(c, i * n + j) : i == j ? 1 : 0;
      scale = max(scale, abs(want));
      most = max(most, sum == sum ? abs(sum - want) : Infinity);
    }
  }
  return most / scale;
}

/** The address of element i. */
function at<T>(block: usize, i: i32): usize {
  return block + (i << alignof<T>());
}

/** The symmetric part of the second of two matrices. */
function symmetric<T>(a: usize, n: i32): usize {
  const s = empty<T>(n * n);
  const from = at<T>(a, n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      put<T>(s, i * n + j, (<f64>get<T>(from, i * n + j) + <f64>get<T>(from, j * n + i)) / 2);
    }
  }
  return s;
}

/** The first n columns of [m, width], or all [n, n] of V, each times a number. */
function scaled<T>(x: usize, m: i32, n: i32, width: i32, values: usize): usize {
  const y = empty<T>(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) put<T>(y, i * n + j, <f64>get<T>(x, i * width + j) * <f64>get<T>(values, j));
  }
  return y;
}

function systems<T>(n: i32): f64 {
  const a = pair<T>(n, n);
  const k = 3;
  const b = reals<T>(2 * n * k, 1);
  const x = room<T>(2 * n * k);
  if (runMatrix<T>(Op.Solve, x, a, b, 2, n, n, k) || !untouched<T>(x, 2 * n * k)) return Infinity;
  let worst = off<T>(at<T>(a, n * n), n, 1, at<T>(x, n * k), k, 1, at<T>(b, n * k), n, n, k);
  for (let flags = 0; flags < 4; flags++) {
    // The other triangle, and a diagonal that counts as 1, are not read.
    const t = copyOf<T>(a, 2 * n * n);
    const whole = copyOf<T>(a, 2 * n * n);
    for (let c = 0; c < 2; c++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const place = (c * n + i) * n + j;
          const read = flags & Triangle.Upper ? j >= i : j <= i;
          if (!read || (i == j && flags & Triangle.Unit)) put<T>(t, place, NaN);
          if (!read) put<T>(whole, place, 0);
          else if (flags & Triangle.Unit) put<T>(whole, place, i == j ? 1 : <f64>get<T>(a, place) / n);
          if (read && i != j && flags & Triangle.Unit) put<T>(t, place, <f64>get<T>(whole, place));
        }
      }
    }
    if (runMatrix<T>(Op.SolveTriangular, x, t, b, 2, n, n, k, flags)) return Infinity;
    worst = max(worst, off<T>(at<T>(whole, n * n), n, 1, at<T>(x, n * k), k, 1, at<T>(b, n * k), n, n, k));
  }
  return worst;
}

function determinants<T>(n: i32): f64 {
  const a = pair<T>(n, n);
  // About 1 in size, so that determinants stay within the type.
  for (let i = 0; i < 2 * n * n; i++) put<T>(a, i, <f64>get<T>(a, i) / (2 * sqrt(<f64>(2 * n))));
  const det = room<T>(2);
  const logs = room<T>(4);
  const c = room<T>(2 * n * n);
  if (runMatrix<T>(Op.Det, det, a, 0, 2, n, n, n) || runMatrix<T>(Op.Slogdet, logs, a, 0, 2, n, n, n)) return Infinity;
  if (runMatrix<T>(Op.Cofactor, c, a, 0, 2, n, n, n) || !untouched<T>(c, 2 * n * n)) return Infinity;
  if (!untouched<T>(det, 2) || !untouched<T>(logs, 4)) return Infinity;
  const value = <f64>get<T>(det, 1);
  let worst = abs(<f64>get<T>(logs, 2) * Math.exp(<f64>get<T>(logs, 3)) - value) / abs(value);
  // A Cᵀ = det I.
  const want = empty<T>(n * n);
  for (let i = 0; i < n * n; i++) put<T>(want, i, i % (n + 1) == 0 ? value : 0);
  worst = max(worst, off<T>(at<T>(a, n * n), n, 1, at<T>(c, n * n), 1, n, want, n, n, n));
  return worst;
}

function factors<T>(n: i32): f64 {
  const a = pair<T>(n, n);
  const s = symmetric<T>(a, n);
  const l = room<T>(2 * n * n);
  if (runMatrix<T>(Op.Cholesky, l, a, 0, 2, n, n, n) || !untouched<T>(l, 2 * n * n)) return Infinity;
  const second = at<T>(l, n * n);
  let worst = off<T>(second, n, 1, second, 1, n, s, n, n, n);
  for (let m = n; m < n + 7; m += 6) {
    const b = pair<T>(m, n);
    for (let width = n; width <= m; width += max(m - n, 1)) {
      const size = m * width + n * n;
      const out = room<T>(2 * size);
      if (runMatrix<T>(Op.Qr, out, b, 0, 2, m, n, width) || !untouched<T>(out, 2 * size)) return Infinity;
      const q = at<T>(out, size);
      const r = at<T>(q, m * width);
      worst = max(worst, off<T>(q, width, 1, r, n, 1, at<T>(b, m * n), m, n, n));
      worst = max(worst, off<T>(q, 1, width, q, width, 1, 0, width, m, width));
      for (let i = 0; i < n; i++) {
        if (!(get<T>(r, i * n + i) >= 0)) return Infinity;
        for (let j = 0; j < i; j++) if (get<T>(r, i * n + j) != 0) return Infinity;
      }
    }
  }
  return worst;
}

function values<T>(n: i32): f64 {
  const a = pair<T>(n, n);
  const s = symmetric<T>(a, n);
  const size = n + n * n;
  const out = room<T>(2 * size);
  if (runMatrix<T>(Op.Eigh, out, a, 0, 2, n, n, n) || !untouched<T>(out, 2 * size)) return Infinity;
  const w = at<T>(out, size);
  const v = at<T>(w, n);
  let worst = off<T>(v, 1, n, v, n, 1, 0, n, n, n);
  worst = max(worst, off<T>(s, n, 1, v, n, 1, scaled<T>(v, n, n, n, w), n, n, n));
  for (let i = 1; i < n; i++) if (get<T>(w, i) < get<T>(w, i - 1)) return Infinity;
  for (let m = n; m < n + 7; m += 6) {
    const b = pair<T>(m, n);
    for (let width = n; width <= m; width += max(m - n, 1)) {
      const all = m * width + n + n * n;
      const parts = room<T>(2 * all);
      if (runMatrix<T>(Op.Svd, parts, b, 0, 2, m, n, width) || !untouched<T>(parts, 2 * all)) return Infinity;
      const u = at<T>(parts, all);
      const sigma = at<T>(u, m * width);
      const right = at<T>(sigma, n);
      worst = max(worst, off<T>(u, 1, width, u, width, 1, 0, width, m, width));
      worst = max(worst, off<T>(right, 1, n, right, n, 1, 0, n, n, n));
      worst = max(worst, off<T>(scaled<T>(u, m, n, width, sigma), n, 1, right, 1, n, at<T>(b, m * n), m, n, n));
      for (let i = 1; i < n; i++) if (get<T>(sigma, i) > get<T>(sigma, i - 1)) return Infinity;
    }
    const p = room<T>(2 * n * m);
    if (runMatrix<T>(Op.Pinv, p, b, 0, 2, m, n, n, 0, 1e-12) || !untouched<T>(p, 2 * n * m)) return Infinity;
    worst = max(worst, off<T>(at<T>(p, n * m), m, 1, at<T>(b, m * n), n, 1, 0, n, m, n));
    // Where the least that counts is above all of them, none does.
    if (runMatrix<T>(Op.Pinv, p, b, 0, 2, m, n, n, 0, 0, 1e6)) return Infinity;
    for (let i = 0; i < 2 * n * m; i++) if (get<T>(p, i) != 0) return Infinity;
  }
  return worst;
}

function exponentials<T>(n: i32): f64 {
  const a = reals<T>(2 * n * n, 2 / (<f64>n + 1));
  const b = empty<T>(2 * n * n);
  for (let i = 0; i < 2 * n * n; i++) put<T>(b, i, -(<f64>get<T>(a, i)));
  const x = room<T>(2 * n * n);
  const y = room<T>(2 * n * n);
  if (runMatrix<T>(Op.MatrixExp, x, a, 0, 2, n, n, n) || runMatrix<T>(Op.MatrixExp, y, b, 0, 2, n, n, n))
    return Infinity;
  if (!untouched<T>(x, 2 * n * n)) return Infinity;
  return off<T>(at<T>(x, n * n), n, 1, at<T>(y, n * n), n, 1, 0, n, n, n);
}

describe("linear algebra", () => {
  beforeEach(() => {
    seed(37);
  });

  it("solves, takes apart and puts together matrices of every size", () => {
    for (let i = 0; i < SIZES.length; i++) {
      const n = SIZES[i];
      fresh();
      expect(systems<f64>(n)).toBeLessThan(tolerance<f64>(n), `systems of ${n} in f64`);
      expect(systems<f32>(n)).toBeLessThan(tolerance<f32>(n), `systems of ${n} in f32`);
      expect(determinants<f64>(n)).toBeLessThan(tolerance<f64>(n), `determinants of ${n} in f64`);
      expect(determinants<f32>(n)).toBeLessThan(tolerance<f32>(n), `determinants of ${n} in f32`);
      expect(factors<f64>(n)).toBeLessThan(tolerance<f64>(n), `factors of ${n} in f64`);
      expect(factors<f32>(n)).toBeLessThan(tolerance<f32>(n), `factors of ${n} in f32`);
      expect(values<f64>(n)).toBeLessThan(tolerance<f64>(n), `values of ${n} in f64`);
      expect(values<f32>(n)).toBeLessThan(tolerance<f32>(n), `values of ${n} in f32`);
      expect(exponentials<f64>(n)).toBeLessThan(tolerance<f64>(n), `exponentials of ${n} in f64`);
      expect(exponentials<f32>(n)).toBeLessThan(tolerance<f32>(n), `exponentials of ${n} in f32`);
    }
  });

  it("refuses a pivot of 0, with its number and that of the matrix", () => {
    fresh();
    // Two matrices [3, 3]: the third row of the second is the sum of the others.
    const a = pair<f64>(3, 3);
    for (let j = 0; j < 3; j++) {
      put<f64>(a, 9 + j, j + 1);
      put<f64>(a, 12 + j, j * j);
      put<f64>(a, 15 + j, j + 1 + j * j);
    }
    const b = reals<f64>(6, 1);
    const out = room<f64>(6);
    expect(runMatrix<f64>(Op.Solve, out, a, b, 2, 3, 3, 1)).toBe(Status.Singular);
    expect(load<u32>(fault() + Fault.Position)).toBe(2);
    expect(load<u32>(fault() + Fault.Limit)).toBe(1);
    put<f64>(a, 0, -1);
    expect(runMatrix<f64>(Op.Cholesky, room<f64>(18), a, 0, 2, 3, 3, 3)).toBe(Status.NotPositive);
    expect(load<u32>(fault() + Fault.Position)).toBe(0);
    expect(load<f64>(fault() + Fault.Value)).toBe(-1);
    put<f64>(a, 13, 0);
    expect(runMatrix<f64>(Op.SolveTriangular, out, a, b, 2, 3, 3, 1, Triangle.Upper)).toBe(Status.Singular);
    expect(load<u32>(fault() + Fault.Position)).toBe(1);
    expect(runMatrix<i32>(Op.Det, out, a, 0, 2, 3, 3, 3)).toBe(Status.Unsupported);
  });
});
