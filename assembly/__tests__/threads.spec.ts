// The division of instructions, with all parts done by the one thread that there is here.

import { DType } from "../abi/dtype";
import { Flow, RepeatWord } from "../abi/flow";
import { AttentionWord, ConvolutionWord, Extra, Head, MapWord, Mark, Mask, MatrixWord, ReduceWord } from "../abi/form";
import { Limit } from "../abi/limit";
import { Op } from "../abi/op";
import { Statistics } from "../abi/statistics";
import { Fault, Status } from "../abi/status";
import { Team } from "../abi/team";
import { Control, Own } from "../control";
import { Job, State } from "../threads/job";
import { empty, get } from "./data";
import {
  abandon,
  allocate,
  dismiss,
  enter,
  fault,
  fresh,
  joinThreads,
  mark,
  replay,
  serveThread,
  statistics,
  team,
} from "./subject";

const TAPE: usize = memory.data(1024);
let end: usize = 0;

describe("an instruction that is worth it", () => {
  beforeEach(() => {
    fresh();
    end = TAPE;
  });

  it("is marked, and no other", () => {
    store<f64>(team(), 1000, Team.Least);
    map(Op.Neg, empty<f32>(100000), empty<f32>(100000), 100000);
    const small = end;
    map(Op.Neg, empty<f32>(100), empty<f32>(100), 100);
    mark(TAPE, end);
    expect(load<u32>(TAPE)).toBe(Op.Neg | Mark.Divisible);
    expect(load<u32>(small)).toBe(Op.Neg);
  });

  it("asks for threads once enough could have been shared", () => {
    store<u32>(team(), 2, Team.Threads);
    store<f64>(team(), 10, Team.Least);
    map(Op.Neg, empty<f32>(10000), empty<f32>(10000), 10000);
    mark(TAPE, end);
    let turns = 0;
    while (replay(TAPE, end) == Status.Ok && turns < 1000) turns++;
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThan(100);
    expect(replay(TAPE, end)).toBe(Status.Start);
    store<u32>(team(), 1, Team.Asked);
    expect(replay(TAPE, end)).toBe(Status.Ok);
  });

  it("is done in parts, all of it and nothing else", () => {
    for (let threads = 2; threads < 8; threads++) {
      fresh();
      end = TAPE;
      const n = 64 * 9 + 13;
      const x = empty<f32>(n);
      const y = empty<f32>(n + 1);
      for (let i = 0; i < n; i++) store<f32>(x + 4 * i, <f32>i);
      map(Op.Neg, y, x, n);
      pretend(threads);
      mark(TAPE, end);
      const before = load<u32>(team(), Team.Generation);
      expect(replay(TAPE, end)).toBe(Status.Ok);
      expect(load<u32>(team(), Team.Generation)).toBe(before + 1);
      for (let i = 0; i < n; i++) expect(get<f32>(y, i)).toBe(<f32>-i);
      expect(get<u32>(y, n)).toBe(0x55555555);
      // The tape is as it was.
      expect(load<usize>(TAPE, MapWord.Box << 2)).toBe(n);
      expect(load<usize>(TAPE, MapWord.Out << 2)).toBe(y);
    }
  });

  it("gives the block back to which the sums of its parts went", () => {
    const n = 5 * Limit.Block + 7;
    const x = empty<f32>(n);
    const y = empty<f32>(1);
    for (let i = 0; i < n; i++) store<f32>(x + 4 * i, <f32>(i % 10));
    sum(y, x, n);
    pretend(3);
    mark(TAPE, end);
    const jobs = load<u32>(team(), Team.Generation);
    const blocks = load<f64>(statistics(), Statistics.Blocks);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    expect(get<f32>(y, 0)).toBe(<f32>((n / 10) * 45 + 21));
    expect(load<u32>(team(), Team.Generation)).toBe(jobs + 1);
    expect(load<f64>(statistics(), Statistics.Blocks)).toBe(blocks);
    expect(load<u32>(team(), Team.Sums)).toBe(0);
  });

  it("has no parts that touch many megabytes, however cheap they are", () => {
    const bytes = 48 << 20;
    const x = allocate(bytes);
    map(Op.Neg, x, x, bytes / 4);
    pretend(2);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    expect(load<usize>(job(), Job.Parts)).toBeGreaterThan((2 * bytes) / (5 << 20));
  });

  it("has no such parts where it repeats others", () => {
    const bytes = 48 << 20;
    const x = allocate(bytes);
    const turn = 4096;
    const repeat = end;
    store<i32>(repeat, Flow.Repeat, Head.Op << 2);
    store<usize>(repeat, bytes / (4 * turn), RepeatWord.Times << 2);
    store<u64>(repeat, 0, RepeatWord.Local << 2);
    store<usize>(repeat, 0, RepeatWord.Locals << 2);
    end += RepeatWord.Body << 2;
    const body = end;
    map(Op.Neg, x, x, turn);
    store<usize>(repeat, (end - body) >> 2, RepeatWord.Words << 2);
    store<usize>(repeat, 2, RepeatWord.Steps << 2);
    store<usize>(end, MapWord.Out, 0);
    store<usize>(end, 4 * turn, 4);
    store<usize>(end, MapWord.X1, 8);
    store<usize>(end, 4 * turn, 12);
    end += 16;
    store<usize>(repeat, (end - repeat) >> 2, Head.Length << 2);
    pretend(2);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    expect(load<usize>(job(), Job.Parts)).toBeGreaterThan((2 * bytes) / (5 << 20));
  });

  it("is not done by a thread that is late, when it has been given up", () => {
    const x = empty<f32>(1000);
    const y = empty<f32>(1000);
    for (let i = 0; i < 1000; i++) store<f32>(x + 4 * i, <f32>i);
    map(Op.Neg, y, x, 1000);
    pretend(2);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    reopen();
    // It takes the last part, and first asks for functions that it does not have.
    store<u32>(team(), 1, Team.LastEmitted);
    enter(1);
    expect(serveThread()).toBe(1);
    enter(0);
    // Who has taken it has not said so.
    expect(abandon()).toBe(1 << 1);
    for (let part: usize = 0; part < load<usize>(job(), Job.Parts); part++) {
      expect(<i32>load<u8>(slot(part))).toBe(State.Threw);
    }
    expect(replay(TAPE, end)).toBe(Status.Ok);
    memory.fill(y, 0x55, 4000);
    enter(1);
    dismiss(1);
    expect(serveThread()).toBe(0);
    enter(0);
    for (let i = 0; i < 1000; i++) expect(get<u32>(y, i)).toBe(0x55555555);
  });

  it("says how long a part should take that is not done", () => {
    map(Op.Neg, empty<f32>(1000), empty<f32>(1000), 1000);
    pretend(2);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    // As if the last had been taken by another, and were one long row.
    const parts = load<usize>(job(), Job.Parts);
    const last = slot(parts - 1);
    store<u32>(last, (load<u32>(team(), Team.Generation) << 8) | (State.Taken + 1));
    store<f64>(job(), 3e9 * <f64>parts, Job.Cost);
    expect(joinThreads()).toBe(Status.Pending);
    expect(load<u32>(fault(), Fault.Limit)).toBe(3000);
  });

  it("is not waited for any longer where it ticks", () => {
    matrices(Op.Eigh, 2, 8);
    pretend(2);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.Ok);
    store<u32>(slot(1), (load<u32>(team(), Team.Generation) << 8) | (State.Taken + 1));
    store<f64>(job(), 6e9, Job.Cost);
    expect(joinThreads()).toBe(Status.Pending);
    expect(load<u32>(fault(), Fault.Limit)).toBe(0);
  });

  it("ticks in every loop over the columns of a matrix", () => {
    const n = 20;
    for (let op: i32 = Op.Solve; op <= Op.MatrixExp; op++) {
      fresh();
      end = TAPE;
      matrices(op, 2, n);
      expect(ticksOf(op)).toBeGreaterThanOrEqual(2 * n * loopsOf(op));
    }
  });

  it("ticks in every block of a convolution and of attention", () => {
    for (let op: i32 = Op.Convolution; op <= Op.ConvolutionWeight; op++) {
      const few = ticksOfConvolution(op, 64);
      expect(few).toBeGreaterThan(1);
      expect(ticksOfConvolution(op, 512)).toBeGreaterThanOrEqual(4 * few);
    }
    for (let op: i32 = Op.Attention; op <= Op.AttentionBackward; op++) {
      const few = ticksOfAttention(op, 128);
      expect(few).toBeGreaterThan(1);
      expect(ticksOfAttention(op, 1024)).toBeGreaterThanOrEqual(4 * few);
    }
  });

  it("fails as it does undivided", () => {
    const n = 64 * 9;
    const x = empty<f32>(n);
    for (let i = 0; i < n; i++) store<f32>(x + 4 * i, <f32>i);
    store<f32>(x + 4 * 500, 0.25);
    store<f32>(x + 4 * 200, 0.5);
    map(Op.ToIndex, empty<i32>(n), x, n);
    pretend(3);
    mark(TAPE, end);
    expect(replay(TAPE, end)).toBe(Status.NotAnInteger);
    expect(load<u32>(fault(), Fault.Position)).toBe(200);
    expect(load<f64>(fault(), Fault.Value)).toBe(0.5);
    expect(load<u32>(TAPE)).toBe(Op.ToIndex | Mark.Divisible);
  });
});

