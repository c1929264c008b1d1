import { backward, scope, type DTypeName, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Primitive, Sample } from "../../bindings/core/graph.js";
import { table } from "../../bindings/primitives/table.js";
import { references } from "../reference/index.js";
import type { Reference } from "../reference/reference.js";
import { rounded, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

/** One operation before the laws: its row of the table, or a mutant of it, and its reference. */
export interface Row {
  readonly name: keyof typeof table;
  readonly primitive: Primitive;
  readonly reference: Reference;
}

/** A statement that holds for every row that it applies to. `check` throws where it does not hold. */
export interface Law {
  readonly name: string;
  appliesTo(row: Row): boolean;
  check(row: Row, random: Random): void;
}

/** All rows, in the order of the table. */
export const rows: readonly Row[] = Object.entries(table).map(([key, operation]) => {
  const name = key as keyof typeof table;
  // The table knows the type of each row's parameters; here they are whatever the row's own samples hold.
  return { name, primitive: operation.primitive, reference: references[name] };
});

/** Holds a law against a row. Draws depend on the names of both alone; everything made on the way is freed. */
export function hold(law: Law, row: Row): void {
  scope(() => {
    law.check(row, new Random(`${row.name}, ${law.name}`));
  });
}

export function isDifferentiable({ primitive }: Row): boolean {
  return primitive.derivative.kind !== "none";
}

/** Values for the inputs of a sample, floating-point ones in `dtype`: spread over the whole of their ranges. */
export function draw(sample: Sample, random: Random, dtype: DTypeName = "f64"): Plain[] {
  return sample.inputs.map(({ shape, range, dtype: own, diagonal }) => {
    const type = own ?? dtype;
    const [low, high] = range ?? (type === "bool" ? [0, 2] : [-2, 2]);
    const size = shape.reduce((product, length) => product * length, 1);
    const whole = type !== "f32" && type !== "f64";
    const spread = random.spread(size, low, high);
    if (diagonal !== undefined) raiseDiagonals(spread, shape, diagonal);
    const data = spread.map((value) => rounded(whole ? Math.floor(value) : value, type));
    return { shape, data };
  });
}

/** Adds to the elements (i, i) of matrices this, times i + 1. */
function raiseDiagonals(data: number[], shape: readonly number[], by: number): void {
  const [m, n] = shape.slice(-2) as [number, number];
  for (let at = 0; at < data.length; at++) {
    const [i, j] = [Math.floor(at / n) % m, at % n];
    if (i === j) data[at]! += by * (i + 1);
  }
}

/** The dtype of each input of a sample, where floating-point ones have `dtype`. */
export function dtypesOf(sample: Sample, dtype: DTypeName): DTypeName[] {
  return sample.inputs.map((input) => input.dtype ?? dtype);
}

/** Which inputs are floating-point, and can be differentiated by. */
export function floatInputs(sample: Sample): number[] {
  return sample.inputs.flatMap((input, i) => (input.dtype ? [] : [i]));
}

/** The inputs as tensors, those of floating point as leaves if `tracked`. */
export function tensorsOf(values: readonly Plain[], types: readonly DTypeName[], tracked = false): Tensor[] {
  return values.map((x, i) => {
    const dtype = types[i]!;
    return toTensor(x, dtype, { requiresGrad: tracked && (dtype === "f32" || dtype === "f64") });
  });
}

/** What the kernel of a primitive computes of inputs, f64 unless said otherwise. */
export function evaluate(
  primitive: Primitive,
  sample: Sample,
  values: readonly Plain[],
  dtype: DTypeName = "f64",
): Plain {
  return scope(() => toPlain(apply(primitive, tensorsOf(values, dtypesOf(sample, dtype)), sample.params)));
}

/** Calls the operation as a user does. */
export function call({ name, reference }: Row, inputs: readonly Tensor[], params: unknown): Tensor {
  if (reference.call) return reference.call(inputs, params);
  const operation = table[name] as (...args: readonly unknown[]) => Tensor;
  return operation(...inputs, ...(params === null ? [] : [params]));
}

/** The gradient that `backward` left in each leaf: zeros where there is none. */
export function gradients(leaves: readonly Tensor[]): Plain[] {
  return leaves.map((x) =>
    x.grad ? toPlain(x.grad) : { shape: [...x.shape], data: new Array<number>(x.size).fill(0) },
  );
}

/** Reverse mode in f64: the gradient of Σ weights f(inputs) by each floating-point input. */
export function reverse(
  primitive: Primitive,
  sample: Sample,
  values: readonly Plain[],
  weights: readonly number[],
): Plain[] {
  return scope(() => {
    const inputs = tensorsOf(values, dtypesOf(sample, "f64"), true);
    const y = apply(primitive, inputs, sample.params);
    if (y.node) backward(y, { gradient: toTensor({ shape: y.shape, data: weights }, "f64") });
    return gradients(floatInputs(sample).map((i) => inputs[i]!));
  });
}

/** Number of elements in the result of a sample. */
export function resultSize(primitive: Primitive, sample: Sample, values: readonly Plain[]): number {
  return evaluate(primitive, sample, values).data.length;
}
