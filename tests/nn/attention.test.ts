// Attention of several heads, transformer layers and positions against loops over plain numbers.
import { describe, expect, test } from "vitest";
import { checkGradients, Generator, ShapeError, tensor, ValueError, type Tensor } from "../../bindings/index.js";
import {
  init,
  multiHeadAttention,
  MultiheadAttention,
  RotaryEmbedding,
  rotaryEmbedding,
  SinusoidalEncoding,
  sinusoidalEncoding,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type AttentionMasks,
  type Module,
} from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";
import { normal } from "../support/tensors.js";

type Matrix = number[][];
const numbers = <T>(x: Tensor): T => x.toArray() as T;

const affine = (x: Matrix, w: Matrix, b: readonly number[]): Matrix =>
  x.map((row) => w.map((weights, i) => weights.reduce((sum, v, j) => sum + v * row[j]!, b[i] ?? 0)));

interface Weights {
  readonly inW: Matrix;
  readonly inB: number[];
  readonly outW: Matrix;
  readonly outB: number[];
}

/** Attention of one example; `score` changes what head h gives to query i and key j. */
function attended(
  [q, k, v]: readonly [Matrix, Matrix, Matrix],
  heads: number,
  { inW, inB, outW, outB }: Weights,
  score: (s: number, h: number, i: number, j: number) => number = (s) => s,
): Matrix {
  const width = inW[0]!.length;
  const part = (x: Matrix, n: number): Matrix =>
    affine(x, inW.slice(n * width, (n + 1) * width), inB.slice(n * width, (n + 1) * width));
  const [Q, K, V] = [part(q, 0), part(k, 1), part(v, 2)];
  const size = width / heads;
  const mixed = Q.map((query, i) =>
    Array.from({ length: width }, (_, column) => {
      const h = Math.floor(column / size);
      const scores = K.map((key, j) => {
        let s = 0;
        for (let c = h * size; c < (h + 1) * size; c++) s += query[c]! * key[c]!;
        return score(s / Math.sqrt(size), h, i, j);
      });
      const weights = scores.map((s) => Math.exp(s));
      const total = weights.reduce((sum, w) => sum + w);
      return weights.reduce((sum, w, j) => sum + (w / total) * V[j]![column]!, 0);
    }),
  );
  return affine(mixed, outW, outB);
}

const [N, T, S, WIDTH, HEADS] = [2, 3, 4, 4, 2];

function weightsOf(seed = 1) {
  const tensors = [
    ...[normal(seed, 3 * WIDTH, WIDTH), normal(seed + 1, 3 * WIDTH)],
    ...[normal(seed + 2, WIDTH, WIDTH), normal(seed + 3, WIDTH)],
  ];
  const [inW, inB, outW, outB] = tensors.map(numbers) as [Matrix, number[], Matrix, number[]];
  const [inProjWeight, inProjBias, outProjWeight, outProjBias] = tensors as [Tensor, Tensor, Tensor, Tensor];
  const options = { numHeads: HEADS, inProjWeight, inProjBias, outProjWeight, outProjBias };
  return { options, plain: { inW, inB, outW, outB } };
}

