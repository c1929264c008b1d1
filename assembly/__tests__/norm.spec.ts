import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { difference, dtypeOf, empty, error, get, put, reals, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

const COLUMNS: StaticArray<usize> = [1, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100, 1030, 2500];
const ROWS: usize = 3;
const EPSILON: f64 = 1e-3;

describe("layer and RMS norm", () => {
  beforeEach(() => {
    fresh();
    seed(12);
  });

  it("agree with a scalar loop in f64, forward and backward, with weight and bias or without", () => {
    for (let i = 0; i < COLUMNS.length; i++) {
      for (let op: i32 = Op.LayerNorm; op <= Op.RmsNormBackward; op++) {
        for (let affine = 0; affine < 3; affine++) {
          expect(normError<f32>(op, COLUMNS[i], affine, 3)).toBeLessThan(4e-6);
          expect(normError<f64>(op, COLUMNS[i], affine, 3)).toBeLessThan(1e-14);
        }
      }
    }
  });

  it("lose nothing to a large mean", () => {
    const n: usize = 1000;
    const x = empty<f32>(n);
    const y = empty<f32>(n);
    for (let i: usize = 0; i < n; i++) put<f32>(x, i, 100000 + <f64>(i % 8));
    expect(norm<f32>(Op.LayerNorm, y, x, 0, 0, 0, 1, n)).toBe(Status.Ok);
    // Mean 3.5, variance 5.25.
    let worst: f64 = 0;
    for (let i: usize = 0; i < n; i++) {
      worst = max(worst, abs(<f64>get<f32>(y, i) - (<f64>(i % 8) - 3.5) / sqrt<f64>(5.25 + EPSILON)));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  it("spread NaN over its row alone, and write nothing beyond", () => {
    const x = reals<f32>(20, 1);
    const y = empty<f32>(21);
    put<f32>(x, 7, NaN);
    expect(norm<f32>(Op.LayerNorm, y, x, 0, 0, 0, 4, 5)).toBe(Status.Ok);
    for (let i = 0; i < 20; i++) expect(isNaN(get<f32>(y, i))).toBe(i / 5 == 1);
    expect(get<u32>(y, 20)).toBe(0x55555555);
  });

  it("may write over their input, do nothing with no rows or columns, and nothing to integers", () => {
    const x = reals<f32>(3 * 37, 5);
    const y = empty<f32>(3 * 37);
    norm<f32>(Op.LayerNorm, y, x, 0, 0, 0, 3, 37);
    norm<f32>(Op.LayerNorm, x, x, 0, 0, 0, 3, 37);
    expect(difference<f32>(x, y, 3 * 37)).toBe(-1);
    expect(norm<f32>(Op.RmsNorm, x, x, 0, 0, 0, 0, 4)).toBe(Status.Ok);
    expect(norm<f32>(Op.RmsNorm, x, x, 0, 0, 0, 4, 0)).toBe(Status.Ok);
    expect(norm<i32>(Op.RmsNorm, x, x, 0, 0, 0, 1, 4)).toBe(Status.Unsupported);
    expect(difference<f32>(x, y, 3 * 37)).toBe(-1);
  });
});

/** Runs a norm of T. */
// prettier-ignore
function norm<T>(op: i32, out: usize, x: usize, g: usize, weight: usize, bias: usize, rows: usize, n: usize): i32 {
  begin(op, dtypeOf<T>());
  push(out);
  push(x);
  push(g);
  push(weight);
  push(bias);
  push(rows);
  push(n);
  pushNumber(EPSILON);
  return run();
}

function normError<T>(op: i32, n: usize, affine: i32, limit: f64): f64 {
  const backward = op == Op.LayerNormBackward || op == Op.RmsNormBackward;
  const centred = op == Op.LayerNorm || op == Op.LayerNormBackward;
  const x = reals<T>(ROWS * n, limit);
  const g = reals<T>(ROWS * n, 1);
  const weight = reals<T>(n, 1);
  const bias = reals<T>(n, 1);
  const want = empty<T>(ROWS * n + 1);
  for (let row: usize = 0; row < ROWS; row++) {
    let mean: f64 = 0;
    let square: f64 = 0;
    let sumH: f64 = 0;
    let sumHz: f64 = 0;
    for (let j: usize = 0; j < n; j++) mean += centred ? <f64>get<T>(x, row * n + j) / <f64>n : 0;
    for (let j: usize = 0; j < n; j++) {
      const z = <f64>get<T>(x, row * n + j) - mean;
      const h = <f64>get<T>(g, row * n + j) * (affine > 0 ? <f64>get<T>(weight, j) : 1);
      square += z * z;
      sumH += centred ? h : 0;
      sumHz += h * z;
    }
    const s = 1 / sqrt(square / <f64>n + EPSILON);
    for (let j: usize = 0; j < n; j++) {
      const z = <f64>get<T>(x, row * n + j) - mean;
      const w = affine > 0 ? <f64>get<T>(weight, j) : 1;
      const h = <f64>get<T>(g, row * n + j) * w;
      const y = z * s * w + (affine > 1 ? <f64>get<T>(bias, j) : 0);
      put<T>(want, row * n + j, backward ? s * (h - (sumH + z * s * s * sumHz) / <f64>n) : y);
    }
  }
  const out = empty<T>(ROWS * n + 1);
  const status = norm<T>(
    op,
    out,
    x,
    backward ? g : 0,
    affine > 0 ? weight : 0,
    affine > 1 && !backward ? bias : 0,
    ROWS,
    n,
  );
  // One column has a scale of up to 1 / sqrt(epsilon), and what remains of it is rounding.
  return status ? Infinity : error<T>(out, want, ROWS * n + 1, n == 1 ? 30 : 3);
}
