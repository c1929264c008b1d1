import { describe, expect, test } from "vitest";
import {
  backward,
  checkGradients,
  checkpoint,
  customGradient,
  DTypeError,
  exp,
  FreedError,
  grad,
  GradientError,
  hessian,
  hvp,
  jacobian,
  jvp,
  laplacian,
  linearize,
  mul,
  numericalGradient,
  numericalHessian,
  numericalJacobian,
  registerHook,
  scope,
  ShapeError,
  square,
  sum,
  tensor,
  valueAndGrad,
  ValueError,
  vjp,
  vmap,
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

describe("arguments and options of derivatives", () => {
  const x = tensor(Float64Array.of(1, 2));
  const f = (z: Tensor): Tensor => square(z);
  const g = (z: Tensor): Tensor => sum(square(z));

  test("a function is asked for at once", () => {
    const makers = { grad, valueAndGrad, jacobian, hessian, laplacian, vmap, checkpoint, numericalGradient };
    for (const [name, make] of Object.entries(makers) as [string, (f: never) => unknown][])
      expectRefused(() => make(wrong(3)), ValueError, new RegExp(`^${name}: expected a function, got 3$`));
    for (const [name, make] of Object.entries({ jvp, hvp }) as [string, (...args: never[]) => unknown][])
      expectRefused(() => make(wrong(x), wrong([x]), wrong([x])), ValueError, new RegExp(`^${name}: .* got a tensor$`));
    expectRefused(() => vjp(wrong(null), wrong(x)), ValueError, /^vjp: expected a function, got null$/);
    expectRefused(() => linearize(wrong("f"), wrong(x)), ValueError, /^linearize: expected a function, got f$/);
    expectRefused(() => customGradient(f, wrong({})), ValueError, /^customGradient: .*got undefined$/);
    const leaf = tensor([1], { requiresGrad: true });
    expectRefused(() => registerHook(leaf, wrong(1)), ValueError, /^registerHook: .*got 1$/);
  });

  test("lists are lists, and no longer than what they belong to", () => {
    expectRefused(() => jvp(f, wrong(x), wrong(x)), ValueError, /^jvp: expected a list of primals, got a tensor$/);
    expectRefused(() => jvp(f, [x], wrong(x)), ValueError, /^jvp: expected a list of tangents, got a tensor$/);
    expectRefused(() => hvp(g, wrong(x), wrong(x)), ValueError, /^hvp: expected a list of primals/);
    expectRefused(() => checkGradients(f, wrong(x)), ValueError, /^checkGradients: expected a list of arguments/);
    const other = tensor([1]);
    expectRefused(() => jvp(f, [x], [other]), ShapeError, /^jvp: expected an f64 \[2\] to go with .*, got \[1\]$/);
    expectRefused(() => jvp(f, [x], wrong([x, x])), GradientError, /^jvp: expected 1 tensors.*got 2$/);
    const [, pull] = vjp((z: Tensor) => ({ y: f(z), k: 3 }), x);
    expect(pull({ y: x, k: 0 })[0].toArray()).toEqual([2, 8]);
    expectRefused(() => pull(wrong({ y: x, k: 0, z: x })), GradientError, /^vjp: expected 2 tensors.*got 3$/);
    pull.dispose();
    expectRefused(() => vmap(f, { inAxes: [0, 0] })(x), ValueError, /^vmap: expected inAxes.*one more, at 1$/);
    const axes = { y: 0, z: 0 };
    expectRefused(() => vmap((z: Tensor) => ({ y: z }), { outAxes: axes })(x), ValueError, /outAxes.*at z$/);
    expectRefused(
      () =>
        grad(
          wrong((z: Tensor) => [g(z)]),
          { hasAux: true },
        )(x),
      GradientError,
      /got a list of 1$/,
    );
  });

  test("options are among those that there are", () => {
    expectRefused(
      () => jacobian(f, { mode: wrong("fwd") }),
      ValueError,
      /^jacobian: expected mode .*reverse, got fwd$/,
    );
    expectRefused(() => checkGradients(f, [x], { order: wrong(3) }), ValueError, /order to be one of 1, 2, got 3$/);
    for (const extrapolations of [-1, 1.5, 3])
      expectRefused(() => numericalGradient(g, { extrapolations }), ValueError, /one of 0, 1, 2, got/);
    for (const epsilon of [0, NaN, -1e-3, Infinity])
      expectRefused(() => numericalJacobian(f, { epsilon }), ValueError, /a positive epsilon, got/);
    expectRefused(() => numericalHessian(wrong(f))(x), GradientError, /one tensor, got values of shape \[2\]$/);
  });

  test("argnums are positions, and arguments stay when they are none", () => {
    for (const argnums of [0.5, "0", null, {}, true, [0, "1"], [[0]], [NaN]].map(wrong)) {
      for (const derivative of [grad, valueAndGrad, jacobian] as (typeof grad)[]) {
        const message = /: expected argnums: a position, or a list of positions, got/;
        expectRefused(() => derivative(wrong(f), { argnums })(x), ValueError, message);
      }
    }
    expectRefused(() => grad(g, { argnums: wrong(-1) })(x), GradientError, /number -1, got 1 arguments$/);
    expectRefused(() => laplacian(wrong((a: Tensor[]) => g(a[0]!)))(wrong([x])), GradientError, /one tensor/);
    const half = tensor([1, 2], { dtype: "f16" });
    expectRefused(() => grad(g)(half), GradientError, /f32 or f64 to differentiate by, got f16 \[2\] at argument 0$/);
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("errors are signed by what was called", () => {
    expectRefused(() => hessian(f)(x), GradientError, /^hessian: .*scalar/);
    expectRefused(() => hvp(f, [x], [x]), GradientError, /^hvp: .*scalar/);
    expectRefused(() => hvp(g, [x], [tensor([1])]), ShapeError, /^hvp: /, { temporaries: true });
    expectRefused(() => laplacian(f)(x), GradientError, /^laplacian: .*scalar/);
  });

  test("a hook that returns no adjoint, and a tree without an end", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const y = square(a);
    registerHook(y, () => wrong(0));
    expect(() => sum(y).backward()).toThrow(/^registerHook: .*f32 \[2\], got number$/);
    const ring: unknown[] = [x];
    ring.push(ring);
    expectRefused(() => grad(wrong(g))(wrong(ring)), ValueError, /one that holds itself$/);
    const small: Record<string, unknown> = {};
    small["o"] = small;
    expectRefused(() => grad(wrong(g))(wrong(small)), ValueError, /one that holds itself$/);
  });
});