/** The latest job of the subject. */
function job(): usize {
  return team() - Control.Team + Control.Job;
}

/** Where the state of a part is. */
function slot(part: usize): usize {
  return job() - Control.Job + Control.Slots + (part << 2);
}

/** Lets all parts of the latest job be taken again. */
function reopen(): void {
  const generation = load<u32>(team(), Team.Generation);
  const parts = load<usize>(job(), Job.Parts);
  for (let part: usize = 0; part < parts; part++) store<u32>(slot(part), (generation << 8) | State.Open);
  store<u32>(job() - Control.Job + Control.Ticket, (generation << 16) | ((<u32>parts) << 8));
}

/** Lets everything be divided as for so many threads. */
function pretend(threads: i32): void {
  const crew = allocate(Limit.Threads * Team.OwnSize);
  memory.fill(crew, 0, Limit.Threads * Team.OwnSize);
  store<usize>(team(), crew, Team.Crew);
  store<u32>(team(), threads - 1, Team.Ready);
  store<u32>(team(), threads, Team.Threads);
  store<u32>(team(), 1, Team.Asked);
  store<f64>(team(), 0, Team.Least);
}

function map(op: i32, out: usize, x: usize, n: usize): void {
  const instruction = end;
  store<i32>(instruction, op, Head.Op << 2);
  store<i32>(instruction, DType.F32, Head.DType << 2);
  store<i32>(instruction, MapWord.Box + 3, Head.Length << 2);
  store<i32>(instruction, Extra.Flat, Head.Extra << 2);
  store<usize>(instruction, 1, MapWord.Rank << 2);
  store<usize>(instruction, out, MapWord.Out << 2);
  store<usize>(instruction, x, MapWord.X1 << 2);
  store<usize>(instruction, n, MapWord.Box << 2);
  store<usize>(instruction, 1, (MapWord.Box + 1) << 2);
  store<usize>(instruction, 1, (MapWord.Box + 2) << 2);
  end += (MapWord.Box + 3) << 2;
}

