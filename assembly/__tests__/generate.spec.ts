import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { difference, dtypeOf, empty, put, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

const COUNTS: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 31, 33, 67, 300];
const VALUES: StaticArray<f64> = [0, -0.0, 1, 2.5, 255, 300, -7, 3e9, NaN, Infinity, 1e-40];

describe("fill and iota", () => {
  beforeEach(() => {
    fresh();
    seed(9);
  });

  it("fill every dtype with every value, to the last byte and no further", () => {
    for (let i = 0; i < COUNTS.length; i++) {
      for (let j = 0; j < VALUES.length; j++) {
        expect(generated<f32>(Op.Fill, COUNTS[i], VALUES[j], 0)).toBe(-1);
        expect(generated<f64>(Op.Fill, COUNTS[i], VALUES[j], 0)).toBe(-1);
        expect(generated<i32>(Op.Fill, COUNTS[i], VALUES[j], 0)).toBe(-1);
        expect(generated<u8>(Op.Fill, COUNTS[i], VALUES[j], 0)).toBe(-1);
        expect(generated<bool>(Op.Fill, COUNTS[i], VALUES[j], 0)).toBe(-1);
      }
    }
  });

  it("count in every dtype", () => {
    for (let i = 0; i < COUNTS.length; i++) {
      expect(generated<f32>(Op.Iota, COUNTS[i], 0.1, 0.3)).toBe(-1);
      expect(generated<f64>(Op.Iota, COUNTS[i], -3, 1e-3)).toBe(-1);
      expect(generated<i32>(Op.Iota, COUNTS[i], 100, -1)).toBe(-1);
      expect(generated<u8>(Op.Iota, COUNTS[i], -2, 1)).toBe(-1);
      expect(generated<bool>(Op.Iota, COUNTS[i], -2, 1)).toBe(-1);
    }
  });

  it("know no sixth dtype", () => {
    begin(Op.Fill, 5);
    for (let i = 0; i < 2; i++) push(0);
    pushNumber(1);
    pushNumber(0);
    expect(run()).toBe(Status.Unsupported);
  });
});

/** Position of the first wrong element, -1 if none is. */
function generated<T>(op: i32, count: usize, value: f64, step: f64): i32 {
  const out = empty<T>(count + 1);
  const want = empty<T>(count + 1);
  for (let i: usize = 0; i < count; i++) put<T>(want, i, op == Op.Fill ? value : value + <f64>i * step);
  begin(op, dtypeOf<T>());
  push(out);
  push(count);
  pushNumber(value);
  pushNumber(step);
  if (run()) return 0;
  return difference<T>(out, want, count + 1);
}
