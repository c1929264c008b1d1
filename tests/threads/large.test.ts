import { afterAll, beforeAll, expect, test } from "vitest";
import {
  compile,
  conv2d,
  Generator,
  grad,
  info,
  linear,
  matmul,
  parameter,
  scope,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { Adam, SGD } from "../../bindings/optim/index.js";
import { Random } from "../support/random.js";
import { bitsOf, differs, jobs, pretend } from "./support.js";

function drawn(seed: string, shape: readonly number[], dtype: "f32" | "f64" | "i32" = "f32"): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = new Random(seed).spread(size, -100, 100);
  return tensor(dtype === "i32" ? data.map(Math.floor) : data, { shape, dtype });
}

/** What is computed. */
const cases: Readonly<Record<string, () => readonly Tensor[]>> = {
  "draws of f32 and f64": () => {
    const generator = new Generator(1);
    return (["f32", "f64"] as const).flatMap((dtype) => [
      generator.uniform([1001], { dtype }),
      generator.normal([1003], { dtype }),
    ]);
  },
  "draws of integers": () => [new Generator(2).integers(-5, 1000, [777])],
  "the sum of all": () => (["f32", "f64", "i32"] as const).map((dtype) => drawn("sum", [5003], dtype).sum()),
  "sums, products, extremes and their places down columns": () => {
    const x = drawn("columns", [70, 331]);
    return [x.sum(0), x.prod(0), x.max(0), x.argmin(0), x.var(0)];
  },
  "a row by a matrix": () => [matmul(drawn("row", [1, 700]), drawn("matrix", [700, 517]))],
  "products of every form": () =>
    [3, 130].flatMap((m) => {
      const [a, b] = [drawn("a", [m, 600]), drawn("b", [600, 259])];
      const [at, bt] = [drawn("at", [600, m]), drawn("bt", [259, 600])];
      return [matmul(a, b), matmul(at.T, b), matmul(a, bt.T), matmul(at.T, bt.T)];
    }),
  "a layer with its epilogue and what it adds to": () => {
    const [w, b] = [parameter(drawn("w", [259, 40])), parameter(drawn("bias", [259]))];
    const f = compile((x: Tensor) =>
      grad((p: Tensor, q: Tensor) => linear(x, p, q).relu().add(linear(x, p)).sum(), { argnums: [0, 1] })(w, b),
    );
    return f(drawn("x", [66, 40]));
  },
  "the adjoint of a convolution by its weight, shared by images or by outputs": () =>
    [
      [35, 3, 5, 14],
      [3, 2, 70, 9],
    ].flatMap(([n, channels, outputs, side]) =>
      [1, 2].flatMap((stride) => {
        const x = drawn("image", [n!, channels!, side!, side!]);
        const w = drawn("kernel", [outputs!, channels!, 3, 3]);
        const adjoint = grad((z: Tensor) => conv2d(x, z, null, { stride }).square().sum());
        return [adjoint(w), compile(adjoint)(w)];
      }),
    ),
  "a fused pass with sums at its end": () => {
    const f = compile((x: Tensor) => {
      const y = x.tanh().mul(x).add(1);
      return [y, y.square().sum(), x.sin().erf().mean()];
    });
    return (["f32", "f64"] as const).flatMap((dtype) => f(drawn("fused", [9001], dtype)));
  },
  "steps of optimisers": () =>
    [SGD, Adam].flatMap((Optimizer) => {
      const w = parameter(drawn("weight", [1234]));
      const optimizer = new Optimizer([w], { lr: 0.01 });
      const step = compile(() => optimizer.minimize(() => w.square().sum()));
      step();
      return [step(), w];
    }),
};

let team: ReturnType<typeof pretend>;

beforeAll(() => {
  team = pretend();
});

afterAll(() => team.end());

test.runIf(info().shared).each(Object.entries(cases))("%s: the same bits, divided or not", (_, compute) => {
  const [one, two, seven] = [1, 2, 7].map((threads) => {
    team.threads(threads);
    const before = jobs();
    const bits = scope(() => bitsOf(compute()));
    expect(jobs() > before).toBe(threads > 1);
    return bits;
  });
  expect(differs(one!, two!)).toBe(false);
  expect(differs(one!, seven!)).toBe(false);
});
