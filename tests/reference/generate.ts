import { operations } from "../../bindings/core/operations.js";
import type { SampleInput } from "../../bindings/core/graph.js";
import { count, type Plain } from "../support/plain.js";
import type { References } from "./reference.js";

/** Block `counter` of the stream of a key: four words of 32 bits (Salmon et al. 2011, Philox 4x32-10), in plain BigInt. */
function philox(key: bigint, counter: bigint): [bigint, bigint, bigint, bigint] {
  const word = 0xffffffffn;
  let [c0, c1, c2, c3] = [counter & word, (counter >> 32n) & word, 0n, 0n];
  let [k0, k1] = [key & word, (key >> 32n) & word];
  for (let round = 0; round < 10; round++) {
    const p0 = c0 * 0xd2511f53n;
    const p1 = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & word, (p0 >> 32n) ^ c3 ^ k1, p0 & word];
    k0 = (k0 + 0x9e3779b9n) & word;
    k1 = (k1 + 0xbb67ae85n) & word;
  }
  return [c0, c1, c2, c3];
}

/** Key and counter of a state, i32 [4]. */
function read(state: Plain): { key: bigint; counter: bigint } {
  const [k0, k1, c0, c1] = state.data.map((value) => BigInt(value >>> 0)) as [bigint, bigint, bigint, bigint];
  return { key: k0 | (k1 << 32n), counter: c0 | (c1 << 32n) };
}

/** So many words of the stream. */
function words(state: Plain, length: number): bigint[] {
  const { key, counter } = read(state);
  return Array.from({ length: Math.ceil(length / 4) }, (_, block) =>
    philox(key, BigInt.asUintN(64, counter + BigInt(block))),
  ).flat();
}

/** A state of any 32-bit words; in one case the low word of the counter is about to wrap round. */
const state: SampleInput = { shape: [4], dtype: "i32", range: [-2147483648, 2147483648] };
const wrapping: SampleInput = { shape: [4], dtype: "i32", range: [-3, 0] };

function draws<P>(params: readonly P[]): { inputs: SampleInput[]; params: P }[] {
  return params.flatMap((each) => [state, wrapping].map((input) => ({ inputs: [input], params: each })));
}

const SIZES = [1, 3, 4, 5, 16, 17, 33, 70];

