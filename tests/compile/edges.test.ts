import { expect, test } from "vitest";
import {
  checkpoint,
  compile,
  CaptureError,
  dropout,
  FreedError,
  Generator,
  grad,
  hessian,
  linearize,
  keep,
  matmul,
  ones,
  pow,
  scope,
  sin,
  sum,
  tanh,
  tensor,
  ValueError,
  valueAndGrad,
  variable,
  vjp,
  vmap,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture/capture.js";
import { simplify } from "../../bindings/compile/simplify/simplify.js";
import { wrong } from "../support/refusal.js";
import { arrays, same, x } from "./same.js";

test("results that nothing computes: arguments, views, variables, constants, no tensors, the same twice", () => {
  const w = variable([1, 2]);
  same(() => (a) => [a, a.T, a.slice(1), a.add(0), a.mul(1), tensor([1, 2]), zeros([2]), undefined, "s", null]);
  same(() => (a) => {
    const y = sin(a);
    return { y, again: y, view: y.T.slice([0, 2]) };
  });
  expect(compile(() => w)()).toBe(w);
  expect(compile(() => [])()).toEqual([]);
  expect(compile((a: Tensor) => a.sum())(zeros([0, 3])).item()).toBe(0);
});

test("numbers only", () => {
  const program = compile((a: number, b: number) => [sin(a), tensor(a).mul(b), b]);
  expect(arrays(program(1, 2))).toEqual(arrays([sin(1), tensor(1).mul(2), 2]));
  expect(arrays(program(-0, 0.1))).toEqual(arrays([sin(-0), tensor(-0).mul(0.1), 0.1]));
});

test("variables that swap, take each other's values, and are read before and after", () => {
  same(() => {
    const [v, w] = [variable([1, 2, 3], { label: "v" }), variable([4, 5, 6], { label: "w" })];
    return (a) => {
      const [before, old] = [v.copy(), w.mul(1)];
      v.assign(w);
      w.assign(before);
      const between = v.add(w);
      v.assign(v.add(a.slice(0)));
      w.assign(2);
      w.assign(w.add(v.flip()));
      return [before, old, between, v.mul(1), w.sub(v)];
    };
  });
});

test("a program that takes views of what it writes", () => {
  const start = [1, 2, 3, 4, 5, 6];
  const views: readonly ((of: Tensor) => Tensor)[] = [
    (of) => of.T,
    (of) => of.slice([0, 2], 1),
    (of) => of.slice([null, null, -1], [2, 0, -2]),
    (of) => of.slice([1, 2]).expand([4, 3]),
  ];
  for (const [i, view] of views.entries()) {
    const w = variable(tensor(start).reshape([2, 3]));
    const step = compile((v: Tensor) => {
      const y = v.mul(10);
      w.assign(w.neg());
      return y;
    });
    for (const sign of [1, -1]) {
      const expected = view(tensor(start).reshape([2, 3]).mul(sign)).mul(10);
      expect(step(view(w.detach())).toArray(), `view ${i}`).toEqual(expected.toArray());
    }
  }
});

test("every transformation within a program", () => {
  const f = (a: Tensor): Tensor => sum(tanh(a.mul(a.flip()).add(a.slice("...", [0, 1]))).square());
  same(() => (a) => hessian(f)(a.slice(0)));
  same(() => (a) => vmap((row: Tensor) => vmap(grad(f))(row.reshape([3, 1])))(a));
  same(() => (a) => {
    const [y, pull] = vjp(f, a);
    const [, push] = linearize(f, a);
    return [y, pull(2), push(a)];
  });
  same(() => (a) => vmap((row: Tensor) => row.mul(new Generator(1).uniform([3])))(a), 0);
});

test("random draws go on where they were", () => {
  same(() => {
    const generator = new Generator(5);
    return (a) => [
      dropout(a, 0.5, { generator }),
      generator.normal([3]),
      vmap((r: Tensor) => dropout(r, 0.5, { generator }))(a),
    ];
  });
});

test("checkpoint computes again in a program too", () => {
  const deep = (a: Tensor): Tensor => sum(checkpoint((b: Tensor) => tanh(tanh(matmul(b, b.T))))(a));
  same(() => (a) => grad(deep)(a));
  const { graph, constants } = capture("deep", valueAndGrad(deep), [x], []);
  const twice = simplify(graph).steps.filter(({ primitive }) => primitive.name === "tanh");
  expect(twice.length).toBe(4);
  constants.release("the test");
});

test("steps that are the same, of no effect, or unread are not done", () => {
  const { graph, constants } = capture(
    "f",
    (a: Tensor) => {
      a.exp();
      return [sin(a).add(sin(a)), a.neg().neg(), a.cast("f64").cast("f32"), a.mul(1).div(1).sub(0), a.T.copy().T.T];
    },
    [x],
    [],
  );
  expect(simplify(graph).steps.map(({ primitive }) => primitive.name)).toEqual(["sin", "add", "copy"]);
  constants.release("the test");
});

test("the same of one number, repeated over other shapes, is not the same", () => {
  same(() => (a) => {
    const y = a.sum();
    return [sin(y), sin(y.expand([3])), sin(y.expand([2, 1])).mul(2), sin(y.reshape([1, 1]))];
  });
});

test("the order of an argument's keys is seen", () => {
  const f = (o: Record<string, Tensor>): Tensor[] => Object.values(o);
  const program = compile(f);
  for (const o of [
    { a: x, b: x.neg() },
    { b: x.neg(), a: x },
  ])
    expect(arrays(program(o))).toEqual(arrays(f(o)));
});

test("negative powers of numbers and halves are those of floats", () => {
  expect(arrays(compile((n: number) => pow(n, -1))(4))).toBe(0.25);
  expect(pow(tensor([2, -4]).cast("f16"), -1).toArray()).toEqual([0.5, -0.25]);
});

test("what a function makes once and holds on to is there for all of its graphs, and longer if it is kept", () => {
  for (const hold of [(c: Tensor) => c, keep]) {
    let held: Tensor | undefined;
    const program = compile((a: Tensor) => a.mul((held ??= hold(tensor([1, 2, 3])))).sum());
    for (let n = 1; n < 40; n++) expect(program(ones([n, 3])).item()).toBe(6 * n);
    program.dispose();
    if (hold === keep) expect(held!.toArray()).toEqual([1, 2, 3]);
  }
  let kept!: Tensor;
  const later = compile((a: Tensor) => {
    const c = tensor([1, 2, 3]);
    const product = a.mul(c);
    kept = keep(c);
    return product;
  });
  expect(later(ones([3])).toArray()).toEqual([1, 2, 3]);
  later.dispose();
  expect(kept.toArray()).toEqual([1, 2, 3]);
  let symbolic: Tensor | undefined;
  const twice = compile((a: Tensor) => {
    scope(() => {
      symbolic ??= keep(a.mul(2));
    });
    return symbolic!.sum();
  });
  expect(twice(ones([3])).item()).toBe(6);
  expect(() => twice(ones([4]))).toThrow(FreedError);
  expect(() => symbolic!.add(1)).toThrow(FreedError);
});

test("what is called wrongly is refused", () => {
  expect(() => compile(wrong(3))).toThrow(ValueError);
  for (const positions of [0, "0", [-1], [0.5], ["0"]])
    expect(() => compile((a: Tensor) => a, { static: wrong(positions) })).toThrow(ValueError);
  const program = compile((a: Tensor) => a.mul(2));
  expect(() => program.bind(wrong(x))).toThrow(ValueError);
  expect(() => compile((a: Tensor) => program.bind([a])())(x)).toThrow(CaptureError);
  expect(() => program(wrong(undefined))).toThrow();
});
