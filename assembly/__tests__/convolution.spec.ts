import { ConvolutionWord } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { dtypeOf, empty, get, integers, put, random, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, run } from "./tape";

/** n, groups, channels and outputs of a group, height, width, kernel, stride, padding, dilation. */
// prettier-ignore
const CASES: StaticArray<StaticArray<i32>> = [
  [2, 1, 3, 16, 5, 28, 3, 3, 1, 1, 1, 1, 1, 1], [1, 1, 1, 8, 7, 7, 3, 3, 1, 1, 1, 1, 1, 1],
  [1, 3, 1, 1, 6, 9, 3, 3, 1, 1, 1, 1, 1, 1], [2, 2, 3, 5, 4, 3, 2, 3, 2, 1, 2, 3, 1, 2],
  [1, 1, 4, 7, 3, 11, 1, 1, 1, 1, 0, 0, 1, 1], [1, 1, 2, 4, 9, 10, 3, 2, 3, 2, 0, 1, 2, 3],
  [1, 1, 2, 3, 1, 700, 1, 3, 1, 1, 0, 1, 1, 1], [1, 1, 60, 9, 3, 5, 3, 3, 1, 1, 1, 1, 1, 1],
  [1, 1, 2, 6, 40, 90, 5, 5, 1, 1, 2, 2, 1, 1], [2, 1, 5, 2, 2, 2, 2, 2, 1, 1, 0, 0, 1, 1],
  [1, 1, 9, 5, 1, 1, 3, 3, 2, 2, 2, 2, 1, 1], [1, 2, 1, 2, 13, 600, 3, 3, 1, 2, 1, 1, 1, 1],
  [35, 2, 2, 3, 4, 5, 3, 2, 1, 1, 1, 1, 1, 1], [17, 1, 3, 70, 3, 4, 2, 2, 1, 1, 0, 0, 1, 1],
];

describe("convolution and its adjoints", () => {
  beforeEach(() => {
    seed(23);
  });

  it("are sums of products, each in its place", () => {
    for (let i = 0; i < CASES.length; i++) {
      fresh();
      expect(check<f32>(CASES[i])).toBe(-1, `case ${i} in f32`);
      expect(check<f64>(CASES[i])).toBe(-1, `case ${i} in f64`);
    }
  });

  it("are those of any sizes", () => {
    for (let i = 0; i < 150; i++) {
      fresh();
      const sizes = new StaticArray<i32>(14);
      for (let j = 0; j < 14; j++) sizes[j] = 1 + <i32>random(j == 2 || j == 3 ? 7 : j == 4 || j == 5 ? 10 : 3);
      sizes[10] = <i32>random(3);
      sizes[11] = <i32>random(3);
      const about = `${sizes[0]} ${sizes[1]} ${sizes[2]} ${sizes[3]} ${sizes[4]} ${sizes[5]} kernel ${sizes[6]} ${sizes[7]} stride ${sizes[8]} ${sizes[9]} padding ${sizes[10]} ${sizes[11]} dilation ${sizes[12]} ${sizes[13]}`;
      expect(i % 2 ? check<f32>(sizes) : check<f64>(sizes)).toBe(-1, about);
    }
  });
});

function lengthOf(length: i32, kernel: i32, stride: i32, pad: i32, dilation: i32): i32 {
  const room = length + 2 * pad - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

/** Position of the first element, of any of the three, that is wrong; -1 if none is. Integers are summed without rounding. */
function check<T>(s: StaticArray<i32>): i32 {
  const oh = lengthOf(s[4], s[6], s[8], s[10], s[12]);
  const ow = lengthOf(s[5], s[7], s[9], s[11], s[13]);
  // Read once: every element of a static array is a call here.
  const height = s[4];
  const width = s[5];
  const across = s[7];
  const taps = s[6] * across;
  const rowStep = s[12];
  const columnStep = s[13];
  const images = s[0] * s[1] * s[2] * s[4] * s[5];
  const weights = s[1] * s[3] * s[2] * s[6] * s[7];
  const results = s[0] * s[1] * s[3] * oh * ow;
  const x = integers<T>(images, 4);
  const w = integers<T>(weights, 4);
  const y = integers<T>(results, 4);
  const byImage = zeros<T>(images);
  const byWeight = zeros<T>(weights);
  const forward = zeros<T>(results);
  for (let n = 0; n < s[0]; n++) {
    for (let o = 0; o < s[1] * s[3]; o++) {
      for (let c = 0; c < s[2]; c++) {
        const channel = (n * s[1] + o / s[3]) * s[2] + c;
        const filter = (o * s[2] + c) * taps;
        const plane = (n * s[1] * s[3] + o) * oh * ow;
        for (let i = 0; i < oh * ow; i++) {
          const top = (i / ow) * s[8] - s[10];
          const left = (i % ow) * s[9] - s[11];
          for (let k = 0; k < taps; k++) {
            const row = top + (k / across) * rowStep;
            const column = left + (k % across) * columnStep;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const a = (channel * height + row) * width + column;
            const b = filter + k;
            const d = plane + i;
            add<T>(forward, d, x, a, w, b);
            add<T>(byImage, a, y, d, w, b);
            add<T>(byWeight, b, x, a, y, d);
          }
        }
      }
    }
  }
  return max(
    compare<T>(Op.Convolution, x, w, empty<T>(results), s, oh, ow, 2, forward, results),
    max(
      compare<T>(Op.ConvolutionInput, empty<T>(images), w, y, s, oh, ow, 0, byImage, images),
      compare<T>(Op.ConvolutionWeight, x, empty<T>(weights), y, s, oh, ow, 1, byWeight, weights),
    ),
  );
}

function zeros<T>(length: i32): usize {
  const block = empty<T>(length);
  for (let i = 0; i < length; i++) put<T>(block, i, 0);
  return block;
}

function add<T>(to: usize, i: i32, a: usize, j: i32, b: usize, k: i32): void {
  put<T>(to, i, <f64>get<T>(to, i) + <f64>get<T>(a, j) * <f64>get<T>(b, k));
}

// prettier-ignore
function compare<T>(
  op: i32, x: usize, w: usize, y: usize, s: StaticArray<i32>, oh: i32, ow: i32, role: i32, want: usize, length: i32,
): i32 {
  begin(op, dtypeOf<T>());
  push(x);
  push(w);
  push(y);
  for (let i = 0; i < 6; i++) push(s[i]);
  push(oh);
  push(ow);
  for (let i = 6; i < 14; i++) push(s[i]);
  push(0);
  push(s[3]);
  expect(ConvolutionWord.Size).toBe(25);
  expect(run()).toBe(Status.Ok);
  const out = role == 0 ? x : role == 1 ? w : y;
  for (let i = 0; i < length; i++) if (get<T>(out, i) != get<T>(want, i)) return i;
  return -1;
}
