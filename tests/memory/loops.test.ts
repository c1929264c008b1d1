import { afterEach, describe, expect, test } from "vitest";
import {
  crossEntropy,
  FreedError,
  keep,
  memory,
  parameter,
  ScopeError,
  type Tensor,
  tensor,
  variable,
  zeros,
} from "../../bindings/index.js";
import { DataLoader } from "../../bindings/data/index.js";
import { collected } from "../support/collected.js";
import { batches, network, train, type Batch } from "../support/training.js";

afterEach(() => collected());

describe("a synchronous loop without memory code", () => {
  test("keeps the high water flat after the first epoch, and gives everything back", () => {
    const { model, optimizer } = network(1);
    const loader = batches({ seed: 2 });
    train(model, optimizer, loader, 1);
    optimizer.zeroGrad();
    loader.dispose();
    const before = memory();
    train(model, optimizer, loader, 1);
    const after = memory().highWater;
    train(model, optimizer, loader, 20);
    expect(memory().highWater).toBe(after);
    optimizer.zeroGrad();
    loader.dispose();
    expect(memory().bytes).toBe(before.bytes);
    expect(memory().tensors).toBe(before.tensors);
  });

  test("keeps the last iteration readable however the loop ends, until the loader is iterated again", () => {
    const loader = batches({ seed: 3 });
    const { model } = network(1);
    const last: Tensor[] = [];
    for (const { x } of loader) last[0] = model(x);
    expect(last[0]!.shape).toEqual([16, 3]);
    expect(last[0]!.data()).toHaveLength(48);
    for (const { x } of loader) {
      last[1] = model(x);
      break;
    }
    expect(() => last[0]!.data()).toThrow(FreedError);
    expect(last[1]!.data()).toHaveLength(48);
    expect(() => {
      for (const { x } of loader) {
        last[2] = model(x);
        throw new Error("in the body");
      }
    }).toThrow("in the body");
    expect(last[2]!.data()).toHaveLength(48);
    loader.dispose();
    expect(() => last[2]!.data()).toThrow(FreedError);
  });

  test("says what to do with a loss that was stored and is gone", () => {
    const { model } = network(1);
    const losses: Tensor[] = [];
    const kept: Tensor[] = [];
    for (const { x, y } of batches({ seed: 4 })) {
      const loss = crossEntropy(model(x), y);
      losses.push(loss);
      kept.push(keep(loss.mul(2)));
    }
    expect(() => losses[0]!.item()).toThrow(/freed by the next iteration of its DataLoader loop; keep\(x\)/);
    expect(kept.map((x) => x.item()).every(Number.isFinite)).toBe(true);
    for (const x of kept) x.dispose();
  });

  test("whose body awaits is refused, and nothing is freed wrongly", async () => {
    const { model } = network(1);
    const made: Tensor[] = [];
    const outside: Tensor[] = [];
    const loop = async (): Promise<void> => {
      for (const { x } of batches({ seed: 5 })) {
        made.push(model(x));
        await Promise.resolve();
        outside.push(model(x));
      }
    };
    await expect(loop()).rejects.toThrow(ScopeError);
    await expect(loop()).rejects.toThrow(/for await/);
    for (const x of [...made, ...outside]) expect(x.data()).toHaveLength(48);
  });

  test("nests, and the inner loop's values are freed with the outer iteration", () => {
    const inner = batches({ seed: 6 });
    const sums: number[] = [];
    let before = -1;
    for (const _ of batches({ seed: 7 })) {
      const count = memory().tensors;
      if (before >= 0) expect(count).toBe(before);
      before = count;
      for (const { x } of inner) sums.push(x.sum().item());
    }
    expect(sums.length).toBe(inner.length ** 2);
  });

  test("leaves variables alone", () => {
    const total = variable(0);
    for (const { x } of batches({ seed: 8 })) total.assign(total.add(x.sum()));
    expect(Number.isFinite(total.item())).toBe(true);
  });
});

/** Two loops that await at different places, and predictions from a timer in between. */
async function runTogether(
  networks: readonly ReturnType<typeof network>[],
  loaders: readonly DataLoader<Batch>[],
  probe: Tensor,
): Promise<number[][]> {
  const predictions: Tensor[] = [];
  const clock = setInterval(() => {
    for (let i = 0; i < 5; i++) predictions.push(networks[0]!.model(probe).softmax());
  }, 1);
  const loop = async (i: number): Promise<number[]> => {
    const { model, optimizer } = networks[i]!;
    const losses: number[] = [];
    for (let epoch = 0; epoch < 12; epoch++) {
      for await (const { x, y } of loaders[i]!) {
        const loss = crossEntropy(model(x), y);
        if (losses.length % 3 === 0) await Promise.resolve();
        optimizer.zeroGrad();
        loss.backward();
        if (losses.length % 5 === 0) await new Promise((resume) => setTimeout(resume, 0));
        optimizer.step();
        losses.push(loss.item());
      }
    }
    return losses;
  };
  const together = await Promise.all([loop(0), loop(1)]);
  clearInterval(clock);
  expect(predictions.length).toBeGreaterThan(0);
  for (const x of predictions) expect(x.data()).toHaveLength(3);
  return together;
}

describe("asynchronous loops", () => {
  test("interleaved with each other and with a timer give the numbers of each alone, in bounded memory", async () => {
    const alone = [1, 2].map((seed) => {
      const { model, optimizer } = network(seed);
      return train(model, optimizer, batches({ seed }), 12);
    });
    await collected();
    const networks = [1, 2].map(network);
    const loaders = [1, 2].map((seed) => batches({ seed }));
    const probe = tensor([[0.5, -0.5]]);
    await collected();
    const before = memory();
    // In a function of its own, so that nothing on this stack holds what the collector is to take.
    const together = await runTogether(networks, loaders, probe);
    expect(together).toEqual(alone);
    for (const { optimizer } of networks) optimizer.zeroGrad();
    for (const loader of loaders) loader.dispose();
    await collected();
    // Less where the collector, whose time nobody sets, finds only now what came before.
    if ((globalThis as { gc?: () => void }).gc) expect(memory().bytes).toBeLessThanOrEqual(before.bytes);
  });

  test("free what flowed from an iteration when the next begins, and nothing else", async () => {
    const loader = new DataLoader({ x: tensor([[1], [2], [3]]) }, { batchSize: 1 });
    const joined: Tensor[] = [];
    const apart: Tensor[] = [];
    const other = tensor([10]);
    for await (const { x } of loader) {
      joined.push(x.mul(other));
      await Promise.resolve();
      apart.push(other.mul(2));
    }
    expect(() => joined[0]!.item()).toThrow(FreedError);
    expect(joined[2]!.item()).toBe(30);
    expect(apart.map((x) => x.item())).toEqual([20, 20, 20]);
    loader.dispose();
    expect(() => joined[2]!.item()).toThrow(FreedError);
  });

  test("stay bounded where the loss has a term that no batch flows into", async () => {
    const w = parameter(new Float32Array(16000).fill(0.1));
    const loader = new DataLoader({ x: zeros([64, 4]) }, { batchSize: 1 });
    const before = memory().bytes;
    let most = 0;
    for (let epoch = 0; epoch < 40; epoch++) {
      for await (const { x } of loader) {
        const loss = x.sum().add(w.square().sum().mul(0.01));
        w.zeroGrad();
        loss.backward();
        most = Math.max(most, memory().bytes - before);
      }
    }
    // 2560 steps leave 64 KB each to the collector, 160 MB in all: it must feel them and run.
    expect(most).toBeLessThan(120e6);
    loader.dispose();
    w.dispose();
  });
});
