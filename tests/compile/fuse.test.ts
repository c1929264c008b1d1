import fc from "fast-check";
import { expect, test } from "vitest";
import {
  grad,
  linear,
  scope,
  sum,
  tensor,
  variable,
  where,
  type DTypeName,
  type Tensor,
} from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture/capture.js";
import { releaseFunctions } from "../../bindings/compile/emit/functions.js";
import { fuse } from "../../bindings/compile/fuse/fuse.js";
import { plan } from "../../bindings/compile/plan/plan.js";
import { compile } from "../../bindings/compile/program.js";
import { verify } from "../support/verify.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Primitive } from "../../bindings/core/graph.js";
import { table } from "../../bindings/primitives/table.js";
import { RUNS } from "../support/arbitrary.js";
import { checkSame } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { Random } from "../support/random.js";

/** Every operation that works element by element. */
const rows = Object.values(table)
  .map(({ primitive }) => primitive as Primitive)
  .filter(({ batch, encode, refuses }) => batch === "elementwise" && encode !== undefined && !refuses);
const cheap = rows.filter(({ lanes }) => lanes !== undefined);

const SPECIAL = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e-40, -1e-310, 3e38, 2.5];
const SIZES = [0, 1, 3, 4, 5, 511, 512, 513, 4097, 6144, 100_000];

/** A tensor of this type, a fifth of its values special. */
function drawn(random: Random, dtype: DTypeName, shape: readonly number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  const one = (): number => (random.next() < 0.2 ? SPECIAL[random.integer(0, SPECIAL.length)]! : random.uniform(-4, 4));
  return tensor(Float64Array.from({ length: count }, one))
    .reshape(shape)
    .cast(dtype);
}

type F = (...x: readonly Tensor[]) => readonly Tensor[];

/** A function of so many random elementwise steps, with several results, some of them summed. */
function composition(seed: string, of: readonly Primitive[], length: number): F {
  return (...inputs) => {
    const random = new Random(seed);
    const values = [...inputs];
    const pick = (dtype?: DTypeName): Tensor => {
      const list = dtype ? values.filter((x) => x.dtype === dtype) : values;
      return list[random.integer(0, list.length)]!;
    };
    for (let i = 0; i < length; i++) {
      const primitive = of[random.integer(0, of.length)]!;
      const { inputs: sample } = primitive.samples()[0]!;
      const x = pick();
      const others = sample.slice(1).map(() => pick(x.dtype));
      const truths = values.some(({ dtype }) => dtype === "bool");
      if (primitive.name === "where") {
        if (truths && x.type.float) values.push(where(pick("bool"), x, others[0]!));
      } else if (primitive.name === "cast") {
        values.push(x.cast(["f32", "f64", "bool", "i32"][random.integer(0, 4)] as DTypeName));
      } else if (x.type.float && sample.every(({ dtype }) => dtype === undefined)) {
        values.push(apply(primitive, [x, ...others], null));
      }
    }
    const made = values.slice(inputs.length);
    const results = made.filter((_, i) => i === made.length - 1 || random.next() < 0.15);
    return results.map((x) => (x.type.float && random.next() < 0.4 ? sum(x) : x));
  };
}

test.each([
  ["cheap steps", cheap],
  ["all steps", rows],
] as const)("fused graphs of %s have the bits of eager execution", (_, of) => {
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 2, max: 25 }),
      fc.constantFrom(...SIZES),
      fc.constantFrom(1, 7, 128),
      fc.constantFrom("f32", "f64"),
      (seed, length, size, columns, dtype) =>
        scope(() => {
          const random = new Random(`operands ${seed}`);
          const shape = columns === 1 ? [size] : [Math.ceil(size / columns), columns];
          const lengths = [shape, shape, shape.slice(-1), [...shape.slice(0, -1), 1], []];
          const operands = lengths.map((of) => drawn(random, dtype as DTypeName, of));
          const f = composition(`steps ${seed}`, of, length);
          using program = compile(f);
          const wanted = f(...operands);
          for (const got of [program(...operands), program(...operands)]) {
            for (const [i, want] of wanted.entries()) checkSame(`result ${i}`, toPlain(got[i]!), toPlain(want));
          }
        }),
    ),
    { ...RUNS, numRuns: 80 },
  );
});

function fusedGraph(f: (...x: never) => unknown, ...args: Tensor[]) {
  const { graph } = capture("f", f, args, []);
  return { before: graph, ...fuse(graph) };
}

