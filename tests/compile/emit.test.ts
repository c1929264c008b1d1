import fc from "fast-check";
import { expect, test } from "vitest";
import { scope, tensor, type DTypeName, type Tensor } from "../../bindings/index.js";
import { acquireFunctions, releaseFunctions } from "../../bindings/compile/emit/functions.js";
import { isEmitted, type Expression, type ExpressionStep } from "../../bindings/compile/emit/expression.js";
import { allocateTensor, apply } from "../../bindings/core/running/apply.js";
import { addressOf, encodeEmitted } from "../../bindings/core/encode/encode.js";
import type { Primitive } from "../../bindings/core/graph.js";
import { table } from "../../bindings/primitives/table.js";
import { functions } from "../../bindings/runtime/instance.js";
import { eagerTape } from "../../bindings/runtime/tape.js";
import { RUNS } from "../support/arbitrary.js";
import { collected } from "../support/collected.js";
import { checkSame } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { Random } from "../support/random.js";

/** The rows that say what they are in a loop of vectors. */
const rows = Object.values(table)
  .map(({ primitive }) => primitive as Primitive<never>)
  .filter(({ lanes }) => lanes !== undefined);

const SPECIAL = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e-40, -1e-310, 3e38, -2147483648, 2147483647, 2.5];
const SIZES = [0, 1, 3, 4, 5, 15, 16, 17, 63, 65, 511, 512, 513, 2000];

/** Values of a dtype, a third of them special. */
function drawn(random: Random, dtype: DTypeName, shape: readonly number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: count }, () =>
    random.next() < 0.3 ? SPECIAL[Math.floor(random.next() * SPECIAL.length)]! : random.next() * 8 - 4,
  );
  return tensor(Float64Array.from(values)).reshape(shape).cast(dtype);
}

/** An expression of so many steps over four operands that the first draws decide on, and the same done step by step. */
function expression(random: Random, width: 4 | 8, length: number, columns: number, rowCount: number) {
  const types: readonly DTypeName[] = width === 4 ? ["f32", "f32", "i32", "bool"] : ["f64", "f64", "f64", "bool"];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;
  const shape = [rowCount, columns];
  // All of a matrix, a row for all rows, a column for all columns, one for all.
  const kinds = types.map(() => pick([shape, shape, [1, columns], [rowCount, 1], [1, 1]]));
  const inputs = types.map((dtype, i) => drawn(random, dtype, kinds[i]!));
  const operands = types.map((dtype, i) => ({ dtype, stream: kinds[i]![1] !== 1 || columns === 1 }));
  const values = [...inputs];
  const steps: ExpressionStep[] = [];
  for (let tries = 0; steps.length < length && tries < 1000; tries++) {
    const primitive = pick(rows);
    const arity = primitive.samples()[0]!.inputs.length;
    const chosen = Array.from({ length: arity }, () => Math.floor(random.next() * values.length));
    const from = chosen.map((k) => values[k]!);
    const numbers = primitive.name === "where" ? from.slice(1) : from;
    if (numbers.some((x) => x.dtype !== numbers[0]!.dtype)) continue;
    if (primitive.name === "where" && from[0]!.dtype !== "bool") continue;
    const params = (primitive.name === "cast" ? pick(types.filter((type) => type !== from[0]!.dtype)) : null) as never;
    const { dtype } = primitive.infer(from, params);
    if (!isEmitted(primitive.lanes!, from.map((x) => x.dtype), params, dtype, width)) continue; // prettier-ignore
    const whole = from.map((x, i) => (i === 0 ? x.expand(shape) : x));
    // A product that is gated is one of floats.
    if (primitive.name === "gatedMul" && !from[0]!.type.float) continue;
    values.push(apply(primitive as Primitive, whole, params));
    steps.push({ name: primitive.name, rule: primitive.lanes!, inputs: chosen, params, dtype });
  }
  const made = steps.map((_, i) => i + types.length);
  const outputs = made.filter((_, i) => i === made.length - 1 || random.next() < 0.2);
  return { expression: { width, operands, steps, outputs } satisfies Expression, inputs, values };
}

test.each([4, 8] as const)("emitted loops over elements of %d bytes have the bits of the kernels", (width) => {
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(...SIZES),
      fc.constantFrom(1, 2, 5),
      (seed, length, columns, rowCount) =>
        scope(() => {
          const random = new Random(`emit ${seed}`);
          const { expression: e, inputs, values } = expression(random, width, length, columns, rowCount);
          const [place] = acquireFunctions([e])!;
          const outputs = e.outputs.map((k) => allocateTensor([rowCount, columns], values[k]!.dtype));
          const from = inputs.map((x) => [x, x.shape[0] === 1 ? 0 : x.strides[0]!] as const);
          const operands = [...outputs.map((y) => [y, columns] as const), ...from];
          eagerTape.begin("emitted");
          const words = operands.map(([x, step]) => [addressOf(x), step * x.type.bytes] as const);
          encodeEmitted(eagerTape, place!, rowCount, columns, words);
          eagerTape.run();
          releaseFunctions([e]);
          for (const [i, k] of e.outputs.entries()) {
            checkSame(e.steps.map(({ name }) => name).join(), toPlain(outputs[i]!), toPlain(values[k]!));
          }
        }),
    ),
    { ...RUNS, numRuns: 200 },
  );
});

test("a function is emitted once for all programs that call it", () => {
  const random = new Random("one");
  const { expression: e } = expression(random, 4, 3, 8, 1);
  const [first] = acquireFunctions([e])!;
  expect(acquireFunctions([e])).toEqual([first]);
  releaseFunctions([e]);
  releaseFunctions([e]);
  expect(acquireFunctions([e])).toEqual([first]);
  releaseFunctions([e]);
});

test.runIf("gc" in globalThis)("a function that no program calls any more is left to the collector", async () => {
  const random = new Random("gone");
  const held = Array.from({ length: 5 }, () => {
    const { expression: e } = expression(random, 4, 6, 8, 1);
    const [place] = acquireFunctions([e])!;
    const made = new WeakRef(functions.get(place!) as object);
    releaseFunctions([e]);
    return made;
  });
  await collected();
  // An engine may keep what was last in a place of the table.
  expect(held.filter((made) => made.deref() !== undefined).length).toBeLessThanOrEqual(1);
});
