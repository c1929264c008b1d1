import { Scan } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { difference, dtypeOf, empty, error, get, integers, mixed, put, reals, seed } from "./data";
import { fresh } from "./subject";
import { runAxis } from "./tape";

const COUNTS: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 8, 17];
const INNERS: StaticArray<usize> = [1, 2, 3, 4, 5, 17, 1027];

describe("running sums and products", () => {
  beforeEach(() => {
    fresh();
    seed(22);
  });

  it("are those of the reference at every size, forwards and backwards, with and without the element", () => {
    // Whole numbers: every sum is exact, in whatever order.
    expect(sweep<f32>(Op.Cumsum, 9)).toBe("");
    expect(sweep<f64>(Op.Cumsum, 9)).toBe("");
    expect(sweep<i32>(Op.Cumsum, 2147483647)).toBe("");
    // And products of up to 17 numbers up to 2.
    expect(sweep<f32>(Op.Cumprod, 2)).toBe("");
    expect(sweep<f64>(Op.Cumprod, 2)).toBe("");
    expect(sweep<i32>(Op.Cumprod, 1000)).toBe("");
    expect(runAxis(Op.Cumsum, dtypeOf<u8>(), 0, 0, 0, 0, 1, 1, 1, 1)).toBe(Status.Unsupported);
  });

  it("pass special values on", () => {
    for (let inner: usize = 1; inner < 4; inner++) {
      const x = mixed<f32>(40 * inner);
      const out = empty<f32>(40 * inner);
      runAxis(Op.Cumsum, dtypeOf<f32>(), 0, out, x, 0, 1, 40, inner, 40);
      for (let j: usize = 0; j < inner; j++) {
        let total: f64 = -0.0;
        for (let i: usize = 0; i < 40; i++) {
          total += <f64>get<f32>(x, i * inner + j);
          const got = get<f32>(out, i * inner + j);
          const want = <f32>total;
          expect((got != got && want != want) || got == want || abs(got - want) <= abs(want) * <f32>1e-6).toBe(true);
        }
      }
    }
    const zero = empty<f32>(5);
    for (let i = 0; i < 5; i++) put<f32>(zero, i, -0.0);
    const out = empty<f32>(5);
    runAxis(Op.Cumsum, dtypeOf<f32>(), 0, out, zero, 0, 1, 5, 1, 5);
    expect(difference<f32>(out, zero, 5)).toBe(-1);
  });

  it("sum a million f32 as if in f64", () => {
    const n: usize = 1000000;
    const x = reals<f32>(n, 0.5);
    for (let i: usize = 0; i < n; i++) put<f32>(x, i, <f64>get<f32>(x, i) + 0.5);
    const want = empty<f32>(n);
    let total: f64 = 0;
    for (let i: usize = 0; i < n; i++) put<f32>(want, i, (total += <f64>get<f32>(x, i)));
    const out = empty<f32>(n);
    runAxis(Op.Cumsum, dtypeOf<f32>(), 0, out, x, 0, 1, n, 1, n);
    expect(error<f32>(out, want, n, 0)).toBeLessThan(1.2e-7);
  });
});

/** Names the first wrong case. */
function sweep<T>(op: i32, limit: u32): string {
  for (let c = 0; c < COUNTS.length; c++) {
    for (let k = 0; k < INNERS.length; k++) {
      for (let flags = 0; flags < 4; flags++) {
        const count = COUNTS[c];
        const inner = INNERS[k];
        const total = count * inner * 2;
        const x = integers<T>(total, limit);
        const out = empty<T>(total + 1);
        const want = empty<T>(total + 1);
        for (let row: usize = 0; row < 2; row++)
          for (let j: usize = 0; j < inner; j++)
            expectColumn<T>(op, flags, x, want, row * count * inner + j, count, inner);
        const status = runAxis(op, dtypeOf<T>(), flags, out, x, 0, 2, count, inner, count);
        if (status || differs<T>(out, want, total)) return `count ${count} inner ${inner} flags ${flags}: ${status}`;
        if (load<u8>(out + (total << alignof<T>())) != 85) return "written beyond the end";
      }
    }
  }
  return "";
}

/** Numbers as numbers: 0 times -1 may have either sign. */
function differs<T>(out: usize, want: usize, n: usize): bool {
  for (let i: usize = 0; i < n; i++) if (get<T>(out, i) != get<T>(want, i)) return true;
  return false;
}

function expectColumn<T>(op: i32, flags: i32, x: usize, want: usize, from: usize, count: usize, step: usize): void {
  let total = <T>(op == Op.Cumsum ? 0 : 1);
  for (let i: usize = 0; i < count; i++) {
    const at = from + (flags & Scan.Reverse ? count - 1 - i : i) * step;
    const slot = want + (at << alignof<T>());
    if (flags & Scan.Exclusive) store<T>(slot, total);
    if (op == Op.Cumsum) total += get<T>(x, at);
    else total *= get<T>(x, at);
    if (!(flags & Scan.Exclusive)) store<T>(slot, total);
  }
}
