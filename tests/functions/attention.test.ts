import { describe, expect, test } from "vitest";
import {
  grad,
  hvp,
  memory,
  scaledDotProductAttention,
  scope,
  seed,
  ShapeError,
  softmax,
  Generator,
  type Tensor,
} from "../../bindings/index.js";
import { expectNear } from "../support/compare.js";

const generator = new Generator(5);
const drawn = (...shape: number[]): Tensor => generator.normal(shape, { dtype: "f64" });

/** The same in separate operations. */
function slow(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  let scores = q.matmul(k.transpose()).div(Math.sqrt(q.shape[q.rank - 1]!));
  if (mask) scores = scores.add(mask);
  return softmax(scores).matmul(v);
}

describe("scaledDotProductAttention", () => {
  test("broadcasts masks along leading axes", () => {
    const [q, k, v] = [drawn(2, 3, 5, 4), drawn(2, 3, 6, 4), drawn(2, 3, 6, 2)];
    for (const shape of [[6], [5, 6], [2, 1, 1, 6], [3, 5, 6], [2, 3, 5, 1]]) {
      const mask = drawn(...shape);
      expectNear(scaledDotProductAttention(q, k, v, { attnMask: mask }), slow(q, k, v, mask));
    }
  });

  test("attends to what a mask of truth values allows", () => {
    const [q, k, v] = [drawn(1, 2, 2), drawn(1, 3, 2), drawn(1, 3, 2)];
    const y = scaledDotProductAttention(q, k, v, { attnMask: [[false, true, false]] });
    expectNear(y, v.slice([], [1, 2], []).expand([1, 2, 2]));
  });

  test("drops weights only where it is told to", () => {
    const [q, k, v] = [drawn(3, 4), drawn(5, 4), drawn(5, 4)];
    seed(1);
    expect(scaledDotProductAttention(q, k, v, { dropoutP: 1 }).sum().item()).toBe(0);
    expectNear(scaledDotProductAttention(q, k, v, { dropoutP: 0 }), slow(q, k, v));
  });

  test("of nothing has derivatives of their shapes, by the mask too", () => {
    for (const [n, t, s] of [
      [0, 3, 5],
      [2, 0, 5],
      [2, 3, 0],
    ] as const) {
      const given = [drawn(n, t, 4), drawn(n, s, 4), drawn(n, s, 2), drawn(n, t, s), drawn(t, s)];
      for (const mask of given.slice(3)) {
        const f = (q: Tensor, k: Tensor, v: Tensor, attnMask: Tensor): Tensor =>
          scaledDotProductAttention(q, k, v, { attnMask }).sum();
        const [q, k, v] = given as [Tensor, Tensor, Tensor];
        const gradients = grad(f, { argnums: [0, 1, 2, 3] })(q, k, v, mask);
        expect(gradients.map((g) => g.shape)).toEqual([q, k, v, mask].map((x) => x.shape));
        expect(hvp(f, [q, k, v, mask], [q, k, v, mask]).map((g) => g.shape)).toEqual(gradients.map((g) => g.shape));
      }
    }
  });

  test("never holds all scores", () => {
    scope(() => {
      const [q, k, v] = [0, 1, 2].map(() => generator.normal([2048, 64])) as [Tensor, Tensor, Tensor];
      const before = memory();
      grad((x: Tensor) => scaledDotProductAttention(x, k, v, { isCausal: true }).sum())(q);
      const most = memory().highWater - before.bytes;
      // Values, adjoints and what the kernels work in, but for the tensors of the size of q.
      expect(most - 8 * q.size * 4).toBeLessThan((2048 * 2048 * 4) / 10);
    });
  });

  test("refuses what does not fit, in words", () => {
    expect(() => scaledDotProductAttention(drawn(3, 4), drawn(5, 3), drawn(5, 4))).toThrow(ShapeError);
    expect(() => scaledDotProductAttention(drawn(3, 4), drawn(5, 4), drawn(5, 4), { attnMask: drawn(2, 5) })).toThrow(
      ShapeError,
    );
  });
});
