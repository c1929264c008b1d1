// The suite of rows in Wengert, as users write it.
import {
  backward,
  crossEntropy,
  Generator,
  layerNorm,
  logSoftmax,
  parameter,
  rmsNorm,
  scope,
  softmax,
  tensor,
  type Tensor,
} from "wengert";
import { Adam, SGD } from "wengert/optim";
import { rowsData, samplesOf, type RowsSetting } from "../problems.js";
import type { Work } from "../serve.js";

/** One operation over a matrix. Steps of optimisers come without the gradient, and gradients with the value. */
export function rows(setting: RowsSetting): Work {
  const data = rowsData(setting);
  const shape = [setting.rows, setting.columns];
  const x = tensor(data.x, { shape });
  const leaf = tensor(data.x, { shape, requiresGrad: true });
  const classes = tensor(data.classes);
  const weight = tensor(data.x.subarray(0, setting.columns), { requiresGrad: true });
  const generator = new Generator(1);
  const value = (compute: () => Tensor): Work => ({
    run: () => compute().dispose(),
    check: () => samplesOf(compute().data()),
  });
  const gradient = (compute: () => Tensor): Work => {
    const run = (): void =>
      scope(() => {
        leaf.zeroGrad();
        weight.zeroGrad();
        const y = compute();
        backward(y, { gradient: y.rank === 0 ? tensor(1) : x });
      });
    return { run, check: () => (run(), samplesOf(leaf.grad!.data())) };
  };
  const step = (make: (p: Tensor) => SGD | Adam): Work => {
    const p = parameter(data.x);
    backward(p, { gradient: tensor(data.x) });
    const optimizer = make(p);
    return { run: () => optimizer.step(), check: () => (optimizer.step(), samplesOf(p.data())) };
  };
  const works: Readonly<Record<string, () => Work>> = {
    copy: () => value(() => x.copy()),
    exp: () => value(() => x.exp()),
    softmax: () => value(() => softmax(x)),
    logSoftmax: () => value(() => logSoftmax(x)),
    crossEntropy: () => value(() => crossEntropy(x, classes, { reduction: "none" })),
    "crossEntropy gradient": () => gradient(() => crossEntropy(leaf, classes)),
    layerNorm: () => value(() => layerNorm(x, setting.columns, { weight: weight.detach(), bias: weight.detach() })),
    "layerNorm gradient": () => gradient(() => layerNorm(leaf, setting.columns, { weight, bias: weight })),
    rmsNorm: () => value(() => rmsNorm(x, setting.columns, { weight: weight.detach() })),
    "rmsNorm gradient": () => gradient(() => rmsNorm(leaf, setting.columns, { weight })),
    sgd: () => step((p) => new SGD(p, { lr: 0.1, momentum: 0.9 })),
    adam: () => step((p) => new Adam(p)),
    uniform: () => ({ run: () => generator.uniform(shape).dispose() }),
    normal: () => ({ run: () => generator.normal(shape).dispose() }),
  };
  return works[setting.operation]!();
}
