import type { TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
  type PoolOptions,
} from "../../functions/pooling.js";
import type { PerAxis } from "../../functions/window.js";
import { Module } from "../module.js";

/** A window that moves over length or images. */
abstract class Pooling<O extends PoolOptions> extends Module {
  constructor(
    readonly kernelSize: PerAxis,
    protected readonly options: O = {} as O, // All options have defaults.
  ) {
    super();
  }

  protected override describe(): string {
    const told = Object.entries(this.options).map(([name, value]) => `, ${name}: ${String(value)}`);
    return sizes(this.kernelSize) + told.join("");
  }
}

/** As many windows as the result shall have elements. */
abstract class AdaptivePooling extends Module {
  constructor(readonly outputSize: PerAxis) {
    super();
  }

  protected override describe(): string {
    return sizes(this.outputSize);
  }
}

function sizes(size: PerAxis): string {
  return typeof size === "number" ? String(size) : showShape(size);
}

/** `maxPool1d` as a layer. */
export class MaxPool1d extends Pooling<MaxPoolOptions> {
  forward(x: TensorLike): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
}

/** `maxPool2d` as a layer. */
export class MaxPool2d extends Pooling<MaxPoolOptions> {
  forward(x: TensorLike): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
}

/** `avgPool1d` as a layer. */
export class AvgPool1d extends Pooling<AvgPoolOptions> {
  forward(x: TensorLike): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }
}

/** `avgPool2d` as a layer. */
export class AvgPool2d extends Pooling<AvgPoolOptions> {
  forward(x: TensorLike): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}

/** `adaptiveMaxPool1d` as a layer. */
export class AdaptiveMaxPool1d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
}

/** `adaptiveMaxPool2d` as a layer. */
export class AdaptiveMaxPool2d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
}

/** `adaptiveAvgPool1d` as a layer. */
export class AdaptiveAvgPool1d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}

/** `adaptiveAvgPool2d` as a layer. */
export class AdaptiveAvgPool2d extends AdaptivePooling {
  forward(x: TensorLike): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}
