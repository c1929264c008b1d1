import { asTensor, type TensorLike } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import { checkChoice, checkOptions, optionsOf } from "../core/options.js";
import { ownedBy } from "../core/scopes.js";
import { showShape } from "../core/shape.js";
import { ShapeError, ValueError } from "../errors.js";
import { add, mul, sub } from "../primitives/arithmetic.js";
import { float } from "../primitives/define.js";
import { embed, reshape, stridedSlice, type Box } from "../primitives/movement.js";
import { indexSelect, stack } from "./movement.js";
import { pad as padded } from "./pad.js";
import { constantOf, pairOf, wholes, type PerAxis } from "./window.js";

export interface UnfoldOptions {
  /** From one element of the window to the next. Default 1. */
  dilation?: PerAxis;
  /** Zeros beside the image, on either side. Default 0. */
  padding?: PerAxis;
  /** From one window to the next. Default 1. */
  stride?: PerAxis;
}

export interface InterpolateOptions {
  /** The lengths of the result. Either this or `scaleFactor`. */
  size?: PerAxis;
  /** How many times as long the axes become. */
  scaleFactor?: PerAxis;
  /** The nearest element (the default), or a mean of the two nearest along each axis. */
  mode?: "nearest" | "linear" | "bilinear";
  /** Whether the first and the last elements stay where they are, rather than the edges; not for "nearest". Default false. */
  alignCorners?: boolean;
}

const STEPS = { dilation: null, padding: null, stride: null };

/** Where the windows of an image [h, w] lie, as boxes: one for each element of the kernel, with that element of all windows. */
function windows(
  name: string,
  [h, w]: readonly [number, number],
  kernelSize: PerAxis,
  options: UnfoldOptions,
): {
  kernel: readonly [number, number];
  pad: readonly [number, number];
  count: readonly [number, number];
  boxes: Box[];
} {
  const { dilation = 1, padding = 0, stride = 1 } = options;
  const kernel = pairOf(name, "kernelSize", 2, kernelSize, 1, 1);
  const d = pairOf(name, "dilation", 2, dilation, 1, 1);
  const pad = pairOf(name, "padding", 2, padding, 0, 0);
  const s = pairOf(name, "stride", 2, stride, 1, 1);
  const count = [h, w].map((length, i) => {
    const room = length + 2 * pad[i]! - d[i]! * (kernel[i]! - 1) - 1;
    if (room < 0) throw new ShapeError(name, "an image at least as large as the window", showShape([h, w]));
    return Math.floor(room / s[i]!) + 1;
  }) as [number, number];
  const boxes = Array.from({ length: kernel[0] * kernel[1] }, (_, t): Box => {
    const at = [Math.floor(t / kernel[1]), t % kernel[1]];
    return { starts: [0, 0, at[0]! * d[0], at[1]! * d[1]], sizes: [0, 0, ...count], steps: [1, 1, ...s] };
  });
  return { kernel, pad, count, boxes };
}

/**
 * The windows of images [n, c, h, w] as columns, [n, c kh kw, windows], for a convolution as a matrix product. As PyTorch's
 * function of the name.
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
 * Columns [n, c kh kw, windows] put back where `unfold` took them from in images [n, c, h, w] of the given size, summed where
 * windows overlap. As PyTorch's function of the name.
 */
export function fold(input: TensorLike, outputSize: PerAxis, kernelSize: PerAxis, options: UnfoldOptions = {}): Tensor {
  checkOptions("fold", options, STEPS);
  const x = float(asTensor("fold", input));
  const [h, w] = pairOf("fold", "outputSize", 2, outputSize, 1, 1);
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

/**
 * Images [n, c, ..] in another size: each element the nearest one ("nearest"), or a mean of the nearest along each axis,
 * weighted by distance ("linear" for length, "bilinear" for images). As PyTorch's function of the name.
 */
export function interpolate(input: TensorLike, options?: InterpolateOptions): Tensor {
  const { size, scaleFactor, mode, alignCorners } = optionsOf("interpolate", options, {
    size: undefined,
    scaleFactor: undefined,
    mode: "nearest",
    alignCorners: false,
  });
  const x = float(asTensor("interpolate", input));
  const axes = x.rank - 2;
  const wanted = { nearest: axes, linear: 1, bilinear: 2 }[mode] as number | undefined;
  if (wanted === undefined) throw new ValueError("interpolate", "a mode among nearest, linear, bilinear", String(mode));
  if (axes < 1 || axes !== wanted)
    throw new ShapeError(
      "interpolate",
      `an input [n, c, ..] with ${mode === "nearest" ? "some" : wanted} further axes`,
      showShape(x.shape),
    );
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ValueError("interpolate", "either size or scaleFactor", size === undefined ? "neither" : "both");
  const given = size ?? scaleFactor!;
  const list = Array.isArray(given) ? (given as readonly number[]) : new Array<number>(axes).fill(given as number);
  if (list.length !== axes || list.some((number) => typeof number !== "number"))
    throw new ValueError("interpolate", `a number or ${axes} numbers`, showShape(list));
  if (alignCorners) checkChoice("interpolate", "mode with alignCorners", mode, ["linear", "bilinear"]);
  let y = x;
  for (const [i, number] of list.entries()) {
    const length = x.shape[2 + i]!;
    const result = scaleFactor === undefined ? number : Math.floor(length * number);
    wholes("interpolate", "lengths of the result", [result], 1);
    if (length === 0) throw new ShapeError("interpolate", "an input of at least one element", showShape(x.shape));
    // As PyTorch does: a factor that was given is taken as it is.
    const step = scaleFactor === undefined ? length / result : 1 / number;
    y = ownedBy("interpolate", () =>
      mode === "nearest" ? nearest(y, 2 + i, result, step) : linear(y, 2 + i, result, step, alignCorners),
    );
  }
  return y;
}

function nearest(x: Tensor, axis: number, count: number, step: number): Tensor {
  const last = x.shape[axis]! - 1;
  return indexSelect(
    x,
    axis,
    Int32Array.from({ length: count }, (_, i) => Math.min(Math.floor(i * step), last)),
  );
}

function linear(x: Tensor, axis: number, count: number, step: number, alignCorners: boolean): Tensor {
  const last = x.shape[axis]! - 1;
  const places = Array.from({ length: count }, (_, i) =>
    alignCorners ? (count > 1 ? (i * last) / (count - 1) : 0) : Math.max((i + 0.5) * step - 0.5, 0),
  );
  const below = places.map((place) => Math.min(Math.floor(place), last));
  const shares = places.map((place, i) => (below[i] === last ? 0 : place - below[i]!));
  const weight = constantOf(shares, [count, ...x.shape.slice(axis + 1).map(() => 1)], x.dtype);
  const low = indexSelect(x, axis, Int32Array.from(below));
  const high = indexSelect(
    x,
    axis,
    Int32Array.from(below, (i) => Math.min(i + 1, last)),
  );
  return add(low, mul(sub(high, low), weight));
}
