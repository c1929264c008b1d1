import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { difference, dtypeOf, empty, get, integers, mixed, put, reals, seed } from "./data";
import { allocate, fault, fresh } from "./subject";
import { runAxis } from "./tape";

const COUNTS: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 17, 48, 49, 100, 1000];

describe("argsort", () => {
  beforeEach(() => {
    fresh();
    seed(23);
  });

  it("orders stably at every size: special values, few values, many values", () => {
    expect(sweep<f32>()).toBe("");
    expect(sweep<f64>()).toBe("");
    expect(sweep<i32>()).toBe("");
    expect(runAxis(Op.Argsort, dtypeOf<u8>(), 0, 0, 0, 0, 1, 1, 1, 1)).toBe(Status.Unsupported);
  });

  it("says so when there is no room to sort, and writes nothing", () => {
    const x = integers<f32>(10000, 1);
    const out = empty<i32>(10000);
    while (allocate(1 << 16)) {}
    expect(runAxis(Op.Argsort, dtypeOf<f32>(), 0, out, x, 0, 1, 10000, 1, 10000)).toBe(Status.OutOfMemory);
    expect(load<f64>(fault(), Fault.Value)).toBeGreaterThan(160000);
    expect(get<u32>(out, 0)).toBe(0x55555555);
  });

  it("takes every NaN as the greatest, and zeros as equal", () => {
    const x = empty<f32>(6);
    put<f32>(x, 0, Infinity);
    store<u32>(x + 4, 0xffc00001); // A NaN whose sign bit is set.
    put<f32>(x, 2, 0);
    put<f32>(x, 3, -0.0);
    put<f32>(x, 4, NaN);
    put<f32>(x, 5, -Infinity);
    const out = empty<i32>(6);
    runAxis(Op.Argsort, dtypeOf<f32>(), 0, out, x, 0, 1, 6, 1, 6);
    expect(same(out, [5, 2, 3, 0, 1, 4])).toBe(true);
    runAxis(Op.Argsort, dtypeOf<f32>(), 1, out, x, 0, 1, 6, 1, 6);
    expect(same(out, [1, 4, 0, 2, 3, 5])).toBe(true);
  });
});

describe("foremost", () => {
  beforeEach(() => {
    fresh();
    seed(29);
  });

  it("finds the last of the best so far at every size, and every NaN from the first on", () => {
    expect(running<f32>()).toBe("");
    expect(running<f64>()).toBe("");
    expect(runAxis(Op.Foremost, dtypeOf<i32>(), 0, 0, 0, 0, 1, 1, 1, 1)).toBe(Status.Unsupported);
  });

  it("takes zeros as equal", () => {
    const x = empty<f64>(4);
    put<f64>(x, 0, 0);
    put<f64>(x, 1, -0.0);
    put<f64>(x, 2, -Infinity);
    put<f64>(x, 3, 0);
    const out = empty<i32>(4);
    runAxis(Op.Foremost, dtypeOf<f64>(), 1, out, x, 0, 1, 4, 1, 4);
    expect(same(out, [0, 1, 1, 3])).toBe(true);
    runAxis(Op.Foremost, dtypeOf<f64>(), 0, out, x, 0, 1, 4, 1, 4);
    expect(same(out, [0, 1, 2, 2])).toBe(true);
  });
});

/** Each place is compared with a search of all that come before it. */
function running<T>(): string {
  for (let c = 0; c < COUNTS.length; c++) {
    for (let kind = 0; kind < 2; kind++) {
      for (let greatest = 0; greatest < 2; greatest++) {
        const count = COUNTS[c];
        const x = kind == 0 ? mixed<T>(count * 6) : integers<T>(count * 6, 3);
        const out = empty<i32>(count * 6 + 1);
        const status = runAxis(Op.Foremost, dtypeOf<T>(), greatest, out, x, 0, 2, count, 3, count);
        const name = `count ${count} kind ${kind} greatest ${greatest}`;
        if (status || get<u32>(out, count * 6) != 0x55555555) return `${name}: status ${status}`;
        for (let column: usize = 0; column < 6; column++) {
          const first = (column / 3) * count * 3 + (column % 3);
          for (let i: usize = 0; i < count; i++) {
            if (get<u32>(out, first + i * 3) != bestOf<T>(x, first, i, greatest != 0)) return `${name} place ${i}`;
          }
        }
      }
    }
  }
  return "";
}

