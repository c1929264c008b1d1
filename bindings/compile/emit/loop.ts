import { EmittedWord } from "../../../assembly/abi/flow.js";
import { dtypes, type DTypeName } from "../../core/dtype.js";
import type { Lane } from "../../core/lanes.js";
import { Code } from "./code.js";
import { follow, type Expression } from "./expression.js";
import { LaneWriter } from "./lanes.js";
import { Simd, Type, Wasm } from "./opcodes.js";

/** Vectors a turn of the first loop, for expressions of at most so many steps; longer ones take one. */
const UNROLLED = 4;
const SHORT = 12;

/** A pointer that runs along a row, where the row begins, and the bytes from row to row. */
interface Stream {
  readonly dtype: DTypeName;
  readonly at: number;
  readonly row: number;
  readonly step: number;
  readonly stream: boolean;
}

/**
 * The body of a function for an instruction of form Emitted: along each row some vectors a turn, then one, then element by
 * element. An output may lie in the memory of an operand that it is the successor of, element by element. `called`: see `Code`.
 */
export function emitLoop(expression: Expression, called: number[]): number[] {
  const { width, steps, outputs } = expression;
  const code = new Code(1, called);
  const v = new LaneWriter(code, width);
  const many = 16 / width;
  const streams = streamsOf(expression, code);
  const read = streams.slice(outputs.length);
  const repeated = new Map<Stream, Lane>();
  const [rows, end, zero] = [code.local(Type.I32), code.local(Type.I32), code.local(Type.I32)];

  /** Puts every pointer where its row begins, and loads what is the same all along the row. */
  const beginRow = (): void => {
    for (const x of streams) {
      code.get(x.row).set(x.at);
      if (!x.stream) repeated.set(x, load(code, v, x, 1, 0, width));
    }
  };
  /** Loads, computes and stores the `i`-th `count` elements from where the streams stand. */
  const compute = (count: number, i: number): void => {
    const lanes = read.map((x) => repeated.get(x) ?? load(code, v, x, count, i, width));
    for (const { rule, inputs, params } of steps) {
      lanes.push(follow(rule, v, inputs.map((k) => lanes[k]!), params)); // prettier-ignore
    }
    for (const [place, k] of outputs.entries()) store(code, v, streams[place]!, lanes[k]!, count, i, width);
  };
  /** Turns of `vectors` times `count` elements as long as there are as many. */
  const turns = (vectors: number, count: number): void => {
    endOfTurns(code, streams[0]!, vectors * count);
    code.set(end).until(streams[0]!.at, end, () => {
      for (let i = 0; i < vectors; i++) compute(count, i);
      for (const { at, dtype, stream } of streams)
        if (stream) code.i32(vectors * count * dtypes[dtype].bytes).advance(at);
    });
  };

  code.load(0, EmittedWord.Rows << 2).set(rows);
  code.until(rows, zero, () => {
    beginRow();
    if (steps.length <= SHORT) turns(UNROLLED, many);
    turns(1, many);
    turns(1, 1);
    for (const { row, step } of streams) code.get(step).advance(row);
    code.i32(-1).advance(rows);
  });
  return code.i32(0).finish();
}

/** The pointers of a function, whose rows and steps it reads from the instruction: of outputs first, then of operands. */
function streamsOf({ operands, steps, outputs }: Expression, code: Code): Stream[] {
  const written = outputs.map((i) => ({ dtype: steps[i - operands.length]!.dtype, stream: true }));
  return [...written, ...operands].map(({ dtype, stream }, i) => {
    const [at, row, step] = [code.local(Type.I32), code.local(Type.I32), code.local(Type.I32)];
    const word = EmittedWord.Operands + 2 * i;
    code.load(0, word << 2).set(row);
    code.load(0, (word + 1) << 2).set(step);
    return { dtype, stream, at, row, step };
  });
}

/** Computes where a stream stands behind the last of its turns of `count` elements, a power of two: row + (columns & -count) * bytes. */
function endOfTurns(code: Code, { row, dtype }: Stream, count: number): void {
  code
    .get(row)
    .load(0, EmittedWord.Columns << 2)
    .i32(-count)
    .raw(Wasm.I32And);
  code.i32(logarithm(dtypes[dtype].bytes)).raw(Wasm.I32Shl, Wasm.I32Add);
}

/** The `i`-th `count` elements from where a stream stands: a vector of them, or one in every lane. */
function load(code: Code, v: LaneWriter, { at, dtype }: Stream, count: number, i: number, width: 4 | 8): Lane {
  const local = code.local(Type.V128);
  const { bytes } = dtypes[dtype];
  const offset = i * count * bytes;
  code.get(at);
  if (dtype !== "bool") {
    const splat = bytes === 4 ? Simd.Load32Splat : Simd.Load64Splat;
    code.simdMemory(count * bytes === 16 ? Simd.Load : splat, offset).set(local);
    return { local, dtype };
  }
  // One byte, two or four; each is spread over a lane of the mask.
  const splat = count === 1 ? Simd.Load8Splat : count === 2 ? Simd.Load16Splat : Simd.Load32Splat;
  code.simdMemory(splat, offset).set(local);
  if (count > 1) shuffle(code, local, (byte) => Math.floor(byte / width));
  code.get(local).get(v.zeros()).simd(Simd.I8x16Ne).set(local);
  return { local, dtype };
}

function store(
  code: Code,
  v: LaneWriter,
  { at, dtype }: Stream,
  x: Lane,
  count: number,
  i: number,
  width: 4 | 8,
): void {
  const { bytes } = dtypes[dtype];
  const offset = i * count * bytes;
  let { local } = x;
  if (dtype === "bool") {
    local = code.local(Type.V128);
    code.get(x.local).get(v.ones()).simd(Simd.And).set(local);
    shuffle(code, local, (byte) => (byte * width) & 15);
  }
  code.get(at).get(local);
  const size = count * bytes;
  if (size === 16) code.simdMemory(Simd.Store, offset);
  else code.simdMemory(Simd.Store8Lane + logarithm(size), offset).raw(0); // Of the first lane.
}

/** Bytes in another order. */
function shuffle(code: Code, local: number, from: (byte: number) => number): void {
  code.get(local).get(local).simd(Simd.I8x16Shuffle);
  code.raw(...Array.from({ length: 16 }, (_, byte) => from(byte))).set(local);
}

/** Of a power of two, to the base 2. */
function logarithm(power: number): number {
  return 31 - Math.clz32(power);
}
