import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { sameShape, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, eq, gt, lt, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { neg, relu } from "../../primitives/elementwise/unary.js";
import { cosineSimilarity, vectorNorm } from "../norms/distance.js";
import { lossOf, MEAN, type LossOptions } from "./reduce.js";

/** Options of losses with a margin, such as `marginRankingLoss`. */
export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. */
  margin?: number;
}

/**
 * max(0, margin - target (x1 - x2)): where the target is 1, x1 should be the larger by the margin (default 0), where -1, x2.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function marginRankingLoss(x1: TensorLike, x2: TensorLike, target: TensorLike, options?: MarginOptions): Tensor {
  return lossOf("marginRankingLoss", [x1, x2, target], options, { margin: 0, ...MEAN }, (a, b, { margin }, y) =>
    relu(add(mul(neg(y), sub(a, b)), margin)),
  );
}

/**
 * x where the target is 1, max(0, margin - x) where it is -1; the margin is 1 by default.
 *
 * @throws ShapeError for tensors of different shapes
 */
export function hingeEmbeddingLoss(input: TensorLike, target: TensorLike, options?: MarginOptions): Tensor {
  // The target only chooses: as the third, its dtype is not the result's.
  return lossOf("hingeEmbeddingLoss", [input, input, target], options, { margin: 1, ...MEAN }, (x, _, { margin }, y) =>
    where(gt(y, 0), x, relu(sub(margin, x))),
  );
}

/**
 * Of vectors [n, d] (or one, [d]) and targets [n]: 1 less the cosine of their angle where the target is 1, the cosine as far as
 * it is above the margin (default 0) where it is -1.
 *
 * @throws ShapeError for vectors of different shapes, or targets that are not one for each
 */
export function cosineEmbeddingLoss(
  x1: TensorLike,
  x2: TensorLike,
  target: TensorLike,
  options?: MarginOptions,
): Tensor {
  return lossOf("cosineEmbeddingLoss", [x1, x2], options, { margin: 0, ...MEAN }, (a, b, { margin }) => {
    const y = asTensor("cosineEmbeddingLoss", target);
    if (a.rank === 0 || a.rank > 2 || !sameShape(y.shape, a.shape.slice(0, -1)))
      throw new ShapeError(
        "cosineEmbeddingLoss",
        "vectors [n, d] or [d], and targets [n] or []",
        `${showShape(a.shape)} and ${showShape(y.shape)}`,
      );
    const cosine = cosineSimilarity(a, b, -1, { eps: 1e-12 });
    const apart = where(lt(y, 0), relu(sub(cosine, margin)), mul(cosine, 0));
    return where(eq(y, 1), sub(1, cosine), apart);
  });
}

/** Options of `tripletMarginLoss`. */
export interface TripletOptions extends MarginOptions {
  /** The order of the norm of the differences. Default 2. */
  p?: number;
  /** Added to every difference, which keeps the distance away from 0. Default 1e-6. */
  eps?: number;
  /** Take the distance from positive to negative, where it is smaller, for that from the anchor. Default false. */
  swap?: boolean;
}

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin) of vectors [.., d]; the margin is 1 by default. Source: Balntas
 * et al. (2016).
 *
 * @throws ShapeError for tensors of different shapes
 * @throws ValueError for a p that is not above 0
 */
export function tripletMarginLoss(
  anchor: TensorLike,
  positive: TensorLike,
  negative: TensorLike,
  options?: TripletOptions,
): Tensor {
  const defaults = { margin: 1, p: 2, eps: 1e-6, swap: false, ...MEAN };
  const given = [anchor, positive, negative] as const;
  return lossOf("tripletMarginLoss", given, options, defaults, (a, near, { margin, p, eps, swap }, far) => {
    if (!(p > 0)) throw new ValueError("tripletMarginLoss", "p above 0", String(p));
    const distance = (x: Tensor, y: Tensor): Tensor => vectorNorm(add(sub(x, y), eps), p, -1);
    let away = distance(a, far);
    if (swap) {
      const other = distance(near, far);
      away = where(lt(other, away), other, away);
    }
    return relu(add(sub(distance(a, near), away), margin));
  });
}
