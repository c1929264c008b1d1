import { expect, test } from "vitest";
import { scope, tensor, type Tensor } from "../../bindings/index.js";
import { IndexError, ValueError } from "../../bindings/errors.js";
import { balancedSampler, DataLoader, Dataset, WeightedSampler } from "../../bindings/data/index.js";
import { expectRefused } from "../support/refusal.js";

function countsOf(positions: ArrayLike<number>, n: number): number[] {
  const counts = new Array<number>(n).fill(0);
  for (const position of Array.from(positions)) counts[position]!++;
  return counts;
}

test("draws in proportion to the weights, never what weighs nothing", () => {
  const weights = [1, 0, 3, 6];
  const counts = countsOf(new WeightedSampler(weights, { count: 10_000, seed: 1 }).draw(), 4);
  expect(counts[1]).toBe(0);
  // Five standard deviations of a binomial count are less than 250.
  for (const [i, weight] of weights.entries()) expect(Math.abs(counts[i]! - 1000 * weight)).toBeLessThan(250);
});

test("without replacement each comes once, heavy ones first more often", () => {
  const sampler = new WeightedSampler([1, 1, 8], { replacement: false, seed: 2 });
  let first = 0;
  for (let i = 0; i < 1000; i++) {
    const drawn = sampler.draw();
    expect(countsOf(drawn, 3)).toEqual([1, 1, 1]);
    if (drawn[0] === 2) first++;
  }
  expect(Math.abs(first - 800)).toBeLessThan(65); // Five standard deviations.
});

test("the same seed draws the same, pass by pass", () => {
  const [a, b] = [1, 1].map((seed) => new WeightedSampler([1, 2, 3], { count: 20, seed })) as [WeightedSampler, WeightedSampler]; // prettier-ignore
  const passes = [a.draw(), a.draw()];
  expect([b.draw(), b.draw()]).toEqual(passes);
  expect(passes[0]).not.toEqual(passes[1]);
});

test("balances classes that are rare and common", () => {
  const classes = Array.from({ length: 100 }, (_, i) => (i < 5 ? "rare" : "common"));
  const drawn = balancedSampler(classes, { count: 4000, seed: 3 }).draw();
  const rare = drawn.filter((position) => position < 5).length;
  expect(Math.abs(rare - 2000)).toBeLessThan(160); // Five standard deviations.
});

test("a loader hands out what the sampler draws, of tensors and of datasets", () => {
  const rows = tensor([[0], [10], [20], [30]]); // prettier-ignore
  const sampler = (): WeightedSampler => new WeightedSampler([0, 1, 0, 1], { count: 6, seed: 5 });
  const seen: unknown[][] = [];
  for (const source of [rows, Dataset.fromTensors(rows)]) {
    const loader = new DataLoader(source as typeof rows, { batchSize: 4, sampler: sampler() });
    expect(loader.length).toBe(2);
    const batches: unknown[] = [];
    for (const batch of loader) batches.push(batch.toArray());
    seen.push(batches);
    loader.dispose();
  }
  expect(seen[0]).toEqual(seen[1]);
  expect((seen[0] as number[][][]).map((batch) => batch.length)).toEqual([4, 2]);
  expect(new Set((seen[0] as number[][][]).flat(2))).toEqual(new Set([10, 30]));
});

test("a loader of a dataset makes batches of its examples, shuffled anew in each pass", async () => {
  const data = Dataset.from(Array.from({ length: 10 }, (_, i) => ({ x: [i, 2 * i], name: `n${i}` })));
  const loader = new DataLoader(data, {
    batchSize: 4,
    shuffle: true,
    seed: 1,
    map: ({ x, name }) => ({ x: x.sum(1), name }),
  });
  const passes: string[][] = [];
  for (let pass = 0; pass < 2; pass++) {
    const names: string[] = [];
    for (const batch of loader) {
      expect(batch.x.toArray()).toEqual(batch.name.map((name) => 3 * Number(name.slice(1))));
      names.push(...batch.name);
    }
    passes.push(names);
  }
  expect(passes[0]!.toSorted()).toEqual(passes[1]!.toSorted());
  expect(passes[0]).not.toEqual(passes[1]);
  let later = 0;
  for await (const { name } of loader) later += name.length;
  expect(later).toBe(10);
  loader.dispose();
});

