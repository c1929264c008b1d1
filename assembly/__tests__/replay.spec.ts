import { DType } from "../abi/dtype";
import { Head } from "../abi/form";
import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { empty, get } from "./data";
import { fault, fresh, replay } from "./subject";

const TAPE: usize = memory.data(1024);
let end: usize = 0;

describe("the tape", () => {
  beforeEach(() => {
    fresh();
    end = TAPE;
  });

  it("may be empty", () => {
    expect(replay(TAPE, TAPE)).toBe(0);
  });

  it("runs its instructions in order", () => {
    const x = empty<f32>(5);
    fill(x, 3);
    negate(x);
    fill(x + 8, 2);
    expect(replay(TAPE, end)).toBe(0);
    expect(get<f32>(x, 0)).toBe(-3);
    expect(get<f32>(x, 1)).toBe(-3);
    expect(get<f32>(x, 2)).toBe(2);
    expect(get<u32>(x, 4)).toBe(0x55555555);
  });

  it("stops at the first instruction that fails, and says which", () => {
    const x = empty<f32>(2);
    fill(x, 3);
    fill(x, 2.5);
    index(x);
    fill(x, 7);
    expect(replay(TAPE, end)).toBe(Status.NotAnInteger | (2 << 8));
    expect(load<f64>(fault(), Fault.Value)).toBe(2.5);
    expect(get<f32>(x, 0)).toBe(2.5);
  });

  it("knows no opcode 999", () => {
    begin(999, 4);
    expect(replay(TAPE, end)).toBe(Status.Unsupported);
  });
});

function begin(op: i32, length: i32): usize {
  const instruction = end;
  store<i32>(instruction, op, Head.Op << 2);
  store<i32>(instruction, DType.F32, Head.DType << 2);
  store<i32>(instruction, length, Head.Length << 2);
  end += length << 2;
  return instruction + (Head.Size << 2);
}

/** Two elements. */
function fill(out: usize, value: f64): void {
  const words = begin(Op.Fill, 10);
  store<usize>(words, out);
  store<usize>(words, 2, 4);
  store<f64>(words, value, 8);
}

function negate(x: usize): void {
  map(Op.Neg, x, x);
}

function index(x: usize): void {
  map(Op.ToIndex, empty<i32>(2), x);
}

function map(op: i32, out: usize, x: usize): void {
  const words = begin(op, 12);
  store<usize>(words, 1);
  store<usize>(words, out, 4);
  store<usize>(words, x, 8);
  store<usize>(words, 2, 20);
  store<usize>(words, 1, 24);
  store<usize>(words, 1, 28);
}
