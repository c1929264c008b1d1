// Contestant: whole training steps as graphs of Wengert. Arguments: baseline or relaxed, and compiled or eager.
import { compile, configure, crossEntropy, info, tensor, type Tensor } from "wengert";
import { Linear, ReLU, Sequential, Tanh } from "wengert/nn";
import { SGD } from "wengert/optim";
import { allowRelaxedSimd } from "../../engine.js";
import { perceptronData, PERCEPTRONS, type PerceptronSetting, type ProgramSetting } from "../../perceptrons.js";
import { CHECKED_STEPS, LEARNING_RATE } from "../../problems.js";
import { serve, type Work } from "../../serve.js";

const [build, form] = process.argv.slice(2);
if (build === "relaxed") allowRelaxedSimd();
configure({ build: build === "relaxed" ? "relaxed" : "baseline" });
const eager = form === "eager";

void serve(`Wengert, ${info().build} build, ${eager ? "eager" : "compiled"}`, { "compile-steps": work, program });

/** A network with its optimiser: its step as one writes it, and the batch. */
function trainer(setting: PerceptronSetting) {
  const { units, batch, activation, loss } = setting;
  const { x, target, classes, layers } = perceptronData(setting);
  const between = (): Tanh | ReLU => (activation === "tanh" ? new Tanh() : new ReLU());
  const parts = layers.flatMap(({ weight, bias }, i) => {
    const layer = new Linear(units[i]!, units[i + 1]!);
    layer.weight.assign(tensor(weight, { shape: layer.weight.shape }));
    layer.bias?.assign(bias);
    return i === 0 ? [layer] : [between(), layer];
  });
  const model = new Sequential(...parts);
  const optimizer = new SGD(model.parameters(), { lr: LEARNING_RATE });
  const lossOf = (y: Tensor, wanted: Tensor): Tensor =>
    loss === "cross-entropy" ? crossEntropy(y, wanted) : y.sub(wanted).square().mean();
  const step = (inputs: Tensor, wanted: Tensor): Tensor => optimizer.minimize(() => lossOf(model(inputs), wanted));
  const inputs = tensor(x, { shape: [batch, units[0]!] });
  const wanted =
    loss === "cross-entropy" ? tensor(classes) : tensor(target, { shape: [batch, units[units.length - 1]!] });
  return { step, args: [inputs, wanted] as [Tensor, Tensor] };
}

function work(setting: PerceptronSetting): Work {
  const { step, args } = trainer(setting);
  const bound = eager ? null : compile(step).bind(args);
  const lossNow = (): number => (bound ? bound() : step(...args)).item();
  return {
    run: bound ?? (() => step(...args).dispose()),
    check: () => Array.from({ length: CHECKED_STEPS }, lossNow).slice(-1),
  };
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
