import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { checkDType, dtypes, type DTypeName } from "../core/dtype.js";
import { addressOf } from "../core/encode/encode.js";
import { encodeGenerate, encodeRandom } from "../core/encode/generate.js";
import type { BatchedValues, Primitive, SampleInput, Tensor } from "../core/graph.js";
import { checkShape, showShape, type Shape } from "../core/shape.js";
import { DTypeError, ShapeError, ValueError } from "../errors.js";
import type { Operations } from "../core/operations.js";
import type { Tape } from "../runtime/tape.js";
import { castTo, dense, internal, type Internal } from "./define.js";

/** What `fill` is told. */
export interface Filling {
  readonly shape: Shape;
  readonly dtype: DTypeName;
  readonly value: number;
}

const filling: Primitive<Filling> = {
  name: "fill",
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  encode: (tape, out, _, { value }) => encodeGenerate(tape, Op.Fill, out, value),
  derivative: { kind: "none" },
  samples: () => [{ inputs: [], params: { shape: [2, 3], dtype: "f64", value: 1.5 } }],
};

/** A tensor of one value. */
export const fill: Internal<
  (shape: number | Shape, value: number, dtype: DTypeName, name?: string) => Tensor,
  Filling
> = internal(filling, (shape: number | Shape, value: number, dtype: DTypeName, name = "full") => {
  const type = dtypes[checkDType(name, dtype)].half ? "f32" : dtype;
  return castTo(apply(filling, [], { shape: checkShape(name, shape), value, dtype: type }), dtype);
});

/** What `iota` is told. */
export interface Counting {
  readonly count: number;
  readonly dtype: DTypeName;
  readonly start: number;
  readonly step: number;
}

const counting: Primitive<Counting> = {
  name: "iota",
  infer: (_, { count, dtype }) => ({ shape: [count], dtype }),
  encode: (tape, out, _, { start, step }) => encodeGenerate(tape, Op.Iota, out, start, step),
  derivative: { kind: "none" },
  samples: () => [{ inputs: [], params: { count: 5, dtype: "f64", start: 1, step: 0.5 } }],
};

/** `count` numbers from `start` on, `step` apart. */
export const iota: Internal<(count: number, dtype: DTypeName, start?: number, step?: number) => Tensor, Counting> =
  internal(counting, (count: number, dtype: DTypeName, start = 0, step = 1) => {
    checkShape("iota", [count]);
    return apply(counting, [], { count, dtype: checkDType("iota", dtype), start, step });
  });

/**
 * A random draw takes its numbers from a generator's state, i32 [4]: key, and a 64-bit counter, low words first. Of states
 * [*n, 4] each gives numbers of its own, and the result has the shape [*n, *shape].
 */
export interface Drawing {
  readonly shape: Shape;
  readonly dtype: DTypeName;
}

/** Any state at all. */
const state: SampleInput = { shape: [4], dtype: "i32", range: [-2147483648, 2147483648] };

/** The shape of something for each of the states. */
function each(state: Tensor | undefined, shape: Shape): Shape {
  if (state!.dtype !== "i32" || state!.shape[state!.rank - 1] !== 4)
    throw new ShapeError("random", "states of a generator, i32 [.., 4]", `${state!.dtype} ${showShape(state!.shape)}`);
  return state!.rank === 1 ? shape : [...state!.shape.slice(0, -1), ...shape];
}

/** A type that is drawn: the kernel's own, or both of floats. */
function drawn(dtype: DTypeName, own: DTypeName): DTypeName {
  if (dtype === own || (dtypes[dtype].float && dtypes[own].float)) return dtype;
  throw new DTypeError("random", `numbers of type ${own}`, dtype);
}

const STATE_BYTES = 16;

/** One instruction a state. */
function encodeDraws(tape: Tape, op: Op, out: Tensor, state: Tensor, numbers?: Distribution["numbers"]): void {
  if (tape.audit && !state.dense) throw new ShapeError("random", "dense states", "a view");
  const streams = state.size / 4;
  const count = out.size / Math.max(1, streams);
  const { code, bytes } = out.type;
  const [to, from] = [addressOf(out), addressOf(state)];
  for (let i = 0; i < streams; i++)
    encodeRandom(tape, op, { address: to + i * count * bytes, code }, from + i * STATE_BYTES, count, numbers);
}

/** A batch of states is more states. */
function forStates<P>(primitive: () => Primitive<P>) {
  return (_: Operations, { inputs: [states], params }: BatchedValues<P>): Tensor =>
    apply(primitive(), [dense(states!)], params);
}

function drawing(name: string, op: Op, dtype: DTypeName): Primitive<Drawing> {
  const primitive: Primitive<Drawing> = {
    name,
    infer: ([state], params) => ({ shape: each(state, params.shape), dtype: drawn(params.dtype, dtype) }),
    encode: (tape, out, [state]) => encodeDraws(tape, op, out, state!),
    derivative: { kind: "none" },
    batch: forStates(() => primitive),
    samples: () => [{ inputs: [state], params: { shape: [9], dtype } }],
  };
  return primitive;
}

const uniformDraw = drawing("uniform", Op.Uniform, "f64");

/** Uniform numbers on [0, 1) of a floating-point type, from a state. */
export const uniform: Internal<(state: Tensor, shape: Shape, dtype: DTypeName) => Tensor, Drawing> = internal(
  uniformDraw,
  (state: Tensor, shape: Shape, dtype: DTypeName) => {
    if (!dtypes[checkDType("uniform", dtype)].float) throw new DTypeError("uniform", "a floating-point dtype", dtype);
    return apply(uniformDraw, [state], { shape: checkShape("uniform", shape), dtype });
  },
);

