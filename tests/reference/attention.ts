import { operations } from "../../bindings/core/operations.js";
import type { Attention } from "../../bindings/primitives/attention.js";
import type { Sample } from "../../bindings/core/graph.js";
import type { Plain } from "../support/plain.js";
import type { References } from "./reference.js";

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

/** Row i of example n of a tensor [n, rows, columns]. */
function rowOf(x: Plain, n: number, i: number): readonly number[] {
  const [, rows, columns] = x.shape as [number, number, number];
  return x.data.slice((n * rows + i) * columns, (n * rows + i + 1) * columns);
}

/** The softmax of the scores of example n. */
function weights(n: number, q: Plain, k: Plain, mask: Plain | undefined, params: Attention): number[][] {
  const [, queries] = q.shape as [number, number];
  const [, keys] = k.shape as [number, number];
  return Array.from({ length: queries }, (_, i) => {
    const scores = Array.from({ length: keys }, (__, j) => {
      const score = params.scale * dot(rowOf(q, n, i), rowOf(k, n, j));
      const [masks, rows] = (mask?.shape ?? [1, 1]) as [number, number];
      const added = mask ? rowOf(mask, Math.floor(n / params.inner) % masks, rows === 1 ? 0 : i)[j]! : 0;
      return params.causal && j > i ? -Infinity : score + added;
    });
    const peak = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - peak));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  });
}

function values([q, k, v, mask]: readonly (Plain | undefined)[], params: Attention): Plain {
  const shape = [q!.shape[0]!, q!.shape[1]!, v!.shape[2]!];
  const data = Array.from({ length: shape[0]! }, (_, n) =>
    weights(n, q!, k!, mask, params).flatMap((w) =>
      Array.from({ length: shape[2]! }, (__, e) => w.reduce((sum, p, j) => sum + p * rowOf(v!, n, j)[e]!, 0)),
    ),
  );
  return { shape, data: data.flat() };
}

function adjoints(inputs: readonly (Plain | undefined)[], params: Attention): Plain {
  const [q, k, v, g, y, mask] = inputs as [Plain, Plain, Plain, Plain, Plain, Plain?];
  const parts = [q, k, v].map((x) => new Array<number>(x.data.length).fill(0));
  const addTo = (part: number, x: Plain, n: number, i: number, by: number, row: readonly number[]): void => {
    const [, rows, columns] = x.shape as [number, number, number];
    for (const [c, value] of row.entries()) parts[part]![(n * rows + i) * columns + c]! += by * value;
  };
  for (let n = 0; n < q.shape[0]!; n++) {
    for (const [i, w] of weights(n, q, k, mask, params).entries()) {
      const level = dot(rowOf(g, n, i), rowOf(y, n, i));
      for (const [j, p] of w.entries()) {
        const slope = p * (dot(rowOf(g, n, i), rowOf(v, n, j)) - level) * params.scale;
        addTo(0, q, n, i, slope, rowOf(k, n, j));
        addTo(1, k, n, j, slope, rowOf(q, n, i));
        addTo(2, v, n, j, p, rowOf(g, n, i));
      }
    }
  }
  const data = parts.flat();
  return { shape: [data.length], data };
}

/** Of numbers about as large as these, and sums of products of some of them. */
function magnitude(shape: readonly number[], by: number): Plain {
  return { shape: [...shape], data: new Array<number>(shape.reduce((size, length) => size * length, 1)).fill(by) };
}

function masked(inputs: Sample["inputs"], shape: readonly number[] | null, params: Attention): Sample<Attention> {
  return { inputs: shape ? [...inputs, { shape }] : inputs, params };
}

/** Several blocks of queries and of keys. */
function cases(adjoint: boolean): Sample<Attention>[] {
  const sizes = [
    { n: 1, t: 70, s: 140, d: 5, e: 3, mask: [1, 70, 140], causal: false },
    { n: 2, t: 66, s: 66, d: 8, e: 8, mask: null, causal: true },
    { n: 2, t: 1, s: 5, d: 1, e: 1, mask: [2, 1, 5], causal: false },
  ];
  return sizes.map(({ n, t, s, d, e, mask, causal }) => {
    const y = { shape: [n, t, e] };
    const inputs = [{ shape: [n, t, d] }, { shape: [n, s, d] }, { shape: [n, s, e] }, ...(adjoint ? [y, y] : [])];
    return masked(inputs, mask, { scale: 0.4, causal, inner: 1 });
  });
}

const EMPTY: Sample<Attention>[] = [
  {
    inputs: [
      [0, 3, 2],
      [0, 4, 2],
      [0, 4, 3],
    ].map((shape) => ({ shape })),
    params: { scale: 1, causal: false, inner: 1 },
  },
];

export const attentionReferences = {
  attention: {
    value: values,
    ulps: 40,
    scale: (inputs, params) => magnitude(values(inputs, params).shape, 2),
    oneDType: true,
    large: cases(false),
    empty: EMPTY,
    call: ([q, k, v, mask], params) => operations.attention(q!, k!, v!, mask, params),
  },
  attentionBackward: {
    value: adjoints,
    ulps: 60,
    scale: (inputs) => magnitude([inputs.slice(0, 3).reduce((size, { data }) => size + data.length, 0)], 60),
    oneDType: true,
    large: cases(true),
    empty: EMPTY.map(({ inputs, params }) => ({
      inputs: [...inputs, { shape: [0, 3, 3] }, { shape: [0, 3, 3] }],
      params,
    })),
    call: ([q, k, v, g, y, mask], params) => operations.attentionBackward([q!, k!, v!, g!, y!], mask, params),
  },
} satisfies Partial<References>;
