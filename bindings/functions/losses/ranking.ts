import { asTensor, type TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, eq, gt, lt, mul, sub, where } from "../../primitives/arithmetic.js";
import { neg, relu } from "../../primitives/elementwise.js";
import { cosineSimilarity, vectorNorm } from "../distance.js";
import { allOfOneShape, MEAN, reduce, type LossOptions } from "./reduce.js";

export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. */
  margin?: number;
}

/** max(0, margin - target (x1 - x2)): where the target is 1, x1 should be the larger by the margin (default 0), where -1, x2. */
export function marginRankingLoss(x1: TensorLike, x2: TensorLike, target: TensorLike, options?: MarginOptions): Tensor {
  const { margin, reduction } = optionsOf("marginRankingLoss", options, { margin: 0, ...MEAN });
  const [a, b, y] = allOfOneShape("marginRankingLoss", x1, x2, target) as [Tensor, Tensor, Tensor];
  return reduce("marginRankingLoss", relu(add(mul(neg(y), sub(a, b)), margin)), reduction);
}

/** x where the target is 1, max(0, margin - x) where it is -1; the margin is 1 by default. */
export function hingeEmbeddingLoss(input: TensorLike, target: TensorLike, options?: MarginOptions): Tensor {
  const { margin, reduction } = optionsOf("hingeEmbeddingLoss", options, { margin: 1, ...MEAN });
  const [x, y] = allOfOneShape("hingeEmbeddingLoss", input, target) as [Tensor, Tensor];
  return reduce("hingeEmbeddingLoss", where(gt(y, 0), x, relu(sub(margin, x))), reduction);
}

/**
 * Of vectors [n, d] (or one, [d]) and targets [n]: 1 less the cosine of their angle where the target is 1, the cosine as far as
 * it is above the margin (default 0) where it is -1.
 */
export function cosineEmbeddingLoss(
  x1: TensorLike,
  x2: TensorLike,
  target: TensorLike,
  options?: MarginOptions,
): Tensor {
  const { margin, reduction } = optionsOf("cosineEmbeddingLoss", options, { margin: 0, ...MEAN });
  const [a, b] = allOfOneShape("cosineEmbeddingLoss", x1, x2) as [Tensor, Tensor];
  const y = asTensor("cosineEmbeddingLoss", target);
  if (a.rank === 0 || a.rank > 2 || y.rank !== a.rank - 1 || (y.rank === 1 && y.size !== a.shape[0]))
    throw new ShapeError(
      "cosineEmbeddingLoss",
      "vectors [n, d] or [d], and targets [n] or []",
      `${showShape(a.shape)} and ${showShape(y.shape)}`,
    );
  const cosine = cosineSimilarity(a, b, -1, { eps: 1e-12 });
  const apart = where(lt(y, 0), relu(sub(cosine, margin)), mul(cosine, 0));
  return reduce("cosineEmbeddingLoss", where(eq(y, 1), sub(1, cosine), apart), reduction);
}

export interface TripletOptions extends MarginOptions {
  /** Of the norm of the differences. Default 2. */
  p?: number;
  /** Added to every difference, which keeps the distance away from 0. Default 1e-6. */
  eps?: number;
  /** Take the distance from positive to negative, where it is smaller, for that from the anchor. Default false. */
  swap?: boolean;
}

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin) of vectors [.., d]; the margin is 1 by default. Source: Balntas
 * et al. (2016).
 */
export function tripletMarginLoss(
  anchor: TensorLike,
  positive: TensorLike,
  negative: TensorLike,
  options?: TripletOptions,
): Tensor {
  const { margin, p, eps, swap, reduction } = optionsOf("tripletMarginLoss", options, {
    margin: 1,
    p: 2,
    eps: 1e-6,
    swap: false,
    ...MEAN,
  });
  if (!(p > 0)) throw new ValueError("tripletMarginLoss", "p above 0", String(p));
  const [a, near, far] = allOfOneShape("tripletMarginLoss", anchor, positive, negative) as [Tensor, Tensor, Tensor];
  const distance = (x: Tensor, y: Tensor): Tensor => vectorNorm(add(sub(x, y), eps), p, -1);
  let away = distance(a, far);
  if (swap) {
    const other = distance(near, far);
    away = where(lt(other, away), other, away);
  }
  return reduce("tripletMarginLoss", relu(add(sub(distance(a, near), away), margin)), reduction);
}
