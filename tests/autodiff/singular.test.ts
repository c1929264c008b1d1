import { describe, expect, test } from "vitest";
import {
  abs,
  acos,
  acosh,
  asin,
  atan,
  atanh,
  cbrt,
  celu,
  div,
  elu,
  erf,
  erfc,
  exp,
  gelu,
  grad,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  jvp,
  leakyRelu,
  log,
  logit,
  logSigmoid,
  max,
  maximum,
  min,
  minimum,
  mish,
  mul,
  onesLike,
  reciprocal,
  relu,
  relu6,
  sigmoid,
  silu,
  softplus,
  softshrink,
  sqrt,
  square,
  std,
  sum,
  tanh,
  tanhshrink,
  tensor,
  variance,
  where,
  type Tensor,
} from "../../bindings/index.js";
import { f64 } from "../support/tensors.js";

describe("an adjoint of exactly 0 annihilates an infinite partial", () => {
  const singular: readonly [string, (x: Tensor) => Tensor][] = [
    ["√x", sqrt],
    ["log x", log],
    ["1/x", reciprocal],
    ["1 / x", (x) => div(1, x)],
    ["x / x²", (x) => div(x, square(x))],
  ];

  test.each(singular)("%s where it is not chosen, at 0", (_, f) => {
    const safe = (x: Tensor) => sum(where(x.gt(0), f(x), 0));
    const g = grad(safe)(f64([0, 1])).toArray() as number[];
    expect(g[0]).toBe(0);
    expect(Number.isFinite(g[1])).toBe(true);
    expect(g[1]).not.toBe(0);
  });

  test.each(singular)("%s: the second derivative too", (_, f) => {
    const safe = (x: Tensor) => sum(where(x.gt(0), f(x), 0));
    const h = grad((x: Tensor) => sum(grad(safe)(x)))(f64([0, 1])).toArray() as number[];
    expect(h[0]).toBe(0);
    expect(Number.isFinite(h[1])).toBe(true);
  });

  test("but what is infinite stays infinite", () => {
    expect(grad((x: Tensor) => sum(sqrt(x)))(f64([0])).toArray()).toEqual([Infinity]);
    expect(grad((x: Tensor) => sum(log(x)))(f64([0])).toArray()).toEqual([Infinity]);
    expect(grad((x: Tensor) => sum(reciprocal(x)))(f64([0])).toArray()).toEqual([-Infinity]);
    expect(grad((x: Tensor) => sum(log(x)))(f64([NaN])).toArray()).toEqual([NaN]);
  });

  test("and an overflow elsewhere is not hidden", () => {
    expect(grad((x: Tensor) => sum(exp(x)))(f64([1000])).toArray()).toEqual([Infinity]);
  });
});

describe("slopes at the ends, in both modes", () => {
  const slopes = (f: (x: Tensor) => Tensor, dtype: "f32" | "f64", at: number[]): unknown[] => {
    const x = tensor(at, { dtype });
    const [forward, reverse] = [jvp(f, [x], [tensor(at.map(() => 1), { dtype })])[1], grad((y: Tensor) => sum(f(y)))(x)]; // prettier-ignore
    expect(forward.toArray()).toEqual(reverse.toArray());
    return reverse.toArray() as number[];
  };

  test.each(["f32", "f64"] as const)("of logit at 0 and 1 are infinite, in %s", (dtype) => {
    expect(slopes((x) => logit(x), dtype, [0, 0.5, 1])).toEqual([Infinity, 4, Infinity]);
    expect(logit(tensor([0, 0.5, 1], { dtype })).toArray()).toEqual([-Infinity, 0, Infinity]);
  });

  test.each([
    ["silu", silu],
    ["mish", mish],
    ["gelu", gelu],
  ] as const)("of %s at the infinities are 0 and 1", (_, f) => {
    for (const dtype of ["f32", "f64"] as const)
      expect(slopes((x) => f(x), dtype, [-Infinity, -1e4, 1e4, Infinity]).map((g) => (g as number) + 0)).toEqual([
        0, 0, 1, 1,
      ]);
  });
});

test.each([
  ["asin", asin, [-1, 1], [-Infinity, Infinity]],
  ["acos", acos, [-1, 1], [Infinity, -Infinity]],
  ["atanh", atanh, [-1, 1], [-Infinity, Infinity]],
  ["acosh", acosh, [1, 1], [-Infinity, -Infinity]],
  ["cbrt", cbrt, [0, -0], [-Infinity, Infinity]],
  ["sqrt", sqrt, [0, 0], [-Infinity, -Infinity]],
] as const)(
  "the curvature of %s at its ends is infinite in any order of the modes, and 0 where it is not chosen",
  (_, f, at, curvature) => {
    const x = f64([...at]);
    const forward = (g: (x: Tensor) => Tensor) => (z: Tensor) => jvp(g, [z], [onesLike(z)])[1];
    const reverse = (g: (x: Tensor) => Tensor) => grad((z: Tensor) => sum(g(z)));
    const masked = (z: Tensor): Tensor => where(z.isNaN(), f(z), 0);
    for (const first of [forward, reverse]) {
      for (const second of [forward, reverse]) {
        expect(second(first(f))(x).toArray()).toEqual(curvature);
        expect((second(first(masked))(x).toArray() as number[]).map((h) => h + 0)).toEqual([0, 0]);
      }
    }
  },
);

