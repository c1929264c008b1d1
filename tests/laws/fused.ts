import { scope } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";
import type { Derivative, Primitive } from "../../bindings/core/graph.js";
import { checkClose } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { draw, dtypesOf, evaluate, resultSize, reverse, tensorsOf, type Law } from "./row.js";
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

/** The definition is itself twice differentiable. */
export const definitionSecondLaw: Law = {
  name: "second derivative through definition",
  appliesTo: ({ primitive }) => fusedOf(primitive)?.backward !== undefined,
  check(row, random) {
    secondLaw.check({ ...row, primitive: withoutBackward(row.primitive) }, random);
  },
};
