import { add, backward, grad, jvp, mul, scope, sum, type DTypeName, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Primitive, Sample } from "../../bindings/core/graph.js";
import { checkClose } from "../support/compare.js";
import { inner } from "../support/numeric.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import type { Random } from "../support/random.js";
import { draw, dtypesOf, floatInputs, isDifferentiable, resultSize, reverse, tensorsOf, type Law } from "./row.js";

/** A primitive as a function of its floating-point inputs, the others fixed. */
export function functionOf(
  primitive: Primitive,
  sample: Sample,
  inputs: readonly Tensor[],
): (...xs: Tensor[]) => Tensor {
  const floats = floatInputs(sample);
  return (...xs) => {
    const all = inputs.map((x, i) => (floats.includes(i) ? xs[floats.indexOf(i)]! : x));
    return apply(primitive, all, sample.params);
  };
}

/** Tangents of the floating-point inputs. */
function directions(sample: Sample, values: readonly Plain[], random: Random): Plain[] {
  return floatInputs(sample).map((i) => ({ shape: values[i]!.shape, data: random.weights(values[i]!.data.length) }));
}

/** Forward mode: the tangent of the result. */
function forward(
  primitive: Primitive,
  sample: Sample,
  values: readonly Plain[],
  v: readonly Plain[],
  dtype: DTypeName = "f64",
): Tensor {
  const inputs = tensorsOf(values, dtypesOf(sample, dtype));
  const floats = floatInputs(sample).map((i) => inputs[i]!);
  const tangents = v.map((x, i) => toTensor(x, floats[i]!.dtype));
  return jvp(functionOf(primitive, sample, inputs), floats, tangents)[1];
}

/** Σ |w| |v|, to which the rounding of <w, J v> is relative, and J's own size. */
function scaleOf(w: readonly number[], v: readonly Plain[], gradient: readonly Plain[]): number {
  const terms = gradient.flatMap((g, i) => g.data.map((value, j) => Math.abs(value * v[i]!.data[j]!)));
  return Math.max(1, ...w.map(Math.abs)) * terms.reduce((total, term) => total + term, 1);
}

/** <w, J v> = <Jᵀ w, v>: forward mode and reverse mode are transposes of each other. */
export const jvpLaw: Law = {
  name: "forward mode is the transpose of reverse mode",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const w = random.weights(resultSize(primitive, sample, values));
      const v = directions(sample, values, random);
      const pushed = inner(w, scope(() => toPlain(forward(primitive, sample, values, v))).data);
      const gradient = reverse(primitive, sample, values, w);
      const pulled = gradient.reduce((total, g, i) => total + inner(g.data, v[i]!.data), 0);
      if (!(Math.abs(pushed - pulled) <= 1e-12 * scaleOf(w, v, gradient)))
        throw new Error(`${name}: <w, Jv> is ${pushed}, <Jᵀw, v> is ${pulled}`);
    }
  },
};

/** Both ways to a Hessian-vector product agree: forward over reverse, reverse over forward, reverse over reverse. */
export const mixedLaw: Law = {
  name: "second derivatives of mixed modes agree",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const w = random.weights(resultSize(primitive, sample, values));
      const v = directions(sample, values, random);
      const [forwardReverse, reverseForward, reverseReverse] = scope(() => {
        const inputs = tensorsOf(values, dtypesOf(sample, "f64"));
        const floats = floatInputs(sample).map((i) => inputs[i]!);
        const tangents = v.map((x) => toTensor(x, "f64"));
        const f = functionOf(primitive, sample, inputs);
        const weighted = (...xs: Tensor[]): Tensor => {
          const y = f(...xs);
          return sum(mul(y, toTensor({ shape: y.shape, data: w }, "f64")));
        };
        const argnums = floats.map((_, i) => i);
        const gradient = grad(weighted, { argnums });
        const along = (...xs: Tensor[]): Tensor =>
          gradient(...xs)
            .map((g, i) => sum(mul(g, tangents[i]!)))
            .reduce(add);
        return [
          jvp((...xs: Tensor[]) => gradient(...xs), floats, tangents)[1],
          grad((...xs: Tensor[]) => jvp(weighted, xs, tangents)[1], { argnums })(...floats),
          grad(along, { argnums })(...floats),
        ].map((list) => list.map(toPlain));
      }) as [Plain[], Plain[], Plain[]];
      for (const [i, want] of reverseReverse.entries()) {
        checkClose(`${name} by argument ${i}, forward over reverse`, forwardReverse[i]!, want, 1e-10);
        checkClose(`${name} by argument ${i}, reverse over forward`, reverseForward[i]!, want, 1e-10);
      }
    }
  },
};

/** The tangent has the shape and the dtype of the value, and is linear in the tangents. */
export const tangentLaw: Law = {
  name: "tangents like their values, and linear",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      for (const dtype of ["f64", "f32"] as const) {
        const values = draw(sample, random, dtype);
        const [u, v] = [directions(sample, values, random), directions(sample, values, random)];
        const mixed = u.map((x, i) => ({ ...x, data: x.data.map((value, j) => 2 * value - 3 * v[i]!.data[j]!) }));
        scope(() => {
          const y = apply(primitive, tensorsOf(values, dtypesOf(sample, dtype)), sample.params);
          const [a, b, c] = [u, v, mixed].map((w) => forward(primitive, sample, values, w, dtype));
          if (a!.dtype !== y.dtype || a!.shape.join() !== y.shape.join())
            throw new Error(
              `${name}: the tangent of ${y.dtype} [${y.shape.join()}] is ${a!.dtype} [${a!.shape.join()}]`,
            );
          const [pa, pb] = [toPlain(a!), toPlain(b!)];
          const want = { shape: pa.shape, data: pa.data.map((value, i) => 2 * value - 3 * pb.data[i]!) };
          checkClose(name, toPlain(c!), want, dtype === "f64" ? 1e-12 : 1e-4);
        });
      }
    }
  },
};

/** A tangent of exactly 0 gives 0, even where a partial is infinite; so does an adjoint of 0 for the tangent's derivative. */
export const stillLaw: Law = {
  name: "a zero tangent annihilates",
  appliesTo: ({ primitive }) => primitive.derivative.kind === "elementwise",
  check({ name, primitive }) {
    const points = [0, -0, 1, -1, 1e-300];
    const pairs = [points.flatMap((x) => points.map(() => x)), points.flatMap(() => points)];
    const columns = primitive.samples()[0]!.inputs.length === 1 ? [points] : pairs;
    const values = columns.map((data) => ({ shape: [data.length], data }));
    const sample = { inputs: values.map(({ shape }) => ({ shape })), params: null };
    const zeros = values.map(({ shape, data }) => ({ shape, data: data.map(() => 0) }));
    scope(() => {
      checkClose(name, toPlain(forward(primitive, sample, values, zeros)), zeros[0]!, 0);
      const inputs = tensorsOf(values, dtypesOf(sample, "f64"), true);
      const [, t] = jvp(
        functionOf(primitive, sample, inputs),
        inputs,
        zeros.map((z) => toTensor(z, "f64")),
      );
      if (!t.node) return;
      backward(t, { gradient: toTensor(zeros[0]!, "f64") });
      for (const x of inputs) if (x.grad) checkClose(name, toPlain(x.grad), zeros[0]!, 0);
    });
  },
};