describe("multiHeadAttention", () => {
  const { options, plain } = weightsOf();
  const [query, memory, values] = [normal(11, N, T, WIDTH), normal(12, N, S, WIDTH), normal(13, N, S, WIDTH)];
  const want = (inputs: readonly Tensor[], score?: (s: number, h: number, i: number, j: number, n: number) => number) =>
    Array.from({ length: N }, (_, n) => {
      const [q, k, v] = inputs.map((x) => numbers<Matrix[]>(x)[n]!) as [Matrix, Matrix, Matrix];
      return attended([q, k, v], HEADS, plain, score && ((s, h, i, j) => score(s, h, i, j, n)));
    });

  test.each([
    ["of a sequence to itself", [query, query, query]],
    ["to a memory", [query, memory, memory]],
    ["to keys with other values", [query, memory, values]],
  ])("%s", (_, inputs) => {
    const [q, k, v] = inputs as [Tensor, Tensor, Tensor];
    expectNear(multiHeadAttention(q, k, v, options), want(inputs));
  });

  test("masks: true is a ban, numbers are added, and both kinds go together", () => {
    const banned = tensor([
      [false, true, false, false],
      [true, false, true, false],
      [false, false, false, true],
    ]);
    const padded = tensor([
      [false, false, false, true],
      [false, false, true, true],
    ]);
    const b = numbers<boolean[][]>(banned);
    const p = numbers<boolean[][]>(padded);
    const bias = normal(14, N, HEADS, T, S);
    const added = numbers<Matrix[][]>(bias);
    const inputs = [query, memory, memory] as const;
    const call = (masks: AttentionMasks): Tensor => multiHeadAttention(...inputs, { ...options, ...masks });
    const is = (x: unknown): boolean => Boolean(x);
    expectNear(
      call({ attnMask: banned }),
      want(inputs, (s, _h, i, j) => (is(b[i]![j]) ? -Infinity : s)),
    );
    const both = want(inputs, (s, _h, i, j, n) => (is(b[i]![j]) || is(p[n]![j]) ? -Infinity : s));
    // The third query of the second example may attend to the first two keys.
    expectNear(call({ attnMask: banned, keyPaddingMask: padded }), both);
    const biased = want(inputs, (s, h, i, j, n) => (is(p[n]![j]) ? -Infinity : s + added[n]![h]![i]![j]!));
    expectNear(call({ attnMask: bias, keyPaddingMask: padded }), biased);
    const flat = bias.reshape([N * HEADS, T, S]);
    expectNear(call({ attnMask: flat, keyPaddingMask: padded }), biased);
    expectNear(
      call({ isCausal: true }),
      want(inputs, (s, _h, i, j) => (j > i ? -Infinity : s)),
    );
  });

  test("gradients of inputs and weights", () => {
    const weights = [options.inProjWeight, options.inProjBias, options.outProjWeight, options.outProjBias];
    const f = (q: Tensor, k: Tensor, ...[inW, inB, outW, outB]: Tensor[]): Tensor =>
      multiHeadAttention(q, k, k, {
        ...{ numHeads: HEADS, inProjWeight: inW!, inProjBias: inB!, outProjWeight: outW!, outProjBias: outB! },
      }).square();
    const check = checkGradients(f, [normal(3, 2, WIDTH), normal(4, 2, WIDTH), ...weights], { order: 1 });
    expect(check.passed, String(check)).toBe(true);
  });

  test("what does not fit is refused", () => {
    const refused = (change: object, type: typeof ShapeError | typeof ValueError, message: RegExp) =>
      expectRefused(() => multiHeadAttention(query, memory, memory, { ...options, ...change }), type, message, {
        temporaries: true,
      });
    refused({ numHeads: 3 }, ValueError, /divides the width 4, got 3/);
    refused({ inProjWeight: normal(1, 8, 4) }, ShapeError, /inProjWeight \[3 width, width\]/);
    // A mask of three axes is one for each example and head, never one for each example.
    refused(
      { attnMask: normal(1, N, T, S) },
      ShapeError,
      /attnMask of shape \[3, 4\] or \[2, 2, 3, 4\] or \[4, 3, 4\]/,
    );
    refused({ keyPaddingMask: normal(1, N, T) }, ShapeError, /keyPaddingMask of shape \[2, 4\], got \[2, 3\]/);
  });
});

test("the layer is the function with its own weights, positions first or examples first", () => {
  const layer = new MultiheadAttention(WIDTH, HEADS, { dtype: "f64", generator: new Generator(1) });
  const first = new MultiheadAttention(WIDTH, HEADS, { dtype: "f64", generator: new Generator(1), batchFirst: true });
  const { weight, bias } = layer.out_proj;
  const plain = {
    ...{ inW: numbers<Matrix>(layer.in_proj_weight), inB: numbers<number[]>(layer.in_proj_bias!) },
    ...{ outW: numbers<Matrix>(weight), outB: numbers<number[]>(bias!) },
  };
  expect(plain.inB).toEqual(new Array(3 * WIDTH).fill(0));
  expect(plain.outB).toEqual(new Array(WIDTH).fill(0));
  const x = normal(5, N, T, WIDTH);
  const want = numbers<Matrix[]>(x).map((q) => attended([q, q, q], HEADS, plain));
  expectNear(first(x), want);
  expectNear(layer(x.transpose(0, 1)).transpose(0, 1), want);
  expect(Object.keys(layer.stateDict())).toEqual([
    "in_proj_weight",
    "in_proj_bias",
    "out_proj.weight",
    "out_proj.bias",
  ]);
  expectNear(layer(x.slice(0)), want[0]);
});

