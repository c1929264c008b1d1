import { asTensor, constant, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { broadcastShapes } from "../../core/shape.js";
import { add, eq, le, lt, mul, ne, sub, where } from "../../primitives/elementwise/arithmetic.js";
import { castTo, computable, meetInShape } from "../../primitives/define.js";
import { abs } from "../../primitives/elementwise/unary.js";
import { atan2 } from "../../primitives/elementwise/trigonometric.js";
import { all } from "../reductions/statistics.js";

/** Anything as truth values, of two that broadcast: whether it is not zero. NaN is true. */
function truths(operation: string, ...pair: readonly TensorLike[]): [Tensor, Tensor] {
  const [a, b] = pair.map((x) => {
    const t = asTensor(operation, x);
    return t.dtype === "bool" ? t : ne(t, 0);
  }) as [Tensor, Tensor];
  broadcastShapes(operation, a.shape, b.shape);
  return [a, b];
}

/** Whether both are not zero, elementwise with broadcasting. Any dtype; NaN is not zero. */
export function logicalAnd(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = truths("logicalAnd", x, y);
  return where(a, b, constant(0, "bool"));
}

/** Whether either is not zero, elementwise with broadcasting. Any dtype. */
export function logicalOr(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = truths("logicalOr", x, y);
  return where(a, constant(1, "bool"), b);
}

/** Whether one of two is not zero and the other is, elementwise with broadcasting. Any dtype. */
export function logicalXor(x: TensorLike, y: TensorLike): Tensor {
  return ne(...truths("logicalXor", x, y));
}

/** Whether it is zero, elementwise. Any dtype. */
export function logicalNot(x: TensorLike): Tensor {
  const t = asTensor("logicalNot", x);
  return eq(t, constant(0, t.dtype));
}

/** Whether it is NaN, elementwise. */
export function isNaN(x: TensorLike): Tensor {
  const t = asTensor("isNaN", x);
  return ne(t, t);
}

/** Whether it is neither NaN nor infinite, elementwise; integers always are. */
export function isFinite(x: TensorLike): Tensor {
  const t = computable(asTensor("isFinite", x), "number");
  return t.type.float ? lt(abs(t), Infinity) : eq(t, t);
}

/** Whether it is infinite, elementwise. */
export function isInf(x: TensorLike): Tensor {
  const t = computable(asTensor("isInf", x), "number");
  return t.type.float ? eq(abs(t), Infinity) : ne(t, t);
}

/** How near is near. */
export interface ClosenessOptions {
  /** Relative to y. Default 1e-5. */
  rtol?: number;
  /** Absolute, whatever y is. Default 1e-8. */
  atol?: number;
  /** Whether NaN is close to NaN. Default false. */
  equalNaN?: boolean;
}

/** Whether |x - y| <= atol + rtol |y|, elementwise with broadcasting; infinities are close to themselves. */
export function isClose(x: TensorLike, y: TensorLike, options?: ClosenessOptions): Tensor {
  return closeness("isClose", x, y, options);
}

function closeness(operation: string, x: TensorLike, y: TensorLike, options?: ClosenessOptions): Tensor {
  const { rtol, atol, equalNaN } = optionsOf(operation, options, { rtol: 1e-5, atol: 1e-8, equalNaN: false });
  return composed(operation, null, () => {
    // Integers in f64, which holds their differences too.
    const [a, b] = meetInShape(operation, x, y).map((t) => (t.type.float ? t : castTo(t, "f64"))) as [Tensor, Tensor];
    const near = logicalAnd(le(abs(sub(a, b)), add(atol, mul(rtol, abs(b)))), isFinite(b));
    const close = logicalOr(near, eq(a, b));
    return equalNaN ? logicalOr(close, logicalAnd(isNaN(a), isNaN(b))) : close;
  });
}

/** Whether all elements are close, as `isClose` has it: a 0-d truth value. */
export function allClose(x: TensorLike, y: TensorLike, options?: ClosenessOptions): Tensor {
  return composed("allClose", null, () => all(closeness("allClose", x, y, options)));
}

/** Whether the sign bit is set, elementwise: -0 has it. That of NaN is not told. */
export function signBit(x: TensorLike): Tensor {
  const t = computable(asTensor("signBit", x), "number");
  if (!t.type.float) return lt(t, 0);
  return composed("signBit", null, () => lt(atan2(t, -1), 0)); // The angle of -0 is -π, and that of 0 is π.
}
