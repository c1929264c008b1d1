import { describe, expect, test } from "vitest";
import {
  exp,
  grad,
  keep,
  linearize,
  matmul,
  memory,
  mul,
  reshape,
  scope,
  sin,
  softmax,
  square,
  stack,
  tanh,
  tensor,
  vjp,
  type Tensor,
} from "../../bindings/index.js";
import { f64 } from "../support/tensors.js";

describe("vjp and linearize", () => {
  test("give several derivatives of one evaluation", () => {
    let calls = 0;
    const f = (x: Tensor, y: Tensor): { p: Tensor; s: Tensor } => {
      calls++;
      return { p: mul(x, y), s: x.sum() };
    };
    const [value, pull] = vjp(f, f64([1, 2]), f64([3, 4]));
    expect(value.p.toArray()).toEqual([3, 8]);
    expect(pull({ p: f64([1, 0]), s: 0 }).map((g) => g.toArray())).toEqual([
      [3, 0],
      [1, 0],
    ]);
    expect(pull({ p: f64([0, 1]), s: 5 }).map((g) => g.toArray())).toEqual([
      [5, 9],
      [0, 2],
    ]);
    pull.dispose();
    expect(() => pull({ p: f64([0, 1]), s: 5 })).toThrow(/disposed/);
    const [, push] = linearize(f, f64([1, 2]), f64([3, 4]));
    expect(push(f64([1, 1]), f64([0, 1])).p.toArray()).toEqual([3, 6]);
    expect(push(f64([1, 1]), f64([0, 1])).s.item()).toBe(2);
    expect(calls).toBe(2);
  });

  test("free what f computed when they are disposed of", () => {
    const x = f64([1, 2, 3]);
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
    const byPull = grad((x: Tensor) => vjp(f, x)[1](1)[0].sum())(f64([1, 2]));
    const byPush = grad((x: Tensor) => linearize(f, x)[1](f64([1, 1])))(f64([1, 2]));
    expect([byPull.toArray(), byPush.toArray()]).toEqual([
      [6, 12],
      [6, 12],
    ]);
    const [, pull] = vjp((x: Tensor) => mul(x, x), f64([3]));
    expect(grad((g: Tensor) => pull(g)[0].sum())(f64([1])).toArray()).toEqual([6]);
  });
});
