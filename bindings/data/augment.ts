import "../methods.js";
import { withTracking } from "../core/running/apply.js";
import { checkWhole } from "../core/checks.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { listOf, showShape } from "../core/shape.js";
import { arange } from "../functions/creation.js";
import { flip } from "../functions/shapes/movement.js";
import { pad } from "../functions/shapes/pad.js";
import { defaultGenerator, type Generator } from "../functions/random/random.js";
import { ShapeError } from "../errors.js";
import { where } from "../primitives/elementwise/arithmetic.js";
import { gather } from "../primitives/indexing.js";
import { checkOptions } from "../shared/options.js";

/** Options of `randomFlip`, `randomCrop` and `randomShift`. */
export interface AugmentOptions {
  /** Where the choices come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Each image of a batch [n, .., height, width] mirrored left to right with probability p (default 0.5). Three axes are images of one
 * channel: an image [channels, height, width] goes in as a batch of one, or after `collate`.
 */
export function randomFlip(images: TensorLike, options: AugmentOptions & { p?: number } = {}): Tensor {
  checkOptions("randomFlip", options, { generator: null, p: 0 });
  const { generator = defaultGenerator(), p = 0.5 } = options;
  return augmenting("randomFlip", images, (x) => {
    const chosen = generator.bernoulli(p, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
    return where(chosen, flip(x, -1), x);
  });
}

/** A part of each image of a batch [n, .., height, width] of so many rows and columns, wherever in the image. */
export function randomCrop(
  images: TensorLike,
  size: readonly [rows: number, columns: number],
  options: AugmentOptions = {},
): Tensor {
  checkOptions("randomCrop", options, { generator: null });
  const [rows, columns] = listOf(size) as readonly [number, number];
  const { generator = defaultGenerator() } = options;
  return augmenting("randomCrop", images, (x) => {
    const [height, width] = x.shape.slice(-2) as [number, number];
    if (![rows, columns].every((n) => Number.isInteger(n) && n > 0) || rows > height || columns > width)
      throw new ShapeError("randomCrop", `1 to ${height} rows and 1 to ${width} columns`, `${rows} and ${columns}`);
    return crop(crop(x, x.rank - 2, rows, generator), x.rank - 1, columns, generator);
  });
}

/** Each image of a batch [n, .., height, width] moved by up to so many pixels in both directions; `value` (0) comes in. */
export function randomShift(
  images: TensorLike,
  pixels: number,
  options: AugmentOptions & { value?: number } = {},
): Tensor {
  checkOptions("randomShift", options, { generator: null, value: 0 });
  const { generator = defaultGenerator(), value = 0 } = options;
  checkWhole("randomShift", "number of pixels", pixels, 0);
  return augmenting("randomShift", images, (x) => {
    const room = x.shape.map((_, axis): [number, number] => (axis < x.rank - 2 ? [0, 0] : [pixels, pixels]));
    return randomCrop(pad(x, room, { value }), x.shape.slice(-2) as [number, number], { generator });
  });
}

/** So many positions along an axis, begun at a place that each example draws. */
function crop(x: Tensor, axis: number, length: number, generator: Generator): Tensor {
  const along = (size: number, at: number): number[] => x.shape.map((_, i) => (i === at ? size : 1));
  const starts = generator.integers(0, x.shape[axis]! - length + 1, along(x.shape[0]!, 0));
  const positions = starts.add(arange(0, length, 1, { dtype: "i32" }).reshape(along(length, axis)));
  const shape = x.shape.map((size, i) => (i === axis ? length : size));
  return gather(x, axis, positions.expand(shape));
}

function augmenting(operation: string, images: TensorLike, change: (x: Tensor) => Tensor): Tensor {
  return withTracking(false, () =>
    ownedBy(operation, () => {
      const x = asTensor(operation, images);
      if (x.rank < 3) throw new ShapeError(operation, "a batch of images [n, .., height, width]", showShape(x.shape));
      return change(x);
    }),
  );
}
