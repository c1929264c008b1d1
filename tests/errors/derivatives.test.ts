import { describe, expect, test } from "vitest";
import {
  backward,
  DTypeError,
  exp,
  FreedError,
  grad,
  GradientError,
  mul,
  scope,
  ShapeError,
  square,
  sum,
  tensor,
  valueAndGrad,
  vjp,
  where,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

// Derivatives that do not exist as asked.

describe("backward", () => {
  const x = tensor([1, 2], { requiresGrad: true });

  test("of several elements asks for an adjoint", () => {
    const y = square(x);
    expectRefused(() => y.backward(), GradientError, /one element, or a gradient of its shape, got \[2\]$/);
    const g = tensor([1, 2, 3]);
    expectRefused(() => y.backward({ gradient: g }), ShapeError, /gradient of shape \[2\], got \[3\]$/);
    expect(x.grad).toBeNull();
    y.backward({ gradient: [1, 1] });
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test("of a constant, and of integers, says so", () => {
    const [constant, whole] = [tensor([1, 2]).sum(), sum(x.cast("i32"))];
    expectRefused(() => constant.backward(), GradientError, /requiresGrad, got a constant f32 \[\]$/);
    expectRefused(() => whole.backward(), GradientError, /got a constant i32 \[\]$/);
  });

  test("twice names the option, and the gradients stay", () => {
    const leaf = tensor([1, 2], { requiresGrad: true });
    const y = sum(exp(leaf));
    y.backward();
    const before = leaf.grad!.toArray();
    expectRefused(() => y.backward(), GradientError, /earlier backward freed \(at sum\); pass \{ retainGraph: true \}/);
    const further = y.mul(2);
    expectRefused(() => further.backward(), GradientError, /retainGraph/);
    expect(leaf.grad!.toArray()).toEqual(before);
  });

  test("through a value whose scope has ended names the scope, and no gradient changes", () => {
    const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
    sum(mul(a, b)).backward();
    let inner: Tensor | undefined;
    let loss: Tensor | undefined;
    scope(() => {
      inner = exp(a);
      loss = sum(mul(inner, b));
    });
    expectRefused(() => loss!.backward(), FreedError, /freed by scope/);
    expect(a.grad!.toArray()).toEqual([3, 4]);
    expect(b.grad!.toArray()).toEqual([1, 2]);
  });

  test("through a rule that throws changes no gradient, also of leaves that were reached before", () => {
    const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
    const inner = square(a);
    const loss = sum(mul(exp(inner), b));
    // The value that the rule of `square` needs is taken away behind its back.
    a.storage!.version++;
    expect(() => loss.backward()).toThrow();
    a.storage!.version--;
    expect([a.grad, b.grad]).toEqual([null, null]);
    expect(sum(square(b)).requiresGrad).toBe(true);
  });
});

describe("grad", () => {
  const x = tensor([1, 2]);
  const labels = tensor(new Int32Array([0, 1]));

  test("by an integer argument names its place", () => {
    const f = (p: { layers: Tensor[]; y: Tensor }) => sum(p.layers[0]!);
    expectRefused(
      () => grad(f)({ layers: [x, labels], y: x }),
      GradientError,
      /got i32 \[2\] at argument 0.layers\[1\]$/,
    );
    expectRefused(
      () => grad((a: Tensor, b: Tensor) => sum(mul(a, b)), { argnums: [0, 1] })(x, labels),
      GradientError,
      /at argument 1$/,
    );
    expectRefused(() => grad((a: Tensor) => sum(a))(x.gt(1)), GradientError, /got bool \[2\] at argument 0$/, {
      temporaries: true,
    });
  });

  test("of what is no floating-point scalar says what came", () => {
    expectRefused(() => grad((a: Tensor) => square(a))(x), GradientError, /^grad: .*scalar, shape \[\], got \[2\]$/);
    expectRefused(() => valueAndGrad((a: Tensor) => square(a))(x), GradientError, /^valueAndGrad: .*got \[2\]$/);
    expectRefused(() => grad((a: Tensor) => a.argMax())(x), GradientError, /floating-point value, got i32$/);
    expectRefused(() => grad((_: Tensor) => wrong(3))(x), GradientError, /value is a tensor, got number$/);
    expectRefused(() => grad((_: Tensor) => wrong(undefined))(x), GradientError, /got undefined$/);
  });

  test("of an argument that is not there, or that nothing depends on if strict", () => {
    expectRefused(
      () => grad((a: Tensor) => sum(a), { argnums: 2 })(x),
      GradientError,
      /argument number 2, got 1 arguments$/,
    );
    const f = (a: Tensor, b: Tensor) => sum(b);
    expectRefused(
      () => grad(f, { strict: true, argnums: 0 })(x, x),
      GradientError,
      /depends on every differentiated argument/,
    );
  });

  test("through a graph that an outer derivative let go names that one", () => {
    let pull: ((g: Tensor) => unknown) | undefined;
    grad((a: Tensor) => {
      const [value, back] = vjp((z: Tensor) => square(z).mul(a), a);
      pull = back;
      return sum(value);
    })(x);
    expect(() => pull!(x)).toThrow(/got one that grad let go when it was done \(at \w+\)$/);
  });

  test("frees all that was made when the function throws, and passes on what it threw", () => {
    const error = new RangeError("mine");
    const f = (a: Tensor): Tensor => {
      exp(square(a));
      throw error;
    };
    let caught: unknown;
    try {
      scope(() => grad(f)(x));
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expectRefused(() => grad((a: Tensor) => where(exp(a), a, a))(x), DTypeError, /condition of dtype bool/);
    expect(exp(x).requiresGrad).toBe(false);
  });

  test("does not lose track of noGrad, or of tracking, when a function throws", () => {
    const w = tensor([1], { requiresGrad: true });
    expect(() =>
      grad((_: Tensor): Tensor => {
        throw new Error("inside");
      })(x),
    ).toThrow("inside");
    expect(exp(w).requiresGrad).toBe(true);
    backward(sum(exp(w)));
    expect(w.grad).not.toBeNull();
  });
});
