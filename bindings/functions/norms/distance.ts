import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions, optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { broadcastShapes, normalizeAxes, normalizeAxis, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, div, eq, lt, mul, ne, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { castTo, dense, float, meet, meetAsFloats } from "../../primitives/define.js";
import { abs, sqrt, square } from "../../primitives/elementwise/unary.js";
import { detach, expand } from "../../primitives/movement.js";
import { pow } from "../../primitives/elementwise/powers.js";
import { KEEPS, type Axes, type ReduceOptions } from "../../primitives/reductions/reduce.js";
import { max, min, sum } from "../../primitives/reductions/reduction.js";
import { cat, transpose, unsqueeze } from "../shapes/movement.js";
import { split } from "../shapes/split.js";

/**
 * The p-norm (Σ |x|^p)^(1/p) over axes, or over all; by default p = 2. Infinity and -Infinity are the largest and the smallest
 * |x|, 0 the number of elements that are not 0. Where a norm has no derivative, at 0, that is taken as 0.
 */
export function vectorNorm(x: TensorLike, p = 2, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("vectorNorm", options, KEEPS);
  return normOf("vectorNorm", x, p, axes, options);
}

/** As `vectorNorm`, for an operation that names itself in what it refuses. */
export function normOf(
  operation: string,
  x: TensorLike,
  p: number,
  given: Axes | undefined,
  options: ReduceOptions = {},
): Tensor {
  return composed(operation, x, () => {
    const t = float(asTensor(operation, x));
    if (typeof p !== "number" || Number.isNaN(p)) throw new ValueError(operation, "an order", String(p));
    const axes = normalizeAxes(operation, given, t.rank);
    if (p === 2) return root(sum(square(t), axes, options), sqrt);
    if (p === 1) return sum(abs(t), axes, options);
    if (p === Infinity) return t.size === 0 ? sum(t, axes, options) : max(abs(t), axes, options);
    if (p === -Infinity) return min(abs(t), axes, options);
    if (p === 0) return castTo(sum(ne(t, 0), axes, options), t.dtype);
    return root(
      sum(
        root(abs(t), (y) => pow(y, p)),
        axes,
        options,
      ),
      (y) => pow(y, 1 / p),
    );
  });
}

/** f(x) without its derivative at 0. Where nothing is differentiated, f(x). */
export function root(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  if (!x.node) return f(x);
  const none = eq(x, 0);
  return where(none, f(detach(x)), f(where(none, 1, x)));
}

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** The order of the norm. Default 2. */
  p?: number;
  /** A norm below this counts as this. Default 1e-12. */
  eps?: number;
}

/** x over its norm along an axis, by default axis 1. */
export function normalize(x: TensorLike, axis = 1, options?: NormalizeOptions): Tensor {
  const { p, eps } = optionsOf("normalize", options, { p: 2, eps: 1e-12 });
  return composed("normalize", x, () => {
    const t = float(asTensor("normalize", x));
    return div(t, lengthOf("normalize", t, p, axis, eps));
  });
}

/** The norm along an axis, which stays; one below eps counts as that. */
function lengthOf(operation: string, x: Tensor, p: number, axis: number, eps: number): Tensor {
  const length = normOf(operation, x, p, axis, { keepDims: true });
  return where(lt(length, eps), eps, length);
}

/** The cosine of the angle between vectors along an axis, by default axis 1, with broadcasting; norms below `eps` count as that. */
export function cosineSimilarity(x1: TensorLike, x2: TensorLike, axis = 1, options?: { eps?: number }): Tensor {
  const { eps } = optionsOf("cosineSimilarity", options, { eps: 1e-8 });
  return composed("cosineSimilarity", x1, () => {
    const [a, b] = meetAsFloats("cosineSimilarity", x1, x2);
    const shape = broadcastShapes("cosineSimilarity", a.shape, b.shape);
    const along = normalizeAxis("cosineSimilarity", axis, shape.length);
    const unit = (x: Tensor): Tensor => {
      const v = expand(x, shape);
      return div(v, lengthOf("cosineSimilarity", v, 2, along, eps));
    };
    return sum(mul(unit(a), unit(b)), along);
  });
}

/** The norm of x1 - x2 + eps along the last axis, with broadcasting. */
export function pairwiseDistance(x1: TensorLike, x2: TensorLike, options?: NormalizeOptions & ReduceOptions): Tensor {
  const { p, eps, keepDims } = optionsOf("pairwiseDistance", options, { p: 2, eps: 1e-6, keepDims: false });
  return composed("pairwiseDistance", x1, () => normOf("pairwiseDistance", add(sub(x1, x2), eps), p, -1, { keepDims }));
}

/** Differences that are there at once, where no derivative wants them all. */
const AT_ONCE = 131_072;

/** The p-norm distances between vectors [.., n, d] and [.., m, d]: [.., n, m]. At distance 0 the derivative is taken as 0. */
export function cdist(x1: TensorLike, x2: TensorLike, options?: { p?: number }): Tensor {
  const { p: order } = optionsOf("cdist", options, { p: 2 });
  if (!(order >= 0)) throw new ValueError("cdist", "a p from 0", String(order));
  const [a, b] = meet("cdist", x1, x2).map(float) as [Tensor, Tensor];
  const d = a.shape[a.rank - 1];
  if (a.rank < 2 || b.rank < 2 || d !== b.shape[b.rank - 1])
    throw new ShapeError("cdist", "[.., n, d] and [.., m, d]", `${showShape(a.shape)} and ${showShape(b.shape)}`);
  const [n, m] = [a.shape[a.rank - 2]!, b.shape[b.rank - 2]!];
  // Few rows at a time, so that all differences are never there at once, unless a derivative wants them.
  const share = Math.ceil(AT_ONCE / (Math.max(b.size, (a.size / n) * m) || 1));
  return composed("cdist", a, () => {
    // Differences [.., d, n, m]: what is added up lies in planes, and rows are long where vectors are short.
    const columns = unsqueeze(dense(transpose(b)), -2);
    const between = (rows: Tensor): Tensor => normOf("cdist", sub(unsqueeze(transpose(rows), -1), columns), order, -3);
    if (a.node || b.node || share >= n) return between(a);
    return cat(
      split(a, share, -2).map((rows) => composed("cdist", rows, () => between(rows))),
      -2,
    );
  });
}
