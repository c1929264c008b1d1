import { inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { listOf, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { fill } from "../../primitives/generate.js";
import { embed, expand, identity, stridedSlice, type Box } from "../../primitives/movement.js";
import { cat } from "./movement.js";

/**
 * How many elements to add: a number for all sides; NumPy's pairs, [before, after] for each axis; or PyTorch's list, in which
 * such pairs follow one another from the last axis backwards, for as many axes as are padded. Below 0, how many are cut off.
 */
export type PadWidths = number | readonly number[] | readonly Sides[];
type Sides = readonly [before: number, after: number];

/** Options of `pad`. */
export interface PadOptions {
  /**
   * What to add: a constant (the default); the elements as in a mirror that stands on the outermost one; the outermost
   * element again and again; or the elements of the other end, as if the axis were a circle.
   */
  mode?: "constant" | "reflect" | "replicate" | "circular";
  /** The constant, in the type of x. Default 0. */
  value?: number;
}

/**
 * x with elements added around it: `pad(x, 1)`, `pad(x, [[0, 0], [2, 2]], { mode: "reflect" })`, `pad(x, [2, 2])`.
 *
 * @throws ShapeError for widths that do not belong to the axes, or cut off more than there is
 * @throws ValueError for a width that is not whole, or wider than the mode has elements for
 */
export function pad(x: TensorLike, widths: PadWidths, options?: PadOptions): Tensor {
  const { mode, value } = optionsOf("pad", options, { mode: "constant", value: 0 });
  const whole = asTensor("pad", x);
  const given = sidesOf(whole, widths);
  const t = cropped(whole, given);
  const sides = given.map(([before, after]): Sides => [Math.max(before, 0), Math.max(after, 0)]);
  if (mode === "constant") return withConstant(t, sides, value);
  const most = MOST[mode] as ((length: number) => number) | undefined;
  if (!most) throw new ValueError("pad", `a mode among constant, ${Object.keys(MOST).join(", ")}`, String(mode));
  let y = t;
  for (const [axis, [before, after]] of sides.entries()) {
    if (before === 0 && after === 0) continue;
    const length = t.shape[axis]!;
    if (Math.max(before, after) > most(length)) {
      throw new ValueError(
        "pad",
        `widths up to ${most(length)} for axis ${axis} of ${showShape(t.shape)} in mode ${mode}`,
        `${before} and ${after}`,
      );
    }
    const added = (width: number, end: boolean): Tensor[] => (width === 0 ? [] : [side(y, axis, width, end, mode)]);
    y = cat([...added(before, false), y, ...added(after, true)], axis);
  }
  return y === t ? identity(t) : y;
}

/** x without what negative widths cut off. */
function cropped(x: Tensor, sides: readonly Sides[]): Tensor {
  const cut = sides.map((widths) => widths.map((width) => Math.max(-width, 0)));
  if (cut.flat().every((width) => width === 0)) return x;
  const sizes = cut.map(([before, after], axis) => x.shape[axis]! - before! - after!);
  if (sizes.some((size) => size < 0))
    throw new ShapeError("pad", `widths that leave something of ${showShape(x.shape)}`, showShape(sizes));
  return stridedSlice(x, { starts: cut.map(([before]) => before!), sizes, steps: sizes.map(() => 1) });
}

/** The widths before and after each axis. */
function sidesOf(x: Tensor, widths: PadWidths): readonly Sides[] {
  const flat = typeof widths !== "number" && listOf<unknown>(widths).every((width) => typeof width === "number");
  const sides =
    typeof widths === "number"
      ? x.shape.map((): Sides => [widths, widths])
      : flat
        ? x.shape.map((_, axis): Sides => {
            const at = 2 * (x.rank - 1 - axis);
            const of = (i: number): number => (widths as readonly number[])[i] ?? 0;
            return [of(at), of(at + 1)];
          })
        : listOf(widths as readonly Sides[]);
  if (flat ? widths.length % 2 !== 0 || widths.length > 2 * x.rank : sides.length !== x.rank) {
    throw new ShapeError(
      "pad",
      `widths before and after the ${x.rank} axes of ${showShape(x.shape)}`,
      `${listOf<unknown>(widths).length} ${flat ? "numbers" : "pairs"}`,
    );
  }
  if (!flat && sides.some((pair) => listOf<unknown>(pair).length !== 2))
    throw new ShapeError("pad", "two widths for each axis", String(sides));
  for (const width of sides.flat()) {
    if (!Number.isInteger(width)) throw new ValueError("pad", "whole widths", String(width));
  }
  return sides;
}

/** The widest that a side can be. */
const MOST = {
  reflect: (length: number) => Math.max(length - 1, 0),
  replicate: (length: number) => (length > 0 ? Infinity : 0),
  circular: (length: number) => length,
};

/** What is added before or after an axis: part of x, turned or repeated. */
function side(x: Tensor, axis: number, width: number, end: boolean, mode: keyof typeof MOST): Tensor {
  const length = x.shape[axis]!;
  const along = (box: Box["sizes"], entry: number): number[] => box.map((other, i) => (i === axis ? entry : other));
  const start = {
    reflect: end ? length - 2 : width,
    replicate: end ? length - 1 : 0,
    circular: end ? 0 : length - width,
  }[mode];
  const box = {
    starts: along(
      x.shape.map(() => 0),
      start,
    ),
    sizes: along(x.shape, mode === "replicate" ? 1 : width),
    steps: along(
      x.shape.map(() => 1),
      mode === "reflect" ? -1 : 1,
    ),
  };
  const part = stridedSlice(x, box);
  return mode === "replicate" ? inPlaceOf(part, expand(part, along(x.shape, width))) : part;
}

/** Every element of the result is written once: x in the middle, and for each axis a slab before and a slab behind. */
function withConstant(x: Tensor, sides: readonly Sides[], value: number): Tensor {
  const shape = x.shape.map((length, axis) => sides[axis]![0] + length + sides[axis]![1]);
  if (!x.type.float && !Number.isInteger(value))
    throw new ValueError("pad", `a whole value for ${x.dtype}`, String(value));
  const steps = shape.map(() => 1);
  const starts = sides.map(([before]) => before);
  const boxes: Box[] = [{ starts, sizes: x.shape, steps }];
  for (const [axis, [before, after]] of sides.entries()) {
    // Along earlier axes the slab is as long as x, along later ones as long as the result.
    const slab = (start: number, width: number): void => {
      if (width === 0) return;
      boxes.push({
        starts: starts.map((inner, i) => (i < axis ? inner : i === axis ? start : 0)),
        sizes: shape.map((outer, i) => (i < axis ? x.shape[i]! : i === axis ? width : outer)),
        steps,
      });
    };
    slab(0, before);
    slab(shape[axis]! - after, after);
  }
  if (boxes.length === 1) return identity(x);
  const constant = fill([], value, x.dtype);
  const parts = boxes.map((box, i) => (i === 0 ? x : expand(constant, box.sizes)));
  return embed(parts, boxes, shape, true);
}
