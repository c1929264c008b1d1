import { apply } from "../../bindings/core/running/apply.js";
import { operations } from "../../bindings/core/operations.js";
import type { Derivative, Sample, Transpose } from "../../bindings/core/graph.js";
import { inner } from "../support/numeric.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import { draw, dtypesOf, evaluate, floatInputs, tensorsOf, type Law, type Row } from "./row.js";

type Linear = Extract<Derivative, { kind: "linear" | "bilinear" }>;

function linearOf({ primitive }: Row): Linear | null {
  const { derivative } = primitive;
  return derivative.kind === "linear" || derivative.kind === "bilinear" ? derivative : null;
}

function transposeOf(derivative: Linear, argument: number): Transpose<unknown>["transpose"] {
  const variadic = derivative.kind === "linear" && derivative.variadic;
  return derivative.transposes[variadic ? 0 : argument]!;
}

function near(what: string, got: number, want: number): void {
  if (Math.abs(got - want) <= 1e-12 * Math.max(1, Math.abs(want))) return;
  throw new Error(`${what}: expected ${want}, got ${got}`);
}

/** The values of the differentiable inputs replaced by others; the indices and conditions among them stay. */
function exchanged(sample: Sample, values: readonly Plain[], fresh: readonly Plain[]): Plain[] {
  return values.map((x, i) => (sample.inputs[i]!.dtype ? x : fresh[i]!));
}

/** <v, A u> = Σ <Aᵀ v, u>; the transpose of a linear operation is told of another point, on which it must not depend. */
export const dotLaw: Law = {
  name: "transpose by inner products",
  appliesTo: (row) => linearOf(row) !== null,
  check(row, random) {
    const derivative = linearOf(row)!;
    for (const sample of row.primitive.samples()) {
      const values = draw(sample, random);
      const elsewhere = derivative.kind === "linear" ? exchanged(sample, values, draw(sample, random)) : values;
      const inputs = tensorsOf(elsewhere, dtypesOf(sample, "f64"));
      const output = apply(row.primitive, inputs, sample.params);
      const v = random.weights(output.size);
      const image = inner(v, evaluate(row.primitive, sample, values).data);
      const pulled = floatInputs(sample).map((i) => {
        const g = toTensor({ shape: output.shape, data: v }, "f64");
        const adjoint = transposeOf(derivative, i)(operations, g, { inputs, output, params: sample.params }, i);
        return inner(toPlain(adjoint).data, values[i]!.data);
      });
      if (derivative.kind === "linear")
        near(
          row.name,
          pulled.reduce((sum, part) => sum + part, 0),
          image,
        );
      else for (const [i, part] of pulled.entries()) near(`${row.name}, argument ${i}`, part, image);
    }
  },
};

/** Adjoints that fill a part each: gathered into one buffer they are the sum of their transposes. */
export const gatherLaw: Law = {
  name: "gathered adjoints are the sum",
  appliesTo: (row) => {
    const derivative = linearOf(row);
    return derivative?.kind === "linear" && derivative.gather !== undefined;
  },
  check(row, random) {
    const derivative = linearOf(row) as Extract<Linear, { kind: "linear" }>;
    for (const sample of row.primitive.samples()) {
      const inputs = tensorsOf(draw(sample, random), dtypesOf(sample, "f64"));
      const output = apply(row.primitive, inputs, sample.params);
      const gs = [1, 2, 3].map(() => toTensor({ shape: output.shape, data: random.weights(output.size) }, "f64"));
      const together = toPlain(
        derivative.gather!(
          operations,
          gs,
          gs.map(() => sample.params),
          inputs[0]!,
        ),
      );
      const apart = gs.map((g) =>
        toPlain(transposeOf(derivative, 0)(operations, g, { inputs, output, params: sample.params }, 0)),
      );
      for (const [i, value] of together.data.entries()) {
        near(
          `${row.name}, element ${i}`,
          value,
          apart.reduce((sum, part) => sum + part.data[i]!, 0),
        );
      }
    }
  },
};
