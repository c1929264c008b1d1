import { grad, jvp, mul, scope, sum, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import { operations } from "../../bindings/core/operations.js";
import type { Derivative, Primitive } from "../../bindings/core/graph.js";
import { checkClose } from "../support/compare.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import { draw, dtypesOf, evaluate, floatInputs, resultSize, reverse, tensorsOf, type Law } from "./row.js";
import { secondLaw } from "./derivative.js";

type Fused = Extract<Derivative, { kind: "fused" }>;

function fusedOf(primitive: Primitive): Fused | null {
  return primitive.derivative.kind === "fused" ? primitive.derivative : null;
}

/** The same operation, differentiated through its definition alone. */
function withoutBackward(primitive: Primitive): Primitive {
  const { kind, definition } = fusedOf(primitive)!;
  return { ...primitive, derivative: { kind, definition } };
}

/** The fused kernel and the definition are one function. */
export const definitionLaw: Law = {
  name: "kernel equals definition",
  appliesTo: ({ primitive }) => fusedOf(primitive) !== null,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      for (const [dtype, tolerance] of [
        ["f64", 1e-13],
        ["f32", 2e-6],
      ] as const) {
        const values = draw(sample, random, dtype);
        const defined = scope(() => {
          const inputs = tensorsOf(values, dtypesOf(sample, dtype));
          const y = fusedOf(primitive)!.definition(operations, inputs, sample.params);
          if (y.dtype !== dtype) throw new Error(`${name}: the definition of ${dtype} is ${y.dtype}`);
          return toPlain(y);
        });
        checkClose(`${name} ${dtype}`, evaluate(primitive, sample, values, dtype), defined, tolerance);
      }
    }
  },
};

/** The fast backward is the pullback of the definition. */
export const backwardLaw: Law = {
  name: "fast backward equals pullback of definition",
  appliesTo: ({ primitive }) => fusedOf(primitive)?.backward !== undefined,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const weights = random.weights(resultSize(primitive, sample, values));
      const slow = reverse(withoutBackward(primitive), sample, values, weights);
      const fast = reverse(primitive, sample, values, weights);
      for (const [i, g] of fast.entries()) checkClose(`${name} by argument ${i}`, g, slow[i]!, 1e-12);
    }
  },
};

/** Forward over reverse through the fused row is that of its definition: Hessian-vector products of Σ w f. */
export const fusedHvpLaw: Law = {
  name: "forward over reverse equals that of the definition",
  appliesTo: ({ primitive }) => fusedOf(primitive) !== null,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const weights = random.weights(resultSize(primitive, sample, values));
      const floats = floatInputs(sample);
      const along = floats.map((i) => ({ shape: values[i]!.shape, data: random.weights(values[i]!.data.length) }));
      const product = (f: (inputs: readonly Tensor[]) => Tensor): Plain[] =>
        scope(() => {
          const inputs = tensorsOf(values, dtypesOf(sample, "f64"));
          const weighted = (...xs: Tensor[]): Tensor => {
            const y = f(inputs.map((x, i) => (floats.includes(i) ? xs[floats.indexOf(i)]! : x)));
            return sum(mul(y, toTensor({ shape: y.shape, data: weights }, "f64")));
          };
          const gradient = grad(weighted, { argnums: floats.map((_, i) => i) });
          const tangents = along.map((v) => toTensor(v, "f64"));
          return jvp(
            (...xs: Tensor[]) => gradient(...xs),
            floats.map((i) => inputs[i]!),
            tangents,
          )[1].map(toPlain);
        });
      const { definition } = fusedOf(primitive)!;
      const want = product((inputs) => definition(operations, inputs, sample.params));
      const got = product((inputs) => apply(primitive, inputs, sample.params));
      for (const [i, g] of got.entries()) checkClose(`${name} by argument ${i}`, g, want[i]!, 1e-10);
    }
  },
};

/** The definition is itself twice differentiable. */
export const definitionSecondLaw: Law = {
  name: "second derivative through definition",
  appliesTo: ({ primitive }) => fusedOf(primitive)?.backward !== undefined,
  check(row, random) {
    secondLaw.check({ ...row, primitive: withoutBackward(row.primitive) }, random);
  },
};
