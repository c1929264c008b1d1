import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, get, integers, mixed, put, seed } from "./data";
import { fault, fresh } from "./subject";
import { runForm } from "./tape";

const WIDTHS: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 17, 40, 700];
const INDICES: StaticArray<i32> = [3, -1, 0, -4, 2, 2, 3];
const ROWS: usize = 4;

describe("gather and scatter", () => {
  beforeEach(() => {
    fresh();
    seed(8);
  });

  it("gather rows of every dtype and width", () => {
    for (let i = 0; i < WIDTHS.length; i++) {
      expect(gathers<f32>(WIDTHS[i])).toBe(-1);
      expect(gathers<f64>(WIDTHS[i])).toBe(-1);
      expect(gathers<i32>(WIDTHS[i])).toBe(-1);
      expect(gathers<u8>(WIDTHS[i])).toBe(-1);
      expect(gathers<bool>(WIDTHS[i])).toBe(-1);
    }
  });

  it("add rows up where the index says", () => {
    for (let i = 0; i < WIDTHS.length; i++) {
      expect(scatters<f32>(WIDTHS[i])).toBe(-1);
      expect(scatters<f64>(WIDTHS[i])).toBe(-1);
      expect(scatters<i32>(WIDTHS[i])).toBe(-1);
    }
    expect(runForm(Op.ScatterAddRows, dtypeOf<u8>(), 0, 0, 0, 0, 0, 0)).toBe(Status.Unsupported);
  });

  it("have their last places in an index", () => {
    const index: StaticArray<i32> = [2, 0, -1, 2, 0, -3];
    const want: StaticArray<i32> = [4, -1, 5, -1, 2];
    const x = empty<i32>(6);
    for (let i = 0; i < 6; i++) put<i32>(x, i, index[i]);
    const out = empty<i32>(6);
    expect(runForm(Op.LastPlaces, dtypeOf<i32>(), out, 0, x, 6, 5, 1)).toBe(Status.Ok);
    for (let i = 0; i < 5; i++) expect(get<i32>(out, i)).toBe(want[i]);
    expect(get<u32>(out, 5)).toBe(0x55555555);
  });

  it("take no index at all", () => {
    const x = integers<f32>(8, 9);
    const out = empty<f32>(8);
    expect(runForm(Op.GatherRows, dtypeOf<f32>(), out, x, 0, 0, 4, 2)).toBe(Status.Ok);
    expect(get<u32>(out, 0)).toBe(0x55555555);
    expect(runForm(Op.ScatterAddRows, dtypeOf<f32>(), out, x, 0, 0, 4, 2)).toBe(Status.Ok);
    for (let i = 0; i < 8; i++) expect(get<f32>(out, i)).toBe(0);
  });

  it("check every index before they write anything", () => {
    const x = integers<f32>(8, 9);
    const out = empty<f32>(8);
    const untouched = copyOf<f32>(out, 8);
    const bad: StaticArray<i32> = [4, -5, 2147483647, -2147483648];
    for (let i = 0; i < bad.length; i++) {
      const index = indices(2);
      put<i32>(index, 1, bad[i]);
      for (let op: i32 = Op.GatherRows; op <= Op.LastPlaces; op++) {
        expect(runForm(op, dtypeOf<f32>(), out, x, index, 2, ROWS, 2)).toBe(Status.IndexOutOfRange);
        expect(difference<f32>(out, untouched, 8)).toBe(-1);
        expect(load<u32>(fault(), Fault.Position)).toBe(1);
        expect(load<f64>(fault(), Fault.Value)).toBe(bad[i]);
        expect(load<u32>(fault(), Fault.Limit)).toBe(<u32>ROWS);
      }
    }
    expect(runForm(Op.GatherRows, dtypeOf<f32>(), out, x, indices(1), 1, 0, 2)).toBe(Status.OutsideFromStart);
  });
});

function indices(count: usize): usize {
  const index = empty<i32>(count);
  for (let i: usize = 0; i < count; i++) put<i32>(index, i, INDICES[<i32>i]);
  return index;
}

function row(i: i32): usize {
  return INDICES[i] < 0 ? ROWS + INDICES[i] : INDICES[i];
}

/** Position of the first wrong element, -1 if none is. */
function gathers<T>(width: usize): i32 {
  const table = mixed<T>(ROWS * width);
  const count = INDICES.length;
  const out = empty<T>(count * width + 1);
  const want = empty<T>(count * width + 1);
  for (let i = 0; i < count; i++) {
    const bytes = width << alignof<T>();
    memory.copy(want + i * bytes, table + row(i) * bytes, bytes);
  }
  if (runForm(Op.GatherRows, dtypeOf<T>(), out, table, indices(count), count, ROWS, width)) return 0;
  return difference<T>(out, want, count * width + 1);
}

function scatters<T>(width: usize): i32 {
  const count = INDICES.length;
  const x = integers<T>(count * width, 100);
  const out = empty<T>(ROWS * width + 1);
  const want = empty<T>(ROWS * width + 1);
  memory.fill(want, 0, (ROWS * width) << alignof<T>());
  for (let i = 0; i < count; i++)
    for (let j: usize = 0; j < width; j++) {
      const slot = row(i) * width + j;
      put<T>(want, slot, <f64>(get<T>(want, slot) + get<T>(x, i * width + j)));
    }
  if (runForm(Op.ScatterAddRows, dtypeOf<T>(), out, x, indices(count), count, ROWS, width)) return 0;
  return difference<T>(out, want, ROWS * width + 1);
}
