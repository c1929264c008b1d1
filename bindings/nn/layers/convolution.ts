import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice } from "../../core/options.js";
import { showShape, sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import {
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  type ConvOptions,
  type ConvTransposeOptions,
} from "../../functions/images/convolution.js";
import { pad, type PadOptions } from "../../functions/shapes/pad.js";
import { pairOf, type PerAxis } from "../../functions/images/window.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { shownOptions } from "./shown.js";
import { complete, uniformWithin, type LayerOptions } from "./variables.js";
import { checkOptions, type Known } from "../../shared/options.js";

/** Options of `Conv1d` and `Conv2d`. */
export interface ConvLayerOptions extends LayerOptions, ConvOptions {
  /** Whether there is a bias for each output channel. Default true. */
  bias?: boolean;
  /** What the padding is filled with: zeros (the default), or elements of the image, as `pad` has them. */
  paddingMode?: "zeros" | Exclude<PadOptions["mode"], "constant" | undefined>;
}

/** Options of `ConvTranspose1d` and `ConvTranspose2d`. */
export interface ConvTransposeLayerOptions extends LayerOptions, ConvTransposeOptions {
  /** Whether there is a bias for each output channel. Default true. */
  bias?: boolean;
}

/** What convolutions have in common: weight and bias begin uniform in ±1/√(what feeds an output), as in PyTorch. */
abstract class Convolution extends Module {
  /** The kernels, of the layer's dtype: their shape stands with each layer. */
  readonly weight: Variable;
  /** What is added to each output channel, [outputs]; null without `bias`. */
  readonly bias: Variable | null;
  /** Elements of a kernel along each axis: [k], or [kh, kw]. */
  readonly kernelSize: readonly number[];

  constructor(
    protected readonly axes: 1 | 2,
    /** Channels of the input. */
    readonly inputs: number,
    /** Channels of the output. */
    readonly outputs: number,
    kernelSize: PerAxis,
    protected readonly options: ConvLayerOptions | ConvTransposeLayerOptions,
    known: Known<ConvLayerOptions> | Known<ConvTransposeLayerOptions>,
    weightShape: (groups: number) => [number, number],
  ) {
    super();
    const name = this.constructor.name;
    checkOptions<object>(name, options, known);
    const { groups = 1, bias = true } = options;
    checkUnits(name, inputs, outputs, groups);
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new ValueError(name, `a number of groups that divides ${inputs} and ${outputs} channels`, String(groups));
    this.kernelSize = pairOf(name, "kernelSize", axes, kernelSize, 1).slice(2 - axes);
    const shape = [...weightShape(groups), ...this.kernelSize];
    const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
    const how = complete(this.constructor.name, options);
    this.weight = uniformWithin("weight", shape, bound, how);
    this.bias = bias ? uniformWithin("bias", [outputs], bound, how) : null;
  }

  protected override describe(): string {
    const { dtype: _d, generator: _g, bias: _b, ...told } = this.options;
    const options = shownOptions({ ...told, ...(!this.bias && { bias: false }) });
    return [this.inputs, this.outputs, showShape(this.kernelSize), ...options].join(", ");
  }
}

const PADDING_MODES = ["zeros", "reflect", "replicate", "circular"];

abstract class ForwardConvolution extends Convolution {
  constructor(axes: 1 | 2, inputs: number, outputs: number, kernelSize: PerAxis, options: ConvLayerOptions) {
    const known: Known<ConvLayerOptions> = {
      dtype: null,
      generator: null,
      stride: null,
      padding: null,
      dilation: null,
      groups: 0,
      bias: false,
      paddingMode: null,
    };
    super(axes, inputs, outputs, kernelSize, options, known, (groups) => [outputs, inputs / groups]);
    checkChoice(this.constructor.name, "paddingMode", options.paddingMode ?? "zeros", PADDING_MODES);
  }

  forward(input: TensorLike): Tensor {
    const convolve = this.axes === 1 ? conv1d : conv2d;
    const {
      stride = 1,
      padding = 0,
      dilation = 1,
      groups = 1,
      paddingMode = "zeros",
    } = this.options as ConvLayerOptions;
    const how = { stride, dilation, groups };
    if (paddingMode === "zeros") return convolve(input, this.weight, this.bias, { ...how, padding });
    const x = asTensor(this.constructor.name, input);
    const around = [...x.shape.slice(0, -this.axes).map(() => [0, 0] as const), ...this.sides(padding, dilation)];
    return convolve(pad(x, around, { mode: paddingMode }), this.weight, this.bias, how);
  }

  /** Elements before and behind the image along each axis. */
  private sides(padding: PerAxis | "same" | "valid", dilation: PerAxis): [number, number][] {
    const name = this.constructor.name;
    const of = (what: string, value: PerAxis, least: number): readonly number[] =>
      pairOf(name, what, this.axes, value, least).slice(2 - this.axes);
    const { stride = 1 } = this.options;
    if (padding === "same" && of("stride", stride, 1).some((step) => step !== 1))
      throw new ValueError(name, 'a stride of 1 with padding "same"', showShape(of("stride", stride, 1)));
    if (padding !== "same") return of("padding", padding === "valid" ? 0 : padding, 0).map((p) => [p, p]);
    const steps = of("dilation", dilation, 1);
    return this.kernelSize.map((k, i) => {
      const reach = steps[i]! * (k - 1);
      return [Math.floor(reach / 2), Math.ceil(reach / 2)];
    });
  }

  protected override multiplyAdds(_: readonly Shape[], [output]: readonly Shape[]): number {
    return (sizeOf(output!) * this.weight.size) / this.outputs;
  }
}

abstract class TransposedConvolution extends Convolution {
  constructor(axes: 1 | 2, inputs: number, outputs: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions) {
    const known: Known<ConvTransposeLayerOptions> = {
      dtype: null,
      generator: null,
      stride: null,
      padding: null,
      dilation: null,
      groups: 0,
      outputPadding: null,
      bias: false,
    };
    super(axes, inputs, outputs, kernelSize, options, known, (groups) => [inputs, outputs / groups]);
  }

  forward(input: TensorLike): Tensor {
    const convolve = this.axes === 1 ? convTranspose1d : convTranspose2d;
    const {
      stride = 1,
      padding = 0,
      outputPadding = 0,
      dilation = 1,
      groups = 1,
    } = this.options as ConvTransposeOptions;
    return convolve(input, this.weight, this.bias, { stride, padding, outputPadding, dilation, groups });
  }

  protected override multiplyAdds([input]: readonly Shape[]): number {
    return (sizeOf(input!) * this.weight.size) / this.inputs;
  }
}

/**
 * Convolution over length, [n, inputs, length] to [n, outputs, ..], by weight [outputs, inputs / groups, k].
 * PyTorch: `Conv1d`.
 */
export class Conv1d extends ForwardConvolution {
  constructor(inputs: number, outputs: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super(1, inputs, outputs, kernelSize, options);
  }
}

/**
 * Convolution over images, [n, inputs, h, w] to [n, outputs, ..], by weight [outputs, inputs / groups, kh, kw].
 * PyTorch: `Conv2d`.
 */
export class Conv2d extends ForwardConvolution {
  constructor(inputs: number, outputs: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super(2, inputs, outputs, kernelSize, options);
  }
}

/**
 * Transposed convolution over length, [n, inputs, length] to [n, outputs, ..], by weight [inputs, outputs / groups, k]: with
 * a stride it makes the input longer. PyTorch: `ConvTranspose1d`.
 */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inputs: number, outputs: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(1, inputs, outputs, kernelSize, options);
  }
}

/**
 * Transposed convolution over images, [n, inputs, h, w] to [n, outputs, ..], by weight [inputs, outputs / groups, kh, kw]:
 * with a stride it makes them larger. PyTorch: `ConvTranspose2d`.
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inputs: number, outputs: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(2, inputs, outputs, kernelSize, options);
  }
}
