// Training steps of perceptrons in Wengert, as users write them.
import { compile, crossEntropy, tensor, type Tensor } from "wengert";
import { Linear, ReLU, Sequential, Tanh } from "wengert/nn";
import { SGD } from "wengert/optim";
import { perceptronData, type PerceptronSetting } from "../../perceptrons.js";
import { CHECKED_STEPS, LEARNING_RATE } from "../../problems.js";
import type { Work } from "../../serve.js";

/** A network with its optimiser: its step as one writes it, and the batch. */
export function trainer(setting: PerceptronSetting) {
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

/** The step as a piece of work, eager or compiled and bound. */
export function perceptronStep(setting: PerceptronSetting, eager: boolean): Work {
  const { step, args } = trainer(setting);
  const bound = eager ? null : compile(step).bind(args);
  const lossNow = (): number => (bound ? bound() : step(...args)).item();
  return {
    run: bound ?? (() => step(...args).dispose()),
    check: () => Array.from({ length: CHECKED_STEPS }, lossNow).slice(-1),
  };
}
