// Contestant: the limit of the machine itself, in 128-bit vectors. Argument: baseline or relaxed.
import { allowRelaxedSimd } from "../engine.js";
import { makePeak } from "../peak.js";
import { flopsOf, type PerceptronSetting } from "../perceptrons.js";
import { CONVOLUTION, type MatmulSetting, type NetworkSetting } from "../problems.js";
import { serve, type Work } from "../serve.js";

const relaxed = process.argv[2] === "relaxed";
if (relaxed) allowRelaxedSimd();
void serve(`peak of 128-bit ${relaxed ? "relaxed multiply-add" : "multiply and add"}`, {
  matmul: product,
  nn: convolution,
  "compile-steps": step,
});

/** As long as a product would take if it were nothing but multiply-adds. */
function product({ m, k, n, dtype }: MatmulSetting): Work {
  const { flops, run } = makePeak(dtype, relaxed);
  return { run, operations: flops / (2 * m * k * n) };
}

/** The same for a convolution or one of its adjoints. */
function convolution({ work }: NetworkSetting): Work | string {
  if (work !== "convolution" && !work.startsWith("gradient")) return "is more than multiply-adds";
  const { batch, channels, outputs, side } = CONVOLUTION;
  return product({
    m: outputs,
    k: 9 * channels,
    n: batch * side * side,
    transposeA: false,
    transposeB: false,
    dtype: "f32",
  });
}

/** As long as the products of a training step would take so. */
function step(setting: PerceptronSetting): Work {
  const { flops, run } = makePeak("f32", relaxed);
  return { run, operations: flops / flopsOf(setting) };
}
