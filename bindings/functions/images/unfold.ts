import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { float } from "../../primitives/define.js";
import { embed, reshape, stridedSlice, type Box } from "../../primitives/movement.js";
import { stack } from "../shapes/movement.js";
import { pad as padded } from "../shapes/pad.js";
import { pairOf, stepsOf, type Pair, type PerAxis } from "./window.js";

/** Options of `unfold` and `fold`. */
export interface UnfoldOptions {
  /** From one element of the window to the next. Default 1. */
  dilation?: PerAxis;
  /** Zeros beside the image, on either side. Default 0. */
  padding?: PerAxis;
  /** From one window to the next. Default 1. */
  stride?: PerAxis;
}

const STEPS = { dilation: null, padding: null, stride: null };

/**
 * The windows of images [n, c, h, w] as columns, [n, c kh kw, windows], for a convolution as a matrix product.
 * PyTorch: `unfold`.
 *
 * @throws ShapeError for what are no images, or images smaller than the window
 * @throws ValueError for a step that is not whole
 */
export function unfold(input: TensorLike, kernelSize: PerAxis, options: UnfoldOptions = {}): Tensor {
  checkOptions("unfold", options, STEPS);
  const x = float(asTensor("unfold", input));
  if (x.rank !== 4) throw new ShapeError("unfold", "images [n, c, h, w]", showShape(x.shape));
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  const { kernel, pad, count, boxes } = windows("unfold", [h, w], kernelSize, options);
  const z = pad[0] + pad[1] > 0 ? padded(x, [pad[1], pad[1], pad[0], pad[0]]) : x;
  const taps = boxes.map((box) => stridedSlice(z, { ...box, sizes: [n, c, ...count] }));
  return reshape(stack(taps, 2), [n, c * kernel[0] * kernel[1], count[0] * count[1]]);
}

/**
 * Columns [n, c kh kw, windows] put back where `unfold` took them from in images [n, c, h, w] of the given size, summed
 * where windows overlap. PyTorch: `fold`.
 *
 * @throws ShapeError for columns that are not those of such images
 * @throws ValueError for a step that is not whole
 */
export function fold(input: TensorLike, outputSize: PerAxis, kernelSize: PerAxis, options: UnfoldOptions = {}): Tensor {
  checkOptions("fold", options, STEPS);
  const x = float(asTensor("fold", input));
  const [h, w] = pairOf("fold", "outputSize", 2, outputSize, 1);
  const { kernel, pad, count, boxes } = windows("fold", [h, w], kernelSize, options);
  const taps = kernel[0] * kernel[1];
  if (x.rank !== 3 || x.shape[1]! % taps !== 0 || x.shape[2] !== count[0] * count[1]) {
    throw new ShapeError("fold", `columns [n, c ${taps}, ${count[0] * count[1]}]`, showShape(x.shape));
  }
  const [n, c] = [x.shape[0]!, x.shape[1]! / taps];
  const columns = reshape(x, [n, c, taps, ...count]);
  const parts = boxes.map((_, t) =>
    reshape(stridedSlice(columns, { starts: [0, 0, t, 0, 0], sizes: [n, c, 1, ...count], steps: [1, 1, 1, 1, 1] }), [
      n,
      c,
      ...count,
    ]),
  );
  const places = boxes.map((box) => ({ ...box, sizes: [n, c, ...count] }));
  const whole = embed(parts, places, [n, c, h + 2 * pad[0], w + 2 * pad[1]]);
  if (pad[0] + pad[1] === 0) return whole;
  return stridedSlice(whole, { starts: [0, 0, ...pad], sizes: [n, c, h, w], steps: [1, 1, 1, 1] });
}

/** Where the windows of an image [h, w] lie, as boxes: one for each element of the kernel, with that element of all windows. */
function windows(
  name: string,
  [h, w]: Pair,
  kernelSize: PerAxis,
  options: UnfoldOptions,
): { kernel: Pair; pad: Pair; count: Pair; boxes: Box[] } {
  const kernel = pairOf(name, "kernelSize", 2, kernelSize, 1);
  const { stride, pad, dilation } = stepsOf(name, 2, options);
  const count = [h, w].map((length, i) => {
    const room = length + 2 * pad[i]! - dilation[i]! * (kernel[i]! - 1) - 1;
    if (room < 0) throw new ShapeError(name, "an image at least as large as the window", showShape([h, w]));
    return Math.floor(room / stride[i]!) + 1;
  }) as [number, number];
  const boxes = Array.from({ length: kernel[0] * kernel[1] }, (_, t): Box => {
    const at = [Math.floor(t / kernel[1]), t % kernel[1]];
    return {
      starts: [0, 0, at[0]! * dilation[0], at[1]! * dilation[1]],
      sizes: [0, 0, ...count],
      steps: [1, 1, ...stride],
    };
  });
  return { kernel, pad, count, boxes };
}
