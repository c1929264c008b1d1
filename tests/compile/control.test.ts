import { expect, test } from "vitest";
import {
  CaptureError,
  checkGradients,
  compile,
  cond,
  crossEntropy,
  embedding,
  Generator,
  grad,
  IndexError,
  jvp,
  linalg,
  matmul,
  memory,
  parameter,
  scan,
  scope,
  ShapeError,
  sigmoid,
  sin,
  sqrt,
  square,
  sum,
  tanh,
  tensor,
  ValueError,
  type Variable,
  variable,
  vmap,
  whileLoop,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { mapTree, tensorsOf } from "../../bindings/core/tree.js";
import { Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import { Adam } from "../../bindings/optim/index.js";
import { toTensor } from "../support/plain.js";
import { Random } from "../support/random.js";
import { expectRefused, wrong } from "../support/refusal.js";

const plain = (tree: unknown): unknown => mapTree(tree, (leaf) => (typeof leaf === "number" ? leaf : leaf.toArray()));
const random = (shape: readonly number[], seed = 0): Tensor =>
  toTensor({ shape, data: new Random(`control ${shape} ${seed}`).weights(shape.reduce((a, b) => a * b, 1)) }, "f32");

/** Compiled equals eager, bit for bit, also for other arguments in between. */
function same(f: (...args: Tensor[]) => unknown, ...calls: readonly Tensor[][]): void {
  const program = compile(f);
  for (const args of [...calls, calls[0]!]) expect(plain(program(...args))).toEqual(plain(f(...args)));
}

const [weights, inputs] = [random([4, 4]), random([7, 4])];
const cell = (h: Tensor, x: Tensor, w: Tensor): [Tensor, { y: Tensor; n: number }] => {
  const next = tanh(matmul(h, w).add(x));
  return [next, { y: next.mul(2), n: 1 }];
};

/** Asking of every step whether it depends on every group that reads the same would take minutes. */
test("the gradient of a loop of two hundred and fifty steps compiles", () => {
  const tanhs = (w: Tensor, xs: Tensor): Tensor =>
    scan(
      (h: Tensor, x: Tensor) => {
        const next = tanh(matmul(h, w).add(x));
        return [next, next];
      },
      zeros([2, 4]),
      xs,
    )[1];
  const program = compile(grad((w: Tensor, xs: Tensor) => sum(tanhs(w, xs))));
  expect(program(weights, random([250, 2, 4])).shape).toEqual([4, 4]);
});

test("scan goes through slices, carries, and stacks", () => {
  const [total, sums] = scan((s: Tensor, x: Tensor) => [s.add(x), s], tensor(0), tensor([1, 2, 3]));
  expect([total.item(), sums.toArray()]).toEqual([6, [0, 1, 3]]);
  const [, backwards] = scan((s: Tensor, x: Tensor) => [s.add(x), s], tensor(0), tensor([1, 2, 3]), { reverse: true });
  expect(backwards.toArray()).toEqual([5, 3, 0]);
  const [end, none] = scan((n: Tensor, x: null) => [n.mul(2), x], tensor(1), null, { length: 10 });
  expect([end.item(), none]).toEqual([1024, null]);
  const [, nothing] = scan((s: Tensor, x: Tensor) => [s, { y: x.mul(2).T }], tensor(0), zeros([0, 2, 3]));
  expect(nothing.y.shape).toEqual([0, 3, 2]);
});

test("no steps have no effects, and run nothing", () => {
  const [w, total, generator] = [parameter([1, 2]), variable(0), new Generator(1)];
  const step = (c: Tensor, x: Tensor, table: Tensor): [Tensor, Tensor] => {
    total.assign(total.add(x.sum()));
    w.mul(x).sum().add(generator.uniform([])).backward();
    w.assign(w.sub(w.grad!));
    return [c.mul(2), linalg.inv(table.add(generator.normal([2, 2]))).matmul(x)];
  };
  const none = (c: Tensor): unknown => {
    const table = c.mul(0).expand([2, 2]);
    const [end, ys] = scan((carry: Tensor, x: Tensor) => step(carry, x, table), c, zeros([0, 2]));
    expect(ys.shape).toEqual([0, 2]);
    return end.add(table.sum());
  };
  const one = (x: Tensor): unknown => scan((c: Tensor, _: null) => [c.add(generator.uniform([])), c], x, null, { length: 0 })[0]; // prettier-ignore
  const before = plain([w, total, generator.state]);
  const { tensors } = memory();
  scope(() => {
    expect(plain(none(tensor(3)))).toBe(3);
    const program = compile(none);
    for (const c of [3, 4]) expect(plain(program(tensor(c)))).toBe(c);
    program.dispose();
    expect(plain(vmap(one)(tensor([5, 6])))).toEqual([5, 6]);
    expect(plain(grad((x: Tensor) => sum(one(x) as Tensor))(tensor([5, 6])))).toEqual([1, 1]);
  });
  expect(plain([w, total, generator.state])).toEqual(before);
  expect([w.grad, memory().tensors]).toEqual([null, tensors]);
  expect(() =>
    scan(
      wrong((c: Tensor) => c),
      tensor(0),
      zeros([0]),
    ),
  ).toThrow(/\[carry, y\]/);
  expect(() => scan(() => [zeros([3]), null], tensor(0), zeros([0]))).toThrow(/a carry like/);
  expect(() => scan((c: Tensor, x: Tensor) => [c, x.mul(x.item())], tensor(0), zeros([0]))).toThrow(CaptureError);
});

test("what a function makes once and keeps by itself, while it is only looked at, is there for its steps", () => {
  let table: Tensor | undefined;
  const step = (c: Tensor, x: Tensor): [Tensor, Tensor] => [c, c.add((table ??= tensor([7, 8]))).add(x)];
  const [c] = scan(step, zeros([2]), zeros([0, 2]));
  expect(plain(scan(step, c, zeros([1, 2]))[1])).toEqual([[7, 8]]);
  table = undefined;
  const program = compile((none: Tensor, one: Tensor) => scan(step, scan(step, zeros([2]), none)[0], one)[1]);
  for (let i = 0; i < 2; i++) expect(plain(program(zeros([0, 2]), zeros([1, 2])))).toEqual([[7, 8]]);
});

test("a pair that is carried is one to the compiler too", () => {
  type Pair = [Tensor, Tensor];
  const grown = scan(([a, b]: Pair, x: Tensor) => [[b, a.add(b).add(x)], a], [tensor(0), tensor(1)], zeros([8]));
  const last: Pair = grown[0];
  expect([last[0].item(), last[1].item(), grown[1].toArray()]).toEqual([21, 34, [0, 1, 1, 2, 3, 5, 8, 13]]);
  const [n, left] = whileLoop((pair) => pair[1].gt(1), ([k, x]: Pair) => [k.add(1), x.div(2)], [tensor(0), tensor(40)]); // prettier-ignore
  expect([n.item(), left.item()]).toEqual([6, 0.625]);
  // So is whatever a function that is generic itself hands on.
  const totals = <C>(init: C, f: (state: C, x: Tensor) => readonly [C, Tensor]): C => scan(f, init, zeros([3]))[0];
  expect(totals(tensor(0), (s, x) => [s.add(x).add(1), x]).item()).toBe(3);
});

test("a recurrent network is one replay, with the bits of eager in every derivative", () => {
  const network = (w: Tensor, xs: Tensor, h: Tensor): Tensor => {
    const [last, { y, n }] = scan((state: Tensor, x: Tensor) => cell(state, x, w), h, xs);
    return sum(last).add(sum(y.square())).add(sum(n));
  };
  const h = zeros([4]).reshape([1, 4]);
  const others = [random([4, 4], 1), random([7, 4], 1), random([1, 4], 1)];
  same(network, [weights, inputs, h], others);
  same(grad(network, { argnums: [0, 1, 2] }), [weights, inputs, h], others);
  same((w, xs) => jvp((v: Tensor) => network(v, xs, h), [w], [random([4, 4], 2)]), [weights, inputs], others);
  same((w, xs) => grad((v: Tensor) => sum(grad((u: Tensor) => network(u, xs, h))(v).square()))(w), [weights, inputs]);
  same((ws) => vmap((w: Tensor) => network(w, inputs, h))(ws), [random([3, 4, 4])]);
  checkGradients((w: Tensor) => network(w, inputs.cast("f64"), h.cast("f64")), [weights.cast("f64")]);
});

test("a hundred training steps with batches gathered inside are one replay", () => {
  const make = () => {
    const model = new Sequential(new Linear(3, 6), new Tanh(), new Linear(6, 2));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const epoch = (data: Tensor, targets: Tensor, batches: Tensor): Tensor => {
      const [, losses] = scan(
        (done: null, batch: Tensor) => {
          optimizer.zeroGrad();
          const loss = crossEntropy(model(embedding(data, batch)), embedding(targets, batch));
          loss.backward();
          optimizer.step();
          return [done, loss.detach()];
        },
        null,
        batches,
      );
      return losses;
    };
    return { epoch, variables: tensorsOf(model.parameters()) };
  };
  const [eager, compiled] = [make(), make()];
  for (const [i, p] of compiled.variables.entries()) (p as Variable).assign(eager.variables[i]!);
  const [data, targets] = [random([40, 3]), tensor(Int32Array.from({ length: 40 }, (_, i) => (i * 7) % 2))];
  const batches = tensor(
    Int32Array.from({ length: 800 }, (_, i) => (i * 13) % 40),
    { shape: [100, 8] },
  );
  const program = compile(compiled.epoch);
  for (let i = 0; i < 2; i++)
    expect(program(data, targets, batches).toArray()).toEqual(eager.epoch(data, targets, batches).toArray());
  expect(plain(compiled.variables)).toEqual(plain(eager.variables));
  expect(compiled.variables[0]!.grad!.toArray()).toEqual(eager.variables[0]!.grad!.toArray());
});

test("cond chooses, in programs by what they are called with", () => {
  const f = (x: Tensor): Tensor =>
    cond(
      x.sum().gt(0),
      (a: Tensor) => sin(a),
      (a: Tensor) => a.square().neg(),
      x,
    );
  expect(cond(true, () => 1, () => 2)).toHaveProperty("shape", []); // prettier-ignore
  const [positive, negative] = [tensor([1, 2, -0.5]), tensor([-1, 0.5, -2])];
  same(f, [positive], [negative]);
  same(
    grad((x: Tensor) => f(x).sum()),
    [positive],
    [negative],
  );
  same((x) => jvp(f, [x], [tensor([1, 2, 3])]), [positive], [negative]);
  same((x) => vmap(f)(x), [tensor([[1, 2], [-1, -2]])]); // prettier-ignore
  expect(vmap(f)(tensor([[1, 2], [-1, -2]])).slice(1).toArray()).toEqual([-1, -4]); // prettier-ignore
});

test("whileLoop runs as long as its test holds, in programs up to maxSteps", () => {
  const collatz = (n: Tensor): unknown =>
    whileLoop(
      ({ x }) => x.ne(1),
      ({ x, steps }) => ({
        x: cond(x.div(2).sub(x.div(2).floor()).eq(0), () => x.div(2), () => x.mul(3).add(1)), // prettier-ignore
        steps: steps.add(1),
      }),
      { x: n, steps: tensor(0) },
      { maxSteps: 30 },
    );
  expect(plain(collatz(tensor(6)))).toEqual({ x: 1, steps: 8 });
  same(collatz, [tensor(6)], [tensor(1)], [tensor(9)]);
  const root = (a: Tensor): Tensor =>
    whileLoop((x: Tensor) => x.square().sub(a).abs().gt(1e-6), (x: Tensor) => x.add(a.div(x)).div(2), a, { maxSteps: 20 }); // prettier-ignore
  expect(root(tensor(2)).item()).toBeCloseTo(Math.SQRT2, 5);
  same(root, [tensor(2)], [tensor(9)]);
  same(grad(root), [tensor(2)], [tensor(9)]);
  expect(grad(root)(tensor(4)).item()).toBeCloseTo(0.25, 5);
  same((a) => vmap(root)(a), [tensor([2, 3, 4])]);
  const limited = whileLoop(() => true, (n: Tensor) => n.add(1), tensor(0), { maxSteps: 5 }); // prettier-ignore
  expect(limited.item()).toBe(5);
});

test("adjoints are summed up in one order, also where a branch hands its operand on, or a loop takes no step", () => {
  const [a, b, c] = [random([64], 1), random([64], 2), random([64], 3)];
  const used = (f: (x: Tensor) => Tensor) =>
    grad((x: Tensor) => {
      const y = f(x);
      return sum(y.mul(a).add(y.mul(b)).add(x.mul(c)));
    });
  const handed = (x: Tensor): Tensor =>
    cond(
      x.sum().gt(10),
      (v: Tensor) => v,
      (v: Tensor) => v.neg(),
      x,
    );
  const halved = (x: Tensor): Tensor =>
    whileLoop(
      (v: Tensor) => v.sum().gt(10),
      (v: Tensor) => v.mul(0.5),
      x,
      { maxSteps: 3 },
    );
  const [large, small] = [zeros([64]).add(1), zeros([64])];
  same(used(handed), [large], [small]);
  same(used(halved), [large], [small]);
  // Of a gradient's gradient, too.
  const twice = (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < 2; i++) {
      const [u, v] = cond(
        y.gt(9),
        () => [y, y] as const,
        () => [sqrt(square(y).add(1)), x.sub(x)] as const,
      );
      y = y.add(u.add(v).mul(sigmoid(y)));
    }
    return y;
  };
  const points = Array.from({ length: 60 }, (_, i) => [tensor(1.5 * Math.sin(7.3 * i), { dtype: "f64" })]);
  same(
    grad((x: Tensor) => grad(twice)(x).mul(0.3)),
    ...points,
  );
});

test("what means nothing is refused, by eager and compiled alike", () => {
  const [w, p] = [variable([1, 2]), parameter([1, 2])];
  const x = tensor([1, 2, 3]);
  const refused: [() => unknown, Parameters<typeof expectRefused>[1], RegExp][] = [
    [
      () => scan(() => [tensor([1, 2]), null], tensor(0), x),
      ValueError,
      /scan: expected a carry like f32 \[\], got f32 \[2\]/,
    ],
    [
      () =>
        scan(
          wrong((c: Tensor) => c),
          tensor(0),
          x,
        ),
      ValueError,
      /\[carry, y\]/,
    ],
    [() => scan((c: null) => [c, null], null, null), ValueError, /\{ length \}/],
    [() => scan((c: null) => [c, null], null, { a: x, b: zeros([2]) }), ShapeError, /3 slices .* at xs\.b/],
    [() => scan((c: null) => [c, null], null, 3), ShapeError, /a number at xs/],
    [() => scan((c: null) => [c, null], null, x, { length: -1 }), ValueError, /a whole number of steps from 0, got/],
    [() => cond(x, () => 1, () => 2), ShapeError, /cond: expected a condition of one element/], // prettier-ignore
    [() => cond(true, wrong(1), () => 2), ValueError, /two functions/],
    [() => whileLoop(() => true, () => zeros([2]), zeros([3])), ValueError, /a state like/], // prettier-ignore
    [
      () =>
        whileLoop(
          () => true,
          (n: Tensor) => n,
          zeros([3]),
          { maxSteps: -1 },
        ),
      ValueError,
      /steps from 0/,
    ],
  ];
  for (const [run, type, message] of refused) {
    expectRefused(run, type, message, { temporaries: true });
    const program = compile(run);
    expectRefused(() => program(), type, message, { temporaries: true });
  }
  const endless = compile((a: Tensor) => whileLoop((n: Tensor) => n.lt(10), (n: Tensor) => n.add(1), a)); // prettier-ignore
  expectRefused(() => endless(tensor(0)), CaptureError, /maxSteps/, { temporaries: true });
  const assigning = compile((a: Tensor) => cond(a.gt(0), () => (w.assign([3, 4]), w.add(0)), () => w.add(1))); // prettier-ignore
  expectRefused(() => assigning(tensor(1)), CaptureError, /return what they change/, { temporaries: true });
  const drawing = new Generator(7);
  const effects: readonly (() => unknown)[] = [
    () => w.assign([3, 4]),
    () => drawing.uniform([]),
    () => p.sum().backward(),
  ];
  for (const effect of effects) {
    const choosing = vmap((a: Tensor) => cond(a.gt(0), () => (effect(), a), () => a.neg())); // prettier-ignore
    const going = vmap((a: Tensor) => whileLoop((b: Tensor) => b.gt(0), (b: Tensor) => (effect(), b.sub(1)), a, { maxSteps: 2 })); // prettier-ignore
    for (const f of [choosing, going, compile(choosing), compile(going)])
      expectRefused(() => f(tensor([1, -1])), CaptureError, /return what they change/, { temporaries: true });
  }
  expect([w.toArray(), p.grad, drawing.state.toArray()]).toEqual([[1, 2], null, new Generator(7).state.toArray()]);
  const unlike = compile((a: Tensor) => cond(a.gt(0), () => zeros([2]), () => zeros([3]))); // prettier-ignore
  expectRefused(() => unlike(tensor(1)), ValueError, /second function/, { temporaries: true });
  const picking = compile((table: Tensor, index: Tensor) => scan((c: null, i: Tensor) => [c, embedding(table, i)], null, index)[1]); // prettier-ignore
  picking(zeros([3, 1]), tensor([0, 2], { dtype: "i32" }));
  expectRefused(() => picking(zeros([3, 1]), tensor([0, 5], { dtype: "i32" })), IndexError, /5/, { temporaries: true });
});