/** A number of unit matrices [n, n] of f64, and for systems as many right sides. */
function matrices(op: i32, count: usize, n: usize): void {
  const a = empty<f64>(<i32>(count * n * n));
  memory.fill(a, 0, (count * n * n) << 3);
  for (let matrix: usize = 0; matrix < count; matrix++) {
    for (let i: usize = 0; i < n; i++) store<f64>(a + ((matrix * n * n + i * (n + 1)) << 3), 1);
  }
  const instruction = end;
  store<i32>(instruction, op, Head.Op << 2);
  store<i32>(instruction, DType.F64, Head.DType << 2);
  store<i32>(instruction, MatrixWord.Size, Head.Length << 2);
  store<i32>(instruction, 0, Head.Extra << 2);
  store<usize>(instruction, empty<f64>(<i32>(3 * count * n * (n + 1))), MatrixWord.Out << 2);
  store<usize>(instruction, a, MatrixWord.A << 2);
  store<usize>(instruction, op <= Op.SolveTriangular ? a : 0, MatrixWord.B << 2);
  store<usize>(instruction, count, MatrixWord.Count << 2);
  store<usize>(instruction, n, MatrixWord.Rows << 2);
  store<usize>(instruction, n, MatrixWord.Columns << 2);
  store<usize>(instruction, n, MatrixWord.Width << 2);
  store<f64>(instruction, 0, MatrixWord.Value << 2);
  store<f64>(instruction, 0, MatrixWord.Least << 2);
  end += MatrixWord.Size << 2;
}

