import { Op } from "../../assembly/abi.js";
import { apply } from "../core/apply.js";
import { checkDType, dtypes, type DTypeName } from "../core/dtype.js";
import { encodeGenerate, encodeRandom } from "../core/encode.js";
import type { Primitive, SampleInput, Tensor } from "../core/graph.js";
import { checkShape, type Shape } from "../core/shape.js";
import { DTypeError, ValueError } from "../errors.js";
import { internal, type Internal } from "./define.js";

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
export const fill: Internal<(shape: Shape, value: number, dtype: DTypeName) => Tensor, Filling> = internal(
  filling,
  (shape: Shape, value: number, dtype: DTypeName) =>
    apply(filling, [], { shape: checkShape("full", shape), value, dtype: checkDType("full", dtype) }),
);

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

/** A random draw takes its numbers from a generator's state, i32 [4]: key, and a 64-bit counter, low words first. */
export interface Drawing {
  readonly shape: Shape;
  readonly dtype: DTypeName;
}

/** Any state at all. */
const state: SampleInput = { shape: [4], dtype: "i32", range: [-2147483648, 2147483648] };

function drawing(name: string, op: Op, dtype: DTypeName): Primitive<Drawing> {
  return {
    name,
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    encode: (tape, out, [state]) => encodeRandom(tape, op, out, state!, out.size),
    derivative: { kind: "none" },
    samples: () => [{ inputs: [state], params: { shape: [9], dtype } }],
  };
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
  return {
    name,
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    encode: (tape, out, [state], { numbers }) => encodeRandom(tape, op, out, state!, out.size, numbers),
    derivative: { kind: "none" },
    samples: () => [{ inputs: [state], params: { shape: [9], dtype, numbers } }],
  };
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
  infer: () => ({ shape: [4], dtype: "i32" }),
  encode: (tape, out, [state], blocks) => encodeRandom(tape, Op.Advance, out, state!, blocks),
  derivative: { kind: "none" },
  samples: () => [{ inputs: [state], params: 3 }],
};

/** The state so many blocks of the stream further on. */
export const advance: Internal<(state: Tensor, blocks: number) => Tensor, number> = internal(
  advancing,
  (state: Tensor, blocks: number) => {
    if (!Number.isInteger(blocks) || blocks < 0 || blocks >= 4294967296)
      throw new ValueError("advance", "a 32-bit count", `${blocks}`);
    return apply(advancing, [state], blocks);
  },
);
