import { asTensor, type TensorLike } from "../../core/values/create.js";
import { type DTypeName, usualDType } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { outer } from "../../functions/products/products.js";
import { arange } from "../../functions/creation.js";
import { stack } from "../../functions/shapes/movement.js";
import { select } from "../../functions/shapes/split.js";
import { add, mul, sub } from "../../primitives/elementwise/arithmetic.js";
import { castTo, float } from "../../primitives/define.js";
import { cos, sin } from "../../primitives/elementwise/unary.js";
import { reshape } from "../../primitives/movement.js";
import { pow } from "../../primitives/elementwise/powers.js";
import { checkOptions } from "../../shared/options.js";

/** What tells the angles of positions. */
export interface AngleOptions {
  /** The ratio of the slowest and the fastest frequency. Default 10000. */
  base?: number;
  /** The number of the first position. Default 0. */
  offset?: number;
}

/** position · base^(-2i/width) for each position and each i below width / 2, f64 [length, width / 2]. */
function angles(name: string, length: number, width: number, { base = 10000, offset = 0 }: AngleOptions): Tensor {
  if (width % 2 !== 0) throw new ShapeError(name, "an even width", String(width));
  if (!(base > 0)) throw new ValueError(name, "a base above 0", String(base));
  const count = (n: number, start: number, step: number): Tensor =>
    add(mul(arange(0, n, 1, { dtype: "f64" }), step), start);
  return outer(count(length, offset, 1), pow(base, count(width / 2, 0, -2 / width)));
}

/**
 * What tells positions apart when added to what stands there, [length, width]: sin(p / base^(2i/width)) at the even places
 * 2i of position p, the cosine at the odd ones (Vaswani et al., "Attention is all you need", 2017).
 */
export function sinusoidalEncoding(
  length: number,
  width: number,
  options: AngleOptions & { dtype?: DTypeName } = {},
): Tensor {
  checkOptions("sinusoidalEncoding", options, { base: 0, offset: 0, dtype: null });
  const at = angles("sinusoidalEncoding", length, width, options);
  return castTo(reshape(stack([sin(at), cos(at)], -1), [length, width]), options.dtype ?? usualDType());
}

/**
 * x [.., positions, width] with each pair of places turned by an angle that grows with the position, so that products of
 * queries and keys depend on their distance alone (Su et al., "RoFormer", 2021). `interleaved`: neighbours are a pair, as in
 * the paper; false: i and i + width / 2 are one, as many models have it. Default true.
 */
export function rotaryEmbedding(x: TensorLike, options: AngleOptions & { interleaved?: boolean } = {}): Tensor {
  checkOptions("rotaryEmbedding", options, { base: 0, offset: 0, interleaved: false });
  const { interleaved = true } = options;
  const t = float(asTensor("rotaryEmbedding", x));
  if (t.rank < 2) throw new ShapeError("rotaryEmbedding", "x [.., positions, width]", showShape(t.shape));
  const [length, width] = t.shape.slice(-2) as [number, number];
  const at = angles("rotaryEmbedding", length, width, options);
  const [c, s] = [castTo(cos(at), t.dtype), castTo(sin(at), t.dtype)];
  const axis = interleaved ? -1 : -2;
  const pair = interleaved ? [width / 2, 2] : [2, width / 2];
  const pairs = reshape(t, [...t.shape.slice(0, -1), ...pair]);
  const [a, b] = [select(pairs, axis, 0), select(pairs, axis, 1)];
  return reshape(stack([sub(mul(a, c), mul(b, s)), add(mul(a, s), mul(b, c))], axis), t.shape);
}
