import { scope, stack, vmap, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/apply.js";
import { checkClose, checkSame } from "../support/compare.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import { draw, dtypesOf, evaluate, type Law } from "./row.js";

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
