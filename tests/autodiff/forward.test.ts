import { describe, expect, test } from "vitest";
import {
  add,
  exp,
  grad,
  GradientError,
  jvp,
  mul,
  ShapeError,
  sin,
  square,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";
import { f64 } from "../support/tensors.js";

describe("jvp", () => {
  test("of trees gives trees", () => {
    const f = (p: { a: Tensor; b: Tensor[] }, x: Tensor): { y: Tensor; z: Tensor[] } => ({
      y: mul(p.a, x),
      z: [sin(p.b[0]!), x],
    });
    const [value, tangent] = jvp(
      f,
      [{ a: f64([2]), b: [f64([1])] }, f64([3])],
      [{ a: f64([1]), b: [f64([1])] }, f64([10])],
    );
    expect(value.y.toArray()).toEqual([6]);
    expect(tangent.y.toArray()).toEqual([3 + 20]);
    expectClose(tangent.z[0]!.item(), Math.cos(1));
    expect(tangent.z[1]!.toArray()).toEqual([10]);
  });

  test("takes numbers, and is zero where nothing depends on the arguments", () => {
    const [y, t] = jvp((x) => [square(x), f64([7])] as const, [3], [2]);
    expect([y[0].item(), t[0].item(), t[1].toArray()]).toEqual([9, 12, [0]]);
  });

  test("a result that is an argument has the tangent that was given, under a handle of its own", () => {
    const [x, v] = [f64([1, 2]), f64([3, 4])];
    const [y, t] = jvp((z) => z, [x], [v]);
    y.dispose();
    t.dispose();
    expect([x.toArray(), v.toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("takes typed arrays for tangents, in the primal's type, and refuses more of them than there are primals", () => {
    const parts = (x: readonly Tensor[]): Tensor => square(x[0]!);
    const [, tangent] = jvp(parts, [[Float64Array.of(1, 2)]], [[Int32Array.of(3, 4)]]);
    expect([tangent.dtype, tangent.toArray()]).toEqual(["f64", [6, 16]]);
    const directions = [Float64Array.of(3, 4), Float64Array.of(5, 6)];
    expect(() => jvp(parts, [[Float64Array.of(1, 2)]], [directions])).toThrow(
      /^jvp: expected 1 tensors, like what they go with, got 2$/,
    );
  });

  test("refuses tangents that do not fit, and integers", () => {
    expect(() => jvp((x) => x, [f64([1, 2])], [f64([1])])).toThrow(ShapeError);
    expect(() => jvp((x) => x, [f64([1, 2])], [undefined as unknown as Tensor])).toThrow(/nothing/);
    expect(() => jvp((x) => x, [tensor([1, 2], { dtype: "i32" })], [f64([1, 2])])).toThrow(GradientError);
  });
});

// Siskind and Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008, and the same with other modes.
describe("perturbations are not confused", () => {
  const forward =
    (f: (x: Tensor) => Tensor) =>
    (x: Tensor | number): Tensor =>
      jvp(f, [x], [f64(1)])[1];
  const reverse = (f: (x: Tensor) => Tensor) => grad(f);
  const modes = { forward, reverse };
  for (const [outer, d] of Object.entries(modes)) {
    for (const [inner, e] of Object.entries(modes)) {
      test(`${outer} over ${inner}`, () => {
        const one = f64(1);
        // d/dx [x d/dy (x + y)] = 1, not 2.
        expect(d((x) => mul(x, e((y) => add(x, y))(one)))(one).item()).toBe(1);
        // d/dx [x d/dy (x y²)] at x = 2, y = 3 is 4 x y = 24.
        expect(d((x) => mul(x, e((y) => mul(x, square(y)))(f64(3))))(f64(2)).item()).toBe(24);
        // d/dx d/dy of a function that ignores its own argument.
        expect(d((x) => e(() => square(x))(x))(f64(5)).item()).toBe(0);
        // The same x twice.
        expect(d((x) => e((y) => mul(x, y))(x))(f64(5)).item()).toBe(1);
      });
    }
  }
});

test("the n-th derivative by forward mode alone", () => {
  let f: (x: Tensor) => Tensor = (x) => exp(mul(x, 2));
  for (let i = 0; i < 6; i++) {
    const g = f;
    f = (x) => jvp(g, [x], [f64(1)])[1];
  }
  expectClose(f(f64(0.3)).item(), 64 * Math.exp(0.6), 1e-13);
});
