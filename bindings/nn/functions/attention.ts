import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import { DTypeError, inNameOf, ShapeError, ValueError } from "../../errors.js";
import { scaledDotProductAttention } from "../../functions/attention.js";
import { logicalNot, logicalOr } from "../../functions/elementwise/logic.js";
import { transpose } from "../../functions/shapes/movement.js";
import { chunk, split } from "../../functions/shapes/split.js";
import type { Generator } from "../../functions/random/random.js";
import { add, where } from "../../primitives/elementwise/arithmetic.js";
import { linear } from "../../primitives/linalg/contraction.js";
import { reshape } from "../../primitives/movement.js";
import { checkOptions, type Known } from "../../shared/options.js";

/** The masks of `multiHeadAttention`. */
export interface AttentionMasks {
  /**
   * Of [queries, keys], [.., heads, queries, keys], or with all leading axes as one: truth values, true where a query must
   * not attend to a key, or numbers that are added to the scores.
   */
  attnMask?: TensorLike | null;
  /** Of [.., keys]: truth values, true for keys that nobody may attend to, or numbers that are added to the scores. */
  keyPaddingMask?: TensorLike | null;
  /** Whether each query attends only to keys up to its own position. Default false. */
  isCausal?: boolean;
}

/** Options of `multiHeadAttention`. */
export interface MultiHeadAttentionOptions extends AttentionMasks {
  /** Parts into which the width is divided, each with an attention of its own. */
  numHeads: number;
  /** What queries, keys and values are multiplied by, one below the other: [3 width, width]. */
  inProjWeight: TensorLike;
  /** [3 width]. */
  inProjBias?: TensorLike | null;
  /** What the heads' results are multiplied by: [width, width]. */
  outProjWeight: TensorLike;
  /** [width]. */
  outProjBias?: TensorLike | null;
  /** The probability with which weights are dropped. Default 0. */
  dropoutP?: number;
  /** Where the random numbers for that come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Attention of several heads (Vaswani et al., "Attention is all you need", 2017): query [.., queries, width], key and value
 * [.., keys, width] are projected, each head attends with its part of the width, and the heads side by side are projected
 * again: [.., queries, width]. Masks mean what they mean to PyTorch's function of the name: true is a ban, unlike in
 * `scaledDotProductAttention`. A query that may attend to no key gives NaN. The weights are not returned.
 */
export function multiHeadAttention(
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  options: MultiHeadAttentionOptions,
): Tensor {
  const name = "multiHeadAttention";
  checkOptions(name, options, {
    numHeads: 0,
    inProjWeight: null,
    inProjBias: null,
    outProjWeight: null,
    outProjBias: null,
    dropoutP: 0,
    generator: null,
    ...MASKS,
  });
  const { numHeads, inProjBias, outProjBias, isCausal = false, dropoutP = 0, generator } = options;
  const q = asTensor(name, query);
  const k = key === query ? q : asTensor(name, key, q);
  const v = value === key ? k : asTensor(name, value, q);
  const weight = asTensor(name, options.inProjWeight, q);
  const width = q.shape[q.rank - 1] ?? 0;
  const wide = [q, k, v].every(({ rank, shape }) => rank > 1 && shape[rank - 1] === width);
  if (!wide || !sameShape(weight.shape, [3 * width, width])) {
    throw new ShapeError(
      name,
      "query [.., t, width], key and value [.., s, width] and inProjWeight [3 width, width]",
      [q, k, v, weight].map(({ shape }) => showShape(shape)).join(", "),
    );
  }
  if (!Number.isInteger(numHeads) || numHeads < 1 || width % numHeads !== 0)
    throw new ValueError(name, `a number of heads that divides the width ${width}`, String(numHeads));
  const bias = inProjBias === null || inProjBias === undefined ? null : asTensor(name, inProjBias, q);
  const heads = projected([q, k, v], weight, bias).map((x) => {
    const [positions] = x.shape.slice(-2) as [number, number];
    return transpose(reshape(x, [...x.shape.slice(0, -2), positions, numHeads, width / numHeads]), -3, -2);
  }) as [Tensor, Tensor, Tensor];
  const scores: Shape = [...q.shape.slice(0, -2), numHeads, q.shape[q.rank - 2]!, k.shape[k.rank - 2]!];
  const attnMask = maskOf(name, options, scores);
  const attended = inNameOf(name, () =>
    scaledDotProductAttention(...heads, { attnMask, isCausal, dropoutP, ...(generator && { generator }) }),
  );
  const mixed = transpose(attended, -3, -2);
  return linear(reshape(mixed, [...mixed.shape.slice(0, -2), width]), options.outProjWeight, outProjBias);
}

/** Queries, keys and values, with as few products as there are different tensors. */
function projected([q, k, v]: readonly [Tensor, Tensor, Tensor], weight: Tensor, bias: Tensor | null): Tensor[] {
  if (q === k && k === v) return chunk(linear(q, weight, bias), 3, -1);
  const width = weight.shape[1]!;
  const sizes = k === v ? [width, 2 * width] : [width, width, width];
  const weights = split(weight, sizes);
  const biases = bias ? split(bias, sizes) : [];
  const parts = [q, k, v].slice(0, sizes.length).map((x, i) => linear(x, weights[i]!, biases[i]));
  return k === v ? [parts[0]!, ...chunk(parts[1]!, 2, -1)] : parts;
}

/** The names of masks. */
export const MASKS: Known<AttentionMasks> = { attnMask: null, keyPaddingMask: null, isCausal: false };

/** Both masks as one, as scaledDotProductAttention wants it: true where a query may attend, or numbers to be added. */
function maskOf(name: string, { attnMask, keyPaddingMask }: AttentionMasks, scores: Shape): Tensor | null {
  const bans: Tensor[] = [];
  const check = (mask: Tensor, shapes: readonly Shape[], what: string): Tensor => {
    if (mask.dtype !== "bool" && !mask.type.float)
      throw new DTypeError(name, `${what} of truth values or floating-point numbers`, mask.dtype);
    if (!shapes.some((shape) => sameShape(shape, mask.shape)))
      throw new ShapeError(name, `${what} of shape ${shapes.map(showShape).join(" or ")}`, showShape(mask.shape));
    return mask;
  };
  if (attnMask !== null && attnMask !== undefined) {
    const square = scores.slice(-2);
    const flat = [sizeOf(scores.slice(0, -2)), ...square];
    const mask = check(asTensor(name, attnMask), [square, scores, flat], "attnMask");
    bans.push(mask.rank === 2 ? mask : reshape(mask, scores));
  }
  if (keyPaddingMask !== null && keyPaddingMask !== undefined) {
    const [lead, keys] = [scores.slice(0, -3), scores[scores.length - 1]!];
    const mask = check(asTensor(name, keyPaddingMask), [[...lead, keys]], "keyPaddingMask");
    bans.push(reshape(mask, [...lead, 1, 1, keys]));
  }
  if (bans.length === 0) return null;
  if (bans.every(({ dtype }) => dtype === "bool")) return logicalNot(bans.reduce(logicalOr));
  return bans.map((ban) => (ban.dtype === "bool" ? where(ban, -Infinity, 0) : ban)).reduce(add);
}
