import { withTracking } from "../../core/running/apply.js";
import { assign } from "../../core/values/assign.js";
import { type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import { batchNorm } from "../../functions/norms/batch-norm.js";
import { add, div } from "../../primitives/elementwise/arithmetic.js";
import { castTo } from "../../primitives/define.js";
import { checkChannels, checkUnits, ranked } from "../checks.js";
import { Module } from "../module.js";
import { bufferFilled, complete, parameterFilled } from "./variables.js";
import { checkOptions } from "../../shared/options.js";
import type { AffineNormOptions } from "./normalization.js";

/** Options of `BatchNorm1d` and `BatchNorm2d`. */
export interface BatchNormLayerOptions extends AffineNormOptions {
  /** The weight of a batch's statistics in the running ones; null for the mean over all batches. Default 0.1. */
  momentum?: number | null;
  /** Whether running statistics are kept for use out of training. Default true. */
  trackRunningStats?: boolean;
}

/**
 * Normalises each channel: in training by the statistics of the batch, which also go into the running ones, otherwise by
 * these (Ioffe and Szegedy 2015). An empty batch has none, and is not counted. Weight and bias [channels] begin as 1 and 0,
 * `running_mean` and `running_var` as 0 and 1.
 */
abstract class BatchNorm extends Module {
  /** What each channel is multiplied by, [channels], of the layer's dtype; null without `affine`. */
  readonly weight: Variable | null;
  /** What is added to each channel, [channels]; null without `affine`. */
  readonly bias: Variable | null;
  /** The running mean of each channel, a buffer [channels]; null without `trackRunningStats`. */
  readonly running_mean: Variable | null;
  /** The running variance of each channel, a buffer [channels]; null without `trackRunningStats`. */
  readonly running_var: Variable | null;
  /** How many batches the running statistics have seen, a buffer [] of i32; null without `trackRunningStats`. */
  readonly num_batches_tracked: Variable | null;
  private readonly eps: number;
  private readonly momentum: number | null;

  constructor(
    /** Channels of input and output. */
    readonly channels: number,
    options: BatchNormLayerOptions = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, {
      dtype: null,
      generator: null,
      eps: 0,
      affine: false,
      momentum: null,
      trackRunningStats: false,
    });
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    checkUnits(this.constructor.name, channels);
    const how = complete(this.constructor.name, options);
    if (momentum !== null && !Number.isFinite(momentum))
      throw new ValueError(this.constructor.name, "a momentum, a number or null", String(momentum));
    [this.eps, this.momentum] = [eps, momentum];
    this.weight = affine ? parameterFilled("weight", [channels], 1, how) : null;
    this.bias = affine ? parameterFilled("bias", [channels], 0, how) : null;
    this.running_mean = trackRunningStats ? bufferFilled("running_mean", [channels], 0, how.dtype) : null;
    this.running_var = trackRunningStats ? bufferFilled("running_var", [channels], 1, how.dtype) : null;
    this.num_batches_tracked = trackRunningStats ? bufferFilled("num_batches_tracked", [], 0, "i32") : null;
  }

  /** Refuses an input of another kind. */
  protected abstract checked(x: TensorLike): Tensor;

  forward(input: TensorLike): Tensor {
    const x = this.checked(input);
    checkChannels(this, x);
    const { weight, bias, running_mean, running_var, num_batches_tracked, eps } = this;
    const training = this.training || !running_mean;
    if (training) this.checkStatistics();
    const momentum = training ? this.share() : 0;
    const y = batchNorm(x, running_mean, running_var, { weight, bias, eps, momentum, training });
    if (training && num_batches_tracked && x.size > 0)
      ownedBy(this.constructor.name, () => assign(num_batches_tracked, add(num_batches_tracked, 1)));
    return y;
  }

  /** Refuses what `functionalCall` has put in the place of statistics, where nothing can be assigned to it. */
  private checkStatistics(): void {
    for (const name of ["running_mean", "running_var", "num_batches_tracked"] as const) {
      const given: unknown = this[name];
      if (given !== null && !(given instanceof Variable))
        throw new ValueError(
          this.constructor.name,
          `${name} in a variable(), which training assigns to, or a model that is not in training`,
          "a tensor, whose values never change",
        );
    }
  }

  /** The weight of the next batch in the running statistics. */
  private share(): TensorLike {
    const { momentum, num_batches_tracked, running_mean } = this;
    if (momentum !== null || !num_batches_tracked || !running_mean) return momentum ?? 0;
    const count = castTo(num_batches_tracked, running_mean.dtype);
    return ownedBy(this.constructor.name, () => withTracking(false, () => div(1, add(count, 1))));
  }

  protected override describe(): string {
    return String(this.channels);
  }
}

/**
 * Batch normalisation of vectors [n, channels] or sequences [n, channels, length]: each channel over all examples and
 * positions. PyTorch: `BatchNorm1d`.
 */
export class BatchNorm1d extends BatchNorm {
  protected checked(x: TensorLike): Tensor {
    return ranked("BatchNorm1d", x, [2, 3], "[n, channels] or [n, channels, length]");
  }
}

/** Batch normalisation of images [n, channels, h, w]: each channel over all images and pixels. PyTorch: `BatchNorm2d`. */
export class BatchNorm2d extends BatchNorm {
  protected checked(x: TensorLike): Tensor {
    return ranked("BatchNorm2d", x, [4], "[n, channels, h, w]");
  }
}
