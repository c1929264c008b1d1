import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backward, matmul, scope, ShapeError } from "../../bindings/index.js";
import { matmulReference } from "../reference/contraction.js";
import { broadcasting, halves, length, RUNS, scattered, shape } from "../support/arbitrary.js";
import { checkEqual } from "../support/compare.js";
import { broadcast, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

const seed = fc.nat(1e6);
const batches = broadcasting(2).filter((shapes) => shapes.every((of) => of.length <= 3));

/** A vector counts as a row on the left and as a column on the right; its axis is dropped. */
function product(a: Plain, b: Plain): Plain {
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const z = matmulReference(
    row ? { shape: [1, ...a.shape], data: a.data } : a,
    column ? { shape: [...b.shape, 1], data: b.data } : b,
  );
  const shape = z.shape.filter(
    (_, axis) => !(row && axis === z.shape.length - 2) && !(column && axis === z.shape.length - 1),
  );
  return { shape, data: z.data };
}

test("products broadcast their leading axes, whatever lies how in memory", () => {
  fc.assert(
    fc.property(
      batches,
      length,
      length,
      length,
      seed,
      fc.nat(3),
      fc.nat(3),
      fc.constantFrom("f32" as const, "f64" as const),
      ([p, q], m, k, n, from, wayA, wayB, type) =>
        scope(() => {
          const [a, b] = [halves([...p!, m, k], from), halves([...q!, k, n], from + 1)];
          const z = matmul(scattered(a, type, wayA), scattered(b, type, wayB));
          expect(z.dtype).toBe(type);
          // Halves multiply and add up exactly.
          checkEqual(`matmul [${a.shape}] [${b.shape}]`, toPlain(z), product(a, b));
          const turned = matmul(scattered(b, type, wayB).transpose(), scattered(a, type, wayA).transpose()).transpose();
          checkEqual(`transposed [${a.shape}] [${b.shape}]`, toPlain(turned), product(a, b));
        }),
    ),
    RUNS,
  );
});

test("vectors count as rows and columns", () => {
  fc.assert(
    fc.property(shape, length, length, seed, (batch, k, n, from) =>
      scope(() => {
        const v = halves([k], from);
        const left = halves([...batch.slice(0, 2), n, k], from + 1);
        const right = halves([...batch.slice(0, 2), k, n], from + 2);
        const tensor = (x: Plain) => toTensor(x, "f64");
        checkEqual("row", toPlain(matmul(tensor(v), tensor(right))), product(v, right));
        checkEqual("column", toPlain(matmul(tensor(left), tensor(v))), product(left, v));
        checkEqual("both", toPlain(matmul(tensor(v), tensor(v))), product(v, v));
      }),
    ),
    RUNS,
  );
});

test("shapes that do not fit are refused", () => {
  fc.assert(
    fc.property(shape, shape, (a, b) =>
      scope(() => {
        const [x, y] = [toTensor(halves(a, 1), "f32"), toTensor(halves(b, 2), "f32")];
        const [row, column] = [a.length === 1, b.length === 1];
        const fits =
          a.length > 0 &&
          b.length > 0 &&
          a.at(-1) === (column ? b[0] : b.at(-2)) &&
          broadcast(row ? [] : a.slice(0, -2), column ? [] : b.slice(0, -2)) !== null;
        if (fits) expect(toPlain(matmul(x, y)).shape).toEqual(product(halves(a, 1), halves(b, 2)).shape);
        else expect(() => matmul(x, y)).toThrow(ShapeError);
      }),
    ),
    RUNS,
  );
});

test("gradients of broadcast products are the products with the transposes, summed", () => {
  fc.assert(
    fc.property(batches, length, length, length, seed, ([p, q], m, k, n, from) =>
      scope(() => {
        const [a, b] = [halves([...p!, m, k], from), halves([...q!, k, n], from + 1)];
        const [x, y] = [toTensor(a, "f64", { requiresGrad: true }), toTensor(b, "f64", { requiresGrad: true })];
        const z = matmul(x, y);
        const g = halves(z.shape, from + 2);
        backward(z, { gradient: toTensor(g, "f64") });
        // Σ g (a b) is linear in a: each element of the gradient is its value at a basis array.
        for (const [leaf, own, value] of [
          [x, a, (e: Plain) => product(e, b)],
          [y, b, (e: Plain) => product(a, e)],
        ] as const) {
          const got = toPlain(leaf.grad!);
          expect(got.shape).toEqual(own.shape);
          for (const i of [0, own.data.length - 1]) {
            if (i < 0 || own.data.length === 0) continue;
            const basis = { shape: own.shape, data: own.data.map((_, j) => Number(i === j)) };
            expect(got.data[i]).toBeCloseTo(
              value(basis).data.reduce((sum, each, j) => sum + each * g.data[j]!, 0),
              10,
            );
          }
        }
      }),
    ),
    RUNS,
  );
});

describe("large products, checked by multiplying with vectors (Freivalds)", () => {
  const sizes = [
    [1, 2000, 3],
    [3, 700, 1100],
    [64, 784, 128],
    [130, 1030, 70],
    [257, 300, 131],
    [600, 5, 601],
    [2, 1, 5000],
  ] as const;
  const forms = [0, 1, 2, 3].flatMap((form) => (["f32", "f64"] as const).map((type) => ({ form, type })));

  test.each(forms)("in $type, transposed as the bits of $form say", ({ form, type }) => {
    for (const [m, k, n] of sizes) {
      scope(() => {
        const random = new Random(`large ${m} ${k} ${n}`);
        const whole = (rows: number, columns: number) => ({
          shape: [rows, columns],
          data: Array.from({ length: rows * columns }, () => random.integer(-3, 4)),
        });
        const [a, b] = [whole(m, k), whole(k, n)];
        const lying = (x: Plain, turned: number) =>
          turned ? toTensor(x, type).transpose().copy().transpose() : toTensor(x, type);
        const c = toPlain(matmul(lying(a, form & 1), lying(b, form & 2)));
        const r = whole(n, 1).data;
        // Whole numbers below 2^24 are exact: (A B) r = A (B r) to the last bit.
        expect(times(c, r)).toEqual(times(a, times(b, r)));
      });
    }
  });
});

/** A matrix by a vector. */
function times({ shape: of, data }: Plain, vector: readonly number[]): number[] {
  const [rows, columns] = of as readonly [number, number];
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * vector[j]!;
    return sum;
  });
}
