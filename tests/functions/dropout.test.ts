import { describe, expect, test } from "vitest";
import {
  checkpoint,
  dropout,
  Generator,
  grad,
  jvp,
  ones,
  sin,
  stack,
  tensor,
  ValueError,
  vmap,
} from "../../bindings/index.js";
import type { Tensor } from "../../bindings/index.js";

const from = (seed: number): { generator: Generator } => ({ generator: new Generator(seed) });

describe("dropout", () => {
  test("drops elements with probability p, and scales the others", () => {
    const y = dropout(ones([200, 500], { dtype: "f64" }), 0.2, from(1));
    expect([...new Set(y.data())].sort()).toEqual([0, 1.25]);
    expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.01);
    expect(dropout(ones([3]), 1, from(1)).toArray()).toEqual([0, 0, 0]);
    expect(dropout(ones([3]), 0, from(1)).toArray()).toEqual([1, 1, 1]);
    expect(dropout(ones([0, 3]), 0.5, from(1)).shape).toEqual([0, 3]);
    expect(() => dropout(ones([3]), 1.5)).toThrow(ValueError);
  });

  test("outside of training is x, and draws nothing", () => {
    const { generator } = from(1);
    expect(ones([4]).dropout(0.5, { training: false, generator }).toArray()).toEqual([1, 1, 1, 1]);
    expect(generator.state.toArray()).toEqual(new Generator(1).state.toArray());
  });

  test("has the derivative of the mask, in the dtype of x", () => {
    const x = tensor(Float64Array.of(1, -2, 3, 4, 5, 6));
    const f = (options: { generator: Generator }) => (z: Tensor) => dropout(sin(z), 0.5, options);
    const scale = dropout(ones([6], { dtype: "f64" }), 0.5, from(9));
    const g = grad((z: Tensor) => f(from(9))(z).sum())(x);
    expect(g.toArray()).toEqual(x.cos().mul(scale).toArray());
    expect(jvp(f(from(9)), [x], [ones([6], { dtype: "f64" })])[1].toArray()).toEqual(g.toArray());
    expect(grad((z: Tensor) => checkpoint(f(from(9)))(z).sum())(x).toArray()).toEqual(g.toArray());
    expect(dropout(ones([3]), 0.5, from(2)).dtype).toBe("f32");
  });

  test("under vmap each example has a mask of its own, as in a loop", () => {
    const x = ones([6, 9]);
    const [a, b] = [from(3), from(3)];
    const batched = vmap((z: Tensor) => dropout(z, 0.4, a))(x).toArray() as number[][];
    expect(batched).toEqual(stack([...x].map((z) => dropout(z, 0.4, b))).toArray());
    expect(new Set(batched.map(String)).size).toBeGreaterThan(3);
  });
});