export const generateReferences = {
  fill: {
    value: (_, { shape, value }) => ({ shape, data: new Array<number>(count(shape)).fill(value) }),
    large: (["f32", "f64", "i32", "u8", "bool"] as const).flatMap((dtype) =>
      [1, 5, 33].map((n) => ({ inputs: [], params: { shape: [n], dtype, value: 1 } })),
    ),
    empty: [{ inputs: [], params: { shape: [0, 3], dtype: "f64", value: 1 } }],
    call: (_, { shape, value, dtype }) => operations.fill(shape, value, dtype),
  },
  iota: {
    value: (_, { count: n, start, step }) => ({
      shape: [n],
      data: Array.from({ length: n }, (_unused, i) => start + i * step),
    }),
    large: (["f32", "f64", "i32", "u8"] as const).map((dtype) => ({
      inputs: [],
      params: { count: 9, dtype, start: 3, step: 2 },
    })),
    empty: [{ inputs: [], params: { count: 0, dtype: "f64", start: 0, step: 1 } }],
    call: (_, { count: n, dtype, start, step }) => operations.iota(n, dtype, start, step),
  },
  uniform: {
    value([x], { shape, dtype }) {
      const drawn = words(x!, count(shape) * (dtype === "f64" ? 2 : 1)).map(Number);
      const element = (i: number) =>
        dtype === "f32"
          ? Math.floor(drawn[i]! / 256) / 2 ** 24
          : (Math.floor(drawn[2 * i]! / 32) * 2 ** 26 + Math.floor(drawn[2 * i + 1]! / 64)) / 2 ** 53;
      return { shape, data: Array.from({ length: count(shape) }, (_, i) => element(i)) };
    },
    large: draws(SIZES.flatMap((n) => (["f32", "f64"] as const).map((dtype) => ({ shape: [n], dtype })))),
    empty: draws([{ shape: [0], dtype: "f32" as const }]),
    call: ([x], { shape, dtype }) => operations.uniform(x!, shape, dtype),
    dense: true,
  },
  bits: {
    value: ([x], { shape }) => ({
      shape,
      data: words(x!, count(shape))
        .slice(0, count(shape))
        .map((word) => Number(BigInt.asIntN(32, word))),
    }),
    large: draws(SIZES.map((n) => ({ shape: [n], dtype: "i32" as const }))),
    empty: draws([{ shape: [0], dtype: "i32" as const }]),
    call: ([x], { shape }) => operations.bits(x!, shape),
    dense: true,
  },
  normal: {
    value([x], { shape, dtype, numbers: [mean, deviation] }) {
      const drawn = words(x!, count(shape) * (dtype === "f64" ? 2 : 1)).map(Number);
      const share = (a: number, b: number) => (Math.floor(a / 32) * 2 ** 26 + Math.floor(b / 64)) / 2 ** 53;
      const data: number[] = [];
      for (let i = 0; i < drawn.length; i += 4) {
        const [a, b, c, d] = drawn.slice(i, i + 4) as [number, number, number, number];
        const single = (word: number) => Math.fround(Math.fround(Math.floor(word / 2)) + 0.5) / 2 ** 31;
        const radii = (dtype === "f32" ? [single(a), single(b)] : [1 - share(a, b)]).map((u) =>
          Math.sqrt(-2 * Math.log(u)),
        );
        const angles = dtype === "f32" ? [c, d].map((word) => Math.floor(word / 256) / 2 ** 24) : [share(c, d)];
        data.push(...radii.map((r, j) => r * Math.cos(2 * Math.PI * angles[j]!)));
        data.push(...radii.map((r, j) => r * Math.sin(2 * Math.PI * angles[j]!)));
      }
      return { shape, data: data.slice(0, count(shape)).map((z) => mean + deviation * z) };
    },
    ulps: 4,
    scale: (_, { shape, numbers: [mean, deviation] }) => ({
      shape,
      data: new Array<number>(count(shape)).fill(Math.abs(mean) + 7 * deviation),
    }),
    large: draws(
      SIZES.flatMap((n) =>
        (["f32", "f64"] as const).map((dtype) => ({ shape: [n], dtype, numbers: [0.5, 2] as const })),
      ),
    ),
    empty: draws([{ shape: [0], dtype: "f32" as const, numbers: [0, 1] as const }]),
    call: ([x], { shape, dtype, numbers }) => operations.normal(x!, shape, dtype, ...numbers),
    dense: true,
  },
  integers: {
    value([x], { shape, numbers: [low, bound] }) {
      const drawn = words(x!, 2 * count(shape));
      const element = (i: number) => ((drawn[2 * i]! | (drawn[2 * i + 1]! << 32n)) * BigInt(bound)) >> 64n;
      return { shape, data: Array.from({ length: count(shape) }, (_, i) => low + Number(element(i))) };
    },
    large: draws(
      SIZES.flatMap((n) =>
        [[-5, 1] as const, [3, 6] as const, [-2147483648, 4294967296] as const].map((numbers) => ({
          shape: [n],
          dtype: "i32" as const,
          numbers,
        })),
      ),
    ),
    empty: draws([{ shape: [0], dtype: "i32" as const, numbers: [0, 2] as const }]),
    call: ([x], { shape, numbers }) => operations.integers(x!, shape, ...numbers),
    dense: true,
  },
  permutation: {
    value([x], { shape }) {
      const drawn = words(x!, 2 * count(shape));
      const order: number[] = [];
      for (let j = 0; j < count(shape); j++) {
        const place = Number(((drawn[2 * j]! | (drawn[2 * j + 1]! << 32n)) * BigInt(j + 1)) >> 64n);
        order[j] = order[place] ?? j;
        order[place] = j;
      }
      return { shape, data: order };
    },
    large: draws(SIZES.map((n) => ({ shape: [n], dtype: "i32" as const }))),
    empty: draws([{ shape: [0], dtype: "i32" as const }]),
    call: ([x], { shape }) => operations.permutation(x!, shape[0]!),
    dense: true,
  },
  advance: {
    value([x], blocks) {
      const { key, counter } = read(x!);
      const moved = BigInt.asUintN(64, counter + BigInt(blocks));
      return {
        shape: [4],
        data: [key, key >> 32n, moved, moved >> 32n].map((part) => Number(BigInt.asIntN(32, part))),
      };
    },
    large: draws([0, 1, 5, 4294967295]),
    empty: [],
    dense: true,
  },
  streams: {
    value([x], { count: n, blocks }) {
      const { key, counter } = read(x!);
      const begins = Array.from({ length: n }, (_, i) => BigInt.asUintN(64, counter + BigInt(i) * BigInt(blocks)));
      const parts = begins.flatMap((begin) => [key, key >> 32n, begin, begin >> 32n]);
      return { shape: [n, 4], data: parts.map((part) => Number(BigInt.asIntN(32, part))) };
    },
    large: draws([
      { count: 4, blocks: 4294967295 },
      { count: 9, blocks: 0 },
      { count: 700, blocks: 3 },
    ]),
    empty: draws([{ count: 0, blocks: 3 }]),
    call: ([x], { count: n, blocks }) => operations.streams(x!, n, blocks),
    dense: true,
  },
} satisfies Partial<References>;
