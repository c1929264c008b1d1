// Contestant: plain JavaScript, loops over typed arrays, as one would write them by hand.
import * as problems from "../problems.js";
import { serve, type Work } from "../serve.js";
import { nn } from "./plain/convolution.js";
import { indexing } from "./plain/indexing.js";
import { multiply, type LoopOrder, type Matrix } from "./plain/multiply.js";
import { Perceptron } from "./plain/perceptron.js";
import { rows } from "./plain/rows.js";

void serve("plain JavaScript", {
  matmul: product,
  "mnist-step": step,
  "eager-overhead": overhead,
  indexing,
  rows,
  nn,
});

function product(setting: problems.MatmulSetting): Work {
  const { m, k, n, transposeA, transposeB, dtype } = setting;
  const data = problems.matmulData(setting);
  const a: Matrix = { data: data.a, row: transposeA ? 1 : k, column: transposeA ? m : 1 };
  const b: Matrix = { data: data.b, row: transposeB ? 1 : n, column: transposeB ? k : 1 };
  const out = dtype === "f32" ? new Float32Array(m * n) : new Float64Array(m * n);
  const order = faster((tried, rows) => multiply[tried](out, a, b, rows, k, n), m);
  const run = (): void => multiply[order](out, a, b, m, k, n);
  return { run, check: () => (run(), problems.samplesOf(out)), note: order };
}

/** The better order of loops for a product, tried on a few of its rows. */
function faster(run: (order: LoopOrder, rows: number) => void, m: number): LoopOrder {
  const rows = Math.min(m, 8);
  const time = (order: LoopOrder): number => {
    run(order, rows);
    const begun = performance.now();
    for (let i = 0; i < 3; i++) run(order, rows);
    return performance.now() - begun;
  };
  return time("ikj") < time("ijk") ? "ikj" : "ijk";
}

function step(setting: problems.StepSetting): Work {
  const model = new Perceptron(problems.stepData(setting), setting.batch);
  return {
    run: () => model.step(),
    check: () => Array.from({ length: problems.CHECKED_STEPS }, () => model.step()).slice(-1),
  };
}

/** A new array a sum, as a tensor library makes one. */
function overhead({ tracked }: problems.OverheadSetting): Work | string {
  if (tracked) return "tracks nothing";
  const x = Float32Array.from(problems.noise(1, 16));
  const y = Float32Array.from(problems.noise(2, 16));
  let sum = x;
  const run = (): void => {
    sum = new Float32Array(16);
    for (let i = 0; i < 16; i++) sum[i] = x[i]! + y[i]!;
  };
  return { run, check: () => (run(), problems.samplesOf(sum)) };
}
