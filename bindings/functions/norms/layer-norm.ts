import { inPlaceOf } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { promote, spacing } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions, optionsOf } from "../../core/options.js";
import { listOf, sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { castTo, float } from "../../primitives/define.js";
import { fill } from "../../primitives/generate.js";
import { reshape } from "../../primitives/movement.js";
import { layerNorm as layerNormRows, rmsNorm as rmsNormRows } from "../../primitives/reductions/norm.js";

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Times the normalised values, of the normalised shape. */
  weight?: TensorLike | null;
  /** Added to the variance or mean square. Default 1e-5 for layerNorm, for rmsNorm the distance from 1 to the next number. */
  eps?: number;
}

/** Options of `layerNorm`. */
export interface LayerNormOptions extends RmsNormOptions {
  /** Added to the scaled values, of the normalised shape. */
  bias?: TensorLike | null;
}

/**
 * (x - m) / √(v + eps) · weight + bias, with mean m and variance v (without Bessel's correction) over the last axes, whose
 * lengths `normalizedShape` says; by default the last axis (Ba, Kiros and Hinton 2016). PyTorch: `layer_norm`.
 */
export function layerNorm(x: TensorLike, normalizedShape?: number | Shape, options?: LayerNormOptions): Tensor {
  const { weight, bias, eps } = optionsOf("layerNorm", options, { weight: null, bias: null, eps: 1e-5 });
  return normalise("layerNorm", layerNormRows, x, normalizedShape, [weight, bias], () => eps);
}

/** x / √(mean x² + eps) · weight over the last axes, by default the last (Zhang and Sennrich 2019). PyTorch: `rms_norm`. */
export function rmsNorm(x: TensorLike, normalizedShape?: number | Shape, options: RmsNormOptions = {}): Tensor {
  checkOptions("rmsNorm", options, { weight: null, eps: 0 });
  const { weight = null, eps } = options;
  return normalise("rmsNorm", rmsNormRows, x, normalizedShape, [weight, null], (t) => eps ?? spacing[t.dtype]!);
}

function normalise(
  name: string,
  rows: typeof layerNormRows,
  value: TensorLike,
  normalizedShape: number | Shape | undefined,
  affine: readonly (TensorLike | null | undefined)[],
  eps: (x: Tensor) => number,
): Tensor {
  const x = float(asTensor(name, value));
  const shape = listOf<number>(normalizedShape ?? x.shape.slice(-1));
  const lead = x.shape.slice(0, x.rank - shape.length);
  if (shape.length === 0 || !sameShape([...lead, ...shape], x.shape))
    throw new ShapeError(name, `a tensor whose last axes are ${showShape(shape)}`, showShape(x.shape));
  const given = affine.map((z) => (z === null || z === undefined ? null : asTensor(name, z, x)));
  for (const z of given) {
    if (z && !sameShape(z.shape, shape))
      throw new ShapeError(name, `weight and bias of shape ${showShape(shape)}`, showShape(z.shape));
  }
  const columns = sizeOf(shape);
  const dtype = given.reduce((known, z) => (z ? promote(known, z.dtype) : known), x.dtype);
  const [weight, bias] = given.map((z) => z && castTo(reshape(z, [columns]), dtype));
  const matrix = castTo(reshape(x, [sizeOf(lead), columns]), dtype);
  // The kernel knows no bias without a weight.
  const scale = weight ?? (bias ? fill([columns], 1, dtype) : null);
  const y = rows(matrix, scale, bias ?? null, eps(matrix));
  // The views on the way are nobody else's.
  inPlaceOf(matrix, x);
  for (const [i, z] of [weight, bias].entries()) if (z && given[i]) inPlaceOf(z, given[i]);
  return inPlaceOf(y, reshape(y, x.shape));
}
