import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, scope, ShapeError, tensor, type DTypeName, type Tensor } from "../../bindings/index.js";
import * as w from "../../bindings/index.js";
import { broadcasting, RUNS, scattered } from "../support/arbitrary.js";
import { checkClose } from "../support/compare.js";
import { count, rounded, toPlain, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";
import { composed } from "./index.js";
import type { Composed, InputLike } from "./reference.js";

/** Inputs for one dtype each; numbers that every one of them holds exactly, of the quarters of a range. */
function drawn(
  inputs: readonly InputLike[],
  range: readonly [number, number],
  dtypes: readonly DTypeName[],
  seed: number,
) {
  const random = new Random(`composed ${seed}`);
  return inputs.map((input, i): Plain => {
    const [low, high] = input.range ?? range;
    const dtype = input.dtype ?? dtypes[i % dtypes.length]!;
    const whole = dtype !== "f32" && dtype !== "f64";
    const steps = whole ? 1 : 64;
    const data = Array.from({ length: count(input.shape) }, () => {
      const value = random.integer(Math.ceil(low * steps), Math.floor(high * steps)) / steps;
      return rounded(dtype === "u8" ? Math.abs(value) : value, dtype);
    });
    return { shape: input.shape, data };
  });
}

function hold(
  name: string,
  row: Composed,
  inputs: readonly InputLike[],
  dtypes: readonly DTypeName[],
  seed: number,
): void {
  scope(() => {
    const plains = drawn(inputs, row.range ?? [-5, 5], dtypes, seed);
    const types = inputs.map((input, i) => input.dtype ?? dtypes[i % dtypes.length]!);
    const tensors = plains.map((x, i) => scattered(x, types[i]!, seed + i));
    const y = row.call(...tensors);
    const own = types.filter((_, i) => !inputs[i]!.dtype && (row.like ?? i) === i);
    const met = own.includes("f64") ? "f64" : own[0]!;
    const wanted = row.result ?? row.integers?.(met) ?? met;
    expect(`${name} of ${types.join()}: ${y.dtype}`).toBe(`${name} of ${types.join()}: ${wanted}`);
    const single = types.includes("f32") || wanted === "f32";
    checkClose(name, toPlain(y), row.value(...plains), single ? 1e-4 : (row.tolerance ?? 1e-12));
    if (row.constant || !y.type.float) return;
    // A derivative by every float has its shape and its dtype.
    const floats = tensors.flatMap((x, i) => (x.type.float && !inputs[i]!.dtype ? [i] : []));
    const f = (...xs: Tensor[]): Tensor => row.call(...tensors.map((x, i) => xs[floats.indexOf(i)] ?? x)).sum();
    const gradients = grad(f, { argnums: floats.map((_, i) => i) })(...floats.map((i) => tensors[i]!));
    for (const [k, i] of floats.entries()) {
      expect(gradients[k]!.shape).toEqual(tensors[i]!.shape);
      expect(gradients[k]!.dtype).toBe(tensors[i]!.dtype);
    }
  });
}

const MIXTURES: readonly DTypeName[][] = [["f64"], ["f32"], ["f32", "f64"], ["f64", "f32"]];
const INTEGERS: readonly DTypeName[][] = [["i32"], ["u8"], ["bool"]];

describe("composed functions equal their references", () => {
  test.each(Object.entries(composed))("%s", (name, row) => {
    const mixtures = row.integers ? [...MIXTURES, ...INTEGERS] : MIXTURES;
    if (row.arity === undefined) {
      for (const inputs of row.cases!)
        for (const [i, dtypes] of mixtures.entries())
          for (const way of [0, 1, 2, 3]) hold(name, row, inputs, dtypes, 8 * i + way);
      return;
    }
    fc.assert(
      fc.property(broadcasting(row.arity), fc.constantFrom(...mixtures), fc.nat(1e6), (shapes, dtypes, seed) =>
        hold(
          name,
          row,
          shapes.map((shape) => ({ shape })),
          dtypes,
          seed,
        ),
      ),
      { ...RUNS, numRuns: 25 },
    );
  });
});

test.each([
  "mseLoss",
  "l1Loss",
  "huberLoss",
  "smoothL1Loss",
  "binaryCrossEntropy",
  "binaryCrossEntropyWithLogits",
  "klDiv",
  "hingeLoss",
  "hingeEmbeddingLoss",
  "poissonNllLoss",
  "sigmoidFocalLoss",
] as const)("%s does not broadcast", (name) => {
  scope(() => {
    expect(() => w[name](tensor([1, 2, 3]), tensor([1]))).toThrow(ShapeError);
    expect(() => w[name](tensor([[1, 2]]), tensor([1, 2]))).toThrow(ShapeError);
  });
});
