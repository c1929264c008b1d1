// Contestant: whole training steps as graphs of Wengert. Arguments: baseline or relaxed, and compiled or eager.
import { compile, configure, info, tensor, type Tensor } from "wengert";
import { allowRelaxedSimd } from "../../engine.js";
import { PERCEPTRONS, type PerceptronSetting, type ProgramSetting } from "../../perceptrons.js";
import { serve, type Work } from "../../serve.js";
import { perceptronStep, trainer } from "./perceptron.js";

const [build, form] = process.argv.slice(2);
if (build === "relaxed") allowRelaxedSimd();
configure({ build: build === "relaxed" ? "relaxed" : "baseline", threads: 1 });
const eager = form === "eager";

void serve(`Wengert, ${info().build} build, ${eager ? "eager" : "compiled"}`, { "compile-steps": work, program });

function work(setting: PerceptronSetting): Work {
  return perceptronStep(setting, eager);
}

/** Instructions of a long program. */
const LENGTH = 500;

/** What programs cost beside their work. */
function program({ what }: ProgramSetting): Work | string {
  if (eager) return "compiles nothing";
  if (what === "call" || what === "bound call") {
    // Three tensors of one element: next to nothing to compute.
    const f = compile((x: Tensor, y: Tensor, z: Tensor) => x.mul(y).add(z));
    const [x, y, z] = [2, 3, 4].map((value) => tensor([value])) as [Tensor, Tensor, Tensor];
    return { run: what === "call" ? () => f(x, y, z).dispose() : f.bind([x, y, z]) };
  }
  if (what === "instruction") {
    const long = compile((x: Tensor) => {
      for (let i = 0; i < LENGTH; i++) x = x.cumsum(0);
      return x;
    });
    return { run: long.bind([tensor([1])]), operations: LENGTH };
  }
  const { step, args } = trainer(PERCEPTRONS[what]);
  return { run: () => compileOnce(step, args) };
}

/** Captures, plans and lowers; nothing is replayed. */
function compileOnce(step: (x: Tensor, y: Tensor) => Tensor, args: [Tensor, Tensor]): void {
  const made = compile(step);
  made.bind(args);
  made.dispose();
}
