import { perceptronData, type PerceptronSetting } from "../../perceptrons.js";
import { LEARNING_RATE, transpose } from "../../problems.js";
import { affine, crossEntropy, pullAffine, pullInput } from "./perceptron.js";

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** As [inputs, outputs]. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  /** What it gives, after the activation, if there is one; and the adjoint of that. */
  readonly y: Float32Array;
  readonly dy: Float32Array;
}

/** A perceptron of any number of layers, its derivative written out by hand, without any allocation in a step. */
export class Layers {
  private readonly data: ReturnType<typeof perceptronData>;
  private readonly layers: readonly Layer[];

  constructor(private readonly setting: PerceptronSetting) {
    this.data = perceptronData(setting);
    const { units, batch } = setting;
    this.layers = this.data.layers.map(({ weight, bias }, i) => {
      const [inputs, outputs] = [units[i]!, units[i + 1]!];
      const [weightGradient, biasGradient] = [new Float32Array(weight.length), new Float32Array(outputs)];
      const [y, dy] = [new Float32Array(batch * outputs), new Float32Array(batch * outputs)];
      return { inputs, outputs, weight: transpose(weight, outputs, inputs), bias, weightGradient, biasGradient, y, dy };
    });
  }

  /** One step on the batch. Returns the loss before it. */
  step(): number {
    const { layers, data, setting } = this;
    const { batch, activation } = setting;
    for (let i = 0; i < layers.length; i++) {
      const { y, weight, bias, inputs, outputs } = layers[i]!;
      affine(y, i === 0 ? data.x : layers[i - 1]!.y, weight, bias, batch, inputs, outputs);
      if (i < layers.length - 1) activate(y, activation);
    }
    const loss = this.loss(layers[layers.length - 1]!);
    for (let i = layers.length - 1; i >= 0; i--) {
      const { dy, weight, weightGradient, biasGradient, inputs, outputs } = layers[i]!;
      const before = layers[i - 1];
      pullAffine(weightGradient, biasGradient, before?.y ?? data.x, dy, batch, inputs, outputs);
      if (!before) continue;
      pullInput(before.dy, dy, weight, batch, inputs, outputs);
      pullActivation(before.dy, before.y, activation);
    }
    for (const { weight, bias, weightGradient, biasGradient } of layers) {
      descend(weight, weightGradient);
      descend(bias, biasGradient);
    }
    return loss;
  }

  /** The loss, and its adjoint in the last layer. */
  private loss({ y, dy, outputs }: Layer): number {
    if (this.setting.loss === "cross-entropy") {
      dy.set(y);
      return crossEntropy(dy, this.data.classes, this.setting.batch, outputs);
    }
    let sum = 0;
    for (let i = 0; i < y.length; i++) {
      const difference = y[i]! - this.data.target[i]!;
      sum += difference * difference;
      dy[i] = (2 * difference) / y.length;
    }
    return sum / y.length;
  }
}

function activate(y: Float32Array, activation: PerceptronSetting["activation"]): void {
  if (activation === "tanh") for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]!);
  else for (let i = 0; i < y.length; i++) if (y[i]! < 0) y[i] = 0;
}

/** The adjoint before the activation, from the one after it and its value. */
function pullActivation(dy: Float32Array, y: Float32Array, activation: PerceptronSetting["activation"]): void {
  if (activation === "tanh") for (let i = 0; i < y.length; i++) dy[i]! *= 1 - y[i]! * y[i]!;
  else for (let i = 0; i < y.length; i++) if (y[i]! <= 0) dy[i] = 0;
}

function descend(p: Float32Array, g: Float32Array): void {
  for (let i = 0; i < p.length; i++) p[i]! -= LEARNING_RATE * g[i]!;
}
