import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compile,
  configure,
  grad,
  scope,
  tensor,
  valueAndGrad,
  variable,
  where,
  type Tensor,
} from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import { table } from "../../bindings/primitives/table.js";
import type { Primitive } from "../../bindings/core/graph.js";
import { RUNS } from "../support/arbitrary.js";
import { Random } from "../support/random.js";

const lecture = (x: Tensor, y: Tensor): Tensor => x.log().add(x.mul(y)).sub(y.sin());

test("a program of numbers gives numbers, with the bits of tensors", () => {
  const f = valueAndGrad(lecture, { argnums: [0, 1] });
  const program = compile(f);
  for (const [x, y] of [
    [2, 5],
    [0, 1],
    [-1, 3e8],
    [NaN, Infinity],
  ] as const) {
    scope(() => {
      const [value, [dx, dy]] = f(tensor(x), tensor(y));
      expect(program(x, y)).toEqual([value.item(), [dx.item(), dy.item()]]);
    });
  }
});

/** Rows of floats that work element by element. */
const rows = Object.values(table)
  .map(({ primitive }) => primitive as Primitive)
  .filter(({ batch, encode, refuses }) => batch === "elementwise" && encode !== undefined && !refuses)
  .filter((row) => row.samples()[0]!.inputs.every(({ dtype }) => dtype === undefined) && row.name !== "cast");

test.each(["f32", "f64"] as const)("random functions of numbers in %s, with their derivatives", (dtype) => {
  configure({ dtype });
  try {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 12 }), (seed, length) =>
        scope(() => {
          const f = (x: Tensor, y: Tensor): Tensor => {
            const random = new Random(`scalar ${seed}`);
            const values = [x, y];
            const pick = (): Tensor => values[random.integer(0, values.length)]!;
            for (let i = 0; i < length; i++) {
              const row = rows[random.integer(0, rows.length)]!;
              const z = apply(row, row.samples()[0]!.inputs.map(pick), null); // prettier-ignore
              values.push(z.type.float ? z : where(z, pick(), pick()));
            }
            return values.at(-1);
          };
          const both = valueAndGrad(f, { argnums: [0, 1] });
          const program = compile(both);
          for (const [x, y] of [
            [0.7, -1.3],
            [2, 0],
          ] as const) {
            const [value, [dx, dy]] = both(tensor(x), tensor(y));
            const numbers = program(x, y);
            expect(numbers, `seed ${seed}`).toEqual([value.item(), [dx.item(), dy.item()]]);
          }
          program.dispose();
        }),
      ),
      { ...RUNS, numRuns: 60 },
    );
  } finally {
    configure({ dtype: "f32" });
  }
});

test("what is made of more than numbers stays a program of tensors", () => {
  const rate = variable(3);
  const scaled = compile((x: Tensor) => x.mul(rate));
  expect((scaled(2) as unknown as Tensor).item()).toBe(6);
  const summed = compile((x: Tensor) => tensor([1, 2, 3]).mul(x).sum());
  expect((summed(2) as unknown as Tensor).item()).toBe(12);
  expect(compile((x: Tensor) => x.exp())(tensor(0)).item()).toBe(1);
});

test("constants, integers and trees of results", () => {
  const weights = tensor([2, 3, 4]);
  const program = compile((x: Tensor, n: Tensor) => ({ y: x.mul(weights.sum()), list: [x.neg(), n, 7] }));
  expect(program(2, 5)).toEqual({ y: 18, list: [-2, 5, 7] });
  const named = compile((x: Tensor) =>
    Object.fromEntries([
      ["__proto__", x.neg()],
      ["x", { y: x }],
    ] as const),
  );
  expect(Object.entries(named(2))).toEqual([
    ["__proto__", -2],
    ["x", { y: 2 }],
  ]);
  const third = compile(grad(grad(grad((x: Tensor) => x.pow(4)))));
  expect(third(2)).toBe(48);
});

test("lists of results, of any length and one in another", () => {
  const [x, y, z] = [(a: Tensor) => a.neg(), (a: Tensor) => a.add(1), (a: Tensor) => a.mul(4)];
  expect(compile((a: Tensor) => [x(a)])(3)).toEqual([-3]);
  expect(compile((a: Tensor) => [x(a), y(a)])(3)).toEqual([-3, 4]);
  expect(compile((a: Tensor) => [z(a), x(a), y(a)])(3)).toEqual([12, -3, 4]);
  expect(compile((a: Tensor) => [z(a), x(a), y(a), x(z(a))])(3)).toEqual([12, -3, 4, -12]);
  expect(compile((a: Tensor) => [z(a), [x(a), y(a)]])(3)).toEqual([12, [-3, 4]]);
  expect(compile((a: Tensor) => [[z(a), x(a)], y(a)])(3)).toEqual([[12, -3], 4]);
  expect(compile((a: Tensor) => [z(a), a, [[], [y(a)]]])(3)).toEqual([12, 3, [[], [4]]]);
});
