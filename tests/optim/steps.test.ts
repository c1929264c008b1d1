import { expect, test } from "vitest";
import { parameter, scope, tensor, type Tensor } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";
import type { Primitive } from "../../bindings/core/graph.js";
import { Adam, AdamW, SGD, type Optimizer } from "../../bindings/optim/index.js";
import { checkSame } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { Random } from "../support/random.js";
import { draw, dtypesOf, tensorsOf } from "../laws/row.js";
import { expectNear } from "../support/compare.js";

const rows = [operations.sgd, operations.adam].map(({ primitive }) => primitive as Primitive);

test.each(rows)("$name has the bits of its definition", (primitive) => {
  const { derivative } = primitive;
  if (derivative.kind !== "fused") throw new Error(`${primitive.name} is not fused`);
  for (const { inputs, params } of primitive.samples()) {
    for (const dtype of ["f32", "f64"] as const) {
      for (const n of [1, 4, 7, 33]) {
        const sample = { inputs: inputs.map((x) => (x.shape.length > 0 ? { ...x, shape: [n] } : x)), params };
        scope(() => {
          const given = tensorsOf(draw(sample, new Random(`${n}`), dtype), dtypesOf(sample, dtype));
          const run = primitive.name === "sgd" ? operations.sgd : operations.adam;
          const fused = run(given, params as never);
          checkSame(primitive.name, toPlain(fused), toPlain(derivative.definition(operations, given, params)));
        });
      }
    }
  }
});

const START = [1, -2, 0.5];
const SLOPES = [
  [0.5, 1, -1],
  [0.25, -1, 2],
  [1, 0.125, 0],
];

/** Where the parameter is after steps with known gradients. */
function walk(make: (p: Tensor) => Optimizer): number[] {
  const p = parameter(START, { dtype: "f64" });
  const optimizer = make(p);
  for (const slopes of SLOPES) {
    optimizer.minimize(() => p.mul(tensor(slopes, { dtype: "f64" })).sum());
  }
  return p.toArray() as number[];
}

test("dampening leaves the first step whole", () => {
  const want = [...START];
  const velocity = [0, 0, 0];
  for (const [step, slopes] of SLOPES.entries()) {
    for (const [i, slope] of slopes.entries()) {
      velocity[i] = step === 0 ? slope : 0.9 * velocity[i]! + 0.75 * slope;
      want[i]! -= 0.1 * velocity[i];
    }
  }
  expectNear(
    walk((p) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.25 })),
    want,
    1e-14,
  );
});

test.each([false, true])("Adam follows its formula, decay decoupled: %s", (decoupled) => {
  const [lr, decay] = [0.1, 0.2];
  const want = [...START];
  const [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (const [step, slopes] of SLOPES.entries()) {
    for (const [i, slope] of slopes.entries()) {
      const g = decoupled ? slope : slope + decay * want[i]!;
      if (decoupled) want[i]! *= 1 - lr * decay;
      m[i] = 0.9 * m[i]! + (1 - 0.9) * g;
      v[i] = 0.999 * v[i]! + (1 - 0.999) * g * g;
      const mean = m[i] / (1 - 0.9 ** (step + 1));
      want[i]! -= (lr * mean) / (Math.sqrt(v[i] / (1 - 0.999 ** (step + 1))) + 1e-8);
    }
  }
  expectNear(
    walk((p) => new (decoupled ? AdamW : Adam)(p, { lr, weightDecay: decay })),
    want,
    1e-14,
  );
});

test("a step assigns each parameter once", () => {
  const p = parameter(new Float32Array(1000));
  const optimizer = new SGD(p, { lr: 0.1, momentum: 0.5 });
  const { version } = p.storage!;
  optimizer.minimize(() => p.square().sum());
  expect(p.storage!.version).toBe(version + 1);
});
