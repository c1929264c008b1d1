import fc from "fast-check";
import { expect, test } from "vitest";
import {
  add,
  div,
  ge,
  matmul,
  maximum,
  mean,
  memory,
  mul,
  scope,
  ShapeError,
  sub,
  sum,
  tensor,
  where,
  type DTypeName,
  type Tensor,
} from "../../bindings/index.js";
import { broadcasting, halves, RUNS, scattered, shape } from "../support/arbitrary.js";
import { checkEqual, checkSame } from "../support/compare.js";
import { broadcast, count, mapped, rounded, toPlain, toTensor, type Plain } from "../support/plain.js";

const operations = {
  add: [add, (x: number, y: number) => x + y],
  sub: [sub, (x: number, y: number) => x - y],
  mul: [mul, (x: number, y: number) => x * y],
  maximum: [maximum, Math.max],
  ge: [ge, (x: number, y: number) => Number(x >= y)],
} as const;
type Name = keyof typeof operations;
const name = fc.constantFrom(...(Object.keys(operations) as Name[]));
const dtype = fc.constantFrom("f32", "f64", "i32");
const seed = fc.nat(1e6);

function drawn(of: readonly number[], type: DTypeName, from: number): Plain {
  const { data } = halves(of, from);
  return { shape: of, data: data.map((value) => rounded(value, type)) };
}

test.each(["f32", "f64", "i32"] as const)("operations of two %s tensors broadcast", (type) => {
  fc.assert(
    fc.property(name, broadcasting(2), seed, fc.nat(3), fc.nat(3), (chosen, [a, b], from, wayA, wayB) =>
      scope(() => {
        const [x, y] = [drawn(a!, type, from), drawn(b!, type, from + 1)];
        const [run, model] = operations[chosen];
        const z = run(scattered(x, type, wayA), scattered(y, type, wayB));
        checkSame(
          `${chosen} [${a}] [${b}]`,
          toPlain(z),
          mapped([x, y], (u, v) => rounded(model(u, v), type)),
        );
        expect(z.dtype).toBe(chosen === "ge" ? "bool" : type);
      }),
    ),
    RUNS,
  );
});

const ORDER = ["bool", "u8", "i32", "f32", "f64"] as const;
const anyDType = fc.constantFrom(...ORDER);

test("two types meet at the higher; arithmetic counts truth values and bytes in i32", () => {
  fc.assert(
    fc.property(anyDType, anyDType, name, fc.boolean(), (a, b, chosen, choose) =>
      scope(() => {
        const [x, y] = [drawn([7], a, 1), drawn([7], b, 2)];
        const higher = ORDER[Math.max(ORDER.indexOf(a), ORDER.indexOf(b))]!;
        const [tx, ty] = [toTensor(x, a), toTensor(y, b)];
        if (choose) {
          const z = where(toTensor(drawn([7], "bool", 3), "bool"), tx, ty);
          expect(z.dtype).toBe(higher);
          checkSame(
            "where",
            toPlain(z),
            mapped([drawn([7], "bool", 3), x, y], (t, u, v) => (t ? u : v)),
          );
          return;
        }
        const [run, model] = operations[chosen];
        const z = run(tx, ty);
        expect(z.dtype).toBe(chosen === "ge" ? "bool" : higher === "bool" || higher === "u8" ? "i32" : higher);
        checkEqual(
          `${chosen} ${a} ${b}`,
          toPlain(z),
          mapped([x, y], (u, v) => model(u, v)),
        );
      }),
    ),
    { ...RUNS, numRuns: 400 },
  );
});

test.each([
  ["i32", 2, "i32", 9],
  ["i32", -2147483648, "i32", -2147483641],
  ["i32", 2147483648, "f32", 2147483648],
  ["i32", 2.5, "f32", 9.5],
  ["u8", 300, "i32", 307],
  ["u8", 0.5, "f32", 7.5],
  ["bool", 1, "i32", 2],
  ["f32", 16777217, "f32", 16777224],
  ["f64", 0.1, "f64", 7.1],
] as const)("7 in %s and the number %d add up in %s", (type, number, higher, result) => {
  scope(() => {
    const x = toTensor({ shape: [1], data: [type === "bool" ? 1 : 7] }, type);
    for (const z of [add(x, number), add(number, x)]) {
      expect(z.dtype).toBe(higher);
      expect(z.toArray()).toEqual([result]);
    }
  });
});

