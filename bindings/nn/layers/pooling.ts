import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  type OutputSize,
} from "../../functions/images/adaptive-pooling.js";
import {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
  type PoolOptions,
} from "../../functions/images/pooling.js";
import type { PerAxis } from "../../functions/images/window.js";
import { Module } from "../module.js";
import { shownOptions } from "./shown.js";
import { checkOptions, type Known } from "../../shared/options.js";

/** A window that moves over length or images. */
abstract class Pooling<O extends PoolOptions> extends Module {
  constructor(
    /** Elements of the window: for all axes, or for each. */
    readonly kernelSize: PerAxis,
    protected readonly options: O = {} as O, // All options have defaults.
  ) {
    super();
    checkOptions(this.constructor.name, options, this.known());
  }

  /** The names of the options. */
  protected abstract known(): Known<O>;

  protected override describe(): string {
    return [sizes(this.kernelSize), ...shownOptions(this.options)].join(", ");
  }
}

/** As the functions take it; null leaves all axes as long as they are. */
export type LayerOutputSize = OutputSize | null;

/** As many windows as the result shall have elements. */
abstract class AdaptivePooling extends Module {
  constructor(
    /** Elements of the result: along all axes, or along each; null leaves an axis, or all of them, as long as they are. */
    readonly outputSize: LayerOutputSize,
  ) {
    super();
  }

  protected sizeOver(axes: 1 | 2): OutputSize {
    return this.outputSize ?? new Array<null>(axes).fill(null);
  }

  protected override describe(): string {
    return sizes(this.outputSize);
  }
}

function sizes(size: LayerOutputSize): string {
  return Array.isArray(size) ? `[${size.map(String).join(", ")}]` : String(size);
}

const MAX_OPTIONS: Known<MaxPoolOptions> = { stride: null, padding: null, ceilMode: false, dilation: null };
const AVG_OPTIONS: Known<AvgPoolOptions> = {
  stride: null,
  padding: null,
  ceilMode: false,
  countIncludePad: false,
  divisorOverride: 0,
};

/** `maxPool1d` as a layer. */
export class MaxPool1d extends Pooling<MaxPoolOptions> {
  protected known(): Known<MaxPoolOptions> {
    return MAX_OPTIONS;
  }

  forward(x: TensorLike): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
}

/** `maxPool2d` as a layer. */
export class MaxPool2d extends Pooling<MaxPoolOptions> {
  protected known(): Known<MaxPoolOptions> {
    return MAX_OPTIONS;
  }

  forward(x: TensorLike): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
}

/** `avgPool1d` as a layer. */
export class AvgPool1d extends Pooling<AvgPoolOptions> {
  protected known(): Known<AvgPoolOptions> {
    return AVG_OPTIONS;
  }

  forward(x: TensorLike): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }
}

/** `avgPool2d` as a layer. */
export class AvgPool2d extends Pooling<AvgPoolOptions> {
  protected known(): Known<AvgPoolOptions> {
    return AVG_OPTIONS;
  }

  forward(x: TensorLike): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}

/** `adaptiveMaxPool1d` as a layer. */
export class AdaptiveMaxPool1d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveMaxPool1d(x, this.sizeOver(1));
  }
}

/** `adaptiveMaxPool2d` as a layer. */
export class AdaptiveMaxPool2d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveMaxPool2d(x, this.sizeOver(2));
  }
}

/** `adaptiveAvgPool1d` as a layer. */
export class AdaptiveAvgPool1d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveAvgPool1d(x, this.sizeOver(1));
  }
}

/** `adaptiveAvgPool2d` as a layer. */
export class AdaptiveAvgPool2d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveAvgPool2d(x, this.sizeOver(2));
  }
}
