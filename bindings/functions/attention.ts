import { asTensor, type TensorLike } from "../core/values/create.js";
import { defaultDType, promote } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { checkOptions } from "../core/options.js";
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from "../core/shape.js";
import { DTypeError, ShapeError, ValueError } from "../errors.js";
import { attention } from "../primitives/attention.js";
import { add, ge, mul, where } from "../primitives/elementwise/arithmetic.js";
import { matmul } from "../primitives/linalg/contraction.js";
import { castTo, expandTo } from "../primitives/define.js";
import { iota } from "../primitives/generate.js";
import { permute, reshape } from "../primitives/movement.js";
import { softmax } from "../primitives/reductions/rows.js";
import { dropout } from "./random/dropout.js";
import type { Generator } from "./random/random.js";

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /**
   * Truth values, true for keys that a query may attend to, or numbers to be added to the scores; of a shape that broadcasts
   * to [.., queries, keys].
   */
  attnMask?: TensorLike | null;
  /** Whether each query attends only to keys up to its own position. Default false. */
  isCausal?: boolean;
  /** What products of queries and keys are multiplied by. Default 1 / √depth. */
  scale?: number;
  /** The probability with which weights are dropped. Default 0. */
  dropoutP?: number;
  /** Where the random numbers for that come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Attention softmax(q kᵀ scale + mask) v (Vaswani et al., "Attention is all you need", 2017): query [.., t, d], key [.., s,
 * d], value [.., s, e] give [.., t, e]; leading axes broadcast. The scores are never held at once, neither here nor in the
 * gradient, unless weights are dropped. A query that may attend to no key gives NaN.
 * PyTorch: `scaled_dot_product_attention`.
 */
export function scaledDotProductAttention(
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  options: AttentionOptions = {},
): Tensor {
  const name = "scaledDotProductAttention";
  checkOptions(name, options, { attnMask: null, isCausal: false, scale: 0, dropoutP: 0, generator: null });
  const { attnMask, isCausal = false, dropoutP = 0, generator } = options;
  const given = [query, key, value].map((x) => asTensor(name, x));
  const common = given.map(({ dtype }) => dtype).reduce(promote);
  const dtype = common === "f32" || common === "f64" ? common : defaultDType;
  const [q, k, v] = given.map((x) => castTo(x, dtype)) as [Tensor, Tensor, Tensor];
  const fits = q.rank > 1 && k.rank > 1 && v.rank > 1 && lastOf(q, 1) === lastOf(k, 1) && lastOf(k, 2) === lastOf(v, 2);
  if (!fits) {
    throw new ShapeError(
      name,
      "query [.., t, d], key [.., s, d] and value [.., s, e]",
      [q, k, v].map(({ shape }) => showShape(shape)).join(", "),
    );
  }
  if (!(dropoutP >= 0 && dropoutP <= 1)) throw new ValueError(name, "dropoutP from 0 to 1", String(dropoutP));
  const mask = attnMask === undefined || attnMask === null ? null : maskOf(name, attnMask, q);
  const scale = options.scale ?? 1 / Math.sqrt(lastOf(q, 1));
  const lead = [k, v].reduce<Shape>(
    (shape, x) => broadcastShapes(name, shape, x.shape.slice(0, -2)),
    q.shape.slice(0, -2),
  );
  const [t, s] = [lastOf(q, 2), lastOf(k, 2)];
  const all = mask ? broadcastShapes(name, lead, mask.shape.slice(0, -2)) : lead;
  if (mask && !sameShape(broadcastShapes(name, [t, s], mask.shape.slice(-2)), [t, s]))
    throw new ShapeError(name, `a mask that broadcasts to ${showShape([...all, t, s])}`, showShape(mask.shape));
  if (dropoutP > 0) return composed(q, k, v, mask, { scale, isCausal, dropoutP, ...(generator && { generator }) });
  const n = sizeOf(all);
  const flat = (x: Tensor): Tensor => {
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    return reshape(expandTo(x, [...all, rows, columns]), [n, rows, columns]);
  };
  const masks = mask ? flatMask(mask, all, s) : null;
  const inputs = [flat(q), flat(k), flat(v)] as const;
  const y = attention(...inputs, masks?.mask, { scale, causal: isCausal, inner: masks?.inner ?? 1 });
  return reshape(y, [...all, t, lastOf(v, 1)]);
}

function lastOf(x: Tensor, from: number): number {
  return x.shape[x.rank - from]!;
}

function maskOf(name: string, given: TensorLike, q: Tensor): Tensor {
  const mask = asTensor(name, given);
  if (mask.dtype !== "bool" && !mask.type.float)
    throw new DTypeError(name, "a mask of truth values or floating-point numbers", mask.dtype);
  const whole = mask.rank < 2 ? reshape(mask, [...new Array<number>(2 - mask.rank).fill(1), ...mask.shape]) : mask;
  return mask.dtype === "bool" ? whole : castTo(whole, q.dtype);
}

/** The masks one behind the other, [m, t or 1, s], and how many examples in a row have one: without copies where that works. */
function flatMask(mask: Tensor, all: Shape, s: number): { mask: Tensor; inner: number } {
  const lead = [...new Array<number>(all.length - mask.rank + 2).fill(1), ...mask.shape.slice(0, -2)];
  // From the last axis on: those that the mask lacks, those that it has, and again some that it lacks.
  let last = lead.length;
  while (last > 0 && lead[last - 1] === 1) last--;
  let first = 0;
  while (first < last && lead[first] === 1) first++;
  const rows = mask.shape[mask.rank - 2]!;
  const own = all.slice(first, last);
  const whole = expandTo(reshape(mask, [...lead.slice(first, last), rows, mask.shape[mask.rank - 1]!]), [
    ...own,
    rows,
    s,
  ]);
  return { mask: reshape(whole, [sizeOf(own), rows, s]), inner: sizeOf(all.slice(last)) };
}

/** With all weights at hand, some of which are dropped. */
function composed(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  {
    scale,
    isCausal,
    dropoutP,
    generator,
  }: { scale: number; isCausal: boolean; dropoutP: number; generator?: Generator },
): Tensor {
  const axes = k.shape.map((_, axis) => axis);
  axes.push(axes.splice(-2, 1)[0]!);
  let scores = mul(matmul(q, permute(k, axes)), scale);
  if (mask) scores = mask.dtype === "bool" ? where(mask, scores, -Infinity) : add(scores, mask);
  const [t, s] = [lastOf(q, 2), lastOf(k, 2)];
  if (isCausal) scores = where(ge(reshape(iota(t, "i32"), [t, 1]), iota(s, "i32")), scores, -Infinity);
  return matmul(dropout(softmax(scores), dropoutP, generator ? { generator } : {}), v);
}
