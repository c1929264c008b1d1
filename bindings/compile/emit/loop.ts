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
  const operands = [
    ...outputs.map((i) => ({ dtype: steps[i - expression.operands.length]!.dtype, stream: true })),
    ...expression.operands,
  ].map(({ dtype, stream }, i): Stream => {
    const [at, row, step] = [code.local(Type.I32), code.local(Type.I32), code.local(Type.I32)];
    const word = EmittedWord.Operands + 2 * i;
    code.load(0, word << 2).set(row);
    code.load(0, (word + 1) << 2).set(step);
    return { dtype, stream, at, row, step };
  });
  const [rows, end, zero] = [code.local(Type.I32), code.local(Type.I32), code.local(Type.I32)];
  const written = operands.slice(0, outputs.length);
  const read = operands.slice(outputs.length);
  const repeated = new Map<Stream, Lane>();

  /** Loads, computes and stores `vectors` vectors, or one element of each stream; then steps on. */
  const turn = (vectors: number, count: number): void => {
    for (let i = 0; i < vectors; i++) {
      const lanes: Lane[] = read.map((x) => repeated.get(x) ?? load(code, v, x, count, i, width));
      for (const { rule, inputs, params } of steps) {
        lanes.push(follow(rule, v, inputs.map((k) => lanes[k]!), params)); // prettier-ignore
      }
      for (const [k, y] of written.entries()) store(code, v, y, lanes[outputs[k]!]!, count, i, width);
    }
    for (const { at, dtype, stream } of operands)
      if (stream) code.i32(vectors * count * dtypes[dtype].bytes).advance(at);
  };
  /** Turns of `vectors` times `count` elements as long as there are as many. */
  const loop = (vectors: number, count: number): void => {
    const { at, row, dtype } = written[0]!;
    const whole = -(vectors * count);
    code
      .get(row)
      .load(0, EmittedWord.Columns << 2)
      .i32(whole)
      .raw(Wasm.I32And);
    code.i32(logarithm(dtypes[dtype].bytes)).raw(Wasm.I32Shl, Wasm.I32Add).set(end);
    code.until(at, end, () => turn(vectors, count));
  };

  code.load(0, EmittedWord.Rows << 2).set(rows);
  code.until(rows, zero, () => {
    for (const x of operands) {
      code.get(x.row).set(x.at);
      if (!x.stream) repeated.set(x, load(code, v, x, 1, 0, width));
    }
    if (steps.length <= SHORT) loop(UNROLLED, many);
    loop(1, many);
    loop(1, 1);
    for (const { row, step } of operands) code.get(step).advance(row);
    code.i32(-1).advance(rows);
  });
  return code.i32(0).finish();
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
