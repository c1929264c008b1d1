import fc from "fast-check";
import { test } from "vitest";
import { grad, jvp, scope, vmap, type Tensor } from "../../bindings/index.js";
import { shape, halves, scattered } from "../support/arbitrary.js";
import { checkCompiled } from "../support/compiled.js";
import { program } from "../support/programs.js";

const graphs = fc.record({
  seed: fc.nat(2 ** 31),
  length: fc.integer({ min: 1, max: 12 }),
  shapes: fc.array(
    shape.filter((of) => of.length <= 3 && !of.includes(0)),
    { minLength: 1, maxLength: 3 },
  ),
  way: fc.nat(3),
  kind: fc.constantFrom("value", "gradient", "tangent", "second", "batch"),
});

/** A function of the inputs of a random graph, transformed. */
function transformed(kind: string, f: (...xs: Tensor[]) => Tensor): (...xs: Tensor[]) => unknown {
  switch (kind) {
    case "gradient":
      return grad(f);
    case "tangent":
      return (...xs) => jvp(f, xs, xs);
    case "second":
      return (...xs) => jvp(grad(f), xs, xs);
    case "batch":
      return (...xs) => vmap((...ys: Tensor[]) => f(...ys))(...xs.map((x) => x.expand([2, ...x.shape])));
    default:
      return f;
  }
}

test("a thousand random graphs, transformed at random: compiled equals eager, and the plan is sound", () => {
  fc.assert(
    fc.property(graphs, ({ seed, length, shapes, way, kind }) => {
      scope(() => {
        const made = program(seed, length);
        const inputs = shapes.map((of, i) => scattered(halves(of, seed + i), "f64", way));
        const others = shapes.map((of, i) => scattered(halves(of, seed - i - 1), "f64", way));
        const f = transformed(kind, (...xs) => made.run(xs));
        checkCompiled(`graph ${seed}, ${kind}`, f, inputs, others);
      });
    }),
    { seed: 1964, numRuns: 1000 },
  );
});
