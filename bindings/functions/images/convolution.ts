import { asTensor, type TensorLike } from "../../core/values/create.js";
import { defaultDType, promote } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { showShape } from "../../core/shape.js";
import { isPlainObject } from "../../core/tree.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add } from "../../primitives/elementwise/arithmetic.js";
import { convolution, convolutionInput } from "../../primitives/convolution.js";
import { castTo } from "../../primitives/define.js";
import { reshape } from "../../primitives/movement.js";
import { pairOf, stepsOf, wholes, type Pair, type PerAxis } from "./window.js";

/** Options of `conv1d` and `conv2d`. */
export interface ConvOptions {
  /** How far the kernel moves from one element of the result to the next. Default 1. */
  stride?: PerAxis;
  /**
   * Zeros beside the image, on either side: a number, one for each axis, "valid" for none, or "same" for as many as give the
   * result the size of the image (with a stride of 1; of an odd number more lie behind it). Default 0.
   */
  padding?: PerAxis | "same" | "valid";
  /** From one element of the kernel to the next. Default 1. */
  dilation?: PerAxis;
  /** Parts into which channels are divided: those of one part of the input give one part of the output. Default 1. */
  groups?: number;
}

/** Options of `convTranspose1d` and `convTranspose2d`. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** Elements that the result lacks on either side. Default 0. */
  padding?: PerAxis;
  /** Elements that the result has more at its end. Default 0. */
  outputPadding?: PerAxis;
}

/**
 * Convolution (cross-correlation) over length: input [n, c, length] or [c, length], weight [outputs, c / groups, k], bias
 * [outputs] or none: then the options may stand in its place. PyTorch: `conv1d`.
 *
 * @throws ShapeError for channels that do not agree, a bias that is not one for each output, or a kernel that reaches beyond the padded input
 * @throws ValueError for a stride, padding, dilation or groups that is not whole, or too small
 */
export function conv1d(
  input: TensorLike,
  weight: TensorLike,
  bias?: TensorLike | ConvOptions | null,
  options: ConvOptions = {},
): Tensor {
  return convolve("conv1d", 1, input, weight, ...told(bias, options));
}

/**
 * Convolution (cross-correlation) over images: input [n, c, h, w] or [c, h, w], weight [outputs, c / groups, kh, kw], bias
 * [outputs] or none; gives [n, outputs, oh, ow] with oh = floor((h + 2 padding - dilation (kh - 1) - 1) / stride) + 1. As
 * PyTorch's function of the name.
 *
 * @throws ShapeError for channels that do not agree, a bias that is not one for each output, or a kernel that reaches beyond the padded image
 * @throws ValueError for a stride, padding, dilation or groups that is not whole, or too small
 */
export function conv2d(
  input: TensorLike,
  weight: TensorLike,
  bias?: TensorLike | ConvOptions | null,
  options: ConvOptions = {},
): Tensor {
  return convolve("conv2d", 2, input, weight, ...told(bias, options));
}

/**
 * Transposed convolution over length, the adjoint of conv1d: weight [c, outputs / groups, k]. PyTorch: `conv_transpose1d`.
 *
 * @throws ShapeError for channels that do not agree, a bias that is not one for each output, or a result without elements
 * @throws ValueError for a step that is not whole, or an outputPadding not below stride and dilation
 */
export function convTranspose1d(
  input: TensorLike,
  weight: TensorLike,
  bias?: TensorLike | ConvTransposeOptions | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose("convTranspose1d", 1, input, weight, ...told(bias, options));
}

/**
 * Transposed convolution over images, the adjoint of conv2d: input [n, c, h, w] or [c, h, w], weight [c, outputs / groups,
 * kh, kw]; gives oh = (h - 1) stride - 2 padding + dilation (kh - 1) + outputPadding + 1. PyTorch: `conv_transpose2d`.
 *
 * @throws ShapeError for channels that do not agree, a bias that is not one for each output, or a result without elements
 * @throws ValueError for a step that is not whole, or an outputPadding not below stride and dilation
 */
export function convTranspose2d(
  input: TensorLike,
  weight: TensorLike,
  bias?: TensorLike | ConvTransposeOptions | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose("convTranspose2d", 2, input, weight, ...told(bias, options));
}

/** Bias and options: the options may stand in the place of a bias that is left out. */
function told<O extends ConvOptions | ConvTransposeOptions>(
  bias: TensorLike | O | null | undefined,
  options: O,
): [TensorLike | null | undefined, O] {
  return isPlainObject(bias) ? [null, bias as O] : [bias as TensorLike | null | undefined, options];
}

