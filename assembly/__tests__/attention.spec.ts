import { Mask } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { dtypeOf, empty, get, put, reals, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

/** Examples, queries, keys, depth, width, causal. */
// prettier-ignore
const CASES: StaticArray<StaticArray<i32>> = [
  [2, 3, 5, 4, 3, 0], [1, 70, 70, 8, 8, 1], [1, 5, 300, 16, 9, 0], [2, 1, 1, 1, 1, 1], [1, 130, 7, 3, 2, 0],
  [1, 64, 128, 32, 32, 0], [3, 4, 0, 2, 2, 0],
];

describe("attention", () => {
  beforeEach(() => {
    seed(29);
  });

  it("is the softmax of the scores times the values, in blocks of any size", () => {
    for (let i = 0; i < CASES.length; i++) {
      fresh();
      expect(worst<f32>(CASES[i])).toBeLessThan(1e-5, `case ${i} in f32`);
      expect(worst<f64>(CASES[i])).toBeLessThan(1e-13, `case ${i} in f64`);
    }
  });
});

/** The largest difference from what is computed slowly, with every third key masked but the first. */
function worst<T>(s: StaticArray<i32>): f64 {
  const q = reals<T>(s[0] * s[1] * s[3], 1);
  const k = reals<T>(s[0] * s[2] * s[3], 1);
  const v = reals<T>(s[0] * s[2] * s[4], 1);
  const mask = empty<bool>(s[2] + 1);
  for (let j = 0; j < s[2]; j++) put<bool>(mask, j, j % 3 == 2 ? 0 : 1);
  const size = s[0] * s[1] * s[4];
  const out = empty<T>(size);
  begin(Op.Attention, dtypeOf<T>());
  push(out);
  push(q);
  push(k);
  push(v);
  push(mask);
  push(0);
  push(0);
  for (let i = 0; i < 6; i++) push(s[i]);
  push(Mask.Bool);
  push(1);
  push(1);
  push(1);
  pushNumber(0.5);
  push(0);
  push(s[0]);
  expect(run()).toBe(Status.Ok);
  let most: f64 = 0;
  for (let n = 0; n < s[0]; n++) {
    for (let i = 0; i < s[1]; i++) {
      let total: f64 = 0;
      const sums = new StaticArray<f64>(s[4]);
      for (let j = 0; j < s[2]; j++) {
        if (j % 3 == 2 || (s[5] && j > i)) continue;
        let score: f64 = 0;
        for (let d = 0; d < s[3]; d++) {
          score += <f64>get<T>(q, (n * s[1] + i) * s[3] + d) * <f64>get<T>(k, (n * s[2] + j) * s[3] + d);
        }
        const weight = Math.exp(0.5 * score);
        total += weight;
        for (let e = 0; e < s[4]; e++) sums[e] += weight * <f64>get<T>(v, (n * s[2] + j) * s[4] + e);
      }
      for (let e = 0; e < s[4]; e++) {
        const want = total > 0 ? sums[e] / total : 0;
        most = max(most, abs(want - <f64>get<T>(out, (n * s[1] + i) * s[4] + e)));
      }
    }
  }
  return most;
}
