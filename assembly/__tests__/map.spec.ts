import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { difference, dtypeOf, empty, get, mixed, put, seed } from "./data";
import { sweep } from "./reference";
import { fault, fresh } from "./subject";
import { begin, push, run, runMap } from "./tape";

describe("elementwise arithmetic", () => {
  beforeEach(() => {
    fresh();
    seed(2);
  });

  it("with one input agrees with a scalar loop, over all sizes and strides", () => {
    for (let op: i32 = Op.Neg; op <= Op.Relu; op++) {
      if (op >= Op.Exp && op <= Op.Sigmoid) continue;
      expect(sweep<f32, f32, f32>(op, 1)).toBe("");
      expect(sweep<f64, f64, f64>(op, 1)).toBe("");
      if (op <= Op.Square) expect(sweep<i32, i32, i32>(op, 1)).toBe("");
    }
  });

  it("with two inputs agrees with a scalar loop, over all sizes and strides", () => {
    for (let op: i32 = Op.Add; op <= Op.GatedMul; op++) {
      expect(sweep<f32, f32, f32>(op, 2)).toBe("");
      expect(sweep<f64, f64, f64>(op, 2)).toBe("");
      if (op != Op.Div && op != Op.GatedMul) expect(sweep<i32, i32, i32>(op, 2)).toBe("");
    }
  });

  it("gives the same bits in every lane and on every path", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(paths<f32>(op)).toBe(-1, op.toString());
      expect(paths<f64>(op)).toBe(-1, op.toString());
    }
  });

  it("may write over an input", () => {
    const x = mixed<f32>(67);
    const y = mixed<f32>(67);
    const z = empty<f32>(67);
    runMap(Op.Add, DType.F32, 0, 67, z, 1, x, 1, y, 1);
    runMap(Op.Add, DType.F32, 0, 67, x, 1, x, 1, y, 1);
    expect(difference<f32>(x, z, 67)).toBe(-1);
  });

  it("knows which dtypes it has no kernel for", () => {
    const x = empty<f64>(4);
    expect(runMap(Op.Exp, DType.I32, 0, 4, x, 1, x, 1)).toBe(Status.Unsupported);
    expect(runMap(Op.Neg, DType.U8, 0, 4, x, 1, x, 1)).toBe(Status.Unsupported);
    expect(runMap(Op.Div, DType.I32, 0, 4, x, 1, x, 1, x, 1)).toBe(Status.Unsupported);
    expect(runMap(Op.Add, DType.Bool, 0, 4, x, 1, x, 1, x, 1)).toBe(Status.Unsupported);
    expect(runMap(1000, DType.F32, 0, 4, x, 1, x, 1)).toBe(Status.Unsupported);
  });
});

describe("comparisons and choices", () => {
  beforeEach(() => {
    fresh();
    seed(3);
  });

  it("compare every dtype, over all sizes and strides", () => {
    for (let op: i32 = Op.Eq; op <= Op.Ge; op++) {
      expect(sweep<f32, f32, bool>(op, 2)).toBe("");
      expect(sweep<f64, f64, bool>(op, 2)).toBe("");
      expect(sweep<i32, i32, bool>(op, 2)).toBe("");
      expect(sweep<u8, u8, bool>(op, 2)).toBe("");
      expect(sweep<bool, bool, bool>(op, 2)).toBe("");
    }
  });

  it("choose from every dtype, over all sizes and strides", () => {
    expect(sweep<bool, f32, f32>(Op.Where, 3)).toBe("");
    expect(sweep<bool, f64, f64>(Op.Where, 3)).toBe("");
    expect(sweep<bool, i32, i32>(Op.Where, 3)).toBe("");
    expect(sweep<bool, u8, u8>(Op.Where, 3)).toBe("");
    expect(sweep<bool, bool, bool>(Op.Where, 3)).toBe("");
  });
});

describe("copies and casts", () => {
  beforeEach(() => {
    fresh();
    seed(4);
  });

  it("copy every dtype, over all sizes and strides", () => {
    expect(sweep<f32, f32, f32>(Op.Copy, 1)).toBe("");
    expect(sweep<f64, f64, f64>(Op.Copy, 1)).toBe("");
    expect(sweep<i32, i32, i32>(Op.Copy, 1)).toBe("");
    expect(sweep<u8, u8, u8>(Op.Copy, 1)).toBe("");
    expect(sweep<bool, bool, bool>(Op.Copy, 1)).toBe("");
  });

  it("copy long rows", () => {
    const x = mixed<f32>(5000);
    const y = empty<f32>(5000);
    runMap(Op.Copy, DType.F32, 0, 4999, y, 1, x, 1);
    expect(difference<f32>(x, y, 4999)).toBe(-1);
    expect(get<u32>(y, 4999)).toBe(0x55555555);
  });

  it("cast between all dtypes, over all sizes and strides", () => {
    casts<f32>();
    casts<f64>();
    casts<i32>();
    casts<u8>();
    casts<bool>();
  });

  it("find the first number that is no index", () => {
    const bad: StaticArray<f64> = [0.5, NaN, Infinity, -Infinity, 2147483648, -2147483649];
    const x = empty<f64>(5);
    const y = empty<i32>(5);
    for (let i = 0; i < 5; i++) put<f64>(x, i, <f64>i - 2);
    expect(runMap(Op.ToIndex, DType.F64, 0, 5, y, 1, x, 1)).toBe(Status.Ok);
    for (let i = 0; i < 5; i++) expect(get<i32>(y, i)).toBe(i - 2);
    for (let i = 0; i < bad.length; i++) {
      put<f64>(x, 3, bad[i]);
      expect(runMap(Op.ToIndex, DType.F64, 0, 5, y, 1, x, 1)).toBe(Status.NotAnInteger);
      expect(load<u32>(fault(), Fault.Position)).toBe(3);
      expect(load<u64>(fault(), Fault.Value)).toBe(reinterpret<u64>(bad[i]));
    }
    const z = empty<f32>(5);
    for (let i = 0; i < 5; i++) put<f32>(z, i, <f64>i);
    expect(runMap(Op.ToIndex, DType.F32, 0, 5, y, 1, z, 1)).toBe(Status.Ok);
    expect(get<i32>(y, 4)).toBe(4);
  });
});

