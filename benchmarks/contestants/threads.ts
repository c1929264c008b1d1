// Contestant: Wengert on so many threads. Arguments: baseline, relaxed or wide, and the threads.
import { configure, info } from "wengert";
import { allowRelaxedSimd } from "../engine.js";
import { serve } from "../serve.js";
import { perceptronStep } from "./compile/perceptron.js";
import { product } from "./wengert-matmul.js";
import { nn } from "./wengert-nn.js";

const [build, threads] = process.argv.slice(2);
if (build === "relaxed") allowRelaxedSimd();
configure({ threads: Number(threads) });
configure(build === "wide" ? { wide: true } : { build: build === "relaxed" ? "relaxed" : "baseline" });
const { wideReason } = info();
if (wideReason !== undefined) throw new Error(`no wide mode: ${wideReason}`);
void serve(`Wengert, ${info().build} build, ${threads} threads`, {
  matmul: product,
  "compile-steps": (setting: Parameters<typeof perceptronStep>[0]) => perceptronStep(setting, false),
  nn,
});
