import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkChoice, optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, mul, sub } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { indexSelect } from "../shapes/movement.js";
import { adaptiveAvgPool1d, adaptiveAvgPool2d } from "./adaptive-pooling.js";
import { constantOf, listOver, wholes, type PerAxis } from "./window.js";

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** The lengths of the result. Either this or `scaleFactor`. */
  size?: PerAxis;
  /** How many times as long the axes become. */
  scaleFactor?: PerAxis;
  /** How an element is made of those around it. Default "nearest". */
  mode?: Mode;
  /**
   * Whether the first and the last elements stay where they are, rather than the edges; only where neighbours are weighted.
   * Default false.
   */
  alignCorners?: boolean;
}

/** How many axes beyond [n, c] a mode weighs neighbours along; 0 where it weighs none, and takes any number. */
const AXES = { nearest: 0, "nearest-exact": 0, area: 0, linear: 1, bilinear: 2, trilinear: 3, bicubic: 2 };

type Mode = keyof typeof AXES;

/**
 * Images [n, c, ..] in another size: each element the nearest one ("nearest", or "nearest-exact", which goes from middle to
 * middle); the mean of what it covers ("area", of length and images); of the two nearest along each axis, weighted by
 * distance ("linear" for length, "bilinear" for images, "trilinear" for volumes); or of the four nearest, by cubic
 * convolution ("bicubic", of images). PyTorch: `interpolate`.
 *
 * @throws ShapeError for an input of more or fewer axes than the mode takes
 * @throws ValueError unless either a size or a scaleFactor is given, and for an unknown mode
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
    checkMode(x, mode, alignCorners);
    const resized = resizedAxes(x, size, scaleFactor);
    if (mode === "area") {
      const lengths = resized.map(({ result }) => result);
      return (lengths.length === 1 ? adaptiveAvgPool1d : adaptiveAvgPool2d)(x, lengths);
    }
    const along = AXES[mode] === 0 ? nearest : mode === "bicubic" ? cubic : linear;
    // Each axis leaves its result alone.
    return resized.reduce(
      (y, axis, i) => composed("interpolate", y, () => along(y, 2 + i, placesOf(axis, mode, alignCorners))),
      x,
    );
  });
}

/** Refuses a mode that is none, or not for an input of so many axes. */
function checkMode(x: Tensor, mode: Mode, alignCorners: boolean): void {
  const modes = Object.keys(AXES) as Mode[];
  checkChoice("interpolate", "mode", mode, modes);
  const axes = x.rank - 2;
  const wanted = AXES[mode];
  if (axes < 1 || axes !== (wanted || axes) || (mode === "area" && axes > 2))
    throw new ShapeError(
      "interpolate",
      `an input [n, c, ..] with ${wanted || (mode === "area" ? "1 or 2" : "some")} further axes`,
      showShape(x.shape),
    );
  if (alignCorners) {
    const weighing = modes.filter((one) => AXES[one] > 0);
    checkChoice("interpolate", "mode with alignCorners", mode, weighing);
  }
}

/** An axis before and after: its lengths, and how many elements it has for one of the result. */
interface Resized {
  readonly length: number;
  readonly result: number;
  readonly step: number;
}

/** What becomes of each axis behind [n, c]. */
function resizedAxes(x: Tensor, size: PerAxis | undefined, scaleFactor: PerAxis | undefined): Resized[] {
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ValueError("interpolate", "either size or scaleFactor", size === undefined ? "neither" : "both");
  const axes = x.rank - 2;
  const list = listOver(axes, size ?? scaleFactor!);
  if (list.length !== axes || list.some((number) => typeof number !== "number"))
    throw new ValueError("interpolate", `a number or ${axes} numbers`, showShape(list));
  return list.map((number, i) => {
    const length = x.shape[2 + i]!;
    const result = scaleFactor === undefined ? number : Math.floor(length * number);
    wholes("interpolate", "lengths of the result", [result], 1);
    if (length === 0) throw new ShapeError("interpolate", "an input of at least one element", showShape(x.shape));
    // As PyTorch does: a factor that was given is taken as it is.
    return { length, result, step: scaleFactor === undefined ? length / result : 1 / number };
  });
}

/** Where in an axis the middle of each element of the result lies; where its beginning does, for the nearest one. */
function placesOf({ length, result, step }: Resized, mode: Mode, alignCorners: boolean): number[] {
  return Array.from({ length: result }, (_, place) => {
    if (mode === "nearest") return place * step;
    if (alignCorners) return result > 1 ? (place * (length - 1)) / (result - 1) : 0;
    return (place + 0.5) * step - (AXES[mode] && 0.5);
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
