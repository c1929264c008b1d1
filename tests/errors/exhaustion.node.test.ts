import { expect, test, vi } from "vitest";
import type * as library from "../../bindings/index.js";

type Library = typeof library;

/** A copy of the library of its own, with little memory. */
async function small(maximumBytes: number): Promise<Library> {
  vi.resetModules();
  const fresh = await import("../../bindings/index.js");
  fresh.configure({ maximumBytes });
  return fresh;
}

const MIB = 2 ** 20;

test("memory that runs out in the middle of a training step leaves parameters, gradients and memory as they were", async () => {
  const w = await small(8 * MIB);
  const weights = [w.parameter(w.full([64, 64], 0.01)), w.parameter(w.full([64, 64], 0.02))];
  /** One step of gradient descent; where the batch is too large, some operation on the way has no memory. */
  const step = (batch: number): number =>
    w.scope(() => {
      const x = w.ones([batch, 64]);
      const loss = w.mean(w.square(weights.reduce((y, weight) => w.tanh(w.matmul(y, weight)), x)));
      loss.backward();
      const value = loss.item();
      for (const weight of weights) {
        weight.assign(w.sub(weight, w.mul(weight.grad!, 0.1)));
        weight.zeroGrad();
      }
      return value;
    });
  const first = step(100);
  const saved = weights.map((weight) => weight.data());
  const { tensors, bytes } = w.memory();
  let failures = 0;
  // Ever larger batches fail at ever earlier operations: in backward, in the layers, at the input.
  for (const batch of [3000, 3500, 4000, 5000, 6000, 8000, 10_000, 20_000, 100_000]) {
    try {
      step(batch);
      for (const [i, weight] of weights.entries()) weight.assign(saved[i]!.slice());
      continue;
    } catch (error) {
      if (!(error instanceof w.OutOfMemoryError)) throw error;
      expect(error.message).toMatch(/bytes/);
      failures++;
    }
    expect(weights.map((weight) => weight.grad)).toEqual([null, null]);
    expect(weights.map((weight) => weight.data())).toEqual(saved);
    expect(w.memory()).toMatchObject({ tensors, bytes });
  }
  expect(failures).toBeGreaterThan(3);
  expect(step(100)).toBeLessThan(first);
});

test("memory that runs out while gradients accumulate leaves all of them as they were", async () => {
  const w = await small(4 * MIB);
  const a = w.tensor(new Float64Array(50_000), { requiresGrad: true });
  const b = w.tensor(new Float64Array(50_000), { requiresGrad: true });
  w.scope(() => w.sum(w.add(a, b)).backward());
  const held: { dispose(): void }[] = [];
  let thrown: unknown;
  // Each turn leaves less room than the one before.
  while (!thrown) {
    const before = [a.grad!.data()[0], b.grad!.data()[0]];
    try {
      w.scope(() => w.sum(w.add(w.mul(a, 2), w.mul(b, 3))).backward());
    } catch (error) {
      thrown = error;
      expect([a.grad!.data()[0], b.grad!.data()[0]]).toEqual(before);
      break;
    }
    try {
      held.push(w.zeros([25_000]));
    } catch (error) {
      thrown = error;
    }
  }
  expect(thrown).toBeInstanceOf(w.OutOfMemoryError);
  for (const block of held) block.dispose();
  const before = a.grad!.data()[0]!;
  w.scope(() => w.sum(w.mul(a, 2)).backward());
  expect(a.grad!.data()[0]).toBe(before + 2);
});

test("a kernel without room to work in refuses, and the library goes on", async () => {
  const w = await small(16 * MIB);
  const n = 512;
  const [a, b] = [w.ones([n, n]), w.ones([n, n])];
  const room = w.zeros([n, n]);
  const held: { dispose(): void }[] = [];
  for (const size of [n * n, 16_384, 1024, 64, 16]) {
    try {
      for (;;) held.push(w.zeros([size]));
    } catch (error) {
      expect(error).toBeInstanceOf(w.OutOfMemoryError);
    }
  }
  // Now there is room for the product, and for nothing else.
  room.dispose();
  const { tensors } = w.memory();
  expect(() => w.matmul(a, b.transpose())).toThrow(/^matmul: expected \d+ bytes of working memory/);
  expect(w.memory().tensors).toBe(tensors);
  for (const block of held) block.dispose();
  expect(w.scope(() => w.matmul(a, b.transpose()).data()[n])).toBe(n);
});

test("a kernel that needs more room to work in than there is makes memory grow", async () => {
  const w = await small(64 * MIB);
  const [a, b] = [w.ones([300, 700]), w.ones([200, 700])];
  expect(w.matmul(a, b.transpose()).sum().item()).toBe(300 * 700 * 200);
});
