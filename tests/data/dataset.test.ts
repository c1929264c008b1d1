import fc from "fast-check";
import { expect, test } from "vitest";
import { tensor, type Tensor } from "../../bindings/index.js";
import { IndexError, ShapeError, ValueError } from "../../bindings/errors.js";
import {
  balancedSampler,
  collate,
  DataLoader,
  Dataset,
  parseIdx,
  Standardizer,
  Vocabulary,
} from "../../bindings/data/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

const numbers = (n: number): Dataset<number> => Dataset.from(Array.from({ length: n }, (_, i) => i));

test("maps, filters, picks, cuts, joins and repeats, and computes nothing before it is asked for", () => {
  let made = 0;
  const squares = new Dataset(5, (i) => (made++, i * i));
  const odd = squares.map((x, i) => x + i).slice(1);
  expect(made).toBe(0);
  expect(odd.get(1)).toBe(6);
  expect(made).toBe(1);
  expect(odd.toArray()).toEqual([2, 6, 12, 20]);
  expect([...numbers(6).filter((x) => x % 2 === 1)]).toEqual([1, 3, 5]);
  expect(numbers(3).concat(numbers(2)).repeat(2).toArray()).toEqual([0, 1, 2, 0, 1, 0, 1, 2, 0, 1]);
  expect(numbers(5).slice(-2).toArray()).toEqual([3, 4]);
  expect(numbers(5).slice(1, -1).toArray()).toEqual([1, 2, 3]);
  expect(numbers(5).slice(4, 2).length).toBe(0);
  expect(numbers(5).pick([4, 0]).toArray()).toEqual([4, 0]);
});

test("windows over a series", () => {
  expect(numbers(5).window(3).toArray()).toEqual([[0, 1, 2], [1, 2, 3], [2, 3, 4]]); // prettier-ignore
  expect(numbers(6).window(2, 3).toArray()).toEqual([[0, 1], [3, 4]]); // prettier-ignore
  expect(numbers(2).window(3).length).toBe(0);
});

test("shuffles by a seed, and differently by another", () => {
  const order = numbers(100).shuffle(1).toArray();
  expect(numbers(100).shuffle(1).toArray()).toEqual(order);
  expect(numbers(100).shuffle(2).toArray()).not.toEqual(order);
  expect(order.toSorted((a, b) => a - b)).toEqual(numbers(100).toArray());
});

test("parts share no example and hold their fractions, within each class if asked for", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 60 }), fc.nat(9), (classes, seed) => {
      const data = Dataset.from(classes.map((label, i) => ({ label, i })));
      for (const stratify of [undefined, (one: { label: number }) => one.label]) {
        const parts = data.split([0.6, 0.3, 0.1], { seed, ...(stratify && { stratify }) });
        const seen = parts.flatMap((part) => part.toArray().map(({ i }) => i));
        expect(seen.toSorted((a, b) => a - b)).toEqual(classes.map((_, i) => i));
        for (const label of stratify ? [0, 1, 2] : []) {
          const count = classes.filter((one) => one === label).length;
          for (const [i, share] of [0.6, 0.3, 0.1].entries()) {
            const found = parts[i]!.filter((one) => one.label === label).length;
            expect(Math.abs(found - share * count)).toBeLessThan(2);
          }
        }
      }
    }),
    { numRuns: 20 },
  );
  expect(numbers(10).split([7, 2], { seed: null }).map((part) => part.toArray())).toEqual([[0, 1, 2, 3, 4, 5, 6], [7, 8]]); // prettier-ignore
  // More than a call can have arguments.
  expect(numbers(400_000).split([0.75, 0.25], { seed: null }).map((part) => part.length)).toEqual([300_000, 100_000]); // prettier-ignore
  expect(numbers(10).split([0.25, 0.75]).map((part) => part.length)).toEqual([3, 7]); // prettier-ignore
  expect(numbers(10).split([0.8, 0.2], { seed: 4 })[0]!.toArray()).toEqual(numbers(10).split([0.8, 0.2], { seed: 4 })[0]!.toArray()); // prettier-ignore
});

test("batches of numbers, truth values, texts, arrays, tensors and trees of them", () => {
  const rows = [
    { x: [1, 2], y: true, name: "a", z: tensor([5]), pair: [tensor(1), "p"] as const, bytes: Uint8Array.of(1) },
    { x: [3, 4], y: false, name: "b", z: tensor([6]), pair: [tensor(2), "q"] as const, bytes: Uint8Array.of(2) },
  ];
  const { x, y, name, z, pair, bytes } = Dataset.from(rows).all();
  const shown = (t: Tensor): unknown[] => [t.dtype, t.toArray()];
  expect(shown(x)).toEqual(["f32", [[1, 2], [3, 4]]]); // prettier-ignore
  expect(shown(y)).toEqual(["bool", [true, false]]);
  expect(name).toEqual(["a", "b"]);
  expect(shown(z)).toEqual(["f32", [[5], [6]]]);
  expect([shown(pair[0]), pair[1]]).toEqual([["f32", [1, 2]], ["p", "q"]]); // prettier-ignore
  expect(shown(bytes)).toEqual(["u8", [[1], [2]]]);
  const batches = numbers(5).batch(2);
  expect(batches.toArray().map((batch) => batch.toArray())).toEqual([[0, 1], [2, 3], [4]]); // prettier-ignore
  expect(numbers(5).batch(2, { dropLast: true }).length).toBe(2);
  expect(numbers(5).window(2).batch(4).get(0).shape).toEqual([4, 2]);
});

