import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import type { Variable } from "../../core/variable.js";
import {
  celu,
  elu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  prelu,
  relu6,
  selu,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  type HardtanhOptions,
} from "../../functions/elementwise/activations.js";
import { softplus, type SoftplusOptions } from "../../functions/elementwise/arithmetic.js";
import { relu, sigmoid, tanh } from "../../primitives/elementwise/unary.js";
import { mish, silu } from "../../primitives/elementwise/exponential.js";
import { logSoftmax, softmax } from "../../primitives/reductions/rows.js";
import { gelu, type GeluOptions } from "../../primitives/elementwise/special.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { shownOptions } from "./shown.js";
import { complete, parameterFilled, type LayerOptions } from "./variables.js";
import { checkOptions, type Known } from "../../shared/options.js";

// The activation functions as layers. What each computes stands with the function.

/** A module that computes. */
interface Layer extends Module {
  forward(x: TensorLike): Tensor;
}

/** The layer of a function of x alone. */
function layerOf(f: (x: TensorLike) => Tensor): new () => Layer {
  return class extends Module {
    forward(x: TensorLike): Tensor {
      return f(x);
    }
  };
}

/** An activation that is told something: by options, or by position as in PyTorch, in the order of `known`. */
abstract class Told<O extends object, P extends readonly unknown[]> extends Module {
  protected readonly options: O;

  constructor(...given: [options?: O] | P) {
    super();
    const known = this.known();
    const named = Object.keys(known).flatMap((name, i) => (given[i] === undefined ? [] : [[name, given[i]] as const]));
    // All options have defaults.
    this.options = (typeof given[0] === "object" ? given[0] : Object.fromEntries(named)) as O;
    checkOptions(this.constructor.name, this.options, known);
  }

  /** The names of the options. */
  protected abstract known(): Known<O>;

  protected override describe(): string {
    return shownOptions(this.options).join(", ");
  }
}

/** An activation along an axis, by default the last. */
abstract class Along extends Module {
  constructor(
    /** The axis along which is computed; negative ones count from the end. */
    readonly axis = -1,
  ) {
    super();
  }

  protected override describe(): string {
    return `axis: ${this.axis}`;
  }
}

/** `relu` as a layer. */
export class ReLU extends layerOf(relu) {}

/** `relu6` as a layer. */
export class ReLU6 extends layerOf(relu6) {}

/** `leakyRelu` as a layer. */
export class LeakyReLU extends Told<{ negativeSlope?: number }, [negativeSlope: number]> {
  protected known(): Known<{ negativeSlope?: number }> {
    return { negativeSlope: 0 };
  }

  forward(x: TensorLike): Tensor {
    return leakyRelu(x, this.options);
  }
}

/** `prelu` as a layer: the slopes below 0 are parameters, one or one for each channel, and begin as 0.25. */
export class PReLU extends Module {
  /** The slopes below 0, [count], of the layer's dtype. */
  readonly weight: Variable;

  constructor(count = 1, options: LayerOptions & { init?: number } = {}) {
    super();
    checkOptions("PReLU", options, { dtype: null, generator: null, init: 0 });
    checkUnits("PReLU", count);
    this.weight = parameterFilled("weight", [count], options.init ?? 0.25, complete("PReLU", options));
  }

  forward(x: TensorLike): Tensor {
    return prelu(x, this.weight);
  }

  protected override describe(): string {
    return String(this.weight.size);
  }
}

/** `elu` as a layer. */
export class ELU extends Told<{ alpha?: number }, [alpha: number]> {
  protected known(): Known<{ alpha?: number }> {
    return { alpha: 0 };
  }

  forward(x: TensorLike): Tensor {
    return elu(x, this.options);
  }
}

/** `celu` as a layer. */
export class CELU extends Told<{ alpha?: number }, [alpha: number]> {
  protected known(): Known<{ alpha?: number }> {
    return { alpha: 0 };
  }

  forward(x: TensorLike): Tensor {
    return celu(x, this.options);
  }
}

/** `selu` as a layer. */
export class SELU extends layerOf(selu) {}

/** `gelu` as a layer. */
export class GELU extends Told<GeluOptions, [approximate: NonNullable<GeluOptions["approximate"]>]> {
  protected known(): Known<GeluOptions> {
    return { approximate: null };
  }

  forward(x: TensorLike): Tensor {
    return gelu(x, this.options);
  }
}

/** `silu` as a layer. */
export class SiLU extends layerOf(silu) {}

/** `mish` as a layer. */
export class Mish extends layerOf(mish) {}

/** `softplus` as a layer. */
export class Softplus extends Told<SoftplusOptions, [beta: number, threshold?: number]> {
  protected known(): Known<SoftplusOptions> {
    return { beta: 0, threshold: 0 };
  }

  forward(x: TensorLike): Tensor {
    return softplus(x, this.options);
  }
}

/** `softsign` as a layer. */
export class Softsign extends layerOf(softsign) {}

/** `sigmoid` as a layer. */
export class Sigmoid extends layerOf(sigmoid) {}

/** `logSigmoid` as a layer. */
export class LogSigmoid extends layerOf(logSigmoid) {}

/** `tanh` as a layer. */
export class Tanh extends layerOf(tanh) {}

/** `tanhshrink` as a layer. */
export class Tanhshrink extends layerOf(tanhshrink) {}

/** `hardtanh` as a layer. */
export class Hardtanh extends Told<HardtanhOptions, [minVal: number, maxVal?: number]> {
  protected known(): Known<HardtanhOptions> {
    return { minVal: 0, maxVal: 0 };
  }

  forward(x: TensorLike): Tensor {
    return hardtanh(x, this.options);
  }
}

/** `hardsigmoid` as a layer. */
export class Hardsigmoid extends layerOf(hardsigmoid) {}

/** `hardswish` as a layer. */
export class Hardswish extends layerOf(hardswish) {}

/** `hardshrink` as a layer. */
export class Hardshrink extends Told<{ lambda?: number }, [lambda: number]> {
  protected known(): Known<{ lambda?: number }> {
    return { lambda: 0 };
  }

  forward(x: TensorLike): Tensor {
    return hardshrink(x, this.options);
  }
}

/** `softshrink` as a layer. */
export class Softshrink extends Told<{ lambda?: number }, [lambda: number]> {
  protected known(): Known<{ lambda?: number }> {
    return { lambda: 0 };
  }

  forward(x: TensorLike): Tensor {
    return softshrink(x, this.options);
  }
}

/** `threshold` as a layer. */
export class Threshold extends Module {
  constructor(
    /** What is not above this becomes `value`. */
    readonly limit: number,
    /** What stands in the place of what is not above `limit`. */
    readonly value: number,
  ) {
    super();
  }

  forward(x: TensorLike): Tensor {
    return threshold(x, this.limit, this.value);
  }

  protected override describe(): string {
    return `${this.limit}, ${this.value}`;
  }
}

/** `glu` as a layer. */
export class GLU extends Along {
  forward(x: TensorLike): Tensor {
    return glu(x, this.axis);
  }
}

/** `softmax` as a layer. */
export class Softmax extends Along {
  forward(x: TensorLike): Tensor {
    return softmax(x, this.axis);
  }
}

/** `logSoftmax` as a layer. */
export class LogSoftmax extends Along {
  forward(x: TensorLike): Tensor {
    return logSoftmax(x, this.axis);
  }
}
