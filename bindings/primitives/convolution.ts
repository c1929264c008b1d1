import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { encodeConvolution, type Window } from "../core/encode/window.js";
import type { BatchedValues, Primitive, Sample, Tensor } from "../core/graph.js";
import type { Operations } from "../core/operations.js";
import type { Shape } from "../core/shape.js";
import { dense, internal, type Internal } from "./define.js";

// Convolution in two dimensions and its two adjoints. Each is linear in each of its two arguments, and each of their
// transposes is one of the other two: x [n, g c, h, w] and weight [g o, c, kh, kw] give y [n, g o, oh, ow].

/** What a convolution and its adjoints are told. */
export interface Convolution extends Window {
  /** Parts into which channels are divided; channels of one part give outputs of one part. */
  readonly groups: number;
  /** Height and width of the result. */
  readonly size: readonly [height: number, width: number];
}

/** Height and width of images, results or kernels. */
function planeOf(x: Tensor): readonly [number, number] {
  return [x.shape[2]!, x.shape[3]!];
}

/** The examples' channels side by side, as groups of their own: [count, n, c, ..] as [n, count c, ..]. */
function beside(o: Operations, x: Tensor, batched: boolean, count: number): Tensor {
  const [n, c, ...plane] = x.shape.slice(batched ? 1 : 0) as [number, number, ...number[]];
  const all = batched ? x : o.expand(x, [count, ...x.shape]);
  return o.reshape(o.permute(all, [1, 0, 2, 3, 4]), [n, count * c, ...plane]);
}

/** A batch of convolutions or adjoints by the image: one with more images, or with more groups where weights differ. */
function byGroups(run: (o: Operations) => Row) {
  return (o: Operations, { inputs, batched, params, count, shape }: BatchedValues<Convolution>): Tensor => {
    const [x, weight] = inputs as [Tensor, Tensor];
    if (!batched[1]) {
      const [n, ...image] = x.shape.slice(1) as [number, ...number[]];
      return o.reshape(run(o)(o.reshape(x, [count * n, ...image]), weight, params), [count, ...shape]);
    }
    const [outputs, ...kernel] = weight.shape.slice(1) as [number, ...number[]];
    const all = o.reshape(weight, [count * outputs, ...kernel]);
    const y = run(o)(beside(o, x, batched[0]!, count), all, { ...params, groups: count * params.groups });
    const [n, ...image] = shape as readonly [number, ...number[]];
    return o.permute(o.reshape(y, [n, count, ...image]), [1, 0, 2, 3, 4]);
  };
}

const forward: Primitive<Convolution> = {
  name: "convolution",
  infer: ([x, weight], { size }) => ({ shape: [x!.shape[0]!, weight!.shape[0]!, ...size], dtype: x!.dtype }),
  encode: (tape, out, [x, weight], { groups, ...window }) =>
    encodeConvolution(tape, Op.Convolution, out, { x: x!, weight: weight!, y: out }, groups, window),
  batch: byGroups((o) => o.convolution),
  derivative: {
    kind: "bilinear",
    transposes: [
      (o, g, { inputs: [x, weight], params }) => o.convolutionInput(g, weight!, { ...params, size: planeOf(x!) }),
      (o, g, { inputs: [x, weight], params }) => o.convolutionWeight(x!, g, { ...params, size: planeOf(weight!) }),
    ],
  },
  samples: () => cases(([x, weight], params) => ({ inputs: [{ shape: x }, { shape: weight }], params })),
};

const byImage: Primitive<Convolution> = {
  name: "convolutionInput",
  infer: ([y, weight], { groups, size }) => ({
    shape: [y!.shape[0]!, groups * weight!.shape[1]!, ...size],
    dtype: y!.dtype,
  }),
  encode: (tape, out, [y, weight], { groups, ...window }) =>
    encodeConvolution(tape, Op.ConvolutionInput, out, { x: out, weight: weight!, y: y! }, groups, window),
  batch: byGroups((o) => o.convolutionInput),
  derivative: {
    kind: "bilinear",
    transposes: [
      (o, g, { inputs: [y, weight], params }) => o.convolution(g, weight!, { ...params, size: planeOf(y!) }),
      (o, g, { inputs: [y, weight], params }) => o.convolutionWeight(g, y!, { ...params, size: planeOf(weight!) }),
    ],
  },
  samples: () =>
    cases(([x, weight, y], params) => ({
      inputs: [{ shape: y }, { shape: weight }],
      params: { ...params, size: [x[2]!, x[3]!] },
    })),
};

const byWeight: Primitive<Convolution> = {
  name: "convolutionWeight",
  infer: ([x, y], { groups, size }) => ({
    // A batch of no examples is no groups.
    shape: [y!.shape[1]!, x!.shape[1]! / Math.max(groups, 1), ...size],
    dtype: x!.dtype,
  }),
  encode: (tape, out, [x, y], { groups, ...window }) =>
    encodeConvolution(tape, Op.ConvolutionWeight, out, { x: x!, weight: out, y: y! }, groups, window),
  batch(o, { inputs: [x, y], batched, params, count, shape }) {
    const [many, outputs] = [x!, y!].map((z, i) => beside(o, z, batched[i]!, count)) as [Tensor, Tensor];
    const weight = o.convolutionWeight(many, outputs, { ...params, groups: count * params.groups });
    return o.reshape(weight, [count, ...shape]);
  },
  derivative: {
    kind: "bilinear",
    transposes: [
      (o, g, { inputs: [x, y], params }) => o.convolutionInput(y!, g, { ...params, size: planeOf(x!) }),
      (o, g, { inputs: [x, y], params }) => o.convolution(x!, g, { ...params, size: planeOf(y!) }),
    ],
  },
  samples: () =>
    cases(([x, weight, y], params) => ({
      inputs: [{ shape: x }, { shape: y }],
      params: { ...params, size: [weight[2]!, weight[3]!] },
    })),
};

/** What the laws draw from: shapes of x, weight and y; strides, padding and dilation; groups. */
function cases(make: (shapes: readonly [Shape, Shape, Shape], params: Convolution) => Sample<Convolution>) {
  return [
    make(
      [
        [2, 2, 4, 5],
        [3, 2, 2, 3],
        [2, 3, 4, 3],
      ],
      { stride: [1, 2], pad: [1, 1], dilation: [2, 1], groups: 1, size: [4, 3] },
    ),
    make(
      [
        [1, 4, 3, 4],
        [2, 2, 2, 2],
        [1, 2, 2, 3],
      ],
      { stride: [1, 1], pad: [0, 0], dilation: [1, 1], groups: 2, size: [2, 3] },
    ),
  ];
}

type Row = Internal<(a: Tensor, b: Tensor, params: Convolution) => Tensor, Convolution>;

function row(primitive: Primitive<Convolution>): Row {
  return internal(primitive, (a: Tensor, b: Tensor, params: Convolution) =>
    apply(primitive, [dense(a), dense(b)], params),
  );
}

/** Convolution (cross-correlation) of x by a weight: y[n, o, i] = Σ x[n, c, i stride + k dilation - pad] weight[o, c, k]. */
export const convolution: Row = row(forward);

/** Adjoint of the convolution by x, for the adjoint y of its result and the weight: the transposed convolution. */
export const convolutionInput: Row = row(byImage);

/** Adjoint of the convolution by the weight, for x and the adjoint y of its result. */
export const convolutionWeight: Row = row(byWeight);
