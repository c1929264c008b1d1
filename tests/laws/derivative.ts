import { add, backward, mul, scope, sum } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Primitive, Sample } from "../../bindings/core/graph.js";
import { checkClose } from "../support/compare.js";
import { inner, numericalGradient } from "../support/numeric.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import {
  draw,
  dtypesOf,
  evaluate,
  floatInputs,
  gradients,
  isDifferentiable,
  resultSize,
  reverse,
  tensorsOf,
  type Law,
} from "./row.js";

function withData(values: readonly Plain[], arrays: readonly (readonly number[])[]): Plain[] {
  return values.map((x, i) => ({ shape: x.shape, data: arrays[i]! }));
}

/** The gradient of Σ w f(x) by differences of the kernel's own values. */
function numericalOf(
  primitive: Primitive,
  sample: Sample,
  values: readonly Plain[],
  w: readonly number[],
): readonly (readonly number[])[] {
  return numericalGradient(
    (arrays) => inner(w, evaluate(primitive, sample, withData(values, arrays)).data),
    values.map((x) => x.data),
    floatInputs(sample),
  );
}

function checkAll(what: string, got: readonly Plain[], want: readonly (readonly number[])[], tolerance: number): void {
  for (const [i, g] of got.entries())
    checkClose(`${what} by argument ${i}`, g, { shape: g.shape, data: want[i]! }, tolerance);
}

/** Reverse mode against differences of the kernel's own values. */
export const numericalLaw: Law = {
  name: "reverse mode equals numerical differentiation",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const weights = random.weights(resultSize(primitive, sample, values));
      const numerical = numericalOf(primitive, sample, values, weights);
      checkAll(name, reverse(primitive, sample, values, weights), numerical, 1e-7);
    }
  },
};

/** Reverse mode over reverse mode: the gradient of <v, gradient of Σ w f(x)>, by x and by w. */
function reverseOverReverse(
  primitive: Primitive,
  sample: Sample,
  values: readonly Plain[],
  w: readonly number[],
  v: readonly Plain[],
): Plain[] {
  return scope(() => {
    const inputs = tensorsOf(values, dtypesOf(sample, "f64"), true);
    const leaves = floatInputs(sample).map((i) => inputs[i]!);
    const y = apply(primitive, inputs, sample.params);
    const weights = toTensor({ shape: y.shape, data: w }, "f64", { requiresGrad: true });
    backward(y, { gradient: weights, createGraph: true });
    const first = leaves.map((x) => x.grad!);
    for (const x of leaves) x.zeroGrad();
    const terms = first.map((g, i) => sum(mul(g, toTensor(v[i]!, "f64"))));
    backward(terms.reduce(add));
    return gradients([...leaves, weights]);
  });
}

/** The second derivative against differences of the gradient. */
export const secondLaw: Law = {
  name: "second derivative equals numerical differentiation of the gradient",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const w = random.weights(resultSize(primitive, sample, values));
      const v = floatInputs(sample).map((i) => ({
        shape: values[i]!.shape,
        data: random.weights(values[i]!.data.length),
      }));
      const along = (arrays: readonly (readonly number[])[], weights: readonly number[]) => {
        const first = reverse(primitive, sample, withData(values, arrays), weights);
        return first.reduce((total, g, i) => total + inner(g.data, v[i]!.data), 0);
      };
      const data = values.map((x) => x.data);
      const numerical = [
        ...numericalGradient((arrays) => along(arrays, w), data, floatInputs(sample)),
        // It is linear in w: no differences are needed.
        w.map((_, k) => along(data, w.map((_, i) => Number(i === k)))), // prettier-ignore
      ];
      checkAll(name, reverseOverReverse(primitive, sample, values, w, v), numerical, 1e-7);
    }
  },
};

/** The gradient is linear in the adjoint: that of 2 g - 3 h is twice that of g less three times that of h. */
export const adjointLaw: Law = {
  name: "gradient linear in the adjoint",
  appliesTo: isDifferentiable,
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const size = resultSize(primitive, sample, values);
      const [g, h] = [random.weights(size), random.weights(size)];
      const mixed = reverse(
        primitive,
        sample,
        values,
        g.map((value, i) => 2 * value - 3 * h[i]!),
      );
      const [ofG, ofH] = [reverse(primitive, sample, values, g), reverse(primitive, sample, values, h)];
      const combined = ofG.map((x, i) => x.data.map((value, j) => 2 * value - 3 * ofH[i]!.data[j]!));
      checkAll(name, mixed, combined, 1e-12);
    }
  },
};

/** Where a derivative is declared zero, there is no node; the rest of the graph is differentiated as if it were constant. */
export const noneLaw: Law = {
  name: "no derivative",
  appliesTo: (row) => !isDifferentiable(row),
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const inputs = tensorsOf(draw(sample, random), dtypesOf(sample, "f64"), true);
      const y = apply(primitive, inputs, sample.params);
      if (y.node || y.requiresGrad) throw new Error(`${name}: the result is tracked`);
      for (const i of floatInputs(sample)) {
        const x = inputs[i]!;
        backward(add(sum(mul(x, 3)), sum(y.cast("f64"))));
        if (toPlain(x.grad!).data.some((g) => g !== 3)) throw new Error(`${name}: a gradient passes`);
      }
    }
  },
};

/** What is declared to have no derivative is constant in the neighbourhood of almost every point. */
export const constantLaw: Law = {
  name: "locally constant",
  appliesTo: (row) =>
    !isDifferentiable(row) &&
    !row.reference.stops &&
    row.primitive.samples().some((sample) => floatInputs(sample).length > 0),
  check({ name, primitive }, random) {
    for (const sample of primitive.samples()) {
      const values = draw(sample, random);
      const weights = random.weights(resultSize(primitive, sample, values));
      const numerical = numericalOf(primitive, sample, values, weights);
      if (numerical.flat().some((g) => g !== 0)) throw new Error(`${name} depends on its input`);
    }
  },
};

/** An adjoint of exactly 0 gives 0, even where a partial is infinite; the same holds for the second derivative. */
export const singularLaw: Law = {
  name: "a zero adjoint annihilates",
  appliesTo: ({ primitive }) => primitive.derivative.kind === "elementwise",
  check({ name, primitive }) {
    const points = [0, -0, 1, -1, 1e-300];
    const pairs = [points.flatMap((x) => points.map(() => x)), points.flatMap(() => points)];
    const own = primitive.samples()[0]!;
    const floats = floatInputs(own);
    const columns = floats.length === 1 ? [points] : pairs;
    // Inputs of a type of their own, such as an order, are 1.
    const values = own.inputs.map(({ dtype }, i) => {
      const data = dtype ? columns[0]!.map(() => 1) : columns[floats.indexOf(i)]!;
      return { shape: [data.length], data };
    });
    const sample = {
      inputs: own.inputs.map(({ dtype }, i) => ({ shape: values[i]!.shape, ...(dtype && { dtype }) })),
      params: null,
    };
    const zeros = values[0]!.data.map(() => 0);
    const ones = values.map(({ shape, data }) => ({ shape, data: data.map(() => 1) }));
    const first = reverse(primitive, sample, values, zeros);
    const second = reverseOverReverse(primitive, sample, values, zeros, ones).slice(0, floats.length);
    for (const g of [...first, ...second]) checkClose(name, g, { shape: g.shape, data: zeros }, 0);
  },
};
