import { expect, test } from "vitest";
import { add, checkGradients, linalg, matmul, randn, ShapeError, tensor, type Tensor } from "../../bindings/index.js";
import { graphOf } from "../../bindings/viz/index.js";
import { expectRefused } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";

const chain = (...lengths: number[]): Tensor[] =>
  lengths.slice(1).map((columns, i) => randn([lengths[i]!, columns], { dtype: "f64" }));

test.each([[[2, 3, 4]], [[2, 30, 1, 20, 3]], [[5, 1, 5, 1, 5]], [[30, 35, 15, 5, 10, 20, 25]], [[2, 0, 3, 4]]])(
  "lengths %j give what products from left to right give",
  (lengths) => {
    const list = chain(...lengths);
    expectNear(
      linalg.multiDot(list),
      list.reduce((a, b) => matmul(a, b)),
      1e-10,
    );
  },
);

test("vectors at the ends are a row and a column, which the result is without", () => {
  const [a, b] = chain(3, 4, 5) as [Tensor, Tensor];
  const [u, v] = [randn([3], { dtype: "f64" }), randn([5], { dtype: "f64" })];
  expectNear(linalg.multiDot([u, a, b]), u.matmul(a).matmul(b), 1e-10);
  expectNear(linalg.multiDot([a, b, v]), a.matmul(b).matmul(v), 1e-10);
  expectNear(linalg.multiDot([u, a, b, v]), u.matmul(a).matmul(b).matmul(v), 1e-10);
  expectNear(linalg.multiDot([u, u]), u.square().sum(), 1e-10);
});

test("the order takes the fewest multiplications", () => {
  // Cormen's example of lengths 30, 35, 15, 5, 10, 20, 25: 15,125 instead of 40,500 from left to right.
  const list = chain(30, 35, 15, 5, 10, 20, 25);
  const { nodes } = graphOf((...factors: readonly Tensor[]) => linalg.multiDot(factors), ...list);
  const shapes = nodes.filter(({ operation }) => operation === "matmul").map(({ shape }) => shape);
  // ((A (B C)) ((D E) F)), in whichever order the halves are computed.
  expect(shapes).toEqual([[35, 5], [30, 5], [5, 20], [5, 25], [30, 25]]); // prettier-ignore
});

test("has derivatives of both modes, by all factors", () => {
  const check = checkGradients((...list: readonly Tensor[]) => linalg.multiDot(list), chain(2, 3, 1, 4));
  expect(String(check), String(check)).toContain("agree");
  expect(check.passed).toBe(true);
});

test("what does not meet is refused, as is a single factor", () => {
  const [a, b] = chain(2, 3, 4) as [Tensor, Tensor];
  expectRefused(() => linalg.multiDot([b, a]), ShapeError, /^multiDot: .*got \[3, 4\], \[2, 3\]$/);
  expectRefused(() => linalg.multiDot([a]), ShapeError, /two matrices or more/);
  expectRefused(() => linalg.multiDot([]), ShapeError, /two matrices or more/);
  expectRefused(() => linalg.multiDot([a, tensor([1, 2, 3]), b]), ShapeError, /vectors at the ends/, {
    temporaries: true,
  });
  expectRefused(() => linalg.multiDot([a, add(b.reshape([1, 3, 4]), 0)]), ShapeError, /multiDot/, {
    temporaries: true,
  });
});
