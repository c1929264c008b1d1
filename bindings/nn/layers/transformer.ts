import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { add } from "../../primitives/elementwise/arithmetic.js";
import { relu } from "../../primitives/elementwise/unary.js";
import { gelu } from "../../primitives/elementwise/special.js";
import { inNameOf, ValueError } from "../../errors.js";
import type { AttentionMasks } from "../functions/attention.js";
import { Module } from "../module.js";
import { MultiheadAttention } from "./attention.js";
import { Dropout } from "./dropout.js";
import { Linear } from "./linear.js";
import { LayerNorm } from "./normalization.js";
import { complete, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `TransformerEncoderLayer` and `TransformerDecoderLayer`. */
export interface TransformerLayerOptions extends LayerOptions {
  /** Width within the two linear layers. Default 2048. */
  dimFeedforward?: number;
  /** The probability with which weights of attention, hidden values and results are dropped in training. Default 0.1. */
  dropout?: number;
  /** What stands between the two linear layers. Default "relu". */
  activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  /** Added to variances. Default 1e-5. */
  layerNormEps?: number;
  /** Whether inputs and output are [n, positions, width] instead of [positions, n, width]. Default false. */
  batchFirst?: boolean;
  /** Whether each part begins with a normalisation ("pre-norm"), rather than that it ends what it adds to. Default false. */
  normFirst?: boolean;
  /** Whether linear layers, attention and normalisations have biases. Default true. */
  bias?: boolean;
}

/** What encoder and decoder layers have in common: attention to themselves, and two linear layers. */
abstract class TransformerLayer<I extends readonly unknown[]> extends Module<I> {
  /** Attention of x to itself. */
  readonly self_attn: MultiheadAttention;
  /** The first linear layer, [.., width] to [.., dimFeedforward]. */
  readonly linear1: Linear;
  /** Between the linear layers. */
  readonly dropout: Dropout;
  /** The second linear layer, [.., dimFeedforward] to [.., width]. */
  readonly linear2: Linear;
  /** The normalisation at the attention of x to itself. */
  readonly norm1: LayerNorm;
  /** The normalisation at the second part: linear layers of an encoder, attention to the memory of a decoder. */
  readonly norm2: LayerNorm;
  /** Behind the attention of x to itself. */
  readonly dropout1: Dropout;
  /** Behind the second part. */
  readonly dropout2: Dropout;
  protected readonly normFirst: boolean;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(
    /** Elements of a position, of input and output. */
    readonly width: number,
    /** How many heads of attention share the width. */
    readonly heads: number,
    options: TransformerLayerOptions,
  ) {
    super();
    checkOptions(this.constructor.name, options, {
      dtype: null,
      generator: null,
      dimFeedforward: 0,
      dropout: 0,
      activation: null,
      layerNormEps: 0,
      batchFirst: false,
      normFirst: false,
      bias: false,
    });
    const { dimFeedforward = 2048, activation = "relu", normFirst = false } = options;
    const { attention, dropout, linear, norm } = partsOf(this.constructor.name, options);
    this.self_attn = inNameOf(this.constructor.name, () => new MultiheadAttention(width, heads, attention));
    this.linear1 = new Linear(width, dimFeedforward, linear);
    this.dropout = new Dropout(...dropout);
    this.linear2 = new Linear(dimFeedforward, width, linear);
    this.norm1 = new LayerNorm(width, norm);
    this.norm2 = new LayerNorm(width, norm);
    this.dropout1 = new Dropout(...dropout);
    this.dropout2 = new Dropout(...dropout);
    this.normFirst = normFirst;
    this.activation = activation === "relu" ? relu : activation === "gelu" ? (x) => gelu(x) : activation;
    if (typeof this.activation !== "function")
      throw new ValueError(this.constructor.name, 'an activation "relu", "gelu" or a function', String(activation));
  }

  protected attend(x: TensorLike, masks: AttentionMasks | undefined): Tensor {
    return this.dropout1.forward(this.self_attn.forward(x, x, x, masks));
  }

  /** The two linear layers. */
  protected feed(x: TensorLike, last: Dropout): Tensor {
    const hidden = this.activation(this.linear1.forward(x));
    return last.forward(this.linear2.forward(this.dropout.forward(hidden)));
  }

  /** x + part(x), with the normalisation in front of the part or behind the sum. */
  protected around(x: TensorLike, norm: LayerNorm, part: (x: TensorLike) => Tensor): Tensor {
    return this.normFirst ? add(x, part(norm.forward(x))) : norm.forward(add(x, part(x)));
  }

  protected override describe(): string {
    return `${this.width}, ${this.heads}${this.normFirst ? ", normFirst: true" : ""}`;
  }
}

/** What the parts of a layer are told. */
function partsOf(name: string, options: TransformerLayerOptions) {
  const { dropout = 0.1, layerNormEps: eps = 1e-5, batchFirst = false, bias = true } = options;
  const how = { ...complete(name, options), bias };
  return {
    linear: how,
    norm: { ...how, eps },
    attention: { ...how, dropout, batchFirst },
    dropout: [dropout, { generator: how.generator }] as const,
  };
}

/**
 * A layer of a transformer (Vaswani et al. 2017): x + attention of x to itself, then + two linear layers, each with a
 * normalisation. [positions, n, width] to the same. Parameters are named as PyTorch's.
 */
export class TransformerEncoderLayer extends TransformerLayer<[x: TensorLike, masks?: AttentionMasks]> {
  constructor(width: number, heads: number, options: TransformerLayerOptions = {}) {
    super(width, heads, options);
  }

  forward(x: TensorLike, masks?: AttentionMasks): Tensor {
    const attended = this.around(x, this.norm1, (y) => this.attend(y, masks));
    return this.around(attended, this.norm2, (y) => this.feed(y, this.dropout2));
  }
}

/** The masks of a decoder's two attentions. */
export interface DecoderMasks {
  /** For the target's attention to itself. */
  self?: AttentionMasks;
  /** For its attention to the memory. */
  memory?: AttentionMasks;
}

/**
 * A layer of a transformer that attends to an encoder's output besides (Vaswani et al. 2017): the target [positions, n,
 * width] to itself, to the memory [others, n, width], then two linear layers. Parameters are named as PyTorch's.
 */
export class TransformerDecoderLayer extends TransformerLayer<
  [target: TensorLike, memory: TensorLike, masks?: DecoderMasks]
> {
  /** Attention of the target to the memory. */
  readonly multihead_attn: MultiheadAttention;
  /** The normalisation at the linear layers. */
  readonly norm3: LayerNorm;
  /** Behind the linear layers. */
  readonly dropout3: Dropout;

  constructor(width: number, heads: number, options: TransformerLayerOptions = {}) {
    super(width, heads, options);
    const { attention, dropout, norm } = partsOf(this.constructor.name, options);
    this.multihead_attn = new MultiheadAttention(width, heads, attention);
    this.norm3 = new LayerNorm(width, norm);
    this.dropout3 = new Dropout(...dropout);
  }

  forward(target: TensorLike, memory: TensorLike, masks: DecoderMasks = {}): Tensor {
    checkOptions("TransformerDecoderLayer", masks, { self: null, memory: null });
    const others = asTensor("TransformerDecoderLayer", memory); // Nothing would be the target itself.
    const attended = this.around(target, this.norm1, (y) => this.attend(y, masks.self));
    const informed = this.around(attended, this.norm2, (y) =>
      this.dropout2.forward(this.multihead_attn.forward(y, others, others, masks.memory)),
    );
    return this.around(informed, this.norm3, (y) => this.feed(y, this.dropout3));
  }
}
