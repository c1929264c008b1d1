import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { normalizeAxis, showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, div, gatedMul, ge, gt, le, mul, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { abs, neg, sigmoid, sign, tanh } from "../../primitives/elementwise/unary.js";
import { expm1, softplus } from "../../primitives/elementwise/exponential.js";
import { reshape } from "../../primitives/movement.js";
import { halves } from "../shapes/split.js";

// Everywhere NaN stays NaN. At a kink the derivative is that of the side which the comparison leaves over, as in PyTorch.

/** A function of x as floats. */
function activation(operation: string, x: TensorLike, f: (t: Tensor) => Tensor): Tensor {
  return composed(operation, x, () => f(float(asTensor(operation, x))));
}

/** min(max(x, 0), 6), elementwise. The derivative at 0 and at 6 is taken as 0. */
export function relu6(x: TensorLike): Tensor {
  return activation("relu6", x, (t) => held(t, 0, 6));
}

/** x above 0, `negativeSlope` (default 0.01) times x below; at 0 the derivative is the slope. */
export function leakyRelu(x: TensorLike, options?: { negativeSlope?: number }): Tensor {
  const { negativeSlope } = optionsOf("leakyRelu", options, { negativeSlope: 0.01 });
  return activation("leakyRelu", x, (t) => where(gt(t, 0), t, mul(t, negativeSlope)));
}

/** e^z - 1 of z = x / width where x <= 0, times `scale` ; `slope` x above. */
function exponentialBelow(x: Tensor, slope: number, scale: number, width: number): Tensor {
  const above = gt(x, 0);
  const below = where(above, 0, x); // Above, the exponential might overflow, and infinity times 0 is NaN.
  const curve = mul(expm1(width === 1 ? below : div(below, width)), scale);
  return where(above, slope === 1 ? x : mul(x, slope), curve);
}

/** x above 0, alpha (e^x - 1) below, elementwise. Source: Clevert et al. (2015). */
export function elu(x: TensorLike, options?: { alpha?: number }): Tensor {
  const { alpha } = optionsOf("elu", options, { alpha: 1 });
  return activation("elu", x, (t) => exponentialBelow(t, 1, alpha, 1));
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** 1.0507 times `elu` with alpha = 1.6733, elementwise: layers keep mean 0 and variance 1. Source: Klambauer et al. (2017). */
export function selu(x: TensorLike): Tensor {
  return activation("selu", x, (t) => exponentialBelow(t, SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1));
}

/** x above 0, alpha (e^(x/alpha) - 1) below, elementwise: smooth for every alpha. Source: Barron (2017). */
export function celu(x: TensorLike, options?: { alpha?: number }): Tensor {
  const { alpha } = optionsOf("celu", options, { alpha: 1 });
  return activation("celu", x, (t) => exponentialBelow(t, 1, alpha, alpha));
}

/** x / (1 + |x|), elementwise. */
export function softsign(x: TensorLike): Tensor {
  return activation("softsign", x, (t) => div(t, add(abs(t), 1)));
}

/** Bounds of `hardtanh`. */
export interface HardtanhOptions {
  /** The least value. Default -1. */
  minVal?: number;
  /** The greatest value. Default 1. */
  maxVal?: number;
}

/** x held between two numbers, elementwise; unlike `clamp`'s, its derivative at them is taken as 0. */
export function hardtanh(x: TensorLike, options?: HardtanhOptions): Tensor {
  const { minVal, maxVal } = optionsOf("hardtanh", options, { minVal: -1, maxVal: 1 });
  if (minVal > maxVal) throw new ValueError("hardtanh", "minVal up to maxVal", `${minVal} and ${maxVal}`);
  return activation("hardtanh", x, (t) => held(t, minVal, maxVal));
}

function held(x: Tensor, least: number, most: number): Tensor {
  return where(le(x, least), least, where(ge(x, most), most, x));
}

/** (x + 3) / 6 held between 0 and 1, elementwise. The derivative at -3 and at 3 is taken as 0. */
export function hardsigmoid(x: TensorLike): Tensor {
  return activation("hardsigmoid", x, (t) => div(held(add(t, 3), 0, 6), 6));
}

/** x times `hardsigmoid`, elementwise. The derivative is taken as 0 at -3 and as 1 at 3. Source: Howard et al. (2019). */
export function hardswish(x: TensorLike): Tensor {
  return activation("hardswish", x, (t) => gatedMul(hardsigmoid(t), t));
}

/** x where it is above a threshold, `value` elsewhere, elementwise. */
export function threshold(x: TensorLike, limit: number, value: number): Tensor {
  return composed("threshold", x, () => {
    const t = asTensor("threshold", x);
    return where(le(t, limit), value, t);
  });
}

/**
 * x above 0, weight x below, elementwise; the weight is one number, or one for each entry of axis 1 of x. At 0 the
 * derivative is the weight. Source: He et al. (2015).
 */
export function prelu(x: TensorLike, weight: TensorLike): Tensor {
  return activation("prelu", x, (t) => {
    const w = asTensor("prelu", weight, t);
    const channels = t.shape[t.rank > 1 ? 1 : 0] ?? 1;
    if (w.rank > 1 || (w.size !== 1 && w.size !== channels))
      throw new ShapeError("prelu", `one weight, or ${channels} for ${showShape(t.shape)}`, showShape(w.shape));
    const slopes = reshape(
      w,
      w.size === 1 ? [] : t.shape.map((_, axis) => (axis === Math.min(1, t.rank - 1) ? w.size : 1)),
    );
    return where(gt(t, 0), t, mul(t, slopes));
  });
}

/** a · sigmoid(b) for the halves a and b of x along an axis, by default the last. Source: Dauphin et al. (2016). */
export function glu(x: TensorLike, axis = -1): Tensor {
  return activation("glu", x, (t) => {
    const along = normalizeAxis("glu", axis, t.rank);
    if (t.shape[along]! % 2 !== 0) throw new ShapeError("glu", `an even length on axis ${along}`, showShape(t.shape));
    const [a, b] = halves(t, along);
    return mul(a, sigmoid(b));
  });
}

/** log(sigmoid(x)) = -softplus(-x), elementwise, without overflow. */
export function logSigmoid(x: TensorLike): Tensor {
  return activation("logSigmoid", x, (t) => neg(softplus(neg(t))));
}

/** x - tanh(x), elementwise. */
export function tanhshrink(x: TensorLike): Tensor {
  return activation("tanhshrink", x, (t) => sub(t, tanh(t)));
}

/** x moved towards 0 by lambda (default 0.5), and 0 within, elementwise; there the derivative is 0. */
export function softshrink(x: TensorLike, options?: { lambda?: number }): Tensor {
  const { lambda } = optionsOf("softshrink", options, { lambda: 0.5 });
  return activation("softshrink", x, (t) => where(le(abs(t), lambda), 0, sub(t, mul(sign(t), lambda))));
}

/** x where |x| is above lambda (default 0.5), else 0, elementwise; there the derivative is 0. */
export function hardshrink(x: TensorLike, options?: { lambda?: number }): Tensor {
  const { lambda } = optionsOf("hardshrink", options, { lambda: 0.5 });
  return activation("hardshrink", x, (t) => where(le(abs(t), lambda), 0, t));
}
