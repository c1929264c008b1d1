import { describe, expect, test } from "vitest";
import {
  CaptureError,
  crossEntropy,
  customGradient,
  grad,
  hessian,
  jacobian,
  jvp,
  matmul,
  memory,
  mul,
  noGrad,
  relu,
  ShapeError,
  sin,
  square,
  stack,
  tanh,
  tensor,
  ValueError,
  variable,
  vmap,
  where,
  type Tensor,
} from "../../bindings/index.js";
import { distance, noise } from "../support/tensors.js";

const examples = (x: Tensor): Tensor[] => [...x];
const loop = (f: (...xs: Tensor[]) => Tensor, ...batches: Tensor[]): Tensor =>
  stack(examples(batches[0]!).map((_, i) => f(...batches.map((batch) => batch.slice(i)))));

describe("vmap", () => {
  const x = noise("x", [5, 3]);
  const w = noise("w", [3, 4]);
  const loss = (weight: Tensor, z: Tensor): Tensor => square(tanh(matmul(z, weight))).sum();

  test("is the loop, for functions of several operations", () => {
    expect(
      distance(
        vmap((z: Tensor) => loss(w, z))(x),
        loop((z) => loss(w, z), x),
      ),
    ).toBeLessThan(1e-15);
    const outer = vmap((a: Tensor, b: Tensor) => mul(a.reshape([3, 1]), b));
    expect(outer(x, x).toArray()).toEqual(loop((a, b) => mul(a.reshape([3, 1]), b), x, x).toArray());
  });

  test("takes axes for arguments and results, and trees", () => {
    const f = vmap((p: { a: Tensor; b: Tensor }, z: Tensor) => [mul(p.a, z), p.b] as const, {
      inAxes: [{ a: null, b: 0 }, 1],
      outAxes: [1, 0],
    });
    const [y, b] = f({ a: tensor(Float64Array.of(2, 3, 4, 5, 6)), b: noise("b", [3]) }, x);
    expect([y.shape, b.shape]).toEqual([[5, 3], [3]]);
    expect(y.toArray()).toEqual(mul(x, tensor(Float64Array.of(2, 3, 4, 5, 6)).reshape([5, 1])).toArray());
    expect(() => vmap((z: Tensor) => z, { outAxes: null })(x)).toThrow(ValueError);
    expect(vmap((_: Tensor) => tensor(3), { outAxes: null })(x).item()).toBe(3);
    expect(vmap((_: Tensor) => tensor(3))(x).toArray()).toEqual([3, 3, 3, 3, 3]);
  });

  test("takes typed arrays for tensors, in trees too", () => {
    const f = vmap(({ x, y }: { x: unknown; y: Tensor }) => y.mul(x as Tensor));
    expect(f({ x: Float32Array.of(1, 2), y: tensor([3, 4]) }).toArray()).toEqual([3, 8]);
  });

  test("nests", () => {
    const table = vmap((a: Tensor) => vmap((b: Tensor) => sin(mul(a, b)))(x.slice([], 0)))(x.slice([], 1));
    const wanted = sin(mul(x.slice([], 1).reshape([5, 1]), x.slice([], 0)));
    expect(table.toArray()).toEqual(wanted.toArray());
  });

  test("nests where a choice depends on the outer examples alone", () => {
    const [outer, inner] = [noise("outer", [4, 3]), noise("inner", [5, 3])];
    const chosen = (a: Tensor, b: Tensor): Tensor => where(a.sum().gt(0), mul(b, b), a.sum());
    const all = vmap((a: Tensor) => vmap((b: Tensor) => chosen(a, b))(inner))(outer);
    expect(
      distance(
        all,
        loop((a) => loop((b) => chosen(a, b), inner), outer),
      ),
    ).toBe(0);
    const along = vmap((a: Tensor) => vmap((t: Tensor) => jvp((z: Tensor) => chosen(z, z), [a], [t])[1])(inner))(outer);
    expect(along.shape).toEqual([4, 5, 3]);
  });

  test("under and over derivatives", () => {
    const each = grad(loss, { argnums: 0 });
    expect(
      distance(
        vmap(each, { inAxes: [null, 0] })(w, x),
        loop((z) => each(w, z), x),
      ),
    ).toBeLessThan(1e-14);
    const total = (weight: Tensor): Tensor => vmap((z: Tensor) => loss(weight, z))(x).sum();
    expect(distance(grad(total)(w), grad((v: Tensor) => loss(v, x))(w))).toBeLessThan(1e-14);
    const along = (z: Tensor): Tensor => jvp((y: Tensor) => loss(w, y), [z], [z])[1];
    expect(distance(vmap(along)(x), loop(along, x))).toBeLessThan(1e-14);
    const second = vmap(hessian((z: Tensor) => loss(w, z)))(x);
    expect(
      distance(
        second,
        loop((z) => hessian((y: Tensor) => loss(w, y))(z), x),
      ),
    ).toBeLessThan(1e-13);
    const mixed = vmap(grad((z: Tensor) => jvp((y: Tensor) => loss(w, y), [z], [z])[1]))(x);
    expect(
      distance(
        mixed,
        loop((z) => grad(along)(z), x),
      ),
    ).toBeLessThan(1e-13);
    const jacobians = jacobian((weight: Tensor) => vmap((z: Tensor) => tanh(matmul(z, weight)))(x))(w);
    expect(jacobians.shape).toEqual([5, 4, 3, 4]);
  });

  test("keeps graphs for a derivative outside of it, but not without one", () => {
    const gradients = (weight: Tensor): Tensor => vmap(grad((z: Tensor) => loss(weight, z)))(x);
    const outer = grad((weight: Tensor) => square(gradients(weight)).sum())(w);
    const wanted = grad((weight: Tensor) => {
      const list = examples(x).map((z) => square(grad((y: Tensor) => loss(weight, y))(z)).sum());
      return list.reduce((a, b) => a.add(b));
    })(w);
    expect(distance(outer, wanted)).toBeLessThan(1e-13);
    expect(gradients(w).node).toBeNull();
    const before = memory().tensors;
    for (let i = 0; i < 3; i++) gradients(w).dispose();
    noGrad(() => gradients(w)).dispose();
    expect(memory().tensors).toBe(before);
  });

  test("per-example losses with class indices", () => {
    const classes = tensor(Int32Array.of(0, 1, 2, 1, 0));
    const one = (z: Tensor, c: Tensor): Tensor => crossEntropy(z.reshape([1, 3]), c.reshape([1]));
    const got = vmap(grad(one))(x, classes);
    expect(
      distance(
        got,
        loop((z, c) => grad(one)(z, c), x, classes),
      ),
    ).toBeLessThan(1e-15);
  });

  test("refuses what has no meaning for a batch, and stays usable", () => {
    expect(() => vmap((z: Tensor) => tensor(z.sum().item()))(x)).toThrow(CaptureError);
    expect(() => vmap((a: Tensor, b: Tensor) => mul(a, b))(x, w)).toThrow(ShapeError);
    expect(() => vmap((a: number) => tensor(a))(3)).toThrow(ValueError);
    const v = variable(Float64Array.of(1, 2, 3));
    expect(() => vmap((z: Tensor) => (v.assign(z), z))(x)).toThrow(CaptureError);
    expect(v.toArray()).toEqual([1, 2, 3]);
    expect(vmap((z: Tensor) => relu(z))(x).shape).toEqual([5, 3]);
  });

  test("refuses results without values: of examples from elsewhere", () => {
    const stray: Tensor[] = [];
    vmap((z: Tensor) => (stray.push(z), z))(x);
    expect(() => vmap((z: Tensor) => z.add(stray[0]!))(x)).toThrow(CaptureError);
    const signed = (z: Tensor, a: Tensor): Tensor =>
      customGradient((y: Tensor) => y.sign(), { vjp: (g) => mul(g, a) })(z);
    expect(vmap(grad((z: Tensor, a: Tensor) => signed(z, a).sum()))(x, x).toArray()).toEqual(x.toArray());
    expect(() => grad((z: Tensor) => vmap(signed)(z, x).sum())(x)).toThrow(/^vmap: .*rule of customGradient/);
    expect(vmap((z: Tensor) => z.mul(2))(x).toArray()).toEqual(x.mul(2).toArray());
  });

  test("of no examples has no results", () => {
    expect(vmap((z: Tensor) => sin(z).sum())(noise("none", [0, 3])).shape).toEqual([0]);
  });
});
