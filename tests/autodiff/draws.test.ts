import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  defaultGenerator,
  exp,
  Generator,
  grad,
  jvp,
  memory,
  mul,
  scope,
  seed,
  sin,
  square,
  stack,
  ValueError,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { noise } from "../support/tensors.js";

const SEED = 77;
type Drawing = (g: Generator, x: Tensor) => Tensor;

/** The same function by vmap and by a loop, each with a generator of its own; and the states that these are left in. */
function bothWays(f: Drawing, x: Tensor): { batched: unknown; looped: unknown; states: unknown[] } {
  const [one, other] = [new Generator(SEED), new Generator(SEED)];
  const batched = vmap((z: Tensor) => f(one, z))(x).toArray();
  const looped = stack([...x].map((z) => f(other, z))).toArray();
  return { batched, looped, states: [one.state.toArray(), other.state.toArray()] };
}

describe("under vmap each example draws what it would draw in a loop", () => {
  const x = noise("x", [5, 3]);
  const dtype = "f64";
  const drawings: Record<string, Drawing> = {
    "uniform numbers": (g, z) => z.add(g.uniform([3], { dtype, low: -1, high: 2 })),
    "normal numbers": (g) => g.normal([7], { dtype, mean: 1, std: 2 }),
    "f32, of a length that leaves part of a block": (g) => g.uniform([2, 5]),
    integers: (g) => g.integers(-5, 1000, [6]),
    "truth values": (g, z) => g.bernoulli(0.3, z.shape),
    "truth values with a chance that differs": (g, z) => g.bernoulli(square(sin(z))),
    bits: (g) => g.bits([3]),
    permutations: (g) => g.permutation(9),
    "several draws": (g, z) => mul(g.uniform([1], { dtype }), z).add(g.normal([3], { dtype })),
    "nothing at all of a draw": (g, z) => (g.bits([3]), z),
    "a draw of nothing": (g) => g.uniform([0]),
    "in a vmap within": (g, z) => vmap((a: Tensor) => a.add(g.normal([2], { dtype })).mul(g.uniform([], { dtype })))(z),
    "around a vmap within": (g, z) => {
      const before = g.uniform([], { dtype });
      const within = vmap((a: Tensor) => a.mul(g.uniform([5], { dtype })).sum())(z);
      return within.mul(before).add(g.uniform([3], { dtype }));
    },
    "in a gradient": (g, z) => grad((a: Tensor) => mul(square(a), g.uniform([3], { dtype })).sum())(z),
    "in a forward derivative": (g, z) => jvp((a: Tensor) => exp(a).mul(g.normal([3], { dtype })), [z], [z])[1],
    "in a gradient of a forward derivative": (g, z) =>
      grad((b: Tensor) => jvp((a: Tensor) => exp(a).mul(g.normal([3], { dtype })), [b], [b])[1].sum())(z),
    "in a checkpoint": (g, z) =>
      grad((a: Tensor) => {
        const noisy = checkpoint((b: Tensor) => sin(b.mul(g.normal([3], { dtype }))).mul(g.uniform([3], { dtype })));
        return noisy(noisy(a))
          .mul(g.uniform([3], { dtype }))
          .sum();
      })(z),
    "from a generator that it makes": (g, z) => z.add(new Generator(5).uniform([3], { dtype })).add(g.uniform([1])),
  };

  test.each(Object.entries(drawings))("%s", (_, f) => {
    const { batched, looped, states } = bothWays(f, x);
    expect(batched).toEqual(looped);
    expect(states[0]).toEqual(states[1]);
  });

  test("under a derivative of vmap", () => {
    const along = (map: (f: (z: Tensor) => Tensor) => Tensor): unknown => {
      const g = new Generator(SEED);
      return map((z) => sin(z.mul(g.normal([3], { dtype }))).sum()).toArray();
    };
    const looped = along((f) => grad((y: Tensor) => stack([...y].map(f)).sum())(x));
    expect(along((f) => grad((y: Tensor) => vmap(f)(y).sum())(x))).toEqual(looped);
    expect(along((f) => grad((y: Tensor) => checkpoint(vmap(f))(y).sum())(x))).toEqual(looped);
  });

  test("from the default generator, and no two examples alike", () => {
    seed(3);
    const drawn = vmap((z: Tensor) => defaultGenerator().uniform(z.shape))(x);
    seed(3);
    expect(drawn.toArray()).toEqual(stack([...x].map(() => defaultGenerator().uniform([3]))).toArray());
    expect(new Set(drawn.data()).size).toBe(15);
  });
});

test("a generator that vmap drew from cannot be seeded within", () => {
  const g = new Generator(1);
  const x = noise("x", [2, 3]);
  const reseeding = vmap((z: Tensor) => {
    const drawn = g.uniform([3]);
    g.seed(4);
    return z.add(drawn);
  });
  expect(() => reseeding(x)).toThrow(ValueError);
  // Seeded first, it is the same for all examples, as in a loop.
  const drawn = vmap((z: Tensor) => (g.seed(4), z.mul(0).add(g.uniform([3]))))(x).toArray() as number[][];
  expect(drawn[0]).toEqual(drawn[1]);
});

test("draws of a batch leave nothing behind", () => {
  const [g, x] = [new Generator(1), noise("x", [4, 3])];
  const run = () => scope(() => void vmap(grad((z: Tensor) => z.mul(g.normal([3])).sum()))(x));
  run();
  const { tensors, bytes } = memory();
  for (let i = 0; i < 5; i++) run();
  expect([memory().tensors, memory().bytes]).toEqual([tensors, bytes]);
});

test("a compiled function draws for a batch what it draws without compilation, call after call", () => {
  const x = noise("x", [4, 3]);
  const of = (g: Generator) => (y: Tensor) => vmap((z: Tensor) => sin(z.mul(g.normal([3], { dtype: "f64" }))))(y);
  const [one, other] = [new Generator(SEED), new Generator(SEED)];
  const [compiled, eager] = [compile(of(one)), of(other)];
  for (let i = 0; i < 3; i++) expect(compiled(x).toArray()).toEqual(eager(x).toArray());
  expect(one.state.toArray()).toEqual(other.state.toArray());
});
