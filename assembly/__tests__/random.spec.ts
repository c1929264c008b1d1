import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { difference, empty, get, put, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

/** What the reference below answers with. */
const words = new StaticArray<u32>(4);

const COUNTS: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 15, 16, 17, 33, 67];

describe("random numbers", () => {
  beforeEach(() => {
    fresh();
    seed(10);
  });

  it("are those of Philox 4x32-10, by the known answers of Random123", () => {
    const bits = draw(Op.Bits, DType.I32, 4, stateOf(0, 0));
    expect(get<u32>(bits, 0)).toBe(0x6627e8d5);
    expect(get<u32>(bits, 1)).toBe(0xe169c58d);
    expect(get<u32>(bits, 2)).toBe(0xbc57ac4c);
    expect(get<u32>(bits, 3)).toBe(0x9b00dbd8);
    // The other published answers have counters beyond 64 bits: they hold the reference, which holds the kernel.
    philox(0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff);
    expect(words[0]).toBe(0x408f276d);
    expect(words[3]).toBe(0x6d5451fd);
    philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e);
    expect(words[0]).toBe(0xd16cfe09);
    expect(words[1]).toBe(0x94fdcceb);
    expect(words[2]).toBe(0x5001e420);
    expect(words[3]).toBe(0x24126ea1);
  });

  it("are the words of the stream in order, wherever the draw ends and the counter wraps", () => {
    for (let i = 0; i < COUNTS.length; i++) {
      expect(wrongBits(COUNTS[i], 5)).toBe(0);
      expect(wrongBits(COUNTS[i], 0xfffffffe)).toBe(0);
      expect(wrongBits(COUNTS[i], 0xfffffffffffffffe)).toBe(0);
    }
  });

  it("are uniform numbers of 24 bits in f32 and 53 bits in f64", () => {
    for (let i = 0; i < COUNTS.length; i++) {
      const n = COUNTS[i];
      const state = stateOf(0x123456789abcdef0, 7);
      const bits = draw(Op.Bits, DType.I32, 2 * n, state);
      const single = draw(Op.Uniform, DType.F32, n, state);
      const double = draw(Op.Uniform, DType.F64, n, state);
      for (let j: usize = 0; j < n; j++) {
        expect(get<f32>(single, j)).toBe(<f32>(get<u32>(bits, j) >> 8) * <f32>(1.0 / 16777216.0));
        const a = get<u32>(bits, 2 * j) >> 5;
        const b = get<u32>(bits, 2 * j + 1) >> 6;
        expect(get<f64>(double, j)).toBe((<f64>a * 67108864.0 + <f64>b) / 9007199254740992.0);
      }
    }
    expect(get<u32>(draw(Op.Uniform, DType.F32, 3, stateOf(1, 1)), 3)).toBe(0x55555555);
    expect(get<u64>(draw(Op.Uniform, DType.F64, 3, stateOf(1, 1)), 3)).toBe(0x5555555555555555);
  });

  it("have the mean and variance of the uniform distribution", () => {
    const n = 100000;
    const x = draw(Op.Uniform, DType.F32, n, stateOf(3, 3));
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let i = 0; i < n; i++) {
      const v = <f64>get<f32>(x, i);
      sum += v;
      squares += (v - 0.5) * (v - 0.5);
    }
    expect(abs(sum / n - 0.5)).toBeLessThan((4 * 0.2887) / Math.sqrt(n));
    expect(abs(squares / n - 1.0 / 12)).toBeLessThan(0.001);
  });

  it("shuffle: every number once, each as likely anywhere, as the words of the stream say", () => {
    for (let i = 0; i < COUNTS.length; i++) expect(wrongPermutation(COUNTS[i])).toBe(0);
    const counts = new StaticArray<i32>(9);
    for (let i = 0; i < 9000; i++) {
      const p = draw(Op.Permutation, DType.I32, 3, stateOf(5, i * 2));
      for (let j = 0; j < 3; j++) counts[j * 3 + get<i32>(p, j)]++;
    }
    for (let i = 0; i < 9; i++) expect(abs(counts[i] - 3000)).toBeLessThan(200);
  });

  it("are normal by the method of Box and Muller, wherever the draw ends", () => {
    for (let i = 0; i < COUNTS.length; i++) {
      const state = stateOf(0x123456789abcdef0, 0xfffffffe);
      expect(normalError<f32>(COUNTS[i], state)).toBeLessThan(4e-6);
      expect(normalError<f64>(COUNTS[i], state)).toBeLessThan(1e-14);
    }
  });

  it("are integers as the words of the stream say", () => {
    const bounds: StaticArray<f64> = [1, 6, 1000003, 4294967296];
    for (let i = 0; i < COUNTS.length; i++) {
      const n = COUNTS[i];
      const bits = draw(Op.Bits, DType.I32, 2 * n, stateOf(4, 9));
      for (let k = 0; k < bounds.length; k++) {
        const x = draw(Op.Integers, DType.I32, n, stateOf(4, 9), -3, bounds[k]);
        for (let j: usize = 0; j < n; j++) {
          const low = <u64>get<u32>(bits, 2 * j) * <u64>bounds[k];
          const high = <u64>get<u32>(bits, 2 * j + 1) * <u64>bounds[k] + (low >> 32);
          expect(get<i32>(x, j)).toBe(<i32>(<i64>(high >> 32) - 3));
        }
      }
    }
  });

  it("go on from an advanced state, in place or not", () => {
    const state = stateOf(77, 0xffffffff);
    const bits = draw(Op.Bits, DType.I32, 40, state);
    const next = draw(Op.Advance, DType.I32, 6, state);
    expect(difference<i32>(draw(Op.Bits, DType.I32, 16, next), bits + 6 * 16, 16)).toBe(-1);
    begin(Op.Advance, DType.I32);
    push(state);
    push(state);
    push(6);
    push(0);
    expect(run()).toBe(Status.Ok);
    expect(difference<i32>(state, next, 4)).toBe(-1);
  });

  it("come in no other dtypes", () => {
    expect(status(Op.Uniform, DType.I32)).toBe(Status.Unsupported);
    expect(status(Op.Bits, DType.F32)).toBe(Status.Unsupported);
    expect(status(Op.Permutation, DType.F64)).toBe(Status.Unsupported);
    expect(status(Op.Normal, DType.I32)).toBe(Status.Unsupported);
    expect(status(Op.Integers, DType.F32)).toBe(Status.Unsupported);
  });
});

