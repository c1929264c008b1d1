import { describe, expect, test } from "vitest";
import {
  add,
  backward,
  exp,
  GradientError,
  memory,
  mul,
  noGrad,
  parameter,
  scope,
  sin,
  square,
  sum,
  tensor,
  variable,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";

const leaf = (value: number | number[]) => tensor(value, { dtype: "f64", requiresGrad: true });

describe("backward", () => {
  test("leaves the gradient in the leaves, and only there", () => {
    const x = leaf([1, 2, 3]);
    const y = square(x);
    const z = sum(mul(y, [1, 10, 100]));
    expect(x.grad).toBeNull();
    expect([x.requiresGrad, y.requiresGrad, z.requiresGrad]).toEqual([true, true, true]);
    z.backward();
    expect(x.grad!.toArray()).toEqual([2, 40, 600]);
    expect(y.grad).toBeNull();
    expect(x.grad!.requiresGrad).toBe(false);
  });

  test("adds up over calls until zeroGrad", () => {
    const x = leaf([1, -2]);
    sum(square(x)).backward();
    sum(mul(x, 3)).backward();
    expect(x.grad!.toArray()).toEqual([5, -1]);
    x.zeroGrad();
    expect(x.grad).toBeNull();
    sum(square(x)).backward();
    expect(x.grad!.toArray()).toEqual([2, -4]);
  });

  test("adds up over every way by which a value is used", () => {
    // The diamond: a = sin x, b = a x, c = a + b, y = Σ b c + Σ a a.
    const x = leaf([0.5, 1.5]);
    const a = sin(x);
    const b = mul(a, x);
    const c = add(a, b);
    backward(add(sum(mul(b, c)), sum(mul(a, a))));
    for (const [i, v] of [0.5, 1.5].entries()) {
      // y = s² x (1 + x) + s².
      const [s, k] = [Math.sin(v), Math.cos(v)];
      expectClose((x.grad!.toArray() as number[])[i]!, 2 * s * k * (v + v * v + 1) + s * s * (1 + 2 * v));
    }
  });

  test("takes the adjoint of a value of several elements", () => {
    const x = leaf([1, 2]);
    square(x).backward({ gradient: [10, 0.5] });
    expect(x.grad!.toArray()).toEqual([20, 2]);
    const one = tensor([[3]], { dtype: "f64", requiresGrad: true });
    square(one).backward();
    expect(one.grad!.toArray()).toEqual([[6]]);
  });

  test("of a leaf itself is one", () => {
    const x = leaf(4);
    x.backward();
    x.backward();
    expect(x.grad!.item()).toBe(2);
  });

  test("lets the graph go, unless it is to be retained", () => {
    const x = leaf([1, 2]);
    const y = sum(exp(x));
    y.backward({ retainGraph: true });
    y.backward();
    const twice = (x.grad!.toArray() as number[]).map((g) => g / 2);
    for (const [i, g] of twice.entries()) expectClose(g, Math.exp(i + 1));
    expect(() => y.backward()).toThrow(GradientError);
    expect(() => y.backward()).toThrow(/retainGraph/);
  });

  test("of one of two values that share a part of the graph frees that part for both", () => {
    const x = leaf([1, 2]);
    const shared = exp(x);
    const [y, z] = [sum(mul(shared, 2)), sum(square(shared))];
    y.backward();
    const before = x.grad!.toArray();
    expect(() => z.backward()).toThrow(/retainGraph/);
    expect(x.grad!.toArray()).toEqual(before);
  });

  test("with createGraph makes gradients that are differentiated again", () => {
    const x = leaf([0.5, 2]);
    backward(sum(exp(square(x))), { createGraph: true });
    const g = x.grad!;
    expect(g.requiresGrad).toBe(true);
    x.zeroGrad();
    backward(sum(square(g)));
    // g = 2 x e^(x²), and d(g²)/dx = 2 g (2 + 4 x²) e^(x²).
    for (const [i, v] of [0.5, 2].entries()) {
      const e = Math.exp(v * v);
      expectClose((x.grad!.toArray() as number[])[i]!, 2 * (2 * v * e) * (2 + 4 * v * v) * e);
    }
  });

  test("with createGraph makes them in noGrad too, since it was asked for", () => {
    const x = leaf([1, 2]);
    const y = sum(mul(square(x), x));
    noGrad(() => y.backward({ createGraph: true }));
    const g = x.grad!;
    x.zeroGrad();
    g.sum().backward();
    expect(x.grad!.toArray()).toEqual([6, 12]);
  });

  test("gives leaves whose gradients are one value gradients that live and die apart", () => {
    for (const createGraph of [false, true]) {
      const [x, y] = [leaf([1, 2]), leaf([3, 4])];
      scope(() => backward(sum(add(x, y)), { createGraph }));
      scope(() => x.zeroGrad());
      expect(y.grad!.toArray()).toEqual([1, 1]);
    }
  });

  test("keeps gradients beyond the scope that it runs in, and frees all else", () => {
    const x = leaf([1, 2]);
    const before = memory().tensors;
    scope(() => sum(exp(square(x))).backward());
    expect(memory().tensors).toBe(before + 1);
    expect((x.grad!.toArray() as number[]).length).toBe(2);
  });
});

describe("what is not tracked", () => {
  test("noGrad makes no graph, whatever happens inside", () => {
    const x = leaf([1, 2]);
    expect(noGrad(() => exp(x)).requiresGrad).toBe(false);
    expect(() =>
      noGrad(() => {
        throw new RangeError("inside");
      }),
    ).toThrow(RangeError);
    expect(exp(x).requiresGrad).toBe(true);
    expect(noGrad(() => noGrad(() => 1) + Number(exp(x).requiresGrad))).toBe(1);
  });

  test("detach is the same value as a constant", () => {
    const x = leaf([1, 2]);
    const y = square(x);
    const c = y.detach();
    expect(c.requiresGrad).toBe(false);
    expect(c.toArray()).toEqual([1, 4]);
    sum(mul(x, c)).backward();
    expect(x.grad!.toArray()).toEqual([1, 4]);
  });

  test("plain tensors and variables have no gradient; a parameter is a variable that has", () => {
    const [plain, state, weight] = [tensor([1, 2]), variable([3, 4]), parameter([5, 6])];
    expect([plain, state, weight].map((x: Tensor) => x.requiresGrad)).toEqual([false, false, true]);
    sum(mul(mul(plain, state), weight)).backward();
    expect([plain.grad, state.grad]).toEqual([null, null]);
    expect(weight.grad!.toArray()).toEqual([3, 8]);
    expect(() => sum(mul(plain, state)).backward()).toThrow(GradientError);
  });

  test("comparisons, positions and integers end a graph", () => {
    const x = leaf([1, 3, 2]);
    expect([x.gt(1), x.argMax(), x.cast("i32"), x.sign()].map((y) => y.requiresGrad)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    // A mask is a constant.
    sum(mul(x, x.gt(1).cast("f64"))).backward();
    expect(x.grad!.toArray()).toEqual([0, 1, 1]);
  });
});
