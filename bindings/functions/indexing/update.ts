import { apply } from "../../core/running/apply.js";
import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { composed, ownedBy } from "../../core/running/scopes.js";
import { normalizeAxis, sameShape, showShape, type Shape } from "../../core/shape.js";
import { inNameOf, ShapeError } from "../../errors.js";
import { add, div, gt, lt, maximum, mul, where } from "../../primitives/elementwise/arithmetic.js";
import { asIndex, castTo, computable, dense, expandTo, named, valueFor } from "../../primitives/define.js";
import { fill, iota } from "../../primitives/generate.js";
import { gather, gatherRows, lastPlaces, scatterAddRows } from "../../primitives/indexing.js";
import { embed, identity, reshape, stridedSlice, type Box } from "../../primitives/movement.js";
import { checkWithin, leading, sourceFor } from "../../primitives/within.js";
import { moveAxis } from "../shapes/arrange.js";
import { pickByTensors } from "./advanced.js";
import { selectionOf, type SliceIndex } from "./slice.js";

/**
 * x with elements of another tensor where an index says: for axis 0 of a matrix, y[index[i, j], j] = source[i, j]. The index
 * has as many axes as x; along the other ones it may be shorter. The source is a number, or has at least the index's lengths.
 * Of several sources for one element the last one counts, and it alone has the derivative.
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws ShapeError for an index or a source that does not fit x
 * @throws AxisError for an axis that x does not have
 */
export function scatter(x: TensorLike, axis: number, index: TensorLike, source: TensorLike): Tensor {
  const t = asTensor("scatter", x);
  const along = normalizeAxis("scatter", axis, t.rank || 1);
  const positions = asIndex(index, "scatter");
  const box = checkWithin("scatter", t, positions, along);
  return ownedBy("scatter", () => {
    const values = sourceFor("scatter", valueFor("scatter", source, t), positions.shape);
    const all = leading(reshape(iota(t.size, "i32"), t.shape), box);
    const places = apply(named(gather.primitive, "scatter"), [dense(all), dense(positions)], along);
    return put(t, places, values);
  });
}

/**
 * x with `value`, which broadcasts, in the place of `slice(x, ...index)`: x itself stays as it is.
 *
 * @throws IndexError for what is outside, or no index
 * @throws ShapeError for a value that does not broadcast to the part
 */
export function sliceAssign(x: TensorLike, index: readonly SliceIndex[], value: TensorLike): Tensor {
  return ownedBy("sliceAssign", () => {
    const t = asTensor("sliceAssign", x);
    const { box, shape, tensors } = selectionOf("sliceAssign", t, index);
    const given = valueFor("sliceAssign", value, t);
    if (tensors.length === 0 && box.steps.every((step) => Math.abs(step) === 1))
      return replaced(t, box, reshape(broadcast(given, shape), box.sizes));
    // Elsewhere by the places of the elements.
    const places = reshape(stridedSlice(reshape(iota(t.size, "i32"), t.shape), box), shape);
    const chosen = tensors.length === 0 ? places : pickByTensors("sliceAssign", places, tensors);
    return put(t, chosen, broadcast(given, chosen.shape));
  });
}

/** x with values at places of the flattened tensor; of several values for one place the last one counts. */
export function put(x: Tensor, places: Tensor, values: Tensor): Tensor {
  const n = places.size;
  if (n === 0) return identity(x);
  // Where there is none, -1 takes the last one, which is not used.
  const number = lastPlaces(reshape(places, [n]), x.size);
  const chosen = gatherRows(reshape(values, [n]), number);
  return reshape(where(lt(number, 0), reshape(x, [x.size]), chosen), x.shape);
}

function broadcast(value: Tensor, shape: Shape): Tensor {
  // Leading axes of length 1 are as good as none.
  const extra = value.rank - shape.length;
  const lead = extra > 0 && value.shape.slice(0, extra).every((length) => length === 1);
  return inNameOf("sliceAssign", () => expandTo(lead ? reshape(value, value.shape.slice(extra)) : value, shape));
}

