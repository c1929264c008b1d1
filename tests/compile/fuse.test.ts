import fc from "fast-check";
import { expect, test } from "vitest";
import { grad, scope, sum, tensor, where, type DTypeName, type Tensor } from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture.js";
import { releaseFunctions } from "../../bindings/compile/emit/functions.js";
import { fuse } from "../../bindings/compile/fuse.js";
import { plan } from "../../bindings/compile/plan.js";
import { compile } from "../../bindings/compile/program.js";
import { verify } from "../../bindings/compile/verify.js";
import { apply } from "../../bindings/core/apply.js";
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

test("a variable that is only read where it is written is written over", () => {
  const f = (x: Tensor): Tensor => x.square().mul(3).tanh();
  const x = vector(20_000);
  const program = compile((y: Tensor) => f(f(y)));
  checkSame("twice", toPlain(program(x)), toPlain(f(f(x))));
});
