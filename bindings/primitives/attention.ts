import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { encodeAttention } from "../core/encode/attention.js";
import type { BatchedValues, Primitive, Sample, SampleInput, Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import { sizeOf, type Shape } from "../core/shape.js";
import { dense, internal, type Internal } from "./define.js";

// Scaled dot-product attention: q [n, t, d], k [n, s, d], v [n, s, e], and perhaps a mask [m, t or 1, s] of truth values or
// of numbers to be added; example i has mask (i / inner) mod m.

/** What `attention` is told. */
export interface Attention {
  readonly scale: number;
  /** Each query attends only to keys up to its own position. */
  readonly causal: boolean;
  /** How many examples in a row have one mask. */
  readonly inner: number;
}

/** The last two axes exchanged. */
function turned(o: Operations, x: Tensor): Tensor {
  return o.permute(x, [0, 2, 1]);
}

/** How often all masks serve n examples. */
function timesOf(n: number, masks: number, { inner }: Attention): number {
  return n === 0 ? 0 : n / (masks * inner);
}

/** The scores, with -∞ for keys that are not attended to. */
function scoresOf(o: Operations, [q, k, mask]: readonly (Tensor | undefined)[], params: Attention): Tensor {
  const { scale, causal, inner } = params;
  let scores = o.mul(o.matmul(q!, turned(o, k!)), scale);
  const [n, t, s] = scores.shape as readonly [number, number, number];
  if (mask) {
    const [masks, rows] = mask.shape as readonly [number, number];
    const each = o.expand(o.reshape(mask, [1, masks, 1, rows, s]), [timesOf(n, masks, params), masks, inner, rows, s]);
    const fitting = o.reshape(each, [n, rows, s]);
    scores = mask.dtype === "bool" ? o.where(fitting, scores, -Infinity) : o.add(scores, fitting);
  }
  if (!causal) return scores;
  return o.where(o.ge(o.reshape(o.iota(t, "i32"), [t, 1]), o.iota(s, "i32")), scores, -Infinity);
}

/** The adjoint of the scores: w (g vᵀ - Σ g y), with the weights w. */
function slopesOf(o: Operations, w: Tensor, v: Tensor, g: Tensor, y: Tensor): Tensor {
  return o.mul(w, o.sub(o.matmul(g, turned(o, v)), o.sum(o.mul(g, y), -1, { keepDims: true })));
}

/** A part of what attentionBackward gives, in the shape of an argument. */
function part(o: Operations, all: Tensor, start: number, shape: Shape): Tensor {
  return o.reshape(o.stridedSlice(all, { starts: [start], sizes: [sizeOf(shape)], steps: [1] }), shape);
}

/** A mask that is the same for all examples has its inner one; others come with their examples. */
function batchedMask(o: Operations, mask: Tensor, batched: boolean, n: number, params: Attention): Tensor {
  if (!batched) return mask;
  const [count, masks, rows, s] = mask.shape as readonly [number, number, number, number];
  const times = timesOf(n, masks, params);
  const each = o.expand(o.reshape(mask, [count, 1, masks, rows, s]), [count, times, masks, rows, s]);
  return o.reshape(each, [count * times * masks, rows, s]);
}

/** The examples of a batch are more examples. */
function merged(o: Operations, values: BatchedValues<Attention>, masked: number): Tensor[] {
  const { inputs, batched, params, count } = values;
  const n = inputs[0]!.shape[batched[0] ? 1 : 0]!;
  return inputs.map((x, i) => {
    if (i === masked) return batchedMask(o, x, batched[i]!, n, params);
    const all = batched[i] ? x : o.expand(x, [count, ...x.shape]);
    return o.reshape(all, [count * n, ...all.shape.slice(2)]);
  });
}

const forward: Primitive<Attention> = {
  name: "attention",
  infer: ([q, , v]) => ({ shape: [q!.shape[0]!, q!.shape[1]!, v!.shape[2]!], dtype: q!.dtype }),
  encode: (tape, out, inputs, params) => encodeAttention(tape, Op.Attention, out, inputs, null, params),
  batch(o, values) {
    const [q, k, v, mask] = merged(o, values, 3) as [Tensor, Tensor, Tensor, Tensor?];
    return o.reshape(o.attention(q, k, v, mask, values.params), [values.count, ...values.shape]);
  },
  derivative: {
    kind: "fused",
    definition: (o, [q, k, v, mask], params) => o.matmul(o.softmax(scoresOf(o, [q, k, mask], params)), v!),
    shared: (o, g, { inputs: [q, k, v, mask], output: y, params }) =>
      o.attentionBackward([q!, k!, v!, g, y], mask, params),
    backward: [
      (o, _, { inputs: [q], shared }) => part(o, shared!, 0, q!.shape),
      (o, _, { inputs: [q, k], shared }) => part(o, shared!, q!.size, k!.shape),
      (o, _, { inputs: [q, k, v], shared }) => part(o, shared!, q!.size + k!.size, v!.shape),
      (o, g, { inputs: [q, k, v, mask], output: y, params }) => {
        const slopes = slopesOf(o, o.softmax(scoresOf(o, [q, k, mask], params)), v!, g, y);
        const [masks, rows, s] = mask!.shape as readonly [number, number, number];
        const [n, t] = q!.shape as readonly [number, number];
        const each = o.reshape(slopes, [timesOf(n, masks, params), masks, params.inner, t, s]);
        return o.reshape(o.sum(each, rows === 1 ? [0, 2, 3] : [0, 2]), mask!.shape);
      },
    ],
  },
  samples: () => cases((inputs, mask, params) => ({ inputs: [...inputs, ...mask], params })),
};

const adjoint: Primitive<Attention> = {
  name: "attentionBackward",
  infer: ([q, k, v]) => ({ shape: [q!.size + k!.size + v!.size], dtype: q!.dtype }),
  encode: (tape, out, [q, k, v, g, y, mask], params) =>
    encodeAttention(tape, Op.AttentionBackward, out, [q!, k!, v!, ...(mask ? [mask] : [])], [g!, y!], params),
  batch(o, values) {
    const [q, k, v, g, y, mask] = merged(o, values, 5) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor?];
    const { inputs, batched, count, params, shape } = values;
    const all = o.attentionBackward([q, k, v, g, y], mask, params);
    // Each example has its three parts together; here they lie apart.
    const starts = [0, q.size, q.size + k.size];
    const sizes = [0, 1, 2].map((i) => sizeOf(inputs[i]!.shape.slice(batched[i] ? 1 : 0)));
    const parts = sizes.map((size, i) => part(o, all, starts[i]!, [count, size]));
    const boxes = sizes.map((size, i) => ({
      starts: [0, sizes.slice(0, i).reduce((sum, other) => sum + other, 0)],
      sizes: [count, size],
      steps: [1, 1],
    }));
    return o.embed(parts, boxes, [count, ...shape], true);
  },
  derivative: {
    kind: "fused",
    definition(o, [q, k, v, g, y, mask], params) {
      const w = o.softmax(scoresOf(o, [q, k, mask], params));
      const slopes = o.mul(slopesOf(o, w, v!, g!, y!), params.scale);
      const parts = [o.matmul(slopes, k!), o.matmul(turned(o, slopes), q!), o.matmul(turned(o, w), g!)];
      const starts = [0, q!.size, q!.size + k!.size];
      return o.embed(
        parts.map((x) => o.reshape(x, [x.size])),
        parts.map((x, i) => ({ starts: [starts[i]!], sizes: [x.size], steps: [1] })),
        [q!.size + k!.size + v!.size],
        true,
      );
    },
  },
  samples: () =>
    cases((inputs, mask, params) => {
      const shape = [inputs[0]!.shape[0]!, inputs[0]!.shape[1]!, inputs[2]!.shape[2]!];
      return { inputs: [...inputs, { shape }, { shape }, ...mask], params };
    }),
};

