import { describe, expect, test } from "vitest";
import {
  add,
  grad,
  hessian,
  hvp,
  jacobian,
  laplacian,
  memory,
  mul,
  noGrad,
  scope,
  sin,
  square,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";
import { f64 } from "../support/tensors.js";

describe("jacobian, hessian, hvp, laplacian", () => {
  const f = (x: Tensor): Tensor => mul(sin(x), x.sum());
  const g = (x: Tensor): Tensor => mul(sin(x), square(x)).sum();
  const x = f64([0.3, -0.7, 1.1]);

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
    const j = jacobian(h, { argnums: [0, 1] })({ w, b: f64([1, 2]) }, x);
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
    const v = f64([1, -2, 0.5]);
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
    const all = jacobian(f)(f64([1, 2]));
    expect([all.y.toArray(), all.n.toArray(), all.what]).toEqual([[[2, 0], [0, 2]], [0, 0], "f"]); // prettier-ignore
  });

  test("an empty argument or result has an empty Jacobian", () => {
    const none = tensor(new Float64Array(0));
    expect(jacobian((z: Tensor) => sin(z))(none).shape).toEqual([0, 0]);
    expect(jacobian((z: Tensor) => z.slice([0, 0]))(x).shape).toEqual([0, 3]);
  });
});
