import { describe, expect, test } from "vitest";
import {
  checkGradients,
  customGradient,
  Generator,
  grad,
  GradientError,
  hessian,
  mul,
  numericalGradient,
  numericalHessian,
  numericalJacobian,
  ones,
  sin,
  square,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";
import { distance, f64 } from "../support/tensors.js";

describe("numerical differentiation", () => {
  const f = (x: Tensor): Tensor => mul(sin(x), x).sum();
  const x = f64([0.4, -1.3, 2]);

  test("comes nearer with each extrapolation", () => {
    const errors = [0, 1, 2].map((extrapolations) => distance(numericalGradient(f, { extrapolations })(x), grad(f)(x)));
    expect(errors[0]!).toBeLessThan(1e-9);
    expect(errors[1]!).toBeLessThan(1e-11);
    expect(errors[2]!).toBeLessThan(1e-12);
    expect(distance(numericalHessian(f)(x), hessian(f)(x))).toBeLessThan(1e-6);
  });

  test("takes trees, numbers and f32", () => {
    const g = numericalGradient((p: { a: Tensor; b: Tensor }) => mul(p.a, p.b).sum())({ a: 3, b: f64([1, 2]) });
    expectClose(g.a.item(), 3, 1e-8);
    const single = numericalGradient(f)(x.cast("f32"));
    expect(single.dtype).toBe("f32");
    expect(distance(single, grad(f)(x.cast("f32")))).toBeLessThan(1e-3);
    expect(() => numericalGradient((z: Tensor) => z)(x)).toThrow(GradientError);
  });

  test("takes results of any size, and says what a result is that is no scalar", () => {
    const wide = numericalJacobian((z: Tensor) => mul(z, ones([130_000])))(3);
    expect([wide.shape, wide.max().item() - wide.min().item()]).toEqual([[130_000], 0]);
    const of = (value: unknown) => () => numericalGradient((_: Tensor) => value as Tensor)(x);
    expect(of("text")).toThrow(/a scalar value, got string$/);
    expect(of([x, x.sum()])).toThrow(/a scalar value, got values of shape \[3\], \[\]$/);
    expect(() => numericalGradient(f, { epsilon: 1e-30 })(x)).toThrow(/an epsilon that changes 0.4 in f64, got 1e-30$/);
  });

  test("checkGradients compares floating-point results, and remembers what cannot be compared", () => {
    const mixed = checkGradients((z: Tensor) => ({ y: sin(z), positive: z.gt(0), count: 3 }), [x]);
    expect([mixed.passed, mixed.compared]).toEqual([true, 36]);
    expect(() => checkGradients((z: Tensor) => z.gt(0), [x])).toThrow(/^checkGradients: .*floating-point tensors/);
    const outside = checkGradients((z: Tensor) => z.sqrt(), [f64([-1, 1, 4])]);
    expect([outside.passed, outside.worst]).toEqual([false, NaN]);
    for (const tolerance of [-1, NaN]) expect(() => checkGradients(f, [x], { tolerance })).toThrow(ValueError);
  });

  test("checkGradients finds a wrong rule, and says where", () => {
    const wrong = customGradient((z: Tensor) => square(z), { vjp: (g, { inputs: [z] }) => mul(g, mul(z, 2.02)) });
    const report = checkGradients((z: Tensor) => wrong(z), [x], { order: 1 });
    expect(report.passed).toBe(false);
    expect(report.differences.map(({ method }) => method)).toContain("reverse");
    expect(String(report)).toMatch(
      /6 of 18 derivatives differ.*\n {2}reverse, argument 0, element 0: 0\.808, numerically 0\.8/,
    );
    expect(checkGradients((z: Tensor, y: Tensor) => mul(sin(z), y), [x, x.cast("f32")]).passed).toBe(true);
  });

  test("checkGradients looks at the floating-point leaves of a tree that has integers too", () => {
    const wrong = customGradient((z: Tensor) => square(z), { vjp: (g, { inputs: [z] }) => mul(g, z) });
    const labels = tensor([1], { dtype: "i32" });
    const report = checkGradients((p: { x: Tensor; y: Tensor }) => wrong(p.x), [{ x, y: labels }], { order: 1 });
    expect([report.passed, report.compared, report.differences[0]!.place]).toEqual([false, 18, "0.x"]);
    const right = checkGradients((p: { x: Tensor; y: Tensor }) => mul(p.x, p.y), [{ x, y: labels }]);
    expect([right.passed, right.compared]).toEqual([true, 36]);
    expect(() => checkGradients((y: Tensor) => y.cast("f64"), [labels])).toThrow(GradientError);
    expect(() => checkGradients((y: Tensor) => y, [f64([])])).toThrow(/to compare/);
  });

  test("checkGradients refuses a function that gives other values when it is called again", () => {
    const wrong = customGradient((z: Tensor) => square(z), { vjp: (g, { inputs: [z] }) => mul(g, mul(z, 2000)) });
    const generator = new Generator(3);
    const dropping = (z: Tensor): Tensor => mul(wrong(z), generator.uniform([3]));
    expect(() => checkGradients(dropping, [x])).toThrow(ValueError);
    expect(() => checkGradients(dropping, [x])).toThrow(/a function that gives the same values again, got others$/);
    const fixed = (z: Tensor): Tensor => mul(wrong(z), new Generator(3).uniform([3]));
    expect(checkGradients(fixed, [x], { order: 1 }).passed).toBe(false);
    expect(checkGradients((z: Tensor) => mul(z, NaN), [x], { order: 1 }).passed).toBe(false);
  });

  test("checkGradients passes no wrong sign where arguments and values are large", () => {
    const wrong = customGradient((z: Tensor) => square(z), { vjp: (g, { inputs: [z] }) => mul(mul(g, z), -2) });
    for (const dtype of ["f32", "f64"] as const) {
      const large = tensor([1e4, 2e4], { dtype });
      expect(checkGradients((z: Tensor) => wrong(z), [large], { order: 1 }).passed).toBe(false);
      expect(checkGradients((z: Tensor) => square(z), [large]).passed).toBe(true);
    }
  });

  test("checkGradients judges small derivatives by their own size, and zeros by that of the values", () => {
    const scaled = (by: number, offset: number, error: number) =>
      customGradient((z: Tensor) => mul(sin(z), by).add(offset), {
        vjp: (g, { inputs: [z] }) => mul(mul(g, z.cos()), by * error),
      });
    for (const offset of [0, 1]) {
      expect(checkGradients(scaled(1e-9, offset, 1), [x]).passed).toBe(true);
      expect(checkGradients(scaled(1e-9, offset, 2), [x]).passed).toBe(false);
    }
    // Derivatives of 0, up to rounding and truncation of either side.
    expect(checkGradients((z: Tensor) => mul(square(z), z), [f64([0])]).passed).toBe(true);
    const b = tensor(0.3, { dtype: "f64" });
    expect(checkGradients((c: Tensor) => x.add(c).sub(x.add(c).mean()).exp(), [b]).passed).toBe(true);
  });
});