test("an image beside its label is taken apart, though both are of numbers", () => {
  const [x, y] = Dataset.from([[[[1, 2], [3, 4]], 0], [[[5, 6], [7, 8]], 1]] as [number[][], number][]).all(); // prettier-ignore
  expect(x.shape).toEqual([2, 2, 2]);
  expect(y.toArray()).toEqual([0, 1]);
  expect(collate([Uint8ClampedArray.of(1), Uint8ClampedArray.of(255)]).data()).toEqual(Uint8Array.of(1, 255));
});

test("rows of tensors are views of them", () => {
  const data = Dataset.fromTensors({ x: tensor([[1, 2], [3, 4]]), y: tensor([7, 8]) }); // prettier-ignore
  expect(data.length).toBe(2);
  expect(data.get(1).x.toArray()).toEqual([3, 4]);
  expect(data.map(({ y }) => y.item()).toArray()).toEqual([7, 8]);
});

test("a stream gives the same examples, and awaits those that are still to come", async () => {
  const later = numbers(5).map((x) => Promise.resolve(2 * x));
  expect(await later.stream().toArray()).toEqual([0, 2, 4, 6, 8]);
  expect(await later.prefetch(2).toArray()).toEqual([0, 2, 4, 6, 8]);
  let running = 0;
  let most = 0;
  const slow = numbers(9).map(async (x) => {
    most = Math.max(most, ++running);
    await new Promise((resume) => setTimeout(resume, x % 3));
    running--;
    return x;
  });
  expect(await slow.prefetch(3).toArray()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(4); // The one that is waited for, and three more.
});

test("what does not fit is refused", () => {
  const data = numbers(4);
  const kept = [tensor([1, 2]), tensor([1])] as const;
  const refused: [() => unknown, Parameters<typeof expectRefused>[1], RegExp][] = [
    [() => data.get(4), IndexError, /from 0 to below 4, got 4/],
    [() => data.pick([7]).toArray(), IndexError, /got 7/],
    [() => data.split([0.5, 0.6]), ValueError, /fractions up to 1, or at most 4 examples, .* got \[0\.5, 0\.6\]/],
    [() => data.split([3, 2]), ValueError, /got \[3, 2\]/],
    [() => data.split([-0.5]), ValueError, /got \[-0\.5\]/],
    [() => data.batch(0), ValueError, /^batch: expected whole numbers from 1 on, got 0/],
    [() => data.window(2, 0.5), ValueError, /^window: expected whole numbers from 1 on, got 0.5/],
    [() => new Dataset(-1, () => 0), ValueError, /a whole number of examples from 0, got -1/],
    [() => Dataset.fromTensors([1]), ValueError, /a tree with tensors/],
    [
      () => Dataset.fromTensors(kept),
      ShapeError,
      /with one number of examples along the first axis, got \[2\] and \[1\]/,
    ],
    [() => Dataset.fromTensors({ x: tensor(1) }), ShapeError, /along the first axis, got \[\] and \[\]/],
    [() => collate([]), ValueError, /at least one example/],
    [() => collate<unknown>([1, "a"]), ValueError, /numbers as each example, got others/],
    [() => collate<unknown>([{ a: 1 }, { b: 1 }]), ValueError, /the names a in each example, got b/],
    [() => collate<unknown>([{ a: { b: 1 } }, { a: { b: [1] } }]), ValueError, /numbers as \.a\.b of each/],
    [() => collate([Promise.resolve(1)]), ValueError, /dataset\.stream\(\).*, got promises/],
    [
      () => collate([{ a: [1, 2] }, { a: [3] }]),
      ShapeError,
      /^collate: .* of one shape, \[2, 2\] as \.a of each example/,
    ],
    [
      () => collate([Uint8Array.of(1), Uint8Array.of(1, 2)]),
      ShapeError,
      /Uint8Arrays of 1 elements as each example, got Uint8Array of 2$/,
    ],
    [() => collate(kept), ShapeError, /^collate: expected tensors of one shape as each example, got \[2\] and \[1\]$/],
    [
      () => collate([Uint8Array.of(1), Int8Array.of(1)]),
      ShapeError,
      /Uint8Arrays of 1 elements .*, got Int8Array of 1$/,
    ],
    [() => data.shuffle(wrong(-1)), ValueError, /seed/],
    [() => new Dataset(2, wrong(undefined)), ValueError, /^Dataset: expected a function .* got undefined/],
    [() => data.map(wrong(3)), ValueError, /^map: expected a function that makes something of each example, got 3/],
    [() => data.filter(wrong(null)), ValueError, /^filter: expected a function that tells which examples to keep/],
    [() => data.pick(wrong(null)), ValueError, /^pick: expected positions in an array, got null/],
    [() => data.slice(0.5, 2.5), ValueError, /^slice: expected whole positions, got 0.5/],
    [() => data.concat(wrong([1])), ValueError, /^concat: expected a dataset, got Array/],
    [() => data.repeat(1.5), ValueError, /^repeat: expected a whole number from 0 on, got 1.5/],
    [() => data.split(wrong(0.5)), ValueError, /^split: expected parts in an array, got 0.5/],
    [() => data.split([1], wrong({ stratify: "x" })), ValueError, /^split: expected a function .* as stratify, got x/],
    [() => collate(wrong(undefined)), ValueError, /^collate: expected examples in an array, got undefined/],
    [() => collate(wrong(new Set([1, 2]))), ValueError, /^collate: expected examples in an array, got Set/],
    [() => collate(wrong(new Map([[0, 1]]))), ValueError, /^collate: expected examples in an array, got Map/],
    [() => parseIdx(wrong("bytes")), ValueError, /^parseIdx: expected bytes in a Uint8Array, got \[object String\]/],
  ];
  for (const [run, type, message] of refused) expectRefused(run, type, message, { temporaries: true });
  for (const x of kept) x.dispose();
});

test("integers of typed arrays, tensors and bigints stay integers in a batch, and numbers are floats", () => {
  const dtypeOf = (...examples: unknown[]): string => (collate(examples) as unknown as Tensor).dtype;
  expect(dtypeOf(Int32Array.of(1), Int32Array.of(2))).toBe("i32");
  expect(dtypeOf(tensor(1, { dtype: "i32" }), tensor(2, { dtype: "i32" }))).toBe("i32");
  for (const type of [Int8Array, Int16Array, Uint16Array, Uint32Array])
    expect(dtypeOf(type.of(1), type.of(2)), type.name).toBe("i32");
  expect(collate([BigInt64Array.of(-1n, 2n)]).toArray()).toEqual([[-1, 2]]);
  expect(dtypeOf(Uint8ClampedArray.of(1), Uint8ClampedArray.of(255))).toBe("u8");
  // What is made of a class, such as Node's Buffers, and the halves that new engines have.
  class Bytes extends Uint8Array {
    constructor(bytes: ArrayBuffer) {
      if (!(bytes instanceof ArrayBuffer)) throw new Error("made of no bytes");
      super(bytes);
    }
  }
  expect(collate<Uint8Array>([new Bytes(new ArrayBuffer(1)), Uint8Array.of(3)]).toArray()).toEqual([[0], [3]]);
  const Halves = (globalThis as { Float16Array?: { of(...values: number[]): Float32Array } }).Float16Array;
  if (Halves) expect(dtypeOf(Halves.of(1), Halves.of(2))).toBe("f32");
  const { x, label } = collate([{ x: 1, label: 3n }, { x: 2, label: 4n }]); // prettier-ignore
  expect([x.dtype, label.dtype, label.toArray()]).toEqual(["f32", "i32", [3, 4]]);
  expect(collate([{ a: 1, b: "u" }, { b: "v", a: 2 }]).a.toArray()).toEqual([1, 2]); // prettier-ignore
  expectRefused(
    () => collate([{ a: 2n ** 31n }]),
    ValueError,
    /integers that i32 holds as \.a of each example, got 2147483648/,
  );
  expectRefused(
    () => collate([Uint32Array.of(2 ** 31)]),
    ValueError,
    /integers that i32 holds as each example, got 2147483648/,
  );
});

test("what has no length is no array to make a dataset of", () => {
  for (const items of [null, undefined, 3, new Set([1])]) {
    expect(() => Dataset.from(wrong(items))).toThrow(/Dataset\.from: expected an array, got/);
    expect(() => Dataset.from(wrong(items))).toThrow(ValueError);
  }
});

test("data that is printed says how much there is, and how it is gone through", () => {
  const data = new Dataset(3, (i) => ({ x: i }));
  const options = { batchSize: 2, shuffle: true, dropLast: true };
  const printed: [{ toString(): string }, string][] = [
    [data, "Dataset(3 examples)"],
    [data.slice(0, 1), "Dataset(1 example)"],
    [data.stream(), "Stream(examples as they come)"],
    [new DataLoader(data), "DataLoader(1 batch of 32 from 3 examples)"],
    [
      new DataLoader(data, options),
      "DataLoader(1 batch of 2 from 3 examples, shuffled, a last one that is not full left out)",
    ],
    [
      new DataLoader(data, { sampler: balancedSampler([0, 1, 1]), batchSize: 2 }),
      "DataLoader(2 batches of 2 from 3 examples, drawn by a sampler)",
    ],
    [balancedSampler([0, 1, 1]), "WeightedSampler(3 a pass of 3 examples, with replacement)"],
    [new Vocabulary("abab"), "Vocabulary(2 tokens)"],
    [new Standardizer(tensor([[1, 2, 3]])), "Standardizer(f32 [3])"],
  ];
  for (const [thing, text] of printed) {
    expect(String(thing)).toBe(text);
    expect((thing as unknown as Record<symbol, () => string>)[Symbol.for("nodejs.util.inspect.custom")]!()).toBe(text);
  }
});