/** What the laws draw from: queries, keys and values; a mask, if any. */
function cases(
  make: (inputs: readonly SampleInput[], mask: readonly SampleInput[], params: Attention) => Sample<Attention>,
): Sample<Attention>[] {
  const inputs = [{ shape: [2, 3, 2] }, { shape: [2, 4, 2] }, { shape: [2, 4, 3] }];
  return [
    make(inputs, [], { scale: 0.7, causal: false, inner: 1 }),
    make(inputs, [{ shape: [1, 3, 4] }], { scale: 0.5, causal: false, inner: 1 }),
    make(inputs, [{ shape: [2, 1, 4] }], { scale: 0.5, causal: true, inner: 1 }),
  ];
}

/** softmax(q kᵀ scale + mask) v, in one kernel that never holds all scores. */
export const attention: Internal<
  (q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null | undefined, params: Attention) => Tensor,
  Attention
> = internal(forward, (q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null | undefined, params: Attention) =>
  apply(forward, [dense(q), dense(k), dense(v), ...(mask ? [dense(mask)] : [])], params),
);

/**
 * Adjoints of the queries, keys and values of attention, one behind the other, given these, the adjoint g of its value y,
 * and y.
 */
export const attentionBackward: Internal<
  (inputs: readonly Tensor[], mask: Tensor | null | undefined, params: Attention) => Tensor,
  Attention
> = internal(adjoint, (inputs: readonly Tensor[], mask: Tensor | null | undefined, params: Attention) =>
  apply(adjoint, [...inputs.map(dense), ...(mask ? [dense(mask)] : [])], params),
);