/** The last of the best of the elements up to the i-th of a column; of NaN, the last one. */
function bestOf<T>(x: usize, first: usize, i: usize, greatest: bool): u32 {
  let best: usize = 0;
  let isNone = false;
  for (let k: usize = 0; k <= i; k++) {
    const value = <f64>get<T>(x, first + k * 3);
    const most = <f64>get<T>(x, first + best * 3);
    if (isNaN(value)) isNone = true;
    if (isNone ? isNaN(value) : greatest ? value >= most : value <= most) best = k;
  }
  return <u32>best;
}

function same(out: usize, want: StaticArray<i32>): bool {
  for (let i = 0; i < want.length; i++) if (get<i32>(out, i) != want[i]) return false;
  return true;
}

function sweep<T>(): string {
  for (let c = 0; c < COUNTS.length; c++) {
    for (let kind = 0; kind < 3; kind++) {
      for (let descending = 0; descending < 2; descending++) {
        const count = COUNTS[c];
        const total = count * 6;
        const x = kind == 0 ? mixed<T>(total) : kind == 1 ? integers<T>(total, 3) : reals<T>(total, 1e9);
        const whole = empty<i32>(total + 1);
        const status = runAxis(Op.Argsort, dtypeOf<T>(), descending, whole, x, 0, 2, count, 3, count);
        const name = `count ${count} kind ${kind} descending ${descending}`;
        if (status || get<u32>(whole, total) != 0x55555555) return `${name}: status ${status}`;
        for (let row: usize = 0; row < 2; row++)
          for (let j: usize = 0; j < 3; j++) {
            const first = row * count * 3 + j;
            if (!ordered<T>(x, whole, first, count, descending != 0)) return name;
          }
        for (let kept: usize = 0; kept <= count; kept = 3 * kept + 1)
          if (!begins<T>(x, whole, count, kept, descending)) return `${name} kept ${kept}`;
      }
    }
  }
  return "";
}

/** Each place once, and no element behind a later one: of equals the one with the lower place first. */
function ordered<T>(x: usize, order: usize, first: usize, count: usize, descending: bool): bool {
  const seen = empty<u8>(count);
  memory.fill(seen, 0, count);
  for (let i: usize = 0; i < count; i++) {
    const place = get<u32>(order, first + 3 * i);
    if (place >= <u32>count || load<u8>(seen + place)) return false;
    store<u8>(seen + place, 1);
    if (!i) continue;
    const last = get<u32>(order, first + 3 * i - 3);
    const a = get<T>(x, first + 3 * last);
    const b = get<T>(x, first + 3 * place);
    const before = precedes<T>(a, b);
    const behind = precedes<T>(b, a);
    if (descending ? before : behind) return false;
    if (!before && !behind && last > place) return false;
  }
  return true;
}

function precedes<T>(a: T, b: T): bool {
  if (a != a) return false;
  return b != b || a < b;
}

/** The first few of a row by themselves are the beginning of the whole order. */
function begins<T>(x: usize, whole: usize, count: usize, kept: usize, descending: i32): bool {
  const few = empty<i32>(6 * kept + 1);
  const want = empty<i32>(6 * kept + 1);
  for (let row: usize = 0; row < 2; row++) {
    memory.copy(want + row * kept * 12, whole + row * count * 12, kept * 12);
  }
  if (runAxis(Op.Argsort, dtypeOf<T>(), descending, few, x, 0, 2, count, 3, kept)) return false;
  if (difference<i32>(few, want, 6 * kept + 1) >= 0) return false;
  // One row whose elements lie side by side.
  const row = empty<T>(count);
  for (let i: usize = 0; i < count; i++) store<T>(row + (i << alignof<T>()), get<T>(x, 3 * i));
  for (let i: usize = 0; i < kept; i++) put<i32>(want, i, get<i32>(whole, 3 * i));
  if (runAxis(Op.Argsort, dtypeOf<T>(), descending, few, row, 0, 1, count, 1, kept)) return false;
  return difference<i32>(few, want, kept) < 0;
}