const vector = (n: number): Tensor => tensor(Float32Array.from({ length: n }, (_, i) => (i % 17) - 8));

test("a chain is one step, and what is inside of it has no memory", () => {
  const args = [vector(5000), vector(5000), vector(5000)];
  const chain = (a: Tensor, b: Tensor, c: Tensor): Tensor => a.mul(b).add(c).relu();
  const { graph, functions } = fusedGraph(chain, ...args);
  expect(graph.steps.map(({ primitive }) => primitive.name)).toEqual(["fused(mul, add, relu)"]);
  const planned = plan(graph);
  expect(planned.bytes).toBe(0);
  verify(planned);
  releaseFunctions(functions);
});

test("a value, its sum and its derivatives are one pass in tiles", () => {
  const f = grad((x: Tensor, y: Tensor) => x.mul(y).add(x.sin()).tanh().mul(y.sigmoid()).sum(), { argnums: [0, 1] });
  const { before, graph, functions } = fusedGraph(f, vector(50_000), vector(50_000));
  expect(before.steps.length).toBeGreaterThan(10);
  expect(graph.steps).toHaveLength(1);
  const planned = plan(graph);
  verify(planned);
  expect(planned.bytes).toBeLessThan(65536);
  releaseFunctions(functions);
});

test("what depends on a group by way of another step stays out of it", () => {
  const centred = (x: Tensor): Tensor => {
    const y = x.mul(2).add(1);
    return y.sub(y.mean()).square();
  };
  const x = vector(9000);
  checkSame("centred", toPlain(compile(centred)(x)), toPlain(centred(x)));
});

test("a variable that only this step reads is written over", () => {
  const w = variable(vector(5000));
  const { graph, functions } = fusedGraph(() => {
    w.assign(w.mul(0.5).add(1).relu());
  });
  const planned = plan(graph);
  expect(planned.bytes).toBe(0);
  verify(planned);
  releaseFunctions(functions);
});

test.each([1, 7, 64])("a bias and an activation of %d rows are part of the product", (m) => {
  const x = vector(m * 40).reshape([m, 40]);
  const weight = vector(40 * 24).reshape([40, 24]);
  const layer = (a: Tensor, w: Tensor, b: Tensor): Tensor => a.matmul(w).add(b).tanh();
  const affine = (a: Tensor, w: Tensor, b: Tensor): Tensor => linear(a, w.T, b).relu();
  const bias = vector(24);
  for (const f of [layer, affine]) {
    const { graph } = fusedGraph(f, x, weight, bias);
    expect(graph.steps).toHaveLength(1);
    checkSame("layer", toPlain(compile(f)(x, weight, bias)), toPlain(f(x, weight, bias)));
    const g = grad(
      (...args: [Tensor, Tensor, Tensor]) =>
        f(...args)
          .square()
          .sum(),
      { argnums: [0, 1, 2] },
    );
    const want = g(x, weight, bias);
    for (const [i, got] of compile(g)(x, weight, bias).entries())
      checkSame("gradient", toPlain(got), toPlain(want[i]!));
  }
});

test("of two products that are added, one takes the other as its bias", () => {
  const [x, w] = [vector(40).reshape([1, 40]), vector(40 * 24).reshape([40, 24])];
  const f = (a: Tensor, b: Tensor): Tensor => a.matmul(b).add(a.neg().matmul(b.square())).tanh();
  const { graph, functions } = fusedGraph(f, x, w);
  expect(graph.steps.map(({ primitive }) => primitive.name)).toEqual([
    "neg",
    "square",
    "matmul",
    "matmul + add + tanh",
  ]);
  checkSame("sum", toPlain(compile(f)(x, w)), toPlain(f(x, w)));
  releaseFunctions(functions);
});

test("a group that depends on another by way of a third, which runs on beyond both, is not one with it", () => {
  // g is begun after h has ended, yet h reads k, and a later step of k would read g through a reduction.
  const f = (a: Tensor, b: Tensor, c: Tensor): Tensor[] => {
    const k = a.mul(2);
    const h = k.sum(0).mul(b);
    const g = c.add(1);
    const late = k.add(g.mean()).relu();
    const last = g.mul(2).add(h.mean());
    return [late, last, late.sum(0).mul(last.mean()), h];
  };
  const args = [vector(60).reshape([6, 10]), vector(10), vector(21).reshape([7, 3])] as const;
  const want = f(...args);
  const program = compile(f);
  for (const [i, got] of program(...args).entries()) checkSame(`result ${i}`, toPlain(got), toPlain(want[i]!));
});