/** A transformer layer with other weights and biases in all places, so that none can be left out unseen. */
function shaken<M extends Module<never>>(layer: M): M {
  const generator = new Generator(8);
  for (const [, p] of layer.namedParameters()) init.normal(p, { mean: 0.1, std: 0.5, generator });
  return layer.eval();
}

/** What the layers compute, over plain numbers. */
function plainLayer(layer: TransformerEncoderLayer | TransformerDecoderLayer) {
  const own = Object.fromEntries(
    Object.entries(layer.stateDict()).map(([name, p]) => [name, p.toArray()]),
  ) as unknown as Record<string, never>;
  const linear = (x: Matrix, name: string): Matrix => affine(x, own[`${name}.weight`]!, own[`${name}.bias`]!);
  const norm = (x: Matrix, name: string): Matrix =>
    x.map((row) => {
      const mean = row.reduce((a, b) => a + b) / row.length;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
      const [w, b] = [own[`${name}.weight`]!, own[`${name}.bias`]!] as [number[], number[]];
      return row.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * w[i]! + b[i]!);
    });
  const attention = (x: Matrix, y: Matrix, name: string): Matrix =>
    attended([x, y, y], HEADS, {
      ...{ inW: own[`${name}.in_proj_weight`]!, inB: own[`${name}.in_proj_bias`]! },
      ...{ outW: own[`${name}.out_proj.weight`]!, outB: own[`${name}.out_proj.bias`]! },
    });
  const feed = (x: Matrix): Matrix =>
    linear(
      linear(x, "linear1").map((row) => row.map((v) => Math.max(v, 0))),
      "linear2",
    );
  const sum = (x: Matrix, y: Matrix): Matrix => x.map((row, i) => row.map((v, j) => v + y[i]![j]!));
  return { norm, attention, feed, sum };
}

describe.each([false, true])("transformer layers, normFirst: %s", (normFirst) => {
  const options = { dimFeedforward: 6, normFirst, batchFirst: true, dtype: "f64" } as const;
  const around = (
    { norm, sum }: ReturnType<typeof plainLayer>,
    x: Matrix,
    name: string,
    part: (x: Matrix) => Matrix,
  ): Matrix => (normFirst ? sum(x, part(norm(x, name))) : norm(sum(x, part(x)), name));
  const x = normal(21, N, T, WIDTH);
  const memory = normal(22, N, S, WIDTH);

  test("an encoder layer", () => {
    const layer = shaken(new TransformerEncoderLayer(WIDTH, HEADS, options));
    const plain = plainLayer(layer);
    const want = numbers<Matrix[]>(x).map((given) => {
      const a = around(plain, given, "norm1", (y) => plain.attention(y, y, "self_attn"));
      return around(plain, a, "norm2", plain.feed);
    });
    expectNear(layer(x), want, 1e-10);
  });

  test("a decoder layer", () => {
    const layer = shaken(new TransformerDecoderLayer(WIDTH, HEADS, options));
    const plain = plainLayer(layer);
    const want = numbers<Matrix[]>(x).map((given, n) => {
      const m = numbers<Matrix[]>(memory)[n]!;
      const a = around(plain, given, "norm1", (y) => plain.attention(y, y, "self_attn"));
      const b = around(plain, a, "norm2", (y) => plain.attention(y, m, "multihead_attn"));
      return around(plain, b, "norm3", plain.feed);
    });
    expectNear(layer(x, memory), want, 1e-10);
  });

  test("a later position does not reach an earlier one where that is forbidden", () => {
    const layer = shaken(new TransformerEncoderLayer(WIDTH, HEADS, { ...options, activation: "gelu" }));
    // By more than a normalisation would take out again.
    const change = Float64Array.from({ length: 3 * WIDTH }, (_, i) => (i < 2 * WIDTH ? 0 : Math.cos(i)));
    const changed = x.add(tensor(change, { shape: [3, WIDTH] }));
    const early = (y: Tensor): number[][][] => numbers(y.slice([], [0, 2]));
    expect(early(layer(x, { isCausal: true }))).toEqual(early(layer(changed, { isCausal: true })));
    expect(early(layer(x))).not.toEqual(early(layer(changed)));
  });

  test("gradients by all parameters are there, and right", () => {
    const layer = shaken(new TransformerEncoderLayer(WIDTH, HEADS, { ...options, activation: (y) => y.tanh() }));
    const check = checkGradients((y: Tensor) => layer(y).square(), [normal(1, 1, 2, WIDTH)], { order: 1 });
    expect(check.passed, String(check)).toBe(true);
    layer(x).square().sum().backward();
    expect(layer.namedParameters().filter(([, p]) => !p.grad || !p.grad.data().some((g) => g !== 0))).toEqual([]);
  });
});