test("what does not fit is refused", () => {
  const rows = scope(() => tensor([1, 2]));
  const refused: [() => unknown, Parameters<typeof expectRefused>[1], RegExp][] = [
    [() => new WeightedSampler([1, -1]), ValueError, /finite weights from 0, got -1/],
    [() => new WeightedSampler([1e308, 1e308]), ValueError, /weights with a finite sum, got Infinity/],
    [() => new WeightedSampler([1, NaN]), ValueError, /got NaN/],
    [() => new WeightedSampler([0, 0]), ValueError, /a count up to 0 for 0 weights above 0, got 2/],
    [() => new WeightedSampler([1, 0], { replacement: false }), ValueError, /up to 1 for 1 weights above 0, got 2/],
    [() => new DataLoader(rows, { shuffle: true, sampler: new WeightedSampler([1]) }), ValueError, /got both/],
    [
      () => [...new DataLoader(rows, { sampler: { length: 1, draw: () => Int32Array.of(2) } })],
      IndexError,
      /below 2 of the sampler, got 2/,
    ],
  ];
  for (const [run, type, message] of refused.slice(0, 5)) expectRefused(run, type, message);
  for (const [run, type] of refused.slice(5)) expect(run).toThrow(type);
});

test("a sampler, a map and listeners that are none are refused at once, and positions that it does not draw", () => {
  const rows = tensor([[1], [2], [3]]);
  const options = [{ map: 3 }, { onProgress: {} }, { signal: 1 }, { sampler: {} }, { sampler: () => [0] }] as never[];
  for (const given of options) expectRefused(() => new DataLoader(rows, given), ValueError, /^DataLoader: expected /);
  expect(() => new DataLoader(rows, { signal: null })).not.toThrow();
  for (const [given, kind] of [[[[1, 2]], "Array"], [{ x: new Float32Array(2) }, "Object"], [new Map(), "Map"]]) // prettier-ignore
    expect(() => new DataLoader(given)).toThrow(`DataLoader: expected a dataset, or a tree with tensors, as in { x: tensor(values) }, got ${kind as string}`); // prettier-ignore
  const drawing = (draw: () => unknown) => () => [...new DataLoader(rows, { sampler: { length: 2, draw } as never })];
  expect(drawing(() => Int32Array.of(0))).toThrow(/^DataLoader: expected 2 positions of the sampler, got 1$/);
  expect(drawing(() => undefined)).toThrow(/^DataLoader: expected 2 positions of the sampler, got undefined$/);
  expect(drawing(() => [0, 0.5])).toThrow(/^DataLoader: expected positions below 3 of the sampler, got 0\.5$/);
  expect(drawing(() => [2, 0])().map((batch) => batch.toArray())).toEqual([[[3], [1]]]);
  for (const none of [undefined, 3, {}]) {
    expectRefused(() => new WeightedSampler(none as never), ValueError, /^WeightedSampler: expected weights in an arr/);
    expectRefused(() => balancedSampler(none as never), ValueError, /^balancedSampler: expected classes in an array/);
  }
});

test("batches of a pair of tensors are pairs, to the compiler too", () => {
  const seen: [Tensor, Tensor][] = [];
  for (const [x, y] of new DataLoader([tensor([[1], [2]]), tensor([3, 4])], { batchSize: 2 })) seen.push([x, y]);
  expect(seen.map(([x, y]) => [x.shape, y.shape])).toEqual([[[2, 1], [2]]]); // prettier-ignore
  const lengths = (list: Tensor[]): number[] => list.map((x) => x.size);
  for (const batch of new DataLoader([tensor([1, 2]), tensor([3, 4])])) expect(lengths(batch)).toEqual([2, 2]);
  for (const batch of new DataLoader({ x: tensor([1, 2]) })) batch.x = batch.x.mul(2);
});