function convolve(
  name: string,
  axes: 1 | 2,
  input: TensorLike,
  weight: TensorLike,
  bias: TensorLike | null | undefined,
  options: ConvOptions,
): Tensor {
  checkOptions(name, options, { stride: null, padding: null, dilation: null, groups: 0 });
  const { padding = 0, groups = 1 } = options;
  const given = operands(name, axes, input, weight, bias, groups, 0);
  const { x, w } = given;
  const same = padding === "same";
  if (typeof padding === "string" && !same && padding !== "valid")
    throw new ValueError(name, 'padding as numbers, "same" or "valid"', padding);
  const steps = stepsOf(name, axes, { ...options, padding: typeof padding === "string" ? 0 : padding });
  const { stride, dilation } = steps;
  if (same && stride.some((step) => step !== 1))
    throw new ValueError(name, 'a stride of 1 with padding "same"', `${stride.join()}`);
  const reach = [0, 1].map((i) => dilation[i]! * (w.shape[2 + i]! - 1));
  const pad = same ? pair(reach.map((all) => Math.floor(all / 2))) : steps.pad;
  wholes(name, "padding", pad, 0);
  const size = [0, 1].map((i) => {
    const room = x.shape[2 + i]! - 1 - (same ? 0 : reach[i]! - 2 * pad[i]!);
    if (room < 0) {
      throw new ShapeError(
        name,
        `an image that with its padding is at least as large as the kernel, ${showShape(w.shape.slice(4 - axes))}`,
        showShape(x.shape.slice(4 - axes)),
      );
    }
    return Math.floor(room / stride[i]!) + 1;
  });
  const y = convolution(x, w, { ...steps, pad, groups, size: pair(size) });
  return finish(y, given, axes);
}

function transpose(
  name: string,
  axes: 1 | 2,
  input: TensorLike,
  weight: TensorLike,
  bias: TensorLike | null | undefined,
  options: ConvTransposeOptions,
): Tensor {
  checkOptions(name, options, { stride: null, padding: null, outputPadding: null, dilation: null, groups: 0 });
  const { outputPadding = 0, groups = 1 } = options;
  const given = operands(name, axes, input, weight, bias, groups, 1);
  const { x, w } = given;
  const steps = stepsOf(name, axes, options);
  const { stride, pad, dilation } = steps;
  const more = pairOf(name, "outputPadding", axes, outputPadding, 0);
  for (const i of [0, 1]) {
    if (more[i]! > 0 && more[i]! >= Math.max(stride[i]!, dilation[i]!))
      throw new ValueError(name, "outputPadding less than the stride or the dilation", String(more[i]));
  }
  const size = [0, 1].map((i) => {
    const length =
      (x.shape[2 + i]! - 1) * stride[i]! - 2 * pad[i]! + dilation[i]! * (w.shape[2 + i]! - 1) + more[i]! + 1;
    if (length < 1) throw new ShapeError(name, "a result of at least one element along every axis", String(length));
    return length;
  });
  const y = convolutionInput(x, w, { ...steps, groups, size: pair(size) });
  return finish(y, given, axes);
}

interface Operands {
  /** [n, c, h, w]. */
  readonly x: Tensor;
  readonly w: Tensor;
  /** [outputs, 1, 1]. */
  readonly b: Tensor | null;
  readonly batched: boolean;
}

/** The arguments in two dimensions and of one type, their channels in agreement. The weight's channels are along `axis`. */
function operands(
  name: string,
  axes: 1 | 2,
  input: TensorLike,
  weight: TensorLike,
  bias: TensorLike | null | undefined,
  groups: number,
  outputAxis: 0 | 1,
): Operands {
  const x = asTensor(name, input);
  const w = asTensor(name, weight, x);
  const b = bias === null || bias === undefined ? null : asTensor(name, bias, x);
  wholes(name, "groups", [groups], 1);
  const batched = x.rank === axes + 2;
  const channels = x.shape[batched ? 1 : 0]!;
  const outputs = outputAxis === 0 ? w.shape[0]! : w.shape[1]! * groups;
  const fits =
    (batched || x.rank === axes + 1) &&
    w.rank === axes + 2 &&
    (outputAxis === 0 ? w.shape[1]! * groups === channels && outputs % groups === 0 : w.shape[0] === channels) &&
    channels % groups === 0;
  if (!fits) {
    const kernel = outputAxis === 0 ? "[outputs, c / groups, ..]" : "[c, outputs / groups, ..]";
    throw new ShapeError(
      name,
      `input [n, c, ..] and weight ${kernel} with ${axes} further axes, c and outputs divisible by groups = ${groups}`,
      `${showShape(x.shape)} and ${showShape(w.shape)}`,
    );
  }
  if (w.size === 0 && w.shape.slice(2).includes(0))
    throw new ShapeError(name, "a kernel of at least one element along every axis", showShape(w.shape));
  if (b && (b.rank !== 1 || b.size !== outputs))
    throw new ShapeError(name, `a bias of shape [${outputs}]`, showShape(b.shape));
  const common = promote(x.dtype, w.dtype);
  const dtype = common === "f32" || common === "f64" ? common : defaultDType;
  const spread = (t: Tensor, at: number): number[] => (axes === 2 ? [] : [...t.shape.slice(0, at), 1, t.shape[at]!]);
  const image = batched ? x : reshape(x, [1, ...x.shape]);
  const one = axes === 1;
  return {
    x: castTo(one ? reshape(image, spread(image, 2)) : image, dtype),
    w: castTo(one ? reshape(w, spread(w, 2)) : w, dtype),
    b: b && reshape(b, [outputs, 1, 1]),
    batched,
  };
}

/** With the bias, and without the axes that were not there. */
function finish(y: Tensor, { b, batched }: Operands, axes: 1 | 2): Tensor {
  const z = b ? add(y, b) : y;
  if (batched && axes === 2) return z;
  const [n, c, h, w] = z.shape as readonly [number, number, number, number];
  return reshape(z, [...(batched ? [n] : []), c, ...(axes === 2 ? [h] : []), w]);
}

function pair(list: readonly number[]): Pair {
  return [list[0]!, list[1]!];
}
