import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  customGradient,
  dropout,
  Generator,
  grad,
  hvp,
  jvp,
  matmul,
  memory,
  mul,
  parameter,
  scope,
  sin,
  square,
  tanh,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";
import { distance, noise } from "../support/tensors.js";

const DEPTH = 8;
const SEGMENT = 2;

type Segment = (h: Tensor, ...weights: Tensor[]) => Tensor;

/** A deep network in segments, each wrapped, with or without dropout: its loss. */
function network(x: Tensor, wrap: (segment: Segment) => Segment, generator?: Generator): (weights: Tensor[]) => Tensor {
  const segment = wrap((h, ...list) =>
    list.reduce((y, w) => {
      const z = tanh(matmul(y, w));
      return generator ? dropout(z, 0.3, { generator }) : z;
    }, h),
  );
  return (weights) => {
    let h = x;
    for (let i = 0; i < DEPTH; i += SEGMENT) h = segment(h, ...weights.slice(i, i + SEGMENT));
    return h.square().sum();
  };
}

const plain = (segment: Segment): Segment => segment;
const weights = Array.from({ length: DEPTH }, (_, i) => noise(`w${i}`, [16, 16], 0.5));
const x = noise("x", [12, 16], 0.5);

test("with dropout inside, derivatives are those without a checkpoint, to the bit", () => {
  const derivatives = (wrap: (segment: Segment) => Segment): unknown[] => {
    const loss = (seed: number) => network(x, wrap, new Generator(seed));
    return [
      grad(loss(1))(weights).map((g) => g.toArray()),
      jvp(loss(2), [weights], [weights])[1].toArray(),
      hvp(loss(3), [weights], [weights])[0].map((g) => g.toArray()),
    ];
  };
  expect(derivatives(checkpoint)).toEqual(derivatives(plain));
});

/** What is held when the last segment is done: the adjoints are made of it. */
function held(rows: Tensor, wrap: (segment: Segment) => Segment, generator?: Generator): number {
  const before = memory().bytes;
  let bytes = 0;
  scope(() => {
    const loss = (list: Tensor[]): Tensor => {
      const y = network(rows, wrap, generator)(list);
      bytes = memory().bytes - before;
      return y;
    };
    grad(loss)(weights);
  });
  return bytes;
}

test("takes less memory than the plain network", () => {
  const rows = noise("many", [600, 16], 0.5);
  expect(held(rows, checkpoint)).toBeLessThan(0.4 * held(rows, plain));
});

test("takes less memory than the plain network with dropout inside, since masks are drawn again", () => {
  const rows = noise("many", [600, 16], 0.5);
  expect(held(rows, checkpoint, new Generator(1))).toBeLessThan(0.4 * held(rows, plain, new Generator(1)));
});

test("with draws inside, the gradients of a program are those without a checkpoint", () => {
  const gradients = (wrap: (segment: Segment) => Segment): unknown => {
    const step = compile(grad(network(x, wrap, new Generator(4))));
    return [step(weights), step(weights)].map((list) => list.map((g) => g.toArray()));
  };
  expect(gradients(checkpoint)).toEqual(gradients(plain));
});

test("draws that it returns are constants", () => {
  const generator = new Generator(5);
  const f = (z: Tensor): Tensor => {
    const [y, drawn, mask] = checkpoint((h: Tensor) => {
      const u = generator.uniform([16, 16], { dtype: "f64" });
      return [h.square().mul(u), u, generator.bernoulli(0.5, [16, 16])] as const;
    })(z);
    return y.mul(mask.cast("f64")).add(z.mul(drawn)).sum();
  };
  const [u, mask] = numbersOf(new Generator(5));
  const expected = weights[0]!.mul(2).mul(u.mul(mask)).add(u).data();
  const found = grad(f)(weights[0]!).data();
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
});

function numbersOf(generator: Generator): [Tensor, Tensor] {
  return [generator.uniform([16, 16], { dtype: "f64" }), generator.bernoulli(0.5, [16, 16]).cast("f64")];
}

