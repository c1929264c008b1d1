import { asTensor, parameter, type TensorLike } from "../core/create.js";
import { defaultDType, type DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import type { Variable } from "../core/variable.js";
import { defaultGenerator, type Generator } from "../functions/random.js";
import { linear } from "../primitives/contraction.js";
import { relu, sigmoid, tanh } from "../primitives/elementwise.js";
import { checkUnits, Module } from "./module.js";

export interface LayerOptions {
  /** Element type of the parameters. Default: the default floating-point type. */
  dtype?: DTypeName;
  /** Where the initial values come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Affine map of rows, x weightᵀ + bias: [.., inputs] to [.., outputs]. Weight [outputs, inputs] and bias [outputs] begin
 * uniform in ±1/√inputs, as in PyTorch (He et al. 2015, with a = √5).
 */
export class Linear extends Module {
  readonly weight: Variable;
  readonly bias: Variable | null;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
    options: LayerOptions & { bias?: boolean } = {},
  ) {
    super();
    checkUnits("Linear", inputs, outputs);
    const { dtype = defaultDType, generator = defaultGenerator(), bias = true } = options;
    const bound = 1 / Math.sqrt(inputs);
    const initial = (shape: readonly number[], label: string): Variable => {
      const drawn = generator.uniform(shape, { low: -bound, high: bound, dtype });
      const made = parameter(drawn, { label });
      drawn.dispose();
      return made;
    };
    this.weight = initial([outputs, inputs], "weight");
    this.bias = bias ? initial([outputs], "bias") : null;
  }

  forward(x: TensorLike): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected override describe(): string {
    return `${this.inputs}, ${this.outputs}${this.bias ? "" : ", bias: false"}`;
  }
}

/** max(x, 0) as a layer. */
export class ReLU extends Module {
  forward(x: TensorLike): Tensor {
    return relu(x);
  }
}

/** The hyperbolic tangent as a layer. */
export class Tanh extends Module {
  forward(x: TensorLike): Tensor {
    return tanh(x);
  }
}

/** The logistic sigmoid as a layer. */
export class Sigmoid extends Module {
  forward(x: TensorLike): Tensor {
    return sigmoid(x);
  }
}

/** Modules one after another; they are its properties 0, 1, 2, .. */
export class Sequential extends Module {
  readonly [position: number]: Module;
  private readonly count: number;

  constructor(...layers: readonly Module[]) {
    super();
    this.count = layers.length;
    Object.assign(this, layers);
  }

  forward(x: TensorLike): Tensor {
    let y = asTensor("Sequential", x);
    for (let i = 0; i < this.count; i++) y = this[i]!.forward(y);
    return y;
  }
}
