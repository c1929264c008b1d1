import fc from "fast-check";
import { expect, test } from "vitest";
import { add, backward, cast, copy, permute, scope, tensor } from "../../bindings/index.js";
import { array, RUNS, scattered, shape } from "../support/arbitrary.js";
import { checkSame } from "../support/compare.js";
import { composition } from "../support/moves.js";
import { count, positions, rounded, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

const choices = fc.array(fc.nat(2 ** 31), { minLength: 1, maxLength: 6 });
const dtype = fc.constantFrom("f32", "f64", "i32", "u8", "bool");

test("compositions of movements move the elements that the model moves", () => {
  fc.assert(
    fc.property(array, choices, dtype, fc.nat(3), (values, list, type, way) =>
      scope(() => {
        let want: Plain = { shape: values.shape, data: values.data.map((value) => rounded(value, type)) };
        let x = scattered(want, type, way);
        const done: string[] = [];
        for (const move of composition(values.shape, list)) {
          done.push(move.name);
          x = move.run(x);
          want = move.model(want);
          expect(x.dtype).toBe(type);
          checkSame(done.join(" "), toPlain(x), want);
        }
      }),
    ),
    { ...RUNS, numRuns: 400 },
  );
});

test("their gradient adds up the adjoints of all copies of an element", () => {
  fc.assert(
    fc.property(shape, choices, fc.nat(1e6), (of, list, seed) =>
      scope(() => {
        const moves = composition(of, list);
        const x = toTensor({ shape: of, data: new Random(`x ${seed}`).weights(count(of)) }, "f64", {
          requiresGrad: true,
        });
        const y = moves.reduce((value, move) => move.run(value), x.mul(2));
        // Moving the elements' own numbers tells where each element of the result came from.
        const numbers: Plain = { shape: of, data: positions(of).map((_, i) => i) };
        const sources = moves.reduce((value, move) => move.model(value), numbers);
        const weights = Array.from({ length: y.size }, (_, i) => (i % 7) - 3);
        backward(y, { gradient: toTensor({ shape: y.shape, data: weights }, "f64") });
        const want = new Array<number>(x.size).fill(0);
        for (const [i, source] of sources.data.entries()) want[source]! += 2 * weights[i]!;
        checkSame(moves.map((move) => move.name).join(" "), toPlain(x.grad!), { shape: of, data: want });
      }),
    ),
    { ...RUNS, numRuns: 400 },
  );
});

test("axes turned in any order are copied, added and cast, also where they are long", () => {
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]; // prettier-ignore
  for (const type of ["f32", "f64", "u8"] as const) {
    for (const lengths of [
      [5, 131, 37],
      [67, 3, 130],
      [2, 9, 1],
    ]) {
      for (const order of orders) {
        scope(() => {
          const x = cast(
            tensor(
              Array.from({ length: count(lengths) }, (_, i) => i % 97),
              { shape: lengths },
            ),
            type,
          );
          const turned = permute(x, order);
          const steps = [lengths[1]! * lengths[2]!, lengths[2]!, 1];
          const want = positions(turned.shape).map(
            (at) => at.reduce((sum, i, axis) => sum + i * steps[order[axis]!]!, 0) % 97,
          );
          const label = `${type} [${lengths.join(", ")}] in the order ${order.join(", ")}`;
          checkSame(label, toPlain(copy(turned)), { shape: turned.shape, data: want });
          checkSame(label, toPlain(cast(turned, "i32")), { shape: turned.shape, data: want });
          const twice = add(turned, tensor(want, { dtype: type, shape: turned.shape }));
          checkSame(label, toPlain(twice), { shape: turned.shape, data: want.map((value) => 2 * value) });
        });
      }
    }
  }
});

test("iterating gives the parts along the first axis", () => {
  fc.assert(
    fc.property(array, (values) =>
      scope(() => {
        if (values.shape.length === 0) return;
        const x = toTensor(values, "f32");
        const parts = [...x].map((part) => toPlain(part));
        expect(parts).toHaveLength(values.shape[0]!);
        const rest = values.shape.slice(1);
        for (const [i, part] of parts.entries()) {
          const size = count(rest);
          checkSame(`part ${i}`, part, { shape: rest, data: values.data.slice(i * size, (i + 1) * size) });
        }
      }),
    ),
    RUNS,
  );
});
