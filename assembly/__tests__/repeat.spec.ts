import { DType } from "../abi/dtype";
import { Flow, RepeatWord } from "../abi/flow";
import { MapWord } from "../abi/form";
import { Limit } from "../abi/limit";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { empty, get } from "./data";
import { fresh, replay } from "./subject";

const TAPE: usize = memory.data(1024);
let length = 0;

/** Elements of a turn. */
const TILE: usize = 6;

describe("a repeated list of instructions", () => {
  beforeEach(() => {
    fresh();
    length = 0;
  });

  it("runs so many times, further on each time, and is what it was afterwards", () => {
    const x = ramp<f32>(18);
    const y = empty<f32>(19);
    const between = empty<f32>(6);
    const words = repeat(3, 24);
    map(Op.Neg, between, x);
    map(Op.Square, y, between);
    end([MapWord.X1, 12 + MapWord.Out]);
    for (let time = 0; time < 2; time++) {
      expect(replay(TAPE, TAPE + (length << 2))).toBe(Status.Ok);
      for (let i = 0; i < 18; i++) expect(get<f32>(y, i)).toBe(<f32>(i * i));
      expect(get<u32>(y, 18)).toBe(0x55555555);
      expect(load<usize>(words, MapWord.X1 << 2)).toBe(x);
    }
  });

  it("ends with the instruction that fails", () => {
    repeat(3, 12);
    map(999, empty<f32>(18), ramp<f32>(18));
    end([MapWord.X1, MapWord.Out]);
    expect(replay(TAPE, TAPE + (length << 2))).toBe(Status.Unsupported);
  });
});

describe("a sum in parts", () => {
  it("has the bits of the sum", () => {
    fresh();
    const n: usize = 3 * Limit.Block + 77;
    const x = empty<f32>(<i32>n);
    for (let i: usize = 0; i < n; i++) store<f32>(x + 4 * i, <f32>Math.sqrt(<f64>i) * 1e3);
    const whole = empty<f32>(1);
    const parts = empty<f64>(4);
    const total = empty<f32>(1);
    length = 0;
    reduce(Op.Sum, whole, x, n);
    reduce(Flow.Blocks, parts, x, 2 * Limit.Block);
    reduce(Flow.Blocks, parts + 16, x + 8 * Limit.Block, n - 2 * Limit.Block);
    reduce(Flow.Total, total, parts, 4);
    expect(replay(TAPE, TAPE + (length << 2))).toBe(Status.Ok);
    expect(get<f32>(total, 0)).toBe(get<f32>(whole, 0));
  });
});

function ramp<T>(count: i32): usize {
  const x = empty<T>(count);
  for (let i = 0; i < count; i++) store<T>(x + <usize>i * sizeof<T>(), <T>i);
  return x;
}

function push(word: usize): void {
  store<usize>(TAPE + (length << 2), word);
  length++;
}

function head(op: i32, words: i32): void {
  push(op);
  push(DType.F32);
  push(words);
  push(0);
}

/** Starts a Repeat instruction of two steps: where its body will be. */
function repeat(times: i32, words: i32): usize {
  head(Flow.Repeat, RepeatWord.Body + words + 4);
  push(times);
  push(words);
  push(2);
  push(0);
  push(0);
  push(0);
  return TAPE + (length << 2);
}

/** Ends it with the words that move on by a tile. */
function end(words: StaticArray<i32>): void {
  for (let i = 0; i < 2; i++) {
    push(words[i]);
    push(4 * TILE);
  }
}

function map(op: i32, out: usize, x: usize): void {
  head(op, 12);
  push(1);
  push(out);
  push(x);
  push(0);
  push(0);
  push(TILE);
  push(1);
  push(1);
}

function reduce(op: i32, out: usize, x: usize, count: usize): void {
  head(op, 10);
  push(out);
  push(x);
  push(1);
  push(count);
  push(1);
  push(1);
}