const bitsDraw = drawing("bits", Op.Bits, "i32");

/** Raw 32-bit words of the stream, as i32. */
export const bits: Internal<(state: Tensor, shape: Shape) => Tensor, Drawing> = internal(
  bitsDraw,
  (state: Tensor, shape: Shape) => apply(bitsDraw, [state], { shape: checkShape("bits", shape), dtype: "i32" }),
);

const permutationDraw = drawing("permutation", Op.Permutation, "i32");

/** A random order of 0 .. n-1, i32 [n]. */
export const permutation: Internal<(state: Tensor, n: number) => Tensor, Drawing> = internal(
  permutationDraw,
  (state: Tensor, n: number) =>
    apply(permutationDraw, [state], { shape: checkShape("permutation", [n]), dtype: "i32" }),
);

/** A draw from a distribution with two numbers. */
export interface Distribution extends Drawing {
  readonly numbers: readonly [number, number];
}

function distributed(
  name: string,
  op: Op,
  dtype: DTypeName,
  numbers: Distribution["numbers"],
): Primitive<Distribution> {
  const primitive: Primitive<Distribution> = {
    name,
    infer: ([state], params) => ({ shape: each(state, params.shape), dtype: drawn(params.dtype, dtype) }),
    encode: (tape, out, [state], { numbers }) => encodeDraws(tape, op, out, state!, numbers),
    derivative: { kind: "none" },
    batch: forStates(() => primitive),
    samples: () => [{ inputs: [state], params: { shape: [9], dtype, numbers } }],
  };
  return primitive;
}

const normalDraw = distributed("normal", Op.Normal, "f64", [1, 0.5]);

/** Normal numbers of a mean and a standard deviation, of a floating-point type, from a state. */
export const normal: Internal<
  (state: Tensor, shape: Shape, dtype: DTypeName, mean: number, deviation: number) => Tensor,
  Distribution
> = internal(normalDraw, (state: Tensor, shape: Shape, dtype: DTypeName, mean: number, deviation: number) => {
  if (!dtypes[checkDType("normal", dtype)].float) throw new DTypeError("normal", "a floating-point dtype", dtype);
  return apply(normalDraw, [state], { shape: checkShape("normal", shape), dtype, numbers: [mean, deviation] });
});

const integersDraw = distributed("integers", Op.Integers, "i32", [-3, 7]);

/** `count` integers from `low` on, i32, all as likely to 2^-32 of that, from a state. */
export const integers: Internal<(state: Tensor, shape: Shape, low: number, count: number) => Tensor, Distribution> =
  internal(integersDraw, (state: Tensor, shape: Shape, low: number, count: number) =>
    apply(integersDraw, [state], { shape: checkShape("integers", shape), dtype: "i32", numbers: [low, count] }),
  );

const advancing: Primitive<number> = {
  name: "advance",
  infer: ([state]) => state!,
  encode(tape, out, [state], blocks) {
    if (tape.audit && !state!.dense) throw new ShapeError("random", "dense states", "a view");
    const [to, from] = [addressOf(out), addressOf(state!)];
    for (let at = 0; at < out.size * 4; at += STATE_BYTES)
      encodeRandom(tape, Op.Advance, { address: to + at, code: out.type.code }, from + at, blocks);
  },
  derivative: { kind: "none" },
  batch: forStates(() => advancing),
  samples: () => [{ inputs: [state], params: 3 }],
};

/** The state so many blocks of the stream further on; of states [*n, 4] each. */
export const advance: Internal<(state: Tensor, blocks: number) => Tensor, number> = internal(
  advancing,
  (state: Tensor, blocks: number) => apply(advancing, [state], checkBlocks("advance", blocks)),
);

/** What `streams` is told: how many, and how many blocks each has. */
export interface Streams {
  readonly count: number;
  readonly blocks: number;
}

const dividing: Primitive<Streams> = {
  name: "streams",
  infer: ([state], { count }) => ({ shape: each(state, [count, 4]), dtype: "i32" }),
  encode(tape, out, [state], { count, blocks }) {
    if (tape.audit && !state!.dense) throw new ShapeError("random", "dense states", "a view");
    const [to, from, code] = [addressOf(out), addressOf(state!), out.type.code];
    // Each begins where the one before it ends, the first of them at the state itself.
    for (let i = 0; i < out.size / 4; i++) {
      const [address, first] = [to + i * STATE_BYTES, i % count === 0];
      const before = first ? from + (i / count) * STATE_BYTES : address - STATE_BYTES;
      encodeRandom(tape, Op.Advance, { address, code }, before, first ? 0 : blocks);
    }
  },
  derivative: { kind: "none" },
  batch: forStates(() => dividing),
  samples: () => [{ inputs: [state], params: { count: 3, blocks: 5 } }],
};

/** The states of `count` streams from a state on, `blocks` long each: i32 [count, 4]. */
export const streams: Internal<(state: Tensor, count: number, blocks: number) => Tensor, Streams> = internal(
  dividing,
  (state: Tensor, count: number, blocks: number) =>
    apply(dividing, [state], { count, blocks: checkBlocks("streams", blocks) }),
);

function checkBlocks(operation: string, blocks: number): number {
  if (Number.isInteger(blocks) && blocks >= 0 && blocks < 4294967296) return blocks;
  throw new ValueError(operation, "a 32-bit count", `${blocks}`);
}