describe("derivatives far out, in both modes", () => {
  const activations: readonly [string, (x: Tensor) => Tensor, slopes: readonly [number, number]][] = [
    ["silu", silu, [0, 1]],
    ["mish", mish, [0, 1]],
    ["gelu", gelu, [0, 1]],
    ["gelu by tanh", (x) => gelu(x, { approximate: "tanh" }), [0, 1]],
    ["hardswish", hardswish, [0, 1]],
    ["relu", relu, [0, 1]],
    ["elu", elu, [0, 1]],
    ["celu", celu, [0, 1]],
    ["leakyRelu", (x) => leakyRelu(x, { negativeSlope: 0.5 }), [0.5, 1]],
    ["softplus", softplus, [0, 1]],
    ["logSigmoid", logSigmoid, [1, 0]],
    ["tanhshrink", tanhshrink, [1, 1]],
    ["softshrink", softshrink, [1, 1]],
    ["hardshrink", hardshrink, [1, 1]],
    ["sigmoid", sigmoid, [0, 0]],
    ["tanh", tanh, [0, 0]],
    ["hardsigmoid", hardsigmoid, [0, 0]],
    ["hardtanh", hardtanh, [0, 0]],
    ["relu6", relu6, [0, 0]],
    ["erf", erf, [0, 0]],
    ["erfc", erfc, [0, 0]],
  ];

  test.each(activations)("%s: its slope there, and no curvature", (_, f, [below, above]) => {
    for (const dtype of ["f32", "f64"] as const) {
      const far = [1e4, 1e15, 1e30, dtype === "f32" ? 3e38 : 1e300, Infinity];
      const x = tensor([...far.map((v) => -v), ...far], { dtype });
      const ones = onesLike(x);
      const forward =
        (g: (t: Tensor) => Tensor) =>
        (t: Tensor): Tensor =>
          jvp((u: Tensor) => g(u), [t], [ones])[1];
      const reverse =
        (g: (t: Tensor) => Tensor) =>
        (t: Tensor): Tensor =>
          grad((u: Tensor) => sum(g(u)))(t);
      for (const first of [forward, reverse]) {
        const slopes = first(f)(x).toArray() as number[];
        expect(slopes.map((g) => g + 0)).toEqual([...far.map(() => below), ...far.map(() => above)]);
        for (const second of [forward, reverse]) {
          const curvatures = second(first(f))(x).toArray() as number[];
          expect(curvatures.map((h) => h + 0)).toEqual([...far, ...far].map(() => 0));
        }
      }
    }
  });

  test.each([
    ["atan", atan],
    ["cbrt", cbrt],
  ] as const)("%s: neither slope nor curvature, in reverse", (_, f) => {
    const x = tensor([-Infinity, Infinity], { dtype: "f64" });
    const slope = grad((t: Tensor) => sum(f(t)));
    for (const g of [slope, grad((t: Tensor) => sum(slope(t)))])
      expect((g(x).toArray() as number[]).map((value) => value + 0)).toEqual([0, 0]);
  });
});

describe("kinks and ties", () => {
  test("relu and abs have the derivative 0 at 0, on either side of zero's sign", () => {
    expect(grad((x: Tensor) => sum(relu(x)))(f64([-1, -0, 0, 1])).toArray()).toEqual([0, 0, 0, 1]);
    const slopes = grad((x: Tensor) => sum(abs(x)))(f64([-2, 0, 2])).toArray() as number[];
    expect(slopes.map((g) => g + 0)).toEqual([-1, 0, 1]);
  });

  test.each([
    ["maximum", maximum],
    ["minimum", minimum],
  ] as const)("%s of equals gives each half", (_, f) => {
    const [a, b] = grad((x: Tensor, y: Tensor) => sum(f(x, y)), { argnums: [0, 1] })(f64([2, 1]), f64([2, 1]));
    expect(a.toArray()).toEqual([0.5, 0.5]);
    expect(b.toArray()).toEqual([0.5, 0.5]);
    expect(grad((x: Tensor) => sum(f(x, x)))(f64([3, -1])).toArray()).toEqual([1, 1]);
  });

  test.each([
    ["max", max, 1],
    ["min", min, -1],
  ] as const)("%s shares its derivative among equals", (_, f, sign) => {
    const x = tensor(
      [
        [3, 1, 3, 2],
        [5, 5, 5, 5],
        [0, 1, 2, 9],
      ].map((row) => row.map((value) => sign * value)),
      { dtype: "f64" },
    );
    expect(grad((y: Tensor) => sum(f(y, 1)))(x).toArray()).toEqual([
      [0.5, 0, 0.5, 0],
      [0.25, 0.25, 0.25, 0.25],
      [0, 0, 0, 1],
    ]);
    // The shares are locally constant: no second derivative.
    expect(grad((y: Tensor) => sum(mul(y, grad((z: Tensor) => sum(f(z, 1)))(y))))(x).toArray()).toEqual(
      grad((y: Tensor) => sum(f(y, 1)))(x).toArray(),
    );
  });
});

test("a variance of no more elements than the correction is NaN, and so is its derivative in both modes", () => {
  for (const [values, correction] of [
    [[3], 1],
    [[3, 4], 2],
    [[3, 4], 3],
  ] as const)
    // prettier-ignore
    for (const f of [variance, std]) {
      const x = tensor(values, { dtype: "f64" });
      const y = (t: Tensor): Tensor => f(t, null, { correction });
      const nan = values.map(() => NaN);
      expect(y(x).item()).toBeNaN();
      expect(grad(y)(x).toArray()).toEqual(nan);
      expect(jvp(y, [x], [tensor(values.map(() => 1), { dtype: "f64" })])[1].item()).toBeNaN(); // prettier-ignore
    }
});