test("quotients and means of integers are floats, products of matrices and sums are integers", () => {
  scope(() => {
    const [x, y] = [tensor(new Int32Array([7, 2])), tensor(new Int32Array([2, 4]))];
    expect(toPlain(div(x, y)).data).toEqual([3.5, 0.5]);
    expect(matmul(x, y).item()).toBe(22);
    expect(mean(y).item()).toBe(3);
    expect([div(x, y), matmul(x, y), mean(y), sum(y)].map((z) => z.dtype)).toEqual(["f32", "i32", "f32", "i32"]);
  });
});

test("shapes broadcast, or are refused before memory is taken", () => {
  fc.assert(
    fc.property(name, shape, shape, (chosen, a, b) =>
      scope(() => {
        const [x, y] = [toTensor(drawn(a, "f32", 1), "f32"), toTensor(drawn(b, "f32", 2), "f32")];
        const want = broadcast(a, b);
        const before = memory().bytes;
        const run = operations[chosen][0] as (x: Tensor, y: Tensor) => Tensor;
        if (want) expect(run(x, y).shape).toEqual(want);
        else expect(() => run(x, y)).toThrow(ShapeError);
        if (!want) expect(memory().bytes).toBe(before);
      }),
    ),
    { ...RUNS, numRuns: 400 },
  );
});

test("where broadcasts all three", () => {
  fc.assert(
    fc.property(broadcasting(3), dtype, seed, fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), (shapes, type, from, ways) =>
      scope(() => {
        const [c, x, y] = [
          drawn(shapes[0]!, "bool", from),
          drawn(shapes[1]!, type, from + 1),
          drawn(shapes[2]!, type, from + 2),
        ];
        const z = where(scattered(c, "bool", ways[0]), scattered(x, type, ways[1]), scattered(y, type, ways[2]));
        checkSame(
          `where [${shapes.join("] [")}]`,
          toPlain(z),
          mapped([c, x, y], (t, a, b) => (t ? a : b)),
        );
      }),
    ),
    RUNS,
  );
});

test("the gradient of a broadcast operand is summed to its shape", () => {
  fc.assert(
    fc.property(broadcasting(2), seed, fc.nat(3), fc.nat(3), ([a, b], from, wayA, wayB) =>
      scope(() => {
        const [x, y] = [drawn(a!, "f64", from), drawn(b!, "f64", from + 1)];
        const [tx, ty] = [toTensor(x, "f64", { requiresGrad: true }), toTensor(y, "f64", { requiresGrad: true })];
        const to = broadcast(a!, b!)!;
        const g = halves(to, from + 2);
        const moved = (t: Tensor, way: number) => (way % 2 ? t.flip().flip() : t.reshape(t.shape));
        moved(tx, wayA)
          .mul(moved(ty, wayB))
          .backward({ gradient: toTensor(g, "f64") });
        // d/dx of Σ g x y is Σ g y over all positions that read x: one more broadcast, by perturbing one element.
        for (const [leaf, own, other] of [
          [tx, x, y],
          [ty, y, x],
        ] as const) {
          const at = mapped(
            [
              { shape: to, data: halves(to, 0).data },
              { shape: own.shape, data: own.data.map((_, i) => i) },
            ],
            (_, i) => i,
          );
          const terms = mapped([g, other], (u, v) => u * v);
          const want = new Array<number>(count(own.shape)).fill(0);
          for (const [i, source] of at.data.entries()) want[source]! += terms.data[i]!;
          checkEqual(`gradient [${a}] [${b}]`, toPlain(leaf.grad!), { shape: own.shape, data: want });
        }
      }),
    ),
    RUNS,
  );
});