describe("the walk", () => {
  beforeEach(() => {
    fresh();
    seed(5);
  });

  it("takes a box without dimensions for one element", () => {
    const x = mixed<f32>(1);
    const y = empty<f32>(2);
    begin(Op.Copy, DType.F32);
    push(0);
    push(y);
    push(x);
    push(0);
    push(0);
    expect(run()).toBe(Status.Ok);
    expect(difference<f32>(x, y, 1)).toBe(-1);
    expect(get<u32>(y, 1)).toBe(0x55555555);
  });

  it("takes boxes of any shape, in tiles or not", () => {
    expect(box(3, 5, 4, 7)).toBe("");
    expect(box(2, 3, 130, 70)).toBe("");
    expect(box(1, 1, 65, 129)).toBe("");
    expect(box(2, 0, 3, 4)).toBe("");
    expect(box(2, 3, 4, 0)).toBe("");
  });
});

function casts<X>(): void {
  expect(sweep<X, X, f32>(Op.Cast, 1)).toBe("");
  expect(sweep<X, X, f64>(Op.Cast, 1)).toBe("");
  expect(sweep<X, X, i32>(Op.Cast, 1)).toBe("");
  expect(sweep<X, X, u8>(Op.Cast, 1)).toBe("");
  expect(sweep<X, X, bool>(Op.Cast, 1)).toBe("");
}

/** Position of the first element whose bits depend on how it is reached: one alone, with strides, or in a long row. */
function paths<T>(op: i32): i32 {
  const n: usize = 67;
  const x = mixed<T>(3 * n);
  const one = empty<T>(n);
  const row = empty<T>(n);
  const strided = empty<T>(2 * n);
  const dtype = dtypeOf<T>();
  for (let start: usize = 0; start < 2; start++) {
    const from = x + (start << alignof<T>());
    for (let i: usize = 0; i < n; i++)
      runMap(op, dtype, 0, 1, one + (i << alignof<T>()), 1, from + (i << alignof<T>()), 1);
    runMap(op, dtype, 0, n, row, 1, from, 1);
    runMap(op, dtype, 0, n, strided, 2, from, 1);
    let at = difference<T>(one, row, n);
    for (let i: usize = 0; i < n; i++) {
      const place = strided + 2 * (i << alignof<T>());
      if (at < 0 && difference<T>(one + (i << alignof<T>()), place, 1) >= 0) at = <i32>i;
    }
    if (at >= 0) return at;
  }
  return -1;
}

/**
 * Says what is wrong with out[i, j, k, l] = m[l] ? x[j, i, l, k] : y[k, l], in which x is permuted and read backwards in i,
 * and m and y are broadcast; and with the same box of x + y.
 */
function box(a: usize, b: usize, c: usize, d: usize): string {
  const n = a * b * c * d;
  const m = mixed<bool>(d + 1);
  const x = mixed<f32>(n + 1);
  const y = mixed<f32>(c * d + 1);
  for (let op: i32 = Op.Add; op <= Op.Where; op += Op.Where - Op.Add) {
    const where = op == Op.Where;
    const out = empty<f32>(n + 1);
    const backwards = x + (max(a, 1) - 1) * d * c * sizeof<f32>();
    begin(op, DType.F32);
    push(4);
    push(out);
    push(where ? m : backwards);
    push(where ? backwards : y);
    push(y);
    pushFour(a, b, c, d);
    pushFour(b * c * d, c * d, d, 1);
    if (where) pushFour(0, 0, 0, 1);
    pushFour(0 - d * c, a * d * c, 1, c);
    pushFour(0, 0, d, 1);
    if (run()) return "status";
    for (let e: usize = 0; e < n; e++) {
      const l = e % d;
      const k = (e / d) % c;
      const j = (e / (d * c)) % b;
      const i = e / (d * c * b);
      const p = get<f32>(x, ((j * a + (a - 1 - i)) * d + l) * c + k);
      const q = get<f32>(y, k * d + l);
      const want = where ? (get<bool>(m, l) ? p : q) : p + q;
      const got = get<f32>(out, e);
      if (want != got && (want == want || got == got)) return `op ${op}, element ${e}`;
    }
    if (get<u32>(out, n) != 0x55555555) return `op ${op}, beyond the end`;
  }
  return "";
}

function pushFour(a: usize, b: usize, c: usize, d: usize): void {
  push(a);
  push(b);
  push(c);
  push(d);
}
