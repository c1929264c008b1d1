import fc from "fast-check";
import { expect, test } from "vitest";
import { CaptureError, compile, scope, Tensor } from "../../bindings/index.js";
import { checkSame } from "../support/compare.js";
import { toPlain, type Plain } from "../support/plain.js";
import { stateful, type State } from "../support/stateful.js";

const CALLS = 6;

/** All that can be seen of state: values, gradients with their shapes, and what the optimiser remembers. */
function seen({ parameters, optimizer, leaf }: State): [string, Plain | null][] {
  const gradients = [...parameters, leaf].map(({ grad }, i): [string, Plain | null] => [
    `gradient ${i}`,
    grad && toPlain(grad),
  ]);
  const remembered = Object.entries(optimizer?.stateDict() ?? {}).map(([name, value]): [string, Plain | null] => [
    name,
    value instanceof Tensor ? toPlain(value) : { shape: [], data: [Number(value)] },
  ]);
  return [...parameters.map((w, i): [string, Plain] => [`parameter ${i}`, toPlain(w)]), ...gradients, ...remembered];
}

/** The results of a call, or the class of its error. */
function attempt(call: () => Tensor[]): Plain[] | string {
  try {
    return call().map((y) => toPlain(y));
  } catch (error) {
    if (error instanceof CaptureError) throw error;
    return (error as Error).constructor.name;
  }
}

test("random functions with state: compiled, bound and eager calls in turn leave what eager calls leave", () => {
  let compared = 0;
  const check = (seed: number): void => {
    const made = stateful(seed);
    const [eager, other] = [made.setup(), made.setup()];
    using program = compile((x: Tensor) => made.run(other, x));
    for (let call = 0; call < CALLS; call++) {
      const way = (seed + call) % 4;
      // A gradient that was let go between two calls.
      if (call === 2 && seed % 3 === 0) for (const { parameters } of [eager, other]) parameters[0]!.zeroGrad();
      const want = attempt(() => made.run(eager, made.argument(call, eager)));
      const what = `function ${seed}, call ${call}: ${made.steps.join("; ")}`;
      const got = attempt(() => {
        const x = made.argument(call, other);
        if (way === 1) return program.bind([x])();
        return way === 3 ? made.run(other, x) : program(x);
      });
      if (typeof want === "string" || typeof got === "string") return expect(got, what).toBe(want);
      for (const [i, y] of want.entries()) checkSame(`${what}, result ${i}`, got[i]!, y);
      const left = seen(other);
      for (const [i, [name, x]] of seen(eager).entries()) {
        const y = left[i]![1];
        if (x && y) checkSame(`${what}, ${name}`, y, x);
        else expect(y, `${what}, ${name}`).toBe(x);
      }
      compared++;
    }
  };
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      scope(() => {
        try {
          check(seed);
        } catch (error) {
          // What a program refuses is said elsewhere.
          if (!(error instanceof CaptureError)) throw error;
        }
      });
    }),
    { seed: 1964, numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(800);
});
