import { describe, expect, test } from "vitest";
import {
  add,
  exp,
  grad,
  GradientError,
  hessian,
  hvp,
  jacobian,
  jvp,
  keep,
  laplacian,
  linearize,
  matmul,
  memory,
  mul,
  noGrad,
  reshape,
  scope,
  ShapeError,
  sin,
  softmax,
  square,
  stack,
  tanh,
  tensor,
  vjp,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";

const f64 = (...values: number[]): Tensor => tensor(Float64Array.from(values));
const scalar = (value: number): Tensor => tensor(value, { dtype: "f64" });

describe("jvp", () => {
  test("of trees gives trees", () => {
    const f = (p: { a: Tensor; b: Tensor[] }, x: Tensor): { y: Tensor; z: Tensor[] } => ({
      y: mul(p.a, x),
      z: [sin(p.b[0]!), x],
    });
    const [value, tangent] = jvp(f, [{ a: f64(2), b: [f64(1)] }, f64(3)], [{ a: f64(1), b: [f64(1)] }, f64(10)]);
    expect(value.y.toArray()).toEqual([6]);
    expect(tangent.y.toArray()).toEqual([3 + 20]);
    expectClose(tangent.z[0]!.item(), Math.cos(1));
    expect(tangent.z[1]!.toArray()).toEqual([10]);
  });

  test("takes numbers, and is zero where nothing depends on the arguments", () => {
    const [y, t] = jvp((x) => [square(x), f64(7)] as const, [3], [2]);
    expect([y[0].item(), t[0].item(), t[1].toArray()]).toEqual([9, 12, [0]]);
  });

  test("a result that is an argument has the tangent that was given, under a handle of its own", () => {
    const [x, v] = [f64(1, 2), f64(3, 4)];
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
    expect(() => jvp((x) => x, [f64(1, 2)], [f64(1)])).toThrow(ShapeError);
    expect(() => jvp((x) => x, [f64(1, 2)], [undefined as unknown as Tensor])).toThrow(/nothing/);
    expect(() => jvp((x) => x, [tensor([1, 2], { dtype: "i32" })], [f64(1, 2)])).toThrow(GradientError);
  });
});

// Siskind and Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008, and the same with other modes.
describe("perturbations are not confused", () => {
  const forward =
    (f: (x: Tensor) => Tensor) =>
    (x: Tensor | number): Tensor =>
      jvp(f, [x], [scalar(1)])[1];
  const reverse = (f: (x: Tensor) => Tensor) => grad(f);
  const modes = { forward, reverse };
  for (const [outer, d] of Object.entries(modes)) {
    for (const [inner, e] of Object.entries(modes)) {
      test(`${outer} over ${inner}`, () => {
        const one = scalar(1);
        // d/dx [x d/dy (x + y)] = 1, not 2.
        expect(d((x) => mul(x, e((y) => add(x, y))(one)))(one).item()).toBe(1);
        // d/dx [x d/dy (x y²)] at x = 2, y = 3 is 4 x y = 24.
        expect(d((x) => mul(x, e((y) => mul(x, square(y)))(scalar(3))))(scalar(2)).item()).toBe(24);
        // d/dx d/dy of a function that ignores its own argument.
        expect(d((x) => e(() => square(x))(x))(scalar(5)).item()).toBe(0);
        // The same x twice.
        expect(d((x) => e((y) => mul(x, y))(x))(scalar(5)).item()).toBe(1);
      });
    }
  }
});

test("the n-th derivative by forward mode alone", () => {
  let f: (x: Tensor) => Tensor = (x) => exp(mul(x, 2));
  for (let i = 0; i < 6; i++) {
    const g = f;
    f = (x) => jvp(g, [x], [scalar(1)])[1];
  }
  expectClose(f(scalar(0.3)).item(), 64 * Math.exp(0.6), 1e-13);
});

describe("vjp and linearize", () => {
  test("give several derivatives of one evaluation", () => {
    let calls = 0;
    const f = (x: Tensor, y: Tensor): { p: Tensor; s: Tensor } => {
      calls++;
      return { p: mul(x, y), s: x.sum() };
    };
    const [value, pull] = vjp(f, f64(1, 2), f64(3, 4));
    expect(value.p.toArray()).toEqual([3, 8]);
    expect(pull({ p: f64(1, 0), s: 0 }).map((g) => g.toArray())).toEqual([
      [3, 0],
      [1, 0],
    ]);
    expect(pull({ p: f64(0, 1), s: 5 }).map((g) => g.toArray())).toEqual([
      [5, 9],
      [0, 2],
    ]);
    pull.dispose();
    expect(() => pull({ p: f64(0, 1), s: 5 })).toThrow(/disposed/);
    const [, push] = linearize(f, f64(1, 2), f64(3, 4));
    expect(push(f64(1, 1), f64(0, 1)).p.toArray()).toEqual([3, 6]);
    expect(push(f64(1, 1), f64(0, 1)).s.item()).toBe(2);
    expect(calls).toBe(2);
  });

  test("free what f computed when they are disposed of", () => {
    const x = f64(1, 2, 3);
    const before = memory().tensors;
    const [y, pull] = vjp((z) => tanh(sin(exp(z))), x);
    const [w, push] = linearize((z) => tanh(sin(exp(z))), x);
    for (let i = 0; i < 5; i++) {
      pull(x)[0].dispose();
      push(x).dispose();
    }
    pull.dispose();
    push.dispose();
    y.dispose();
    w.dispose();
    expect(memory().tensors).toBe(before);
  });

  test("leave alone what f let out and its user disposed of, before or after, or kept", () => {
    scope(() => {
      const x = tensor([1, 2]);
      const out: Tensor[] = [];
      const letOut = (y: Tensor): Tensor => (out.push(y), y);
      const ofView = (y: Tensor): Tensor => mul(letOut(reshape(y, [2, 1])), out.at(-1));
      const [, first] = vjp(ofView, x);
      out[0]!.dispose();
      first.dispose();
      const [, second] = vjp(ofView, x);
      second.dispose();
      out[1]!.dispose();
      expect(x.toArray()).toEqual([1, 2]);
      const [y, third] = vjp((x: Tensor) => reshape(letOut(mul(x, 2)), [2, 1]), x);
      out[2]!.dispose();
      third.dispose();
      expect(y.toArray()).toEqual([[2], [4]]);
      const [, fourth] = vjp((x: Tensor) => {
        const h = matmul(mul(x, 2), x);
        out.push(keep(h));
        return mul(h, h);
      }, x);
      fourth.dispose();
      expect(out[3]!.item()).toBe(10);
      out[3]!.dispose();
    });
  });

  test("leave their arguments and values alone when they are disposed of, whatever views f made", () => {
    const views: Record<string, (x: Tensor) => Tensor> = {
      "a row operation along another axis": (x) => softmax(x, 0),
      "a sum that keeps its axis": (x) => square(x).sum(0, { keepDims: true }),
      "a matrix by a vector": (x) => matmul(x, x.slice(0)),
      "a slice": (x) => x.slice(0, 1),
      "the rows, stacked again": (x) => stack([...x]),
      "a view of a value on the way": (x) => mul(x, 2).reshape([6]),
      "the argument itself": (x) => x,
    };
    for (const [what, f] of Object.entries(views)) {
      for (const derive of [vjp, linearize] as ((f: (x: Tensor) => Tensor, x: Tensor) => [Tensor, Disposable])[]) {
        scope(() => {
          const make = (): Tensor => tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
          const [x, wanted] = [make(), f(make()).toArray()];
          const before = memory().tensors;
          const [value, derivative] = derive(f, x);
          derivative[Symbol.dispose]();
          expect([what, value.toArray()]).toEqual([what, wanted]);
          expect(x.toArray()).toEqual([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
          value.dispose();
          expect([what, memory().tensors]).toEqual([what, before]);
          x.dispose();
          expect([what, memory().tensors]).toEqual([what, before - 1]);
        });
      }
    }
  });

  test("can be differentiated through", () => {
    const f = (x: Tensor): Tensor => mul(x, mul(x, x)).sum();
    const byPull = grad((x: Tensor) => vjp(f, x)[1](1)[0].sum())(f64(1, 2));
    const byPush = grad((x: Tensor) => linearize(f, x)[1](f64(1, 1)))(f64(1, 2));
    expect([byPull.toArray(), byPush.toArray()]).toEqual([
      [6, 12],
      [6, 12],
    ]);
    const [, pull] = vjp((x: Tensor) => mul(x, x), f64(3));
    expect(grad((g: Tensor) => pull(g)[0].sum())(f64(1)).toArray()).toEqual([6]);
  });
});

describe("jacobian, hessian, hvp, laplacian", () => {
  const f = (x: Tensor): Tensor => mul(sin(x), x.sum());
  const g = (x: Tensor): Tensor => mul(sin(x), square(x)).sum();
  const x = f64(0.3, -0.7, 1.1);

  test("forward and reverse mode agree, and take any shapes", () => {
    const matrix = (z: Tensor): Tensor => mul(z.reshape([3, 1]), sin(z)).slice([0, 2]);
    for (const h of [f, matrix]) {
      const [a, b] = (["forward", "reverse"] as const).map((mode) => jacobian(h, { mode })(x));
      expect(a!.shape).toEqual([...h(x).shape, 3]);
      expect(a!.sub(b!).abs().max().item()).toBeLessThan(1e-15);
    }
  });

  test("of trees are trees of trees", () => {
    const h = (p: { w: Tensor; b: Tensor }, z: Tensor): { y: Tensor; s: Tensor } => ({
      y: add(p.w.matmul(z), p.b),
      s: p.b.sum(),
    });
    const w = tensor(Float64Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3] });
    const j = jacobian(h, { argnums: [0, 1] })({ w, b: f64(1, 2) }, x);
    expect(j.y[0].w.shape).toEqual([2, 2, 3]);
    expect(j.y[0].b.toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(j.y[1].toArray()).toEqual(w.toArray());
    expect(j.s[0].w.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(j.s[1].toArray()).toEqual([0, 0, 0]);
  });

  test("the Hessian is the Jacobian of the gradient, symmetric, and hvp and laplacian are of it", () => {
    const h = hessian(g)(x);
    expect(
      h
        .sub(jacobian(grad(g))(x))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-14);
    expect(h.sub(h.T).abs().max().item()).toBe(0);
    const v = f64(1, -2, 0.5);
    expect(hvp(g, [x], [v])[0].sub(h.matmul(v)).abs().max().item()).toBeLessThan(1e-14);
    const trace = (h.toArray() as number[][]).reduce((sum, row, i) => sum + row[i]!, 0);
    expectClose(laplacian(g)(x).item(), trace, 1e-14);
  });

  test("nest: the third derivative is the Jacobian of the Hessian", () => {
    const third = jacobian(hessian(g))(x);
    expect(third.shape).toEqual([3, 3, 3]);
    const wanted = (z: number): number => (6 - z * z) * Math.cos(z) - 6 * z * Math.sin(z);
    (x.toArray() as number[]).forEach((z, i) => expectClose(third.slice(i, i, i).item(), wanted(z), 1e-13));
  });

  test("leave nothing behind, and work where nothing is tracked", () => {
    const before = memory().tensors;
    scope(() => void [jacobian(f)(x), hessian(g)(x), hvp(g, [x], [x]), laplacian(g)(x), noGrad(() => hessian(g)(x))]);
    expect(memory().tensors).toBe(before);
    hessian(g)(x).dispose();
    hvp(g, [x], [x])[0].dispose();
    expect(memory().tensors).toBe(before);
  });

  test("have the dtype of the argument, by either mode", () => {
    const wide = tensor(Float64Array.of(2, 3, 4));
    const single = tensor([1, 2]);
    for (const rows of [1, 3])
      for (const mode of ["auto", "forward", "reverse"] as const) {
        const by = jacobian((z: Tensor, a: Tensor) => a.slice([0, rows]).mul(z.sum()), { argnums: [0, 1], mode });
        expect(by(single, wide).map(({ dtype }) => dtype)).toEqual(["f32", "f64"]);
      }
    const apart = jacobian((_: Tensor) => wide, { mode: "forward" })(single);
    expect([apart.dtype, apart.shape]).toEqual(["f32", [3, 2]]);
    expect(hessian((z: Tensor) => z.cast("f64").square().sum())(single).dtype).toBe("f32");
  });

  test("numbers among the results have Jacobians of zeros", () => {
    const f = (x: Tensor): { y: Tensor; n: number; what: string } => ({ y: x.mul(2), n: 3, what: "f" });
    const all = jacobian(f)(f64(1, 2));
    expect([all.y.toArray(), all.n.toArray(), all.what]).toEqual([[[2, 0], [0, 2]], [0, 0], "f"]); // prettier-ignore
  });

  test("an empty argument or result has an empty Jacobian", () => {
    const none = tensor(new Float64Array(0));
    expect(jacobian((z: Tensor) => sin(z))(none).shape).toEqual([0, 0]);
    expect(jacobian((z: Tensor) => z.slice([0, 0]))(x).shape).toEqual([0, 3]);
  });
});
