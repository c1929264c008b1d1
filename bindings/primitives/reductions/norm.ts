import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import { encodeNorm } from "../../core/encode/encode.js";
import type { BatchedValues, Primitive, SampleInput, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { aligned, dense, internal, type Internal } from "../define.js";

// Normalisation of the rows of matrices. Inputs of the rows: x [rows, columns], then weight and bias [columns] where they
// are given; of the adjoints: x, g, then the weight. The parameter is ε.

type Present = readonly (Tensor | null | undefined)[];

/** Those that are there, dense. */
function given(inputs: Present): Tensor[] {
  return inputs.flatMap((x) => (x ? [dense(x)] : []));
}

/** Mean over the columns, which stay with length 1. */
function rowMean(o: Operations, x: Tensor): Tensor {
  return o.div(o.sum(x, -1, { keepDims: true }), x.shape[1]!);
}

/** The rows as they are scaled, and 1 / √(their mean square + ε). */
function standard(o: Operations, x: Tensor, centred: boolean, epsilon: number): { z: Tensor; s: Tensor } {
  const z = centred ? o.sub(x, rowMean(o, x)) : x;
  return { z, s: o.reciprocal(o.sqrt(o.add(rowMean(o, o.square(z)), epsilon))) };
}

type Batch = BatchedValues<number>;

/** The rows of all examples as those of one matrix. */
function stacked(o: Operations, { inputs, batched, count }: Batch, i: number): Tensor {
  const x = inputs[i]!;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return o.reshape(batched[i] ? x : o.expand(x, [count, rows, columns]), [count * rows, columns]);
}

/** Such a matrix as one for each example. */
function apart(o: Operations, x: Tensor, { count, shape }: Batch): Tensor {
  return o.reshape(x, [count, ...shape]);
}

/** A vector that broadcasts along the rows of its own example, or of all. */
function vectorOf(o: Operations, { inputs, batched }: Batch, i: number): Tensor {
  return batched[i] ? aligned(o, inputs[i]!, 2) : inputs[i]!;
}

const x: SampleInput = { shape: [3, 4] };
const vector: SampleInput = { shape: [4] };
const samples = (...lists: (readonly SampleInput[])[]) => lists.map((inputs) => ({ inputs, params: 0.1 }));

function norm(name: "layerNorm" | "rmsNorm", op: Op): Primitive<number> {
  const centred = name === "layerNorm";
  return {
    name,
    infer: ([x]) => x!,
    encode: (tape, out, [x, weight, bias], epsilon) =>
      encodeNorm(tape, op, out, [x!, undefined, weight, bias], epsilon),
    derivative: {
      kind: "fused",
      definition(o, [x, weight, bias], epsilon) {
        const { z, s } = standard(o, x!, centred, epsilon);
        const y = weight ? o.mul(o.mul(z, s), weight) : o.mul(z, s);
        return bias ? o.add(y, bias) : y;
      },
      backward: [
        (o, g, { inputs: [x, weight], params }) => o[`${name}Backward`](x!, g, weight, params),
        (o, g, { inputs: [x], params }) => o.sum(o.mul(g, o[name](x!, null, null, params)), 0),
        (o, g) => o.sum(g, 0),
      ],
    },
    batch(o, values) {
      const { inputs, batched, params } = values;
      const [rows, weight, bias] = [stacked(o, values, 0), inputs[1] ?? null, inputs[2] ?? null];
      if (!batched[1] && !batched[2]) return apart(o, o[name](rows, weight, bias, params), values);
      const y = o.mul(apart(o, o[name](rows, null, null, params), values), vectorOf(o, values, 1));
      return bias ? o.add(y, vectorOf(o, values, 2)) : y;
    },
    samples: () => samples([x, vector, vector], [x, vector], [x]),
  };
}

function adjoint(name: "layerNormBackward" | "rmsNormBackward", op: Op): Primitive<number> {
  const centred = name === "layerNormBackward";
  return {
    name,
    infer: ([x]) => x!,
    encode: (tape, out, [x, g, weight], epsilon) => encodeNorm(tape, op, out, [x!, g, weight, undefined], epsilon),
    derivative: {
      kind: "fused",
      definition(o, [x, g, weight], epsilon) {
        const { z, s } = standard(o, x!, centred, epsilon);
        const h = weight ? o.mul(g!, weight) : g!;
        const rest = o.mul(z, o.mul(o.square(s), rowMean(o, o.mul(h, z))));
        return o.mul(s, o.sub(centred ? o.sub(h, rowMean(o, h)) : h, rest));
      },
    },
    batch(o, values) {
      const { inputs, batched, params } = values;
      const [rows, g] = [stacked(o, values, 0), stacked(o, values, 1)];
      if (!batched[2]) return apart(o, o[name](rows, g, inputs[2], params), values);
      const weighted = o.mul(apart(o, g, values), vectorOf(o, values, 2));
      return apart(o, o[name](rows, o.reshape(weighted, g.shape), null, params), values);
    },
    samples: () => samples([x, x, vector], [x, x]),
  };
}

type Norm = Internal<(x: Tensor, weight: Tensor | null, bias: Tensor | null, epsilon: number) => Tensor, number>;
type Adjoint = Internal<(x: Tensor, g: Tensor, weight: Tensor | null | undefined, epsilon: number) => Tensor, number>;

function asNorm(primitive: Primitive<number>): Norm {
  return internal(primitive, (x: Tensor, weight: Tensor | null, bias: Tensor | null, epsilon: number) =>
    apply(primitive, given([x, weight, bias]), epsilon),
  );
}

function asAdjoint(primitive: Primitive<number>): Adjoint {
  return internal(primitive, (x: Tensor, g: Tensor, weight: Tensor | null | undefined, epsilon: number) =>
    apply(primitive, given([x, g, weight]), epsilon),
  );
}

/** (x - m) / √(v + ε) w + b by row, with the row's mean m and variance v (Ba, Kiros and Hinton 2016). No bias without weight. */
export const layerNorm: Norm = asNorm(norm("layerNorm", Op.LayerNorm));

/** Adjoint of layerNorm for x, with h = g w: s (h - mean h - z s² mean(h z)), where z = x - m and s = 1 / √(v + ε). */
export const layerNormBackward: Adjoint = asAdjoint(adjoint("layerNormBackward", Op.LayerNormBackward));

/** x / √(mean x² + ε) w + b by row (Zhang and Sennrich 2019). No bias without weight. */
export const rmsNorm: Norm = asNorm(norm("rmsNorm", Op.RmsNorm));

/** Adjoint of rmsNorm for x, with h = g w: s (h - x s² mean(h x)), where s = 1 / √(mean x² + ε). */
export const rmsNormBackward: Adjoint = asAdjoint(adjoint("rmsNormBackward", Op.RmsNormBackward));
