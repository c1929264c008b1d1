import fc from "fast-check";
import { test } from "vitest";
import { backward, grad, mul, scope, sum, type Tensor } from "../../bindings/index.js";
import { RUNS } from "../support/arbitrary.js";
import { checkClose, checkSame } from "../support/compare.js";
import { inner, numericalGradient } from "../support/numeric.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import { program } from "../support/programs.js";
import { Random } from "../support/random.js";

const SHAPES = [[2, 3], [3], []];

/** A program and a point. */
const cases = fc.record({ seed: fc.nat(1e6), length: fc.integer({ min: 1, max: 10 }) });

function point(seed: number): Plain[] {
  const random = new Random(`point ${seed}`);
  return SHAPES.map((shape) => ({
    shape,
    data: random.spread(
      shape.reduce((product, n) => product * n, 1),
      -1.5,
      1.5,
    ),
  }));
}

function leaves(values: readonly (readonly number[])[]): Tensor[] {
  return values.map((data, i) => toTensor({ shape: SHAPES[i]!, data }, "f64", { requiresGrad: true }));
}

/** Gradients by `backward`. */
function reverse(run: (inputs: readonly Tensor[]) => Tensor, values: readonly (readonly number[])[]): Plain[] {
  return scope(() => {
    const inputs = leaves(values);
    backward(run(inputs));
    return inputs.map((x) => toPlain(x.grad!));
  });
}

test("gradients of random programs equal numerical differentiation, by backward and by grad", () => {
  fc.assert(
    fc.property(cases, ({ seed, length }) => {
      const values = point(seed);
      const { run, steps } = program(seed, length);
      const arrays = values.map((x) => x.data);
      const numerical = numericalGradient((changed) => scope(() => run(leaves(changed)).item()), arrays, [0, 1, 2]);
      const viaBackward = reverse(run, arrays);
      const viaGrad = scope(() =>
        grad((inputs: Tensor[]) => run(inputs))(values.map((x) => toTensor(x, "f64"))).map((g) => toPlain(g)),
      );
      for (const [i, g] of viaBackward.entries()) {
        checkClose(steps.join("; "), g, { shape: g.shape, data: numerical[i]! }, 1e-7);
        checkSame(`grad: ${steps.join("; ")}`, viaGrad[i]!, g);
      }
    }),
    { ...RUNS, numRuns: 80 },
  );
});

test("Hessian-vector products of random programs equal numerical differentiation of the gradient", () => {
  fc.assert(
    fc.property(cases, ({ seed, length }) => {
      const values = point(seed);
      const { run, steps } = program(seed, length);
      const arrays = values.map((x) => x.data);
      const v = arrays.map((data, i) => new Random(`direction ${seed} ${i}`).weights(data.length));
      const along = (gradients: readonly Plain[]) => gradients.reduce((total, g, i) => total + inner(g.data, v[i]!), 0);
      const numerical = numericalGradient((changed) => along(reverse(run, changed)), arrays, [0, 1, 2]);
      const slope = (inputs: Tensor[]): Tensor => {
        const gradients = grad((inner: Tensor[]) => run(inner))(inputs);
        return gradients
          .map((g, i) => sum(mul(g, toTensor({ shape: g.shape, data: v[i]! }, "f64"))))
          .reduce((a, b) => a.add(b));
      };
      const products = scope(() => grad(slope)(values.map((x) => toTensor(x, "f64"))).map((g) => toPlain(g)));
      for (const [i, g] of products.entries())
        checkClose(steps.join("; "), g, { shape: g.shape, data: numerical[i]! }, 1e-6);
    }),
    { ...RUNS, numRuns: 40 },
  );
});
