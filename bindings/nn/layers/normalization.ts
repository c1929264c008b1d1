import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { showShape, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ShapeError, ValueError } from "../../errors.js";
import { groupNorm, instanceNorm } from "../../functions/norms/batch-norm.js";
import { layerNorm, rmsNorm } from "../../functions/norms/layer-norm.js";
import { checkChannels, checkUnits, ranked } from "../checks.js";
import { Module } from "../module.js";
import { complete, parameterFilled, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/** What every normalisation can be told. */
export interface NormOptions extends LayerOptions {
  /** Added to the variance, or mean square. Default 1e-5; for RMSNorm the distance from 1 to the next number of the type. */
  eps?: number;
}

/** Options of `GroupNorm`, `InstanceNorm1d` and `InstanceNorm2d`. */
export interface AffineNormOptions extends NormOptions {
  /** Whether there are a weight and a bias. Default true; false for instance normalisation. */
  affine?: boolean;
}

/** Normalises each channel of each example by itself (Ulyanov et al. 2016). */
abstract class InstanceNorm extends Module {
  /** What each channel is multiplied by, [channels], of the layer's dtype; null without `affine`. */
  readonly weight: Variable | null;
  /** What is added to each channel, [channels]; null without `affine`. */
  readonly bias: Variable | null;
  private readonly eps: number;

  constructor(
    /** Channels of input and output. */
    readonly channels: number,
    options: AffineNormOptions = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, { dtype: null, generator: null, eps: 0, affine: false });
    const { eps = 1e-5, affine = false } = options;
    checkUnits(this.constructor.name, channels);
    const how = complete(this.constructor.name, options);
    this.eps = eps;
    this.weight = affine ? parameterFilled("weight", [channels], 1, how) : null;
    this.bias = affine ? parameterFilled("bias", [channels], 0, how) : null;
  }

  /** Names of the axes of an example. */
  protected abstract readonly example: string;

  forward(input: TensorLike): Tensor {
    const { channels, weight, bias, eps, example } = this;
    const { name } = this.constructor;
    const rank = example.split(",").length;
    const x = ranked(name, input, [rank, rank + 1], `[n, ${example}] or [${example}]`);
    const axis = x.rank - rank;
    if (x.shape[axis] !== channels)
      throw new ShapeError(name, `${channels} channels on axis ${axis}`, showShape(x.shape));
    const y = instanceNorm(axis === 0 ? x.unsqueeze(0) : x, { weight, bias, eps });
    return axis === 0 ? y.squeeze(0) : y;
  }

  protected override describe(): string {
    return String(this.channels);
  }
}

/**
 * Instance normalisation of sequences [n, channels, length], or of one without n: each channel of each over its length.
 * Weight and bias only with `affine`. PyTorch: `InstanceNorm1d`.
 */
export class InstanceNorm1d extends InstanceNorm {
  protected readonly example = "channels, length";
}

/**
 * Instance normalisation of images [n, channels, h, w], or of one without n: each channel of each over its pixels. Weight
 * and bias only with `affine`. PyTorch: `InstanceNorm2d`.
 */
export class InstanceNorm2d extends InstanceNorm {
  protected readonly example = "channels, h, w";
}

/**
 * Normalises the channels of [n, channels, ..] in groups, each over its channels and all further axes (Wu and He 2018).
 * Weight and bias [channels]. PyTorch: `GroupNorm`.
 */
export class GroupNorm extends Module {
  /** What each channel is multiplied by, [channels], of the layer's dtype; null without `affine`. */
  readonly weight: Variable | null;
  /** What is added to each channel, [channels]; null without `affine`. */
  readonly bias: Variable | null;
  private readonly eps: number;

