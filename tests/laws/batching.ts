import { expect } from "vitest";
import { grad, scope, stack, sum, vmap, zeros, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import { checkClose, checkSame } from "../support/compare.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import { draw, dtypesOf, evaluate, floatInputs, isDifferentiable, tensorsOf, type Law } from "./row.js";

const EXAMPLES = 3;

/** Every way in which some of so many inputs are batched, and the others shared. */
export function choices(count: number): boolean[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, bits) =>
    Array.from({ length: count }, (__, i) => (((bits + 1) >> i) & 1) === 1),
  );
}

/**
 * vmap against a loop over the examples: bit for bit, but for contractions and fused operations with a rule of their own,
 * whose sums may be taken in another order.
 */
export const batchLaw: Law = {
  name: "vmap equals the loop",
  appliesTo: ({ primitive }) => primitive.samples().some(({ inputs }) => inputs.length > 0),
  check({ name, primitive }, random) {
    const { derivative, batch } = primitive;
    const inAnotherOrder =
      typeof batch === "function" && (derivative.kind === "bilinear" || derivative.kind === "fused");
    const check = inAnotherOrder ? close : checkSame;
    for (const sample of primitive.samples()) {
      const types = dtypesOf(sample, "f64");
      const examples = Array.from({ length: EXAMPLES }, () => draw(sample, random));
      for (const batched of choices(sample.inputs.length)) {
        const exampleOf = (i: number): Plain[] => batched.map((each, k) => examples[each ? i : 0]![k]!);
        const got = scope(() => {
          const inputs = batched.map((each, k) =>
            each
              ? stack(examples.map((values) => toTensor(values[k]!, types[k]!)))
              : toTensor(examples[0]![k]!, types[k]!),
          );
          const inAxes = batched.map((each) => (each ? 0 : null));
          const f = (...xs: Tensor[]): Tensor => apply(primitive, xs, sample.params);
          return toPlain(vmap(f, { inAxes })(...inputs));
        });
        const wanted = Array.from({ length: EXAMPLES }, (_, i) => evaluate(primitive, sample, exampleOf(i)));
        const shape = [EXAMPLES, ...wanted[0]!.shape];
        check(`${name} with ${batched.join()}`, got, { shape, data: wanted.flatMap(({ data }) => data) });
      }
    }
  },
};

function close(what: string, got: Plain, want: Plain): void {
  checkClose(what, got, want, 2e-14);
}

/** A batch of nothing still has the shapes of its results and derivatives. */
export const noExamplesLaw: Law = {
  name: "vmap of no examples has the shapes of some",
  appliesTo: batchLaw.appliesTo,
  check(row, random) {
    const { primitive } = row;
    for (const sample of primitive.samples()) {
      const types = dtypesOf(sample, "f64");
      const shared = tensorsOf(draw(sample, random), types);
      const argnums = isDifferentiable(row) ? floatInputs(sample) : [];
      const f = (...xs: Tensor[]): Tensor => apply(primitive, xs, sample.params);
      const { shape } = f(...shared);
      const gradient = grad((...xs: Tensor[]) => sum(f(...xs)), { argnums });
      for (const batched of choices(shared.length)) {
        const inAxes = batched.map((each) => (each ? 0 : null));
        const inputs = shared.map((x, i) => (batched[i] ? zeros([0, ...x.shape], { dtype: types[i]! }) : x));
        expect(vmap(f, { inAxes })(...inputs).shape).toEqual([0, ...shape]);
        if (argnums.length === 0) continue;
        const each = vmap((...xs: Tensor[]) => gradient(...xs), { inAxes })(...inputs);
        expect(each.map((g) => g.shape)).toEqual(argnums.map((i) => [0, ...shared[i]!.shape]));
        const all = grad((...xs: Tensor[]) => sum(vmap(f, { inAxes })(...xs)), { argnums })(...inputs);
        expect(all.map((g) => g.shape)).toEqual(argnums.map((i) => inputs[i]!.shape));
      }
    }
  },
};
