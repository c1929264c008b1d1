import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, get, integers, mixed, put, random, seed } from "./data";
import { fault, fresh } from "./subject";
import { runAxis } from "./tape";

const SIZES: StaticArray<usize> = [0, 1, 3, 4, 5, 17];

describe("gather and scatter along an axis", () => {
  beforeEach(() => {
    fresh();
    seed(21);
  });

  it("gather every dtype along any axis", () => {
    expect(gathers<f32>()).toBe("");
    expect(gathers<f64>()).toBe("");
    expect(gathers<i32>()).toBe("");
    expect(gathers<u8>()).toBe("");
    expect(gathers<bool>()).toBe("");
  });

  it("add up where the index says", () => {
    expect(scatters<f32>()).toBe("");
    expect(scatters<f64>()).toBe("");
    expect(scatters<i32>()).toBe("");
    expect(runAxis(Op.ScatterAdd, dtypeOf<u8>(), 0, 0, 0, 0, 0, 0, 0, 0)).toBe(Status.Unsupported);
  });

  it("check every index before they write anything", () => {
    const x = integers<f32>(60, 9);
    const out = empty<f32>(60);
    const untouched = copyOf<f32>(out, 60);
    const bad: StaticArray<i32> = [4, -5, 2147483647, -2147483648];
    for (let at: usize = 0; at < 11; at++) {
      for (let i = 0; i < bad.length; i++) {
        const index = indices(11, 4);
        put<i32>(index, at, bad[i]);
        for (let op: i32 = Op.Gather; op <= Op.ScatterAdd; op++) {
          expect(runAxis(op, dtypeOf<f32>(), 0, out, x, index, 1, 11, 1, 4)).toBe(Status.IndexOutOfRange);
          expect(difference<f32>(out, untouched, 60)).toBe(-1);
          expect(load<u32>(fault(), Fault.Position)).toBe(<u32>at);
          expect(load<f64>(fault(), Fault.Value)).toBe(bad[i]);
          expect(load<u32>(fault(), Fault.Limit)).toBe(4);
        }
      }
    }
    expect(runAxis(Op.Gather, dtypeOf<f32>(), 0, out, x, indices(1, 4), 1, 1, 1, 0)).toBe(Status.OutsideFromStart);
  });

  it("check that none counts from the end where that is not allowed", () => {
    const x = integers<f32>(4, 9);
    const out = empty<f32>(11);
    const bad: StaticArray<i32> = [4, -1, -4, -5, 2147483647, -2147483648];
    for (let at: usize = 0; at < 11; at++) {
      const index = empty<i32>(11);
      for (let i: usize = 0; i < 11; i++) put<i32>(index, i, <f64>random(4));
      expect(runAxis(Op.Gather, dtypeOf<f32>(), 1, out, x, index, 1, 11, 1, 4)).toBe(Status.Ok);
      const untouched = copyOf<f32>(out, 11);
      for (let i = 0; i < bad.length; i++) {
        put<i32>(index, at, bad[i]);
        expect(runAxis(Op.Gather, dtypeOf<f32>(), 1, out, x, index, 1, 11, 1, 4)).toBe(Status.OutsideFromStart);
        expect(difference<f32>(out, untouched, 11)).toBe(-1);
        expect(load<u32>(fault(), Fault.Position)).toBe(<u32>at);
        expect(load<f64>(fault(), Fault.Value)).toBe(bad[i]);
      }
    }
  });
});

function indices(count: usize, length: i32): usize {
  const index = empty<i32>(count);
  for (let i: usize = 0; i < count; i++) put<i32>(index, i, <f64>random(2 * length) - length);
  return index;
}

function placeOf(index: usize, i: usize, length: usize): usize {
  const value = get<i32>(index, i);
  return value < 0 ? length + value : value;
}

/** Names the first wrong case. */
function gathers<T>(): string {
  for (let s = 0; s < SIZES.length; s++) {
    for (let inner: usize = 1; inner < 6; inner += 2) {
      const count = SIZES[s];
      const length: usize = 5;
      const total = count * inner * 2;
      const x = mixed<T>(2 * length * inner);
      const index = indices(total, <i32>length);
      const out = empty<T>(total + 1);
      const want = empty<T>(total + 1);
      for (let i: usize = 0; i < total; i++) {
        const from = ((i / (count * inner)) * length + placeOf(index, i, length)) * inner + (i % inner);
        memory.copy(want + (i << alignof<T>()), x + (from << alignof<T>()), sizeof<T>());
      }
      const status = runAxis(Op.Gather, dtypeOf<T>(), 0, out, x, index, 2, count, inner, length);
      if (status || difference<T>(out, want, total + 1) >= 0) return `count ${count} inner ${inner}`;
    }
  }
  return "";
}

function scatters<T>(): string {
  for (let s = 0; s < SIZES.length; s++) {
    for (let inner: usize = 1; inner < 6; inner += 2) {
      const count = SIZES[s];
      const length: usize = 3;
      const total = count * inner * 2;
      const x = integers<T>(total, 100);
      const index = indices(total, <i32>length);
      const out = integers<T>(2 * length * inner, 100);
      const want = copyOf<T>(out, 2 * length * inner);
      for (let i: usize = 0; i < total; i++) {
        const to = ((i / (count * inner)) * length + placeOf(index, i, length)) * inner + (i % inner);
        put<T>(want, to, <f64>(get<T>(want, to) + get<T>(x, i)));
      }
      const status = runAxis(Op.ScatterAdd, dtypeOf<T>(), 0, out, x, index, 2, count, inner, length);
      if (status || difference<T>(out, want, 2 * length * inner) >= 0) return `count ${count} inner ${inner}`;
    }
  }
  return "";
}
