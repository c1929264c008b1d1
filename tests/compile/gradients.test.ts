import { expect, test } from "vitest";
import {
  compile,
  CaptureError,
  FreedError,
  ones,
  OverwrittenError,
  parameter,
  registerHook,
  retainGrad,
  scope,
  sum,
  tanh,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { same, x } from "./same.js";

test("gradients of intermediates, hooks, inner leaves, higher derivatives by backward", () => {
  same(() => {
    const w = parameter([0.1, 0.2, 0.3]);
    return (a) => {
      w.zeroGrad();
      const y = tanh(a.mul(w));
      retainGrad(y);
      const leaf = tensor([1, 2, 3], { requiresGrad: true });
      const remove = registerHook(y, (g) => g.mul(2));
      sum(y.mul(leaf)).backward({ createGraph: true });
      remove();
      sum(w.grad!.square()).backward();
      return [y.grad!.detach(), leaf.grad!.detach(), w.grad!.detach()];
    };
  });
});

test("hooks of parameters that come and go after the first call count", () => {
  const w = parameter([1, 2]);
  const program = compile((a: Tensor) => {
    w.zeroGrad();
    sum(a.mul(w)).backward();
  });
  const gradient = (): unknown => (program(tensor([3, 4])), w.grad!.toArray());
  expect(gradient()).toEqual([3, 4]);
  const remove = registerHook(w, (g) => g.mul(10));
  expect(gradient()).toEqual([30, 40]);
  const other = registerHook(w, (g) => g.add(1));
  expect(gradient()).toEqual([31, 41]);
  remove();
  const again = registerHook(w, (g) => g.mul(10));
  expect(gradient()).toEqual([40, 50]);
  again();
  other();
  expect(gradient()).toEqual([3, 4]);
  for (const by of [2, 5]) {
    const removeIt = registerHook(w, (g) => g.mul(by));
    expect(gradient()).toEqual([3 * by, 4 * by]);
    removeIt();
  }
  // One for each set of hooks, and one for none.
  expect(String(program).split("\n")).toHaveLength(1 + 6);
});

test("gradients that keep a graph do not add up over the calls of a program, which hands no graph on", () => {
  const w = parameter([1, 2], { label: "w" });
  const f = (a: Tensor): void => sum(w.square().mul(a)).backward({ createGraph: true });
  const a = tensor([1, 10]);
  using adding = compile(f, { name: "adding" });
  adding(a);
  expect(() => adding(a)).toThrow(CaptureError);
  expect(() => adding(a)).toThrow(/^adding: expected .*createGraph.*, got gradient of w/);
  expect(w.grad!.toArray()).toEqual([2, 40]);
  // Within a call they do; a gradient that ends without a graph may begin with one of before.
  same(() => {
    const v = parameter([1, 2, 3]);
    return (b) => {
      v.zeroGrad();
      sum(b.mul(v.square())).backward({ createGraph: true });
      sum(b.mul(v.square())).backward({ createGraph: true });
      return v.grad!.mul(2);
    };
  });
  same(() => {
    const v = parameter([1, 2, 3]);
    return (b) => {
      sum(b.mul(v.square())).backward({ createGraph: true });
      sum(b.mul(v)).backward();
      return v.grad!.mul(2);
    };
  });
});

test("two programs and eager code share the gradient of a leaf", () => {
  const run = (way: <F extends (a: Tensor) => void>(f: F) => (a: Tensor) => void): unknown => {
    const w = parameter([1, 2, 3]);
    const [first, second] = [
      way((a) => {
        sum(w.mul(a)).backward();
      }),
      way((a) => {
        sum(w.square().mul(a)).backward();
      }),
    ];
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      first(x);
      seen.push(w.grad!.toArray());
      second(x);
      if (i === 1) w.zeroGrad();
      sum(w.sin()).backward();
      seen.push(w.grad!.toArray());
    }
    return seen;
  };
  expect(run((f) => compile(f))).toEqual(run((f) => f));
});

test("the gradient of a leaf with axes of length 1 has its shape, call after call", () => {
  const run = (way: (f: (a: Tensor) => Tensor) => (a: Tensor) => Tensor): unknown => {
    const leaves = [
      [2, 1],
      [1, 3],
      [1, 1],
      [1, 2, 1],
    ].map((shape) => parameter(ones(shape)));
    const step = way((a) => {
      const loss = sum(leaves.map((w) => a.mul(w)).reduce((y, z) => y.add(z)));
      loss.backward();
      return loss.detach();
    });
    return [1, 2, 3].map((n) => [step(x.mul(n)).item(), leaves.map((w) => [w.grad!.shape, w.grad!.toArray()])]);
  };
  expect(run((f) => compile(f) as typeof f)).toEqual(run((f) => f));
});

test("a gradient that depends on nothing outlives the scope that it was made in", () => {
  const run = (way: (f: (a: Tensor) => Tensor) => (a: Tensor) => Tensor): unknown => {
    const [w, b] = [parameter([1, 2, 3]), parameter([0.5])];
    const step = way((a) => {
      const loss = scope(() => {
        const y = sum(a.mul(w).add(b));
        y.backward(); // By b it is the number of elements, whatever a is.
        return y.detach();
      });
      return loss;
    });
    return [1, 2, 3].map((n) => [step(x.mul(n)).item(), w.grad!.toArray(), b.grad!.toArray()]);
  };
  expect(run((f) => compile(f) as typeof f)).toEqual(run((f) => f));
});

test("a program that takes the gradients it writes", () => {
  const run = (way: (f: (g: Tensor) => Tensor) => (g: Tensor) => Tensor): unknown => {
    const w = parameter([1, 2, 3]);
    const f = way((g) => {
      w.zeroGrad();
      sum(w.square()).backward();
      return w.grad!.add(g);
    });
    return [f(x.slice(0)), f(w.grad!), f(w.grad!)].map((y) => y.toArray());
  };
  expect(run((f) => compile(f) as typeof f)).toEqual(run((f) => f));
});

test("a gradient stays when many other graphs are made", () => {
  const w = parameter([1, 2, 3]);
  const program = compile(
    (a: Tensor, n: number) => {
      if (n === 0) sum(w.mul(a)).backward();
      return a;
    },
    { static: [1] },
  );
  for (let n = 0; n < 40; n++) program(x, n);
  expect(w.grad!.toArray()).toEqual([1.5, 3, -3]);
});

test("a gradient in the memory of another program is no constant", () => {
  const w = parameter([1, 2, 3]);
  const step = compile((k: number) => {
    w.zeroGrad();
    sum(w.mul(k)).backward();
  });
  step(2);
  const held = w.grad!;
  const program = compile(() => held.add(1));
  const bound = program.bind([]);
  expect(program().toArray()).toEqual([3, 3, 3]);
  step(5);
  expect(() => program()).toThrow(OverwrittenError);
  expect(() => bound()).toThrow(OverwrittenError);
  step.dispose();
  expect(() => program()).toThrow(FreedError);
});
