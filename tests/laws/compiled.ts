import { grad, jvp, mul, scope, stack, sum, vmap, type DTypeName, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Primitive, Sample } from "../../bindings/core/graph.js";
import { checkCompiled } from "../support/compiled.js";
import { toTensor } from "../support/plain.js";
import { Random } from "../support/random.js";
import { draw, dtypesOf, floatInputs, isDifferentiable, tensorsOf, type Law } from "./row.js";

type TensorFunction = (...xs: Tensor[]) => Tensor;

/** Fixed numbers without structure, of the shape and dtype of x. */
function weightsLike({ shape, size, dtype }: Tensor): Tensor {
  return toTensor({ shape, data: new Random(`weights ${shape}`).weights(size) }, dtype);
}

/** What derivatives of a primitive compute: its value, a gradient, a tangent, and second derivatives of two kinds. */
function derivativesOf(primitive: Primitive, sample: Sample): (...inputs: Tensor[]) => unknown {
  const floats = floatInputs(sample);
  const argnums = floats.map((_, i) => i);
  return (...inputs) => {
    const f: TensorFunction = (...xs) =>
      apply(
        primitive,
        inputs.map((x, i) => (floats.includes(i) ? xs[floats.indexOf(i)]! : x)),
        sample.params,
      );
    const weighted: TensorFunction = (...xs) => {
      const y = f(...xs);
      return sum(mul(y, weightsLike(y)));
    };
    const primals = floats.map((i) => inputs[i]!);
    const tangents = primals.map(weightsLike);
    const gradient = grad(weighted, { argnums });
    const along: TensorFunction = (...xs) =>
      gradient(...xs)
        .map((g, i) => sum(mul(g, tangents[i]!)))
        .reduce((a, b) => a.add(b));
    return [
      f(...primals),
      gradient(...primals),
      jvp(f, primals, tangents)[1],
      grad(along, { argnums })(...primals),
      jvp((...xs: Tensor[]) => gradient(...xs), primals, tangents)[1],
    ];
  };
}

function inputsFor(sample: Sample, random: Random, dtype: DTypeName): Tensor[] {
  return tensorsOf(draw(sample, random, dtype), dtypesOf(sample, dtype));
}

/** A program has the bits of its function, whatever is asked of it, and a sound plan. */
export const compiledLaw: Law = {
  name: "compiled equals eager, bit for bit",
  appliesTo: () => true,
  check(row, random) {
    const { name, primitive } = row;
    for (const sample of primitive.samples()) {
      for (const dtype of ["f32", "f64"] as const) {
        const [inputs, others] = [inputsFor(sample, random, dtype), inputsFor(sample, random, dtype)];
        const f: TensorFunction = (...xs) => apply(primitive, xs, sample.params);
        checkCompiled(name, f, inputs, others);
        if (isDifferentiable(row))
          checkCompiled(`derivatives of ${name}`, derivativesOf(primitive, sample), inputs, others);
        if (inputs.length === 0) continue;
        scope(() => {
          const batch = inputs.map((x, i) => stack([x, others[i]!]));
          checkCompiled(`vmap of ${name}`, vmap(f), batch);
        });
      }
    }
  },
};
