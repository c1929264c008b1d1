import { describe, expect, test } from "vitest";
import {
  checkGradients,
  checkpoint,
  customGradient,
  DTypeError,
  Generator,
  grad,
  GradientError,
  hessian,
  jvp,
  matmul,
  memory,
  mul,
  noGrad,
  numericalGradient,
  numericalHessian,
  numericalJacobian,
  ones,
  parameter,
  scope,
  ShapeError,
  sin,
  square,
  stopGradient,
  tanh,
  tensor,
  ValueError,
  vmap,
  type CustomRules,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";

const f64 = (...values: number[]): Tensor => tensor(Float64Array.from(values));
const distance = (x: Tensor, y: Tensor): number => x.sub(y).abs().max().item();

describe("customGradient", () => {
  const cube = customGradient((x: Tensor) => mul(x, square(x)), {
    name: "cube",
    vjp: (g, { inputs: [x] }) => mul(g, mul(3, square(x))),
  });

  test("serves both modes, any order, and vmap", () => {
    const x = f64(1, 2, -3);
    expect(grad((z: Tensor) => cube(z).sum())(x).toArray()).toEqual([3, 12, 27]);
    expect(jvp((z: Tensor) => cube(z), [x], [f64(1, 1, 2)])[1].toArray()).toEqual([3, 12, 54]);
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
    const x = f64(1, 2, 3);
    const total = (a: Tensor): Tensor => vmap((z: Tensor) => scale(z, a))(x).sum();
    expect(grad(total)(tensor(2, { dtype: "f64" })).item()).toBe(6);
  });

  test("refuses a function that closes over what its rules give no derivative by", () => {
    const scaled = (z: Tensor, w: Tensor): Tensor =>
      customGradient((y: Tensor) => mul(y, w), { name: "scaled", vjp: (g) => mul(g, w) })(z);
    const [w, x] = [f64(3, 4), f64(2, 5)];
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
    expect(() => grad((x: Tensor) => none(x, x).sum())(f64(1))).toThrow(/product: expected adjoints of 2 arguments/);
    const flat = customGradient((x: Tensor) => x.sum(), { vjp: (g) => g });
    expect(() => grad(flat as (x: Tensor) => Tensor)(f64(1, 2))).toThrow(/adjoint of argument 0.* f64 \[2\], got/);
  });

  test("says when a rule gives what is no adjoint or tangent", () => {
    const by = (vjp: (g: Tensor) => unknown) => (z: Tensor) =>
      customGradient((y: Tensor) => y.mul(2), { name: "doubled", vjp: vjp as () => Tensor })(z).sum();
    const x = f64(1, 2);
    expect(() => grad(by((g) => g.cast("f32")))(x)).toThrow(DTypeError);
    expect(() => grad(by((g) => g.cast("i32")))(x)).toThrow(/^doubled: .*f64 \[2\], got i32 \[2\]$/);
    expect(() => grad(by(() => undefined))(x)).toThrow(/^doubled: .*got undefined$/);
    expect(() => grad(by(() => [3]))(x)).toThrow(/^doubled: .*got number$/);
    expect(grad(by(() => [null]))(x).toArray()).toEqual([0, 0]);
    const along = (jvp: () => unknown) => (z: Tensor) =>
      customGradient((y: Tensor) => y.mul(2), { name: "doubled", vjp: (g) => g, jvp: jvp as () => Tensor })(z);
    expect(() =>
      jvp(
        along(() => f64(1, 2, 3)),
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

describe("checkpoint", () => {
  const random = new Generator(5);
  const weights = Array.from({ length: 8 }, () => random.uniform([16, 16], { low: -1, high: 1, dtype: "f64" }));
  const x = random.uniform([32, 16], { dtype: "f64" });
  const segment = (ws: readonly Tensor[]) => (h: Tensor) => ws.reduce((z, w) => tanh(matmul(z, w)), h);
  const plain = (ws: Tensor[]): Tensor => square(segment(ws)(x)).sum();
  const saving = (ws: Tensor[]): Tensor => {
    const halves = [ws.slice(0, 4), ws.slice(4)].map((part) => checkpoint(segment(part)));
    return square(halves.reduce((h, half) => half(h), x)).sum();
  };

  test("gives the same bits, of first and second derivatives", () => {
    const [a, b] = [grad(plain)(weights), grad(saving)(weights)];
    for (const [i, g] of a.entries()) expect(distance(g, b[i]!)).toBe(0);
    const [c, d] = [plain, saving].map((f) => jvp(grad(f), [weights], [weights])[1]);
    for (const [i, g] of c!.entries()) expect(distance(g, d![i]!)).toBeLessThan(1e-12);
    const each = (f: (h: Tensor) => Tensor) => vmap(grad((h: Tensor) => square(f(h)).sum()))(x);
    expect(distance(each(segment(weights)), each(checkpoint(segment(weights))))).toBe(0);
  });

  test("calls the function once, and keeps random draws", () => {
    let calls = 0;
    const dropped = (seed: number) => (h: Tensor) => {
      calls++;
      const mask = new Generator(seed).uniform(h.shape, { dtype: "f64" }).gt(0.5).cast("f64");
      return mul(sin(h), mask);
    };
    const a = grad((h: Tensor) => square(dropped(3)(h)).sum())(x);
    const b = grad((h: Tensor) => square(checkpoint(dropped(3))(h)).sum())(x);
    expect(distance(a, b)).toBe(0);
    expect(calls).toBe(2);
  });

  test("frees the values in between, and passes gradients to captured parameters", () => {
    const live = (wrap: boolean): number =>
      scope(() => {
        const p = parameter(weights[0]!);
        const f = (h: Tensor): Tensor => segment(Array.from({ length: 6 }, () => p))(h);
        const before = memory().bytes;
        const y = (wrap ? checkpoint(f) : f)(x);
        const held = memory().bytes - before;
        square(y).sum().backward();
        const gradient = p.grad!.abs().sum().item();
        p.dispose();
        expectClose(gradient, (reference ??= gradient));
        return held;
      });
    let reference: number | undefined;
    const bytes = x.size * 8;
    expect(live(false)).toBeGreaterThanOrEqual(6 * bytes);
    expect(live(true)).toBeLessThan(3 * bytes);
  });
});

describe("numerical differentiation", () => {
  const f = (x: Tensor): Tensor => mul(sin(x), x).sum();
  const x = f64(0.4, -1.3, 2);

  test("comes nearer with each extrapolation", () => {
    const errors = [0, 1, 2].map((extrapolations) => distance(numericalGradient(f, { extrapolations })(x), grad(f)(x)));
    expect(errors[0]!).toBeLessThan(1e-9);
    expect(errors[1]!).toBeLessThan(1e-11);
    expect(errors[2]!).toBeLessThan(1e-12);
    expect(distance(numericalHessian(f)(x), hessian(f)(x))).toBeLessThan(1e-6);
  });

  test("takes trees, numbers and f32", () => {
    const g = numericalGradient((p: { a: Tensor; b: Tensor }) => mul(p.a, p.b).sum())({ a: 3, b: f64(1, 2) });
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
    const outside = checkGradients((z: Tensor) => z.sqrt(), [f64(-1, 1, 4)]);
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
    expect(() => checkGradients((y: Tensor) => y, [f64()])).toThrow(/to compare/);
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
    expect(checkGradients((z: Tensor) => mul(square(z), z), [f64(0)]).passed).toBe(true);
    const b = tensor(0.3, { dtype: "f64" });
    expect(checkGradients((c: Tensor) => x.add(c).sub(x.add(c).mean()).exp(), [b]).passed).toBe(true);
  });
});