/** How often the kernel of an operation passes over the columns or rows of a unit matrix, with as much work for each as they are long, squared. */
function loopsOf(op: i32): i32 {
  // The terms of a series and a squaring; U, V and their product; one sweep; the elimination and the solution.
  if (op == Op.MatrixExp) return 15;
  if (op == Op.Pinv) return 4;
  if (op == Op.Svd) return 3;
  return op == Op.Solve || op == Op.Cofactor || op == Op.Qr || op == Op.Eigh ? 2 : 1;
}

/** Of two images of 8 channels and so many lines of 64, by 8 kernels 3 x 3. */
function ticksOfConvolution(op: i32, lines: i32): i32 {
  begin(op, <i32>ConvolutionWord.Size);
  push(zeros(2 * 8 * lines * 64));
  push(zeros(8 * 8 * 9));
  push(zeros(2 * 8 * lines * 64));
  push(2); // images
  push(1); // group
  push(8);
  push(8);
  for (let i = 0; i < 2; i++) {
    push(lines);
    push(64);
  }
  push(3);
  push(3);
  for (let i = 0; i < 6; i++) push(1); // stride, padding, dilation
  push(0);
  push(8);
  return ticksOf(op);
}

/** Of two examples of so many queries, for as many keys of 16. */
function ticksOfAttention(op: i32, length: i32): i32 {
  begin(op, <i32>AttentionWord.Size);
  push(zeros(2 * 3 * length * 16));
  for (let i = 0; i < 3; i++) push(zeros(2 * length * 16));
  push(0); // no mask
  for (let i = 0; i < 2; i++) push(zeros(2 * length * 16));
  push(2); // examples
  push(length);
  push(length);
  push(16);
  push(16);
  push(0); // not causal
  push(Mask.None);
  for (let i = 0; i < 3; i++) push(1);
  store<f64>(end, 0.25);
  end += 8;
  push(0);
  push(2);
  return ticksOf(op);
}

function zeros(n: i32): usize {
  const x = empty<f32>(n);
  memory.fill(x, 0, n << 2);
  return x;
}

/** Starts the only instruction, of so many words. */
function begin(op: i32, words: i32): void {
  fresh();
  end = TAPE;
  push(op);
  push(DType.F32);
  push(words);
  push(0);
}

function push(word: usize): void {
  store<usize>(end, word);
  end += 4;
}

/** How often the instruction on the tape ticks when the other thread does all of it. */
function ticksOf(op: i32): i32 {
  pretend(2);
  // The other has working memory if it serves.
  enter(1);
  enter(0);
  mark(TAPE, end);
  expect(replay(TAPE, end)).toBe(Status.Ok);
  const ticks = load<usize>(team(), Team.Crew) + Team.OwnSize + Own.Ticks;
  expect(load<u32>(ticks)).toBe(0);
  store<u32>(TAPE, op);
  enter(1);
  expect(replay(TAPE, end)).toBe(Status.Ok);
  enter(0);
  return load<u32>(ticks);
}

function sum(out: usize, x: usize, n: usize): void {
  const instruction = end;
  store<i32>(instruction, Op.Sum, Head.Op << 2);
  store<i32>(instruction, DType.F32, Head.DType << 2);
  store<i32>(instruction, ReduceWord.Size, Head.Length << 2);
  store<i32>(instruction, 0, Head.Extra << 2);
  store<usize>(instruction, out, ReduceWord.Out << 2);
  store<usize>(instruction, x, ReduceWord.X << 2);
  store<usize>(instruction, 1, ReduceWord.Outer << 2);
  store<usize>(instruction, n, ReduceWord.Count << 2);
  store<usize>(instruction, 1, ReduceWord.Inner << 2);
  store<usize>(instruction, 1, ReduceWord.Pitch << 2);
  end += ReduceWord.Size << 2;
}
