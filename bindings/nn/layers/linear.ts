import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { normalizePosition, sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { embedding } from "../../functions/shapes/movement.js";
import { bilinear } from "../../functions/products/products.js";
import { ne, where } from "../../primitives/elementwise/arithmetic.js";
import { linear } from "../../primitives/linalg/contraction.js";
import { iota } from "../../primitives/generate.js";
import { reshape } from "../../primitives/movement.js";
import { normal } from "../init.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { complete, parameterOf, uniformWithin, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/**
 * Affine map of rows, x weightᵀ + bias: [.., inputs] to [.., outputs]. Weight [outputs, inputs] and bias [outputs] begin
 * uniform in ±1/√inputs, as in PyTorch (He et al. 2015, with a = √5).
 */
export class Linear extends Module {
  /** The matrix [outputs, inputs], of the layer's dtype. */
  readonly weight: Variable;
  /** What is added to each row, [outputs]; null without `bias`. */
  readonly bias: Variable | null;

  constructor(
    /** Elements of a row of the input. */
    readonly inputs: number,
    /** Elements of a row of the output. */
    readonly outputs: number,
    options: LayerOptions & { bias?: boolean } = {},
  ) {
    super();
    checkOptions("Linear", options, { dtype: null, generator: null, bias: false });
    checkUnits("Linear", inputs, outputs);
    const how = complete("Linear", options);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = uniformWithin("weight", [outputs, inputs], bound, how);
    this.bias = (options.bias ?? true) ? uniformWithin("bias", [outputs], bound, how) : null;
  }

  forward(x: TensorLike): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected override describe(): string {
    return `${this.inputs}, ${this.outputs}${this.bias ? "" : ", bias: false"}`;
  }

  protected override multiplyAdds(_: readonly Shape[], [output]: readonly Shape[]): number {
    return sizeOf(output!) * this.inputs;
  }
}

/**
 * A bilinear form of two inputs for each output, xᵀ W y + bias: [.., inputs1] and [.., inputs2] to [.., outputs]. Weight
 * [outputs, inputs1, inputs2] and bias [outputs] begin uniform in ±1/√inputs1, as in PyTorch.
 */
export class Bilinear extends Module<[x1: TensorLike, x2: TensorLike]> {
  /** A matrix for each output, [outputs, inputs1, inputs2], of the layer's dtype. */
  readonly weight: Variable;
  /** What is added to each row, [outputs]; null without `bias`. */
  readonly bias: Variable | null;

  constructor(
    /** Elements of a row of the first input. */
    readonly inputs1: number,
    /** Elements of a row of the second input. */
    readonly inputs2: number,
    /** Elements of a row of the output. */
    readonly outputs: number,
    options: LayerOptions & { bias?: boolean } = {},
  ) {
    super();
    checkOptions("Bilinear", options, { dtype: null, generator: null, bias: false });
    checkUnits("Bilinear", inputs1, inputs2, outputs);
    const how = complete("Bilinear", options);
    const bound = 1 / Math.sqrt(inputs1);
    this.weight = uniformWithin("weight", [outputs, inputs1, inputs2], bound, how);
    this.bias = (options.bias ?? true) ? uniformWithin("bias", [outputs], bound, how) : null;
  }

  forward(x1: TensorLike, x2: TensorLike): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }

  protected override describe(): string {
    return `${this.inputs1}, ${this.inputs2}, ${this.outputs}${this.bias ? "" : ", bias: false"}`;
  }

  protected override multiplyAdds(_: readonly Shape[], [output]: readonly Shape[]): number {
    return sizeOf(output!) * this.inputs1 * this.inputs2;
  }
}

/**
 * A table of vectors to look up by index: [..] to [.., width]. Weight [count, width] begins normal. The row `paddingIdx`, if
 * there is one, begins with zeros and gets no gradient, as in PyTorch.
 */
export class Embedding extends Module<[indices: TensorLike]> {
  /** The vectors, a row each, [count, width], of the layer's dtype. */
  readonly weight: Variable;
  private readonly padding: number | null;

  constructor(
    /** How many vectors there are: indices are below it. */
    readonly count: number,
    /** Elements of a vector. */
    readonly width: number,
    options: LayerOptions & { paddingIdx?: number } = {},
  ) {
    super();
    checkOptions("Embedding", options, { dtype: null, generator: null, paddingIdx: 0 });
    checkUnits("Embedding", count, width);
    const { paddingIdx } = options;
    this.padding = paddingIdx === undefined ? null : normalizePosition("Embedding", paddingIdx, count, "as paddingIdx");
    this.weight = parameterOf("weight", () => {
      const drawn = normal([count, width], complete("Embedding", options));
      return this.padding === null ? drawn : where(reshape(ne(iota(count, "i32"), this.padding), [count, 1]), drawn, 0);
    });
  }

  forward(indices: TensorLike): Tensor {
    return embedding(this.weight, indices, this.padding === null ? {} : { paddingIdx: this.padding });
  }

  protected override describe(): string {
    return `${this.count}, ${this.width}${this.padding === null ? "" : `, paddingIdx: ${this.padding}`}`;
  }
}
