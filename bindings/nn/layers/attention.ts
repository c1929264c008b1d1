import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import { transpose } from "../../functions/shapes/movement.js";
import type { Generator } from "../../functions/random/random.js";
import { MASKS, multiHeadAttention, type AttentionMasks } from "../functions/attention.js";
import { xavierUniform, zeros } from "../init.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { Linear } from "./linear.js";
import { complete, parameterFilled, parameterOf, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `MultiheadAttention`. */
export interface AttentionLayerOptions extends LayerOptions {
  /** The probability with which weights are dropped in training. Default 0. */
  dropout?: number;
  /** Whether the projections have biases. Default true. */
  bias?: boolean;
  /** Whether inputs and output are [n, positions, width] instead of [positions, n, width]. Default false. */
  batchFirst?: boolean;
}

/**
 * `multiHeadAttention` as a layer: query [positions, n, width], by default also key and value, gives the query's shape. In
 * masks true is a ban, as in PyTorch. `in_proj_weight` [3 width, width] begins by Glorot, `out_proj` as a linear layer, biases
 * as 0. PyTorch's layer of the name computes the same, and returns the weights of the heads besides.
 */
export class MultiheadAttention extends Module<
  [query: TensorLike, key?: TensorLike, value?: TensorLike, masks?: AttentionMasks]
> {
  /** The matrices for query, key and value, one above another, [3 width, width], of the layer's dtype. */
  readonly in_proj_weight: Variable;
  /** What is added to query, key and value, [3 width]; null without `bias`. */
  readonly in_proj_bias: Variable | null;
  /** What the heads' results go through, [.., width] to [.., width]. */
  readonly out_proj: Linear;
  private readonly batchFirst: boolean;
  private readonly p: number;
  private readonly generator: Generator;

  constructor(
    /** Elements of a position, of input and output. */
    readonly width: number,
    /** How many heads share the width. */
    readonly heads: number,
    options: AttentionLayerOptions = {},
  ) {
    super();
    checkOptions("MultiheadAttention", options, {
      dtype: null,
      generator: null,
      dropout: 0,
      bias: false,
      batchFirst: false,
    });
    const { dropout = 0, bias = true, batchFirst = false } = options;
    checkUnits("MultiheadAttention", width, heads);
    if (width % heads !== 0)
      throw new ValueError("MultiheadAttention", `a number of heads that divides the width ${width}`, String(heads));
    if (!(dropout >= 0 && dropout <= 1))
      throw new ValueError("MultiheadAttention", "a dropout from 0 to 1", String(dropout));
    const how = complete("MultiheadAttention", options);
    [this.batchFirst, this.p, this.generator] = [batchFirst, dropout, how.generator];
    this.in_proj_weight = parameterOf("in_proj_weight", () => xavierUniform([3 * width, width], how));
    this.in_proj_bias = bias ? parameterFilled("in_proj_bias", [3 * width], 0, how) : null;
    this.out_proj = new Linear(width, width, { ...how, bias });
    if (this.out_proj.bias) zeros(this.out_proj.bias);
  }

  forward(query: TensorLike, key = query, value = key, masks: AttentionMasks = {}): Tensor {
    checkOptions("MultiheadAttention", masks, MASKS);
    const { in_proj_weight, in_proj_bias, out_proj, p, generator } = this;
    const inputs = new Map<TensorLike, Tensor>();
    // What is given twice stays one tensor: then there is one product for both.
    const turned = (given: TensorLike): Tensor => {
      let x = inputs.get(given);
      if (!x) {
        const t = asTensor("MultiheadAttention", given);
        inputs.set(given, (x = this.batchFirst || t.rank < 3 ? t : transpose(t, 0, 1)));
      }
      return x;
    };
    const y = multiHeadAttention(turned(query), turned(key), turned(value), {
      ...masks,
      numHeads: this.heads,
      inProjWeight: in_proj_weight,
      inProjBias: in_proj_bias,
      outProjWeight: out_proj.weight,
      outProjBias: out_proj.bias,
      dropoutP: this.training ? p : 0,
      generator,
    });
    return this.batchFirst || y.rank < 3 ? y : transpose(y, 0, 1);
  }

  protected override describe(): string {
    return `${this.width}, ${this.heads}`;
  }

  protected override multiplyAdds([query, key = query, value = key]: readonly Shape[]): number {
    const [q, k, v] = [query!, key!, value!].map((shape) => sizeOf(shape)) as [number, number, number];
    const keys = key!.length < 3 ? key![0]! : key![this.batchFirst ? 1 : 0]!;
    // Projections in and out, then products of queries and keys, and of weights and values.
    return (q + k + v + q) * this.width + 2 * q * keys;
  }
}
