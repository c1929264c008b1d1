import { expect, test } from "vitest";
import { limitedLibrary, MIB } from "../support/limited-library.js";

test("memory that runs out in the middle of a training step leaves parameters, gradients and memory as they were", async () => {
  const w = await limitedLibrary(8 * MIB);
  const weights = [w.parameter(w.full([64, 64], 0.01)), w.parameter(w.full([64, 64], 0.02))];
  let stage = "";
  /** One step of gradient descent; where the batch is too large, some operation on the way has no memory. */
  const step = (batch: number): number =>
    w.scope(() => {
      stage = "forward";
      const x = w.ones([batch, 64]);
      const loss = w.mean(w.square(weights.reduce((y, weight) => w.tanh(w.matmul(y, weight)), x)));
      stage = "backward";
      loss.backward();
      stage = "update";
      const value = loss.item();
      for (const weight of weights) {
        weight.assign(w.sub(weight, w.mul(weight.grad!, 0.1)));
        weight.zeroGrad();
      }
      return value;
    });
  const first = step(100);
  const { tensors, bytes } = w.memory();
  const stages = new Set<string>();
  // Ever larger batches fail at ever earlier operations: in backward, in the layers, at the input.
  for (let batch = 1000; batch < 100_000; batch *= 1.1) {
    const saved = weights.map((weight) => weight.data());
    try {
      step(Math.round(batch));
    } catch (error) {
      if (!(error instanceof w.OutOfMemoryError)) throw error;
      expect(error.message).toMatch(/bytes/);
      stages.add(stage);
      expect(weights.map((weight) => weight.grad)).toEqual([null, null]);
      expect(weights.map((weight) => weight.data())).toEqual(saved);
    }
    expect(w.memory()).toMatchObject({ tensors, bytes });
  }
  expect([...stages]).toEqual(["backward", "forward"]);
  expect(step(100)).toBeLessThan(first);
});

test("memory that runs out while gradients accumulate leaves all of them as they were", async () => {
  const w = await limitedLibrary(4 * MIB);
  const a = w.tensor(new Float64Array(50_000), { requiresGrad: true });
  const b = w.tensor(new Float64Array(50_000), { requiresGrad: true });
  w.scope(() => w.sum(w.add(a, b)).backward());
  const held: { dispose(): void }[] = [];
  let stage = "";
  let thrown: unknown;
  // Each turn leaves a little less room than the one before, until the gradients of a and b find none.
  while (!thrown) {
    const before = [a.grad!.data()[0], b.grad!.data()[0]];
    try {
      held.push(w.zeros([5000]));
      w.scope(() => {
        stage = "forward";
        const loss = w.sum(w.add(w.mul(a, 2), w.mul(b, 3)));
        stage = "backward";
        loss.backward();
      });
    } catch (error) {
      thrown = error;
      expect([a.grad!.data()[0], b.grad!.data()[0]]).toEqual(before);
    }
  }
  expect(thrown).toBeInstanceOf(w.OutOfMemoryError);
  expect(stage).toBe("backward");
  for (const block of held) block.dispose();
  const before = a.grad!.data()[0]!;
  w.scope(() => w.sum(w.mul(a, 2)).backward());
  expect(a.grad!.data()[0]).toBe(before + 2);
});

test("a kernel without room to work in refuses, and the library goes on", async () => {
  const w = await limitedLibrary(16 * MIB);
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
  const w = await limitedLibrary(64 * MIB);
  const [a, b] = [w.ones([300, 700]), w.ones([200, 700])];
  expect(w.matmul(a, b.transpose()).sum().item()).toBe(300 * 700 * 200);
});

test("memory that was given back serves what is larger, up to all that there may be", async () => {
  const w = await limitedLibrary(64 * MIB);
  for (const size of [20, 35, 60]) {
    w.scope(() =>
      expect(
        w
          .zeros([(size * MIB) / 4])
          .slice(-1)
          .item(),
      ).toBe(0),
    );
  }
  expect(() => w.zeros([16 * MIB])).toThrow(w.OutOfMemoryError);
  expect(w.zeros([(60 * MIB) / 4]).size).toBe(15 * MIB);
});
