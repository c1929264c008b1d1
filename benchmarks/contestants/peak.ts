// Contestant: the limit of the machine itself, in 128-bit vectors. Argument: baseline or relaxed.
import { allowRelaxedSimd } from "../engine.js";
import { makePeak } from "../peak.js";
import type { MatmulSetting } from "../problems.js";
import { serve, type Work } from "../serve.js";

const relaxed = process.argv[2] === "relaxed";
if (relaxed) allowRelaxedSimd();
void serve(`peak of 128-bit ${relaxed ? "relaxed multiply-add" : "multiply and add"}`, { matmul: product });

/** As long as a product would take if it were nothing but multiply-adds. */
function product({ m, k, n, dtype }: MatmulSetting): Work {
  const { flops, run } = makePeak(dtype, relaxed);
  return { run, operations: flops / (2 * m * k * n) };
}