  constructor(
    /** How many groups the channels fall into, equal in size. */
    readonly groups: number,
    /** Channels of input and output. */
    readonly channels: number,
    options: AffineNormOptions = {},
  ) {
    super();
    checkOptions("GroupNorm", options, { dtype: null, generator: null, eps: 0, affine: false });
    const { eps = 1e-5, affine = true } = options;
    checkUnits("GroupNorm", groups, channels);
    if (channels % groups !== 0)
      throw new ValueError("GroupNorm", `a number of groups that divides the ${channels} channels`, String(groups));
    const how = complete("GroupNorm", options);
    this.eps = eps;
    this.weight = affine ? parameterFilled("weight", [channels], 1, how) : null;
    this.bias = affine ? parameterFilled("bias", [channels], 0, how) : null;
  }

  forward(input: TensorLike): Tensor {
    const x = asTensor("GroupNorm", input);
    checkChannels(this, x);
    const { weight, bias, eps } = this;
    return groupNorm(x, this.groups, { weight, bias, eps });
  }

  protected override describe(): string {
    return `${this.groups}, ${this.channels}`;
  }
}

/** Normalises over the last axes, by the mean and the variance there (Ba, Kiros and Hinton 2016). PyTorch: `LayerNorm`. */
export class LayerNorm extends Module {
  /** What each element is multiplied by, of `normalizedShape` and the layer's dtype; null without `elementwiseAffine`. */
  readonly weight: Variable | null;
  /** What is added to each element, of `normalizedShape`; null without `elementwiseAffine` or `bias`. */
  readonly bias: Variable | null;
  /** Lengths of the last axes, over which is normalised. */
  readonly normalizedShape: Shape;
  private readonly eps: number;

  constructor(
    normalizedShape: number | Shape,
    options: NormOptions & { elementwiseAffine?: boolean; bias?: boolean } = {},
  ) {
    super();
    checkOptions("LayerNorm", options, { dtype: null, generator: null, eps: 0, elementwiseAffine: false, bias: false });
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = shapeOf("LayerNorm", normalizedShape);
    const how = complete("LayerNorm", options);
    [this.normalizedShape, this.eps] = [shape, eps];
    this.weight = elementwiseAffine ? parameterFilled("weight", shape, 1, how) : null;
    this.bias = elementwiseAffine && bias ? parameterFilled("bias", shape, 0, how) : null;
  }

  forward(x: TensorLike): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }

  protected override describe(): string {
    return showShape(this.normalizedShape);
  }
}

/** Divides by the root of the mean square over the last axes (Zhang and Sennrich 2019). PyTorch: `RMSNorm`. */
export class RMSNorm extends Module {
  /** What each element is multiplied by, of `normalizedShape` and the layer's dtype; null without `elementwiseAffine`. */
  readonly weight: Variable | null;
  /** Lengths of the last axes, over which the mean square is taken. */
  readonly normalizedShape: Shape;
  private readonly eps: number | null;

  constructor(normalizedShape: number | Shape, options: NormOptions & { elementwiseAffine?: boolean } = {}) {
    super();
    checkOptions("RMSNorm", options, { dtype: null, generator: null, eps: 0, elementwiseAffine: false });
    const { eps, elementwiseAffine = true } = options;
    this.normalizedShape = shapeOf("RMSNorm", normalizedShape);
    this.eps = eps ?? null;
    this.weight = elementwiseAffine
      ? parameterFilled("weight", this.normalizedShape, 1, complete("RMSNorm", options))
      : null;
  }

  forward(x: TensorLike): Tensor {
    const { weight, eps } = this;
    return rmsNorm(x, this.normalizedShape, { weight, ...(eps !== null && { eps }) });
  }

  protected override describe(): string {
    return showShape(this.normalizedShape);
  }
}

function shapeOf(name: string, normalizedShape: number | Shape): Shape {
  const shape: unknown = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  if (!isShape(shape)) throw new ShapeError(name, "a length, or lengths in an array, to normalise over", String(shape));
  if (shape.length === 0) throw new ShapeError(name, "at least one axis to normalise over", "none");
  checkUnits(name, ...shape);
  return [...shape];
}

function isShape(shape: unknown): shape is Shape {
  return Array.isArray(shape);
}
