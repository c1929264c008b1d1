import { backward, scope, type DTypeName, type Tensor, WengertError } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";
import type { Sample } from "../../bindings/core/graph.js";
import { table } from "../../bindings/primitives/table.js";
import { checkSame } from "../support/compare.js";
import { toPlain, type Plain } from "../support/plain.js";
import type { Random } from "../support/random.js";
import { call, draw, dtypesOf, floatInputs, isDifferentiable, tensorsOf, type Law, type Row } from "./row.js";

/** Calls the operation, differentiates the sum of its result, and looks at the gradients' shapes and types. */
function checkGradients(row: Row, sample: Sample, inputs: readonly Tensor[]): void {
  const y = call(row, inputs, sample.params);
  if (!y.requiresGrad) return;
  backward(y, { gradient: operations.fill(y.shape, 1, y.dtype) });
  for (const i of floatInputs(sample)) {
    const x = inputs[i]!;
    const { grad } = x;
    if (!grad) throw new Error(`${row.name}: no gradient of argument ${i}`);
    if (grad.dtype !== x.dtype)
      throw new Error(`${row.name}: the gradient of a ${x.dtype} argument ${i} is ${grad.dtype}`);
    if (grad.shape.join() !== x.shape.join()) {
      throw new Error(
        `${row.name}: the gradient of argument ${i}, [${x.shape.join(", ")}], has shape [${grad.shape.join(", ")}]`,
      );
    }
  }
}

/** Every assignment of f32 and f64 to the floating-point inputs. */
function assignments(sample: Sample, mixed: boolean): DTypeName[][] {
  const floats = floatInputs(sample);
  const uniform = (["f32", "f64"] as const).map((dtype) => dtypesOf(sample, dtype));
  if (!mixed || floats.length < 2) return uniform;
  return Array.from({ length: 2 ** floats.length }, (_, bits) =>
    sample.inputs.map((input, i) => input.dtype ?? ((bits >> floats.indexOf(i)) & 1 ? "f64" : "f32")),
  );
}

/** The derivative by an argument has the argument's shape and dtype, also where f32 meets f64. */
export const dtypeLaw: Law = {
  name: "derivatives have their argument's shape and dtype",
  appliesTo: isDifferentiable,
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      for (const types of assignments(sample, !row.reference.oneDType)) {
        checkGradients(row, sample, tensorsOf(draw(sample, random, "f32"), types, true));
      }
    }
  },
};

/** The samples with one of their lengths, wherever it occurs in a shape, replaced by 0. */
function emptied(row: Row): readonly Sample[] {
  if (row.reference.empty) return row.reference.empty;
  return row.primitive.samples().flatMap(({ inputs, params }) =>
    [...new Set(inputs.flatMap(({ shape }) => shape))].map((gone) => ({
      inputs: inputs.map((input) => ({ ...input, shape: input.shape.map((length) => (length === gone ? 0 : length)) })),
      params,
    })),
  );
}

/** Tensors without elements: the reference's value, or a refusal where it has none; gradients of the right shape. */
export const emptyLaw: Law = {
  name: "zero sizes",
  appliesTo: (row) => emptied(row).length > 0,
  check(row, random) {
    for (const sample of emptied(row)) {
      const values = draw(sample, random);
      const inputs = tensorsOf(values, dtypesOf(sample, "f64"), true);
      const want = expected(row, sample, values);
      if (want) {
        checkSame(row.name, toPlain(call(row, inputs, sample.params)), want);
        checkGradients(row, sample, inputs);
      } else if (!isRefused(() => call(row, inputs, sample.params))) {
        throw new Error(`${row.name} accepts ${values.map((x) => `[${x.shape.join(", ")}]`).join(" ")}`);
      }
    }
  },
};

function expected({ reference }: Row, sample: Sample, values: readonly Plain[]): Plain | null {
  try {
    return reference.value(values, sample.params, "f64");
  } catch {
    return null;
  }
}

function isRefused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof WengertError) return true;
    throw error;
  }
}

/** A number beside a tensor is a 0-d tensor of its type: the same bits on either side, and the gradient keeps its type. */
export const weakLaw: Law = {
  name: "numbers take the type of the tensor beside them",
  appliesTo: ({ reference, primitive }) =>
    (reference.elementwise ?? false) && primitive.samples()[0]!.inputs.length === 2,
  check(row, random) {
    const sample = row.primitive.samples()[0]!;
    for (const dtype of ["f32", "f64"] as const) {
      for (const number of [random.uniform(0.3, 2), -0, Infinity])
        scope(() => compareWeak(row, sample, dtype, number, random));
    }
  },
};

/** The number on either side of a tensor, against a 0-d tensor of the tensor's type. */
function compareWeak(row: Row, sample: Sample, dtype: DTypeName, number: number, random: Random): void {
  const operation = table[row.name] as unknown as (x: Tensor | number, y: Tensor | number) => Tensor;
  const [x, y] = tensorsOf(draw(sample, random, dtype), [dtype, dtype], true) as [Tensor, Tensor];
  const wrapped = operations.fill([], number, dtype);
  for (const [result, full, leaf] of [
    [operation(x, number), operation(x, wrapped), x],
    [operation(number, y), operation(wrapped, y), y],
  ] as const) {
    if (result.dtype !== full.dtype) throw new Error(`${row.name}: ${dtype} with a number is ${result.dtype}`);
    checkSame(`${row.name} with ${number}`, toPlain(result), toPlain(full));
    if (!result.requiresGrad) continue;
    backward(result, { gradient: operations.fill(result.shape, 1, result.dtype) });
    if (leaf.grad?.dtype !== dtype) throw new Error(`${row.name}: the gradient beside a number is ${leaf.grad?.dtype}`);
  }
}