/** x with a part in the place of a box without gaps: every element is written once. */
function replaced(x: Tensor, box: Box, inner: Tensor): Tensor {
  const ones = x.shape.map(() => 1);
  const low = box.starts.map((start, axis) => (box.steps[axis]! < 0 ? start - box.sizes[axis]! + 1 : start));
  if (inner.size === 0) return identity(x);
  const boxes: Box[] = [];
  for (const [axis, length] of x.shape.entries()) {
    // Along earlier axes what is left lies beside the box, along later ones across the whole.
    const slab = (start: number, size: number): void => {
      if (size <= 0) return;
      boxes.push({
        starts: low.map((from, i) => (i < axis ? from : i === axis ? start : 0)),
        sizes: x.shape.map((whole, i) => (i < axis ? box.sizes[i]! : i === axis ? size : whole)),
        steps: ones,
      });
    };
    slab(0, low[axis]!);
    slab(low[axis]! + box.sizes[axis]!, length - low[axis]! - box.sizes[axis]!);
  }
  return embed([inner, ...boxes.map((rest) => stridedSlice(x, rest))], [box, ...boxes], x.shape, true);
}

/**
 * x with one value, a number or a 0-d tensor that x's dtype can hold, along an axis where the index says.
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws AxisError for an axis that x does not have
 */
export function indexFill(x: TensorLike, axis: number, index: TensorLike, value: TensorLike): Tensor {
  return composed("indexFill", x, () => {
    const t = asTensor("indexFill", x);
    const along = normalizeAxis("indexFill", axis, t.rank || 1);
    const positions = asIndex(index, "indexFill");
    const given = valueFor("indexFill", value, t);
    if (given.rank > 0) throw new ShapeError("indexFill", "a number or a 0-d tensor", showShape(given.shape));
    const hits = scatterAddRows(fill(positions.shape, 1, "i32"), positions, t.shape[along] ?? 1, "indexFill");
    const lengths = t.shape.map((length, i) => (i === along ? length : 1));
    return where(reshape(gt(hits, 0), lengths), given, t);
  });
}

/**
 * x with parts of `source` added along an axis where the index [n] says, `alpha` times: y[.., index[i], ..] += alpha source[.., i, ..].
 *
 * @throws IndexError for an index that is outside the axis, or no whole number
 * @throws ShapeError for a source that is not of the shape of x with an entry for each index
 * @throws AxisError for an axis that x does not have
 */
export function indexAdd(
  x: TensorLike,
  axis: number,
  index: TensorLike,
  source: TensorLike,
  options?: { alpha?: number },
): Tensor {
  const { alpha } = optionsOf("indexAdd", options, { alpha: 1 });
  const t = computable(asTensor("indexAdd", x), "number");
  const along = normalizeAxis("indexAdd", axis, t.rank);
  const positions = asIndex(index, "indexAdd");
  const given = valueFor("indexAdd", source, t);
  const expected = t.shape.map((length, i) => (i === along ? positions.size : length));
  if (positions.rank !== 1 || !sameShape(given.shape, expected))
    throw new ShapeError(
      "indexAdd",
      `an index [n] and a source ${showShape(expected)}`,
      `${showShape(positions.shape)} and ${showShape(given.shape)}`,
    );
  const added = moveAxis(scatterAddRows(moveAxis(given, along, 0), positions, t.shape[along]!, "indexAdd"), 0, along);
  return add(t, alpha === 1 ? added : mul(added, alpha));
}

/**
 * Sums of the entries of axis 0 that belong to each of `count` segments, by the segments' numbers [n].
 *
 * @throws IndexError for a segment that is not below the count
 * @throws ShapeError unless there is one segment for each entry
 * @throws ValueError for a count that is no whole number from 0
 */
export function segmentSum(data: TensorLike, segments: TensorLike, count: number): Tensor {
  const t = computable(asTensor("segmentSum", data), "number");
  const positions = asIndex(segments, "segmentSum");
  checkWhole("segmentSum", "count", count, 0);
  if (positions.rank !== 1 || positions.size !== t.shape[0])
    throw new ShapeError("segmentSum", `the segment of each of ${t.shape[0] ?? 0} entries`, showShape(positions.shape));
  return scatterAddRows(t, positions, count, "segmentSum");
}

/**
 * Means of the entries of axis 0 that belong to each of `count` segments; 0 of a segment without any.
 *
 * @throws IndexError for a segment that is not below the count
 * @throws ShapeError unless there is one segment for each entry
 * @throws ValueError for a count that is no whole number from 0
 */
export function segmentMean(data: TensorLike, segments: TensorLike, count: number): Tensor {
  const sums = inNameOf("segmentMean", () => segmentSum(data, segments, count));
  const positions = asIndex(segments, "segmentMean");
  const number = scatterAddRows(fill([positions.size], 1, "i32"), positions, count);
  return div(
    sums,
    castTo(
      reshape(maximum(number, 1), [count, ...sums.shape.slice(1).map(() => 1)]),
      sums.type.float ? sums.dtype : "f32",
    ),
  );
}
