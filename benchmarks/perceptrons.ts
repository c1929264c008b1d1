// Networks whose whole training steps are compared, with the same numbers for all contestants; peers/problems.py has them
// in Python.
import { noise } from "./problems.js";

/** A training step: units from the input to the output, the function between layers, and what follows the last. */
export interface PerceptronSetting {
  readonly units: readonly number[];
  readonly batch: number;
  readonly activation: "tanh" | "relu";
  readonly loss: "mean square" | "cross-entropy";
}

/** The networks by name. All descend without momentum, by `LEARNING_RATE`. */
export const PERCEPTRONS = {
  tiny: { units: [2, 16, 16, 1], batch: 32, activation: "tanh", loss: "mean square" },
  mlp1: { units: [784, 128, 10], batch: 64, activation: "relu", loss: "cross-entropy" },
  mlp2: { units: [784, 512, 512, 10], batch: 128, activation: "relu", loss: "cross-entropy" },
} as const satisfies Record<string, PerceptronSetting>;

/** Inputs, what they are to give, and the layers' first parameters. Weights are [outputs, inputs]. */
export function perceptronData({ units, batch }: PerceptronSetting) {
  const outputs = units[units.length - 1]!;
  return {
    x: Float32Array.from(noise(3, batch * units[0]!)),
    target: Float32Array.from(noise(4, batch * outputs)),
    classes: Int32Array.from(noise(4, batch), (value) => Math.floor((value + 0.5) * outputs)),
    layers: units.slice(1).map((n, i) => {
      const inputs = units[i]!;
      const scale = 2 / Math.sqrt(inputs);
      return {
        weight: Float32Array.from(noise(5 + i, n * inputs), (value) => value * scale),
        bias: new Float32Array(n),
      };
    }),
  };
}

/** Operations of the products in a step: values, gradients of the weights, and of the inputs but the first. */
export function flopsOf({ units, batch }: PerceptronSetting): number {
  const products = units.slice(1).map((n, i) => 2 * batch * n * units[i]! * (i === 0 ? 2 : 3));
  return products.reduce((sum, flops) => sum + flops, 0);
}

/**
 * What a program costs beside its work: a call for three tensors, one of its bound form, an instruction of a long list, and
 * making the program of a network's step.
 */
export interface ProgramSetting {
  readonly what: "call" | "bound call" | "instruction" | "tiny" | "mlp1";
}