/** The slow reference: one block of Philox 4x32-10 into `words`. */
function philox(key: u64, low: u64, high: u64): void {
  let c0 = <u32>low;
  let c1 = <u32>(low >> 32);
  let c2 = <u32>high;
  let c3 = <u32>(high >> 32);
  for (let round = 0; round < 10; round++) {
    const p0 = <u64>c0 * 0xd2511f53;
    const p1 = <u64>c2 * 0xcd9e8d57;
    const k0 = <u32>key + <u32>round * 0x9e3779b9;
    const k1 = <u32>(key >> 32) + <u32>round * 0xbb67ae85;
    c0 = (<u32>(p1 >> 32)) ^ c1 ^ k0;
    c1 = <u32>p1;
    c2 = (<u32>(p0 >> 32)) ^ c3 ^ k1;
    c3 = <u32>p0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

function stateOf(key: u64, counter: u64): usize {
  const state = empty<i32>(4);
  store<u64>(state, key);
  store<u64>(state, counter, 8);
  return state;
}

/** A new block with a draw of `count` elements, and room for one more. */
function draw(op: i32, dtype: i32, count: usize, state: usize, value: f64 = 0, step: f64 = 0): usize {
  const out = empty<f64>(count + 4);
  begin(op, dtype);
  push(out);
  push(state);
  push(count);
  push(0);
  pushNumber(value);
  pushNumber(step);
  assert(run() == Status.Ok);
  return out;
}

function status(op: i32, dtype: i32): i32 {
  begin(op, dtype);
  push(0);
  push(0);
  push(0);
  push(0);
  return run();
}

function wrongBits(count: usize, counter: u64): i32 {
  const key: u64 = 0xdeadbeef12345678;
  const bits = draw(Op.Bits, DType.I32, count, stateOf(key, counter));
  let wrong = 0;
  for (let i: usize = 0; i < count; i++) {
    philox(key, counter + i / 4, 0);
    if (get<u32>(bits, i) != words[<i32>(i & 3)]) wrong++;
  }
  if (get<u32>(bits, count) != 0x55555555) wrong++;
  return wrong;
}

/** Inside-out Fisher-Yates from the words of the stream, with a 96-bit product by halves. */
function wrongPermutation(count: usize): i32 {
  const state = stateOf(11, 13);
  const bits = draw(Op.Bits, DType.I32, 2 * count, state);
  const p = draw(Op.Permutation, DType.I32, count, state);
  const want = empty<i32>(count + 1);
  for (let j: usize = 0; j < count; j++) {
    const low = <u64>get<u32>(bits, 2 * j) * (j + 1);
    const high = <u64>get<u32>(bits, 2 * j + 1) * (j + 1) + (low >> 32);
    const place = <usize>(high >> 32);
    put<i32>(want, j, get<i32>(want, place));
    put<i32>(want, place, <f64>j);
  }
  let wrong = difference<i32>(p, want, count + 1) + 1;
  for (let j: usize = 0; j < count; j++) {
    let seen = 0;
    for (let i: usize = 0; i < count; i++) seen += i32(get<i32>(p, i) == j);
    if (seen != 1) wrong++;
  }
  return wrong;
}

/** Largest difference between a draw of 5 + 2 z and the formula in f64; infinite if it writes beyond its end. */
function normalError<T>(count: usize, state: usize): f64 {
  const single = sizeof<T>() == 4;
  const bits = draw(Op.Bits, DType.I32, 2 * count + 4, state);
  const x = draw(Op.Normal, single ? DType.F32 : DType.F64, count, state, 5, 2);
  let worst: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const pairs: usize = single ? 2 : 1;
    const place = i % (2 * pairs);
    const block = (i / (2 * pairs)) * 4;
    const j = block + (single ? place % 2 : 0);
    let share: f64;
    let angle: f64;
    if (single) {
      share = <f64>(<f32>(get<u32>(bits, j) >> 1) + 0.5) / 2147483648;
      angle = <f64>(get<u32>(bits, j + 2) >> 8) / 16777216;
    } else {
      share = 1 - fraction(bits, j);
      angle = fraction(bits, j + 2);
    }
    const turn = 2 * Math.PI * angle;
    const z = Math.sqrt(-2 * Math.log(share)) * (place < pairs ? Math.cos(turn) : Math.sin(turn));
    worst = max(worst, abs(<f64>get<T>(x, i) - (5 + 2 * z)));
  }
  return get<u32>(x + (count << alignof<T>()), 0) == 0x55555555 ? worst : Infinity;
}

/** The 53-bit fraction from words j and j + 1. */
function fraction(bits: usize, j: usize): f64 {
  return (<f64>(get<u32>(bits, j) >> 5) * 67108864.0 + <f64>(get<u32>(bits, j + 1) >> 6)) / 9007199254740992.0;
}