test("repeats functions with a derivative written by hand", () => {
  const doubled = customGradient((z: Tensor) => z.square(), { vjp: (g, { inputs: [z] }) => g.mul(z).mul(4) });
  const f = checkpoint((z: Tensor) => doubled(z.exp()).sin());
  const g = (z: Tensor): Tensor => doubled(z.exp()).sin().sum();
  expect(grad((z: Tensor) => f(z).sum())(x).toArray()).toEqual(grad(g)(x).toArray());
  expect(jvp(f, [x], [x])[1].sum().item()).toBeCloseTo(jvp(g, [x], [x])[1].item(), 9);
});

test("nests, with draws in both", () => {
  const f = (wrap: (g: (z: Tensor) => Tensor) => (z: Tensor) => Tensor) => {
    const generator = new Generator(7);
    const inner = wrap((z) => dropout(z.sin(), 0.4, { generator }));
    const outer = wrap((z) => dropout(inner(z.exp()), 0.4, { generator }).square());
    return (z: Tensor): Tensor => outer(z).sum();
  };
  const gradients = (wrap: (g: (z: Tensor) => Tensor) => (z: Tensor) => Tensor): unknown =>
    grad(f(wrap))(weights[0]!).toArray();
  expect(gradients((g) => checkpoint(g))).toEqual(gradients((g) => g));
});

describe("segments that close over their weights", () => {
  const random = new Generator(5);
  const weights = Array.from({ length: 8 }, () => random.uniform([16, 16], { low: -1, high: 1, dtype: "f64" }));
  const x = random.uniform([32, 16], { dtype: "f64" });
  const segment = (ws: readonly Tensor[]) => (h: Tensor) => ws.reduce((z, w) => tanh(matmul(z, w)), h);
  const plain = (ws: Tensor[]): Tensor => square(segment(ws)(x)).sum();
  const saving = (ws: Tensor[]): Tensor => {
    const halves = [ws.slice(0, 4), ws.slice(4)].map((part) => checkpoint(segment(part)));
    return square(halves.reduce((h, half) => half(h), x)).sum();
  };

  test("gives the same bits, of first and second derivatives", () => {
    const [a, b] = [grad(plain)(weights), grad(saving)(weights)];
    for (const [i, g] of a.entries()) expect(distance(g, b[i]!)).toBe(0);
    const [c, d] = [plain, saving].map((f) => jvp(grad(f), [weights], [weights])[1]);
    for (const [i, g] of c!.entries()) expect(distance(g, d![i]!)).toBeLessThan(1e-12);
    const each = (f: (h: Tensor) => Tensor) => vmap(grad((h: Tensor) => square(f(h)).sum()))(x);
    expect(distance(each(segment(weights)), each(checkpoint(segment(weights))))).toBe(0);
  });

  test("calls the function once, and keeps random draws", () => {
    let calls = 0;
    const dropped = (seed: number) => (h: Tensor) => {
      calls++;
      const mask = new Generator(seed).uniform(h.shape, { dtype: "f64" }).gt(0.5).cast("f64");
      return mul(sin(h), mask);
    };
    const a = grad((h: Tensor) => square(dropped(3)(h)).sum())(x);
    const b = grad((h: Tensor) => square(checkpoint(dropped(3))(h)).sum())(x);
    expect(distance(a, b)).toBe(0);
    expect(calls).toBe(2);
  });

  test("frees the values in between, and passes gradients to captured parameters", () => {
    const live = (wrap: boolean): number =>
      scope(() => {
        const p = parameter(weights[0]!);
        const f = (h: Tensor): Tensor => segment(Array.from({ length: 6 }, () => p))(h);
        const before = memory().bytes;
        const y = (wrap ? checkpoint(f) : f)(x);
        const held = memory().bytes - before;
        square(y).sum().backward();
        const gradient = p.grad!.abs().sum().item();
        p.dispose();
        expectClose(gradient, (reference ??= gradient));
        return held;
      });
    let reference: number | undefined;
    const bytes = x.size * 8;
    expect(live(false)).toBeGreaterThanOrEqual(6 * bytes);
    expect(live(true)).toBeLessThan(3 * bytes);
  });
});
