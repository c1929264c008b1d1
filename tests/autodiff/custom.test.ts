import { describe, expect, test } from "vitest";
import {
  checkGradients,
  customGradient,
  DTypeError,
  grad,
  GradientError,
  hessian,
  jvp,
  memory,
  mul,
  noGrad,
  parameter,
  scope,
  ShapeError,
  square,
  stopGradient,
  tensor,
  ValueError,
  vmap,
  type CustomRules,
  type Tensor,
} from "../../bindings/index.js";
import { distance, f64 } from "../support/tensors.js";

describe("customGradient", () => {
  const cube = customGradient((x: Tensor) => mul(x, square(x)), {
    name: "cube",
    vjp: (g, { inputs: [x] }) => mul(g, mul(3, square(x))),
  });

  test("serves both modes, any order, and vmap", () => {
    const x = f64([1, 2, -3]);
    expect(grad((z: Tensor) => cube(z).sum())(x).toArray()).toEqual([3, 12, 27]);
    expect(jvp((z: Tensor) => cube(z), [x], [f64([1, 1, 2])])[1].toArray()).toEqual([3, 12, 54]);
    const curvature = tensor(Float64Array.of(6, 0, 0, 0, 12, 0, 0, 0, -18), { shape: [3, 3] });
    expect(distance(hessian((z: Tensor) => cube(z).sum())(x), curvature)).toBe(0);
    expect(vmap(grad((z: Tensor) => cube(z)))(x).toArray()).toEqual([3, 12, 27]);
    expect(grad((z: Tensor) => vmap((y: Tensor) => cube(y))(z).sum())(x).toArray()).toEqual([3, 12, 27]);
    expect(checkGradients((z: Tensor) => cube(z), [x]).passed).toBe(true);
  });

  test("is not looked into: a straight-through estimator keeps its gradient, batched too", () => {
    const through = customGradient((x: Tensor) => x.sign(), { vjp: (g) => g });
    const f = (x: Tensor): Tensor => mul(through(x), x).sum();
    const x = tensor(Float64Array.of(1, -2, 3, 4), { shape: [2, 2] });
    expect(grad(f)(x).toArray()).toEqual([
      [2, -3],
      [4, 5],
    ]);
    expect(vmap(grad(f))(x).toArray()).toEqual(grad(f)(x).toArray());
    expect(grad((z: Tensor) => vmap(f)(z).sum())(x).toArray()).toEqual(grad(f)(x).toArray());
  });

  test("an argument that is shared by a batch gets the sum of the adjoints", () => {
    const scale = customGradient((x: Tensor, a: Tensor) => mul(x, a), {
      vjp: (g, { inputs: [x, a] }) => [mul(g, a), mul(g, x).sum()],
    });
    const x = f64([1, 2, 3]);
    const total = (a: Tensor): Tensor => vmap((z: Tensor) => scale(z, a))(x).sum();
    expect(grad(total)(tensor(2, { dtype: "f64" })).item()).toBe(6);
  });

  test("refuses a function that closes over what its rules give no derivative by", () => {
    const scaled = (z: Tensor, w: Tensor): Tensor =>
      customGradient((y: Tensor) => mul(y, w), { name: "scaled", vjp: (g) => mul(g, w) })(z);
    const [w, x] = [f64([3, 4]), f64([2, 5])];
    const slope = (v: Tensor): Tensor => grad((z: Tensor) => scaled(z, v).sum())(x).sum();
    expect(() => grad(slope)(w)).toThrow(/^scaled: .* arguments alone.*closes over a tracked/);
    expect(() => scaled(x, parameter([1, 2]))).toThrow(GradientError);
    expect(() => vmap(scaled)(x, w)).toThrow(GradientError);
    expect(() => vmap((z: Tensor) => vmap((y: Tensor) => scaled(y, z))(w))(x)).toThrow(GradientError);
    // Constants are nothing to differentiate by.
    expect(slope(w).item()).toBe(7);
    expect(grad((v: Tensor) => slope(stopGradient(v)).mul(v).sum())(w).toArray()).toEqual([7, 7]);
    expect(vmap((z: Tensor) => scaled(z, w.sum()))(x).toArray()).toEqual([14, 35]);
    expect(noGrad(() => scaled(x, parameter([1, 2])).toArray())).toEqual([2, 10]);
    const before = memory().tensors;
    scope(() => void grad((z: Tensor) => scaled(z, w).sum())(x));
    expect(memory().tensors).toBe(before);
  });

  test("refuses rules that are none, and that nobody reads", () => {
    const made = (rules: unknown) => () => customGradient((x: Tensor) => x, rules as CustomRules);
    const vjp = (g: Tensor): Tensor => g;
    expect(made({ vjp, jpv: vjp })).toThrow(/^customGradient: expected one of the options vjp, jvp, name, got jpv$/);
    expect(made({ vjp, jvp: 3 })).toThrow(/^customGradient: expected a function, got 3$/);
    expect(made(undefined)).toThrow(ValueError);
    expect(made({})).toThrow(ValueError);
  });

  test("says when a rule gives the wrong number or shape of adjoints", () => {
    const none = customGradient((x: Tensor, y: Tensor) => mul(x, y), { vjp: (g) => [g], name: "product" });
    expect(() => grad((x: Tensor) => none(x, x).sum())(f64([1]))).toThrow(/product: expected adjoints of 2 arguments/);
    const flat = customGradient((x: Tensor) => x.sum(), { vjp: (g) => g });
    expect(() => grad(flat as (x: Tensor) => Tensor)(f64([1, 2]))).toThrow(/adjoint of argument 0.* f64 \[2\], got/);
  });

  test("says when a rule gives what is no adjoint or tangent", () => {
    const by = (vjp: (g: Tensor) => unknown) => (z: Tensor) =>
      customGradient((y: Tensor) => y.mul(2), { name: "doubled", vjp: vjp as () => Tensor })(z).sum();
    const x = f64([1, 2]);
    expect(() => grad(by((g) => g.cast("f32")))(x)).toThrow(DTypeError);
    expect(() => grad(by((g) => g.cast("i32")))(x)).toThrow(/^doubled: .*f64 \[2\], got i32 \[2\]$/);
    expect(() => grad(by(() => undefined))(x)).toThrow(/^doubled: .*got undefined$/);
    expect(() => grad(by(() => [3]))(x)).toThrow(/^doubled: .*got number$/);
    expect(grad(by(() => [null]))(x).toArray()).toEqual([0, 0]);
    const along = (jvp: () => unknown) => (z: Tensor) =>
      customGradient((y: Tensor) => y.mul(2), { name: "doubled", vjp: (g) => g, jvp: jvp as () => Tensor })(z);
    expect(() =>
      jvp(
        along(() => f64([1, 2, 3])),
        [x],
        [x],
      ),
    ).toThrow(ShapeError);
    expect(() =>
      jvp(
        along(() => tensor([1, 2])),
        [x],
        [x],
      ),
    ).toThrow(DTypeError);
    expect(() =>
      jvp(
        along(() => 2),
        [x],
        [x],
      ),
    ).toThrow(/^doubled: .*tangent of the value: f64 \[2\], got number$/);
    const labelled = customGradient((y: Tensor, k: Tensor) => mul(y, k), {
      vjp: (g, { inputs: [, k] }) => [mul(g, k), g],
    });
    expect(grad((z: Tensor) => labelled(z, tensor([2, 3], { dtype: "i32" })).sum())(x).toArray()).toEqual([2, 3]);
  });
});
