import { describe, expect, test } from "vitest";
import {
  add,
  backward,
  cos,
  grad,
  GradientError,
  hessian,
  jvp,
  log,
  matmul,
  mul,
  noGrad,
  parameter,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  tensor,
  valueAndGrad,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";
import { f64 } from "../support/tensors.js";

describe("the function of the lecture, y = ln x1 + x1 x2 - sin x2 at (2, 5)", () => {
  const f = (x1: Tensor, x2: Tensor) => sub(add(log(x1), mul(x1, x2)), sin(x2));

  test("has the value 11.652 and the gradient (5.5, 1.716)", () => {
    const [y, [d1, d2]] = valueAndGrad(f, { argnums: [0, 1] })(f64(2), f64(5));
    expectClose(y.item(), Math.log(2) + 10 - Math.sin(5));
    expect(y.item().toFixed(3)).toBe("11.652");
    expectClose(d1.item(), 5.5);
    expectClose(d2.item(), 2 - Math.cos(5));
    expect(d2.item().toFixed(3)).toBe("1.716");
  });

  test("has them with numbers for arguments, in f32", () => {
    const [d1, d2] = grad(f, { argnums: [0, 1] })(2, 5);
    expect([d1.dtype, d2.dtype]).toEqual(["f32", "f32"]);
    expectClose(d1.item(), 5.5, 1e-6);
    expectClose(d2.item(), 2 - Math.cos(5), 1e-6);
  });

  test("has the Hessian ((-1/4, 1), (1, sin 5))", () => {
    const row = (i: 0 | 1) =>
      grad((a: Tensor, b: Tensor) => grad(f, { argnums: [0, 1] })(a, b)[i], { argnums: [0, 1] });
    const [first, second] = [row(0)(f64(2), f64(5)), row(1)(f64(2), f64(5))];
    expectClose(first[0].item(), -1 / 4);
    expectClose(first[1].item(), 1);
    expectClose(second[0].item(), 1);
    expectClose(second[1].item(), Math.sin(5));
  });
});

describe("derivatives of derivatives", () => {
  test("grad(f)(x, x): two arguments that are one tensor stay apart", () => {
    const x = f64(3);
    const f = (a: Tensor, b: Tensor) => mul(mul(a, a), b);
    expect(grad(f)(x, x).item()).toBe(18);
    expect(grad(f, { argnums: [0, 1] })(x, x).map((g) => g.item())).toEqual([18, 9]);
    expect(grad(f, { argnums: 1 })(x, x).item()).toBe(9);
  });

  test("nested over one x, an inner derivative does not see the outer one's x", () => {
    // d/dx of x (d/dy of x y at y = x) is d/dx of x².
    const f = (x: Tensor) => mul(x, grad((y: Tensor) => mul(x, y))(x));
    expect(grad(f)(f64(3)).item()).toBe(6);
    // d/dx of (d/dy of x y² at y = x) is d/dx of 2 x².
    const g = (x: Tensor) => grad((y: Tensor) => mul(x, square(y)))(x);
    expect(grad(g)(f64(3)).item()).toBe(12);
  });

  test("do not confuse perturbations", () => {
    // Siskind and Pearlmutter: d/dx of x (d/dy of x + y at 2), at 1, is 1, not 2.
    const f = (x: Tensor) => mul(x, grad((y: Tensor) => add(x, y))(f64(2)));
    expect(grad(f)(f64(1)).item()).toBe(1);
    // Manzyuk et al.: the shift s(u)(f)(x) = f(x + u); its derivative at u = 0 applied twice is a second derivative.
    const shifted = (h: (x: Tensor) => Tensor) => (x: Tensor) => grad((u: Tensor) => h(add(x, u)))(f64(0));
    expectClose(shifted(shifted((x) => sin(x)))(f64(0.7)).item(), -Math.sin(0.7));
  });

  test("pass through values that are closed over", () => {
    // d/dx of d/dy of sin(x) y³ at y = 2 is 12 cos x.
    const outer = (x: Tensor) => grad((y: Tensor) => mul(sin(x), mul(y, square(y))))(f64(2));
    expectClose(grad(outer)(f64(0.5)).item(), 12 * Math.cos(0.5));
  });
});

describe("grad", () => {
  test("of several arguments gives a tuple, in the order asked for", () => {
    const f = (a: Tensor, b: Tensor, c: Tensor) => sum(mul(mul(a, b), c));
    const [a, b, c] = [f64([1, 2]), f64([3, 4]), f64([5, 6])];
    const [dc, da] = grad(f, { argnums: [2, 0] })(a, b, c);
    expect(dc.toArray()).toEqual([3, 8]);
    expect(da.toArray()).toEqual([15, 24]);
    expect(grad(f, { argnums: 1 })(a, b, c).toArray()).toEqual([5, 12]);
  });

  test("passes on what else the function returns", () => {
    const f = (x: Tensor) => [sum(square(x)), { half: mul(x, 0.5), name: "half" }] as const;
    const [g, aux] = grad(f, { hasAux: true })(f64([1, 2]));
    expect(g.toArray()).toEqual([2, 4]);
    expect(aux.half.toArray()).toEqual([0.5, 1]);
    expect(aux.half.requiresGrad).toBe(false);
    expect(aux.name).toBe("half");
    const [[value, again], h] = valueAndGrad(f, { hasAux: true })(f64([1, 2]));
    expect(value.item()).toBe(5);
    expect(again.half.toArray()).toEqual([0.5, 1]);
    expect(h.toArray()).toEqual([2, 4]);
  });

  test("passes it on to a derivative around it, also where the value has none", () => {
    const [one, two] = [f64([1]), f64([2])];
    const beside = (z: Tensor): Tensor =>
      grad((y: Tensor) => [sum(square(y)), mul(mul(z, z), y)] as const, { hasAux: true })(two)[1];
    expect(grad((x: Tensor) => sum(beside(x)))(f64([3])).toArray()).toEqual([12]);
    expect(jvp(beside, [f64([3])], [one])[1].toArray()).toEqual([12]);
    expect(hessian((x: Tensor) => sum(beside(x)))(f64([3])).toArray()).toEqual([[4]]);
    const [, again] = valueAndGrad((y: Tensor) => [sum(y), mul(y, y)] as const, { hasAux: true })(two)[0];
    expect([again.toArray(), again.requiresGrad]).toEqual([[4], false]);
  });

  test("by several arguments, with something else beside the value: the types say so", () => {
    const f = (x: Tensor, y: { w: Tensor }) => [sum(mul(x, y.w)), "aside"] as const;
    const [x, y] = [f64([1, 2]), { w: f64([3, 4]) }];
    const [[gx, gy], aux] = grad(f, { argnums: [0, 1], hasAux: true })(x, y);
    const label: string = aux;
    expect([gx.toArray(), gy.w.toArray(), label]).toEqual([[3, 4], [1, 2], "aside"]);
    const [g, again] = grad(f, { argnums: 1, hasAux: true })(x, y);
    expect([g.w.toArray(), again]).toEqual([[1, 2], "aside"]);
    const [[value, third], [h]] = valueAndGrad(f, { argnums: [1], hasAux: true })(x, y);
    expect([value.item(), third, h.w.toArray()]).toEqual([11, "aside", [1, 2]]);
    const [[, fourth], k] = valueAndGrad(f, { argnums: 1, hasAux: true })(x, y);
    expect([fourth, k.w.toArray()]).toEqual(["aside", [1, 2]]);
  });

  test("stopGradient is detach", () => {
    expect(grad((x: Tensor) => sum(mul(x, stopGradient(x))))(f64([3])).toArray()).toEqual([3]);
  });

  test("has the structure of the argument", () => {
    interface Model {
      layers: { w: Tensor; b: Tensor }[];
      scale: Tensor;
      unused: Tensor;
    }
    const f = ({ layers, scale }: Model, x: Tensor) =>
      sum(
        mul(
          layers.reduce((y, { w, b }) => add(matmul(y, w), b), x),
          scale,
        ),
      );
    const model = {
      layers: [
        {
          w: tensor(
            [
              [1, 2],
              [3, 4],
            ],
            { dtype: "f64" },
          ),
          b: f64([1, -1]),
        },
        { w: tensor([[1], [2]], { dtype: "f64" }), b: f64([0.5]) },
      ],
      scale: f64(2),
      unused: f64([1, 2, 3]),
    };
    const g = grad(f)(model, f64([1, 1]));
    expect(g.layers[0]!.w.toArray()).toEqual([
      [2, 4],
      [2, 4],
    ]);
    expect(g.layers[0]!.b.toArray()).toEqual([2, 4]);
    expect(g.layers[1]!.w.toArray()).toEqual([[10], [10]]);
    expect(g.layers[1]!.b.toArray()).toEqual([2]);
    expect(g.scale.item()).toBe(15.5);
    expect(g.unused.toArray()).toEqual([0, 0, 0]);
    expect(g.unused.dtype).toBe("f64");
  });

  test("takes numbers inside trees, and integers among the arguments that are not differentiated", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }, index: Tensor) => sum(mul(add(a, b), index));
    const g = grad(f)({ a: 2, b: f64([1, 2]) }, tensor(new Int32Array([3, 4])));
    expect(g.a.item()).toBe(7);
    expect(g.a.dtype).toBe("f64");
    expect(g.b.toArray()).toEqual([3, 4]);
  });

  test("of a function that does not depend on its argument is zero, or an error if that is asked for", () => {
    const f = (x: Tensor, y: Tensor) => mul(square(y), x.detach().sum().mul(0).add(1));
    expect(grad(f)(f64([1, 2]), f64(3)).toArray()).toEqual([0, 0]);
    expect(() => grad(f, { strict: true, argnums: 0 })(f64([1, 2]), f64(3))).toThrow(GradientError);
    expect(grad(f, { strict: true, argnums: 1 })(f64([1, 2]), f64(3)).item()).toBe(6);
  });

  test("refuses what has no gradient", () => {
    expect(() => grad((x: Tensor) => square(x))(f64([1, 2]))).toThrow(/scalar.*got \[2\]/);
    expect(() => grad((x: Tensor) => x.sum().cast("i32"))(f64([1, 2]))).toThrow(/floating-point value, got i32/);
    expect(() => grad((x: Tensor) => x.item() as unknown as Tensor)(f64(1))).toThrow(/tensor, got number/);
    expect(() => grad((x: Tensor) => x, { argnums: 1 })(f64(1))).toThrow(GradientError);
  });

  test("of two arguments gives gradients that live and die apart", () => {
    const [a, b] = grad((x: Tensor, y: Tensor) => sum(add(x, y)), { argnums: [0, 1] })(f64([1, 2]), f64([3, 4]));
    a.dispose();
    expect(b.toArray()).toEqual([1, 1]);
  });

  test("does not touch .grad, and leaves no graph behind", () => {
    const w = parameter([1, 2], { dtype: "f64" });
    const x = tensor([3, 4], { dtype: "f64", requiresGrad: true });
    const g = noGrad(() => grad((y: Tensor) => sum(mul(square(y), w)))(x));
    expect(g.toArray()).toEqual([6, 16]);
    expect(g.requiresGrad).toBe(false);
    expect([w.grad, x.grad]).toEqual([null, null]);
  });

  test("over closed-over parameters can be followed by backward", () => {
    // A gradient penalty: L = |d/dx Σ sin(w x)|² = Σ w² cos²(w x).
    const w = parameter([0.5, -1.5], { dtype: "f64" });
    const x = f64([2, 0.3]);
    const g = grad((y: Tensor) => sum(sin(mul(w, y))))(x);
    expect(g.requiresGrad).toBe(true);
    backward(sum(square(g)));
    const [w0, w1] = [0.5, -1.5];
    const slope = (a: number, y: number) => 2 * a * Math.cos(a * y) ** 2 - a * a * y * Math.sin(2 * a * y);
    const got = w.grad!.toArray() as number[];
    expectClose(got[0]!, slope(w0, 2));
    expectClose(got[1]!, slope(w1, 0.3));
  });

  test("inside a larger computation joins its graph", () => {
    const x = tensor(0.4, { dtype: "f64", requiresGrad: true });
    const y = mul(cos(x), grad((u: Tensor) => sin(mul(u, u)))(x));
    backward(y);
    // y = 2 x cos x cos x².
    const z = 0.4;
    const want =
      2 * Math.cos(z) * Math.cos(z * z) -
      2 * z * Math.sin(z) * Math.cos(z * z) -
      4 * z * z * Math.cos(z) * Math.sin(z * z);
    expectClose(x.grad!.item(), want);
  });
});

test("typed arrays are tensors, in trees too, and bring their type along", () => {
  const f = (p: { w: Tensor; c: Tensor }, table: Tensor): Tensor => p.w.square().mul(p.c).mul(table).sum();
  const g = grad(f)({ w: Float64Array.of(1, 2), c: 3 }, Int32Array.of(1, 10));
  expect([g.w.dtype, g.w.toArray(), g.c.dtype, g.c.item()]).toEqual(["f64", [6, 120], "f64", 41]);
  const integers = { w: Int32Array.of(1, 2), c: 3 };
  expect(() => grad(f)(integers, 1)).toThrow(/^grad: .*got i32 \[2\] at argument 0\.w/);
});

test("an argument with nothing to differentiate by is refused, and a typed array is taken as a tensor", () => {
  const f = (x: Tensor): Tensor => square(x).sum();
  const loose = grad(f) as (x: unknown) => Tensor;
  expect(loose(new Float32Array([1, 2, 3])).toArray()).toEqual([2, 4, 6]);
  for (const nothing of [new Map([["w", 1]]), "x", null, undefined, () => 1]) {
    expect(() => loose(nothing)).toThrow(/^grad: expected tensors or numbers to differentiate by at argument 0/);
  }
});