test("parameters of transformer layers have PyTorch's names", () => {
  const names = (layer: Module<never>): string[] => Object.keys(layer.stateDict());
  const attention = (name: string): string[] =>
    ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"].map((part) => `${name}.${part}`);
  const both = (...parts: string[]): string[] => parts.flatMap((part) => [`${part}.weight`, `${part}.bias`]);
  const encoder = [...attention("self_attn"), ...both("linear1", "linear2", "norm1", "norm2")];
  expect(names(new TransformerEncoderLayer(4, 2)).sort()).toEqual(encoder.sort());
  const decoder = [...encoder, ...attention("multihead_attn"), ...both("norm3")];
  expect(names(new TransformerDecoderLayer(4, 2)).sort()).toEqual(decoder.sort());
});

test("dropout of a transformer layer is for training only, by the generator given", () => {
  const layer = (): TransformerEncoderLayer =>
    new TransformerEncoderLayer(8, 2, { generator: new Generator(1), dropout: 0.3 });
  const x = new Generator(2).normal([3, 1, 8]);
  const [a, b] = [layer(), layer()];
  const drawn = numbers(a(x));
  expect(drawn).toEqual(numbers(b(x)));
  expect(drawn).not.toEqual(numbers(a(x)));
  expect(numbers(a.eval()(x))).toEqual(numbers(a(x)));
});

test("sinusoidal encoding is that of the paper", () => {
  const want = Array.from({ length: 5 }, (_, p) =>
    Array.from({ length: 6 }, (_unused, i) => {
      const angle = p / 10000 ** ((2 * Math.floor(i / 2)) / 6);
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }),
  );
  expectNear(sinusoidalEncoding(5, 6, { dtype: "f64" }), want);
  const x = normal(1, 5, 2, 6);
  expectNear(new SinusoidalEncoding()(x).sub(x).slice([], 1), want, 1e-10);
  expectNear(
    new SinusoidalEncoding({ batchFirst: true })(x.transpose(0, 1)).sub(x.transpose(0, 1)).slice(0),
    want,
    1e-10,
  );
  expect(() => sinusoidalEncoding(5, 7)).toThrow(/even width/);
});

describe.each([true, false])("rotary embedding, interleaved: %s", (interleaved) => {
  test("turns pairs by angles", () => {
    const x = normal(1, 2, 5, 6);
    const want = numbers<Matrix[]>(x).map((rows) =>
      rows.map((row, p) =>
        row.map((_, i) => {
          const pair = interleaved ? Math.floor(i / 2) : i % 3;
          const [a, b] = interleaved ? [row[2 * pair]!, row[2 * pair + 1]!] : [row[pair]!, row[pair + 3]!];
          const angle = p * 10000 ** (-pair / 3);
          const isFirst = interleaved ? i % 2 === 0 : i < 3;
          return isFirst ? a * Math.cos(angle) - b * Math.sin(angle) : a * Math.sin(angle) + b * Math.cos(angle);
        }),
      ),
    );
    expectNear(rotaryEmbedding(x, { interleaved }), want);
  });

  test("products depend on the distance of positions alone, and an offset moves all", () => {
    const [q, k] = [normal(2, 8), normal(3, 8)];
    const rotary = new RotaryEmbedding({ interleaved });
    const at = (x: Tensor, p: number): Tensor => rotary(x.reshape([1, 8]), p);
    const score = (p: number, r: number): number => at(q, p).mul(at(k, r)).sum().item();
    expect(Math.abs(score(3, 1) - score(7, 5))).toBeLessThan(1e-12);
    const rows = normal(4, 5, 8);
    expectNear(rotary(rows.slice([2, 5]), 2), numbers(rotary(rows).slice([2, 5])));
  });
});
