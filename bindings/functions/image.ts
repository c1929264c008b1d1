import { asTensor, type TensorLike } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import { checkChoice, checkOptions, optionsOf } from "../core/options.js";
import { composed } from "../core/scopes.js";
import { showShape } from "../core/shape.js";
import { ShapeError, ValueError } from "../errors.js";
import { add, mul, sub } from "../primitives/arithmetic.js";
import { float } from "../primitives/define.js";
import { embed, reshape, stridedSlice, type Box } from "../primitives/movement.js";
import { indexSelect, stack } from "./movement.js";
import { pad as padded } from "./pad.js";
import { adaptiveAvgPool1d, adaptiveAvgPool2d } from "./pooling.js";
import { constantOf, pairOf, wholes, type PerAxis } from "./window.js";

/** Options of `unfold` and `fold`. */
export interface UnfoldOptions {
  /** From one element of the window to the next. Default 1. */
  dilation?: PerAxis;
  /** Zeros beside the image, on either side. Default 0. */
  padding?: PerAxis;
  /** From one window to the next. Default 1. */
  stride?: PerAxis;
}

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** The lengths of the result. Either this or `scaleFactor`. */
  size?: PerAxis;
  /** How many times as long the axes become. */
  scaleFactor?: PerAxis;
  /** How an element is made of those around it. Default "nearest". */
  mode?: keyof typeof AXES;
  /**
   * Whether the first and the last elements stay where they are, rather than the edges; only where neighbours are weighted.
   * Default false.
   */
  alignCorners?: boolean;
}

const STEPS = { dilation: null, padding: null, stride: null };

/** How many axes beyond [n, c] a mode weighs neighbours along; 0 where it weighs none, and takes any number. */
const AXES = { nearest: 0, "nearest-exact": 0, area: 0, linear: 1, bilinear: 2, trilinear: 3, bicubic: 2 };

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
 * Images [n, c, ..] in another size: each element the nearest one ("nearest", or "nearest-exact", which goes from middle to
 * middle); the mean of what it covers ("area", of length and images); of the two nearest along each axis, weighted by distance
 * ("linear" for length, "bilinear" for images, "trilinear" for volumes); or of the four nearest, by cubic convolution ("bicubic",
 * of images). As PyTorch's function of the name.
 */
export function interpolate(input: TensorLike, options?: InterpolateOptions): Tensor {
  const { size, scaleFactor, mode, alignCorners } = optionsOf("interpolate", options, {
    size: undefined,
    scaleFactor: undefined,
    mode: "nearest",
    alignCorners: false,
  });
  return composed("interpolate", input, () => {
    const x = float(asTensor("interpolate", input));
    const axes = x.rank - 2;
    checkChoice("interpolate", "mode", mode, Object.keys(AXES));
    const wanted = AXES[mode];
    if (axes < 1 || axes !== (wanted || axes) || (mode === "area" && axes > 2))
      throw new ShapeError(
        "interpolate",
        `an input [n, c, ..] with ${wanted || (mode === "area" ? "1 or 2" : "some")} further axes`,
        showShape(x.shape),
      );
    if ((size === undefined) === (scaleFactor === undefined))
      throw new ValueError("interpolate", "either size or scaleFactor", size === undefined ? "neither" : "both");
    const given = size ?? scaleFactor!;
    const list = Array.isArray(given) ? (given as readonly number[]) : new Array<number>(axes).fill(given as number);
    if (list.length !== axes || list.some((number) => typeof number !== "number"))
      throw new ValueError("interpolate", `a number or ${axes} numbers`, showShape(list));
    if (alignCorners)
      checkChoice("interpolate", "mode with alignCorners", mode, ["linear", "bilinear", "trilinear", "bicubic"]);
    const lengths: number[] = [];
    let y = x;
    for (const [i, number] of list.entries()) {
      const length = x.shape[2 + i]!;
      const result = scaleFactor === undefined ? number : Math.floor(length * number);
      wholes("interpolate", "lengths of the result", [result], 1);
      if (length === 0) throw new ShapeError("interpolate", "an input of at least one element", showShape(x.shape));
      // As PyTorch does: a factor that was given is taken as it is.
      const step = scaleFactor === undefined ? length / result : 1 / number;
      lengths.push(result);
      if (mode === "area") continue;
      // Where the middle of each element lies; where its beginning does, for the nearest one.
      const places = Array.from({ length: result }, (_, place) => {
        if (mode === "nearest") return place * step;
        if (alignCorners) return result > 1 ? (place * (length - 1)) / (result - 1) : 0;
        return (place + 0.5) * step - (wanted && 0.5);
      });
      const make = wanted === 0 ? nearest : mode === "bicubic" ? cubic : linear;
      y = composed("interpolate", y, () => make(y, 2 + i, places));
    }
    return mode === "area" ? (axes === 1 ? adaptiveAvgPool1d : adaptiveAvgPool2d)(x, lengths) : y;
  });
}

/** The elements at places `by` after those that are given, and at the ends where there are none. */
function nearest(x: Tensor, axis: number, places: readonly number[], by = 0): Tensor {
  const last = x.shape[axis]! - 1;
  return indexSelect(
    x,
    axis,
    Int32Array.from(places, (place) => Math.max(0, Math.min(Math.floor(place) + by, last))),
  );
}

/** Weights along an axis of x: how far each place is beyond the element before it, or what is made of that. */
function weights(x: Tensor, axis: number, places: readonly number[], of = (t: number) => t): Tensor {
  const shape = [places.length, ...x.shape.slice(axis + 1).map(() => 1)];
  return constantOf(
    places.map((place) => of(place - Math.floor(place))),
    shape,
    x.dtype,
  );
}

function linear(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const low = nearest(x, axis, places);
  return add(low, mul(sub(nearest(x, axis, places, 1), low), weights(x, axis, places)));
}

/** Keys (1981), with a = -3/4: (a+2) d³ - (a+3) d² + 1 up to a distance of 1, a (d³ - 5 d² + 8 d - 4) up to 2. */
function cubic(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const near = (d: number): number => (1.25 * d - 2.25) * d * d + 1;
  const far = (d: number): number => -0.75 * (((d - 5) * d + 8) * d - 4);
  const taps = [(t: number) => far(1 + t), near, (t: number) => near(1 - t), (t: number) => far(2 - t)];
  return taps
    .map((weigh, i) => mul(nearest(x, axis, places, i - 1), weights(x, axis, places, weigh)))
    .reduce((sum, term) => add(sum, term));
}
