// Tasks in a thread of Node: the page's side from the sources, the worker's from the built package.
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memory, tensor, ValueError, FreedError, WengertError } from "../../bindings/index.js";
import { startWorker, WorkerError, type SharedTensor, type TaskWorker } from "../../bindings/worker/index.js";
import { runNode } from "../../scripts/lib/run.mjs";
import type { tasks } from "./tasks.mjs";

const MODULE = new URL("./tasks.mjs", import.meta.url);

let worker: TaskWorker<typeof tasks>;
beforeAll(async () => {
  worker = await startWorker<typeof tasks>(MODULE);
});
afterAll(() => worker.terminate());

/** What a promise rejects with. */
async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "nothing",
    (reason: unknown) => reason,
  );
}

test("training reports as it goes, and gives its parameters", async () => {
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]).repeat([16, 1]);
  const y = tensor([0, 1, 1, 0], { dtype: "i32" }).repeat([16]);
  const run = worker.run("train", { x, y, epochs: 30 });
  const losses: number[] = [];
  for await (const { epoch, loss, weight } of run) {
    losses.push(loss);
    expect(epoch).toBe(losses.length);
    expect(weight.shape).toEqual([8, 2]);
  }
  expect(losses.length).toBe(30);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  const parameters = await run.result;
  expect(Object.keys(parameters)).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
  expect(parameters["2.bias"]!.toTensor().shape).toEqual([2]);
});

test("reports go to whoever asks next, and all who ask hear of the end", async () => {
  const x = tensor([[0, 0], [1, 1]]); // prettier-ignore
  const run = worker.run("train", { x, y: tensor([0, 1], { dtype: "i32" }), epochs: 6 });
  const epochs: number[] = [];
  const listen = async (): Promise<void> => {
    for await (const { epoch } of run) epochs.push(epoch);
  };
  await Promise.all([listen(), listen(), listen()]);
  expect(epochs.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
});

describe("tensors", () => {
  test("go there and back in trees, whatever their type and layout", async () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: "f64" },
    );
    const { x: back, named } = await worker.run("same", { x }).result;
    expect(back).toMatchObject({ dtype: "f64", shape: [2, 3], shared: true });
    expect([...back.elements]).toEqual([1, 2, 3, 4, 5, 6]);
    const [transposed, ...others] = named as [SharedTensor, ...unknown[]];
    expect([...transposed.elements]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(others).toEqual([7, "seven", null]);
    for (const dtype of ["f32", "i32", "u8", "bool", "f16", "bf16"] as const) {
      const sent = tensor([0, 1, 1], { dtype });
      const { x: got } = await worker.run("same", { x: sent }).result;
      expect(got.dtype).toBe(dtype);
      expect(got.toTensor().toArray()).toEqual(sent.toArray());
    }
  });

  test("of the worker are seen in its memory, and given back as they are", async () => {
    const x = await worker.allocate([3]);
    x.elements.set([1, 2, 3]);
    expect([String(x), String(worker)]).toEqual([
      "SharedTensor(f32 [3])",
      expect.stringMatching(/^TaskWorker\(.*double.*\)$/),
    ]);
    expect([...(await worker.run("double", x).result).elements]).toEqual([2, 4, 6]);
    const { x: same } = await worker.run("same", { x }).result;
    x.elements[0] = 10;
    expect(same.elements[0]).toBe(10);
    expect(same.elements.byteOffset).toBe(x.elements.byteOffset);
  });

  test("of a variable show what is assigned to it", async () => {
    const seen = await worker.run("counter", null).result;
    const before = seen.elements[0]!;
    await worker.run("count", 5).result;
    expect(seen.elements[0]).toBe(before + 5);
  });

  test("are freed in the worker when the page lets go of them", async () => {
    const before = await worker.run("tensors", null).result;
    const held = await Promise.all([1, 2, 3].map(() => worker.allocate([100])));
    // Its own handle is left to the collector, those for the page are not.
    expect(await worker.run("tensors", null).result).toBe(before + 3);
    for (const x of held) x.dispose();
    expect(() => held[0]!.elements).toThrow(FreedError);
    expect(() => worker.run("double", held[0]!)).toThrow(FreedError);
    expect(await worker.run("tensors", null).result).toBe(before);
  });

  test("of another worker are copied", async () => {
    using other = await startWorker<typeof tasks>(MODULE);
    const x = await other.allocate([2]);
    x.elements.set([4, 5]);
    expect([...(await worker.run("double", x).result).elements]).toEqual([8, 10]);
  });
});

describe("an aborted run", () => {
  test("ends with the signal's reason, in a loop that never awaits too", async () => {
    const controller = new AbortController();
    const run = worker.run("spin", null, { signal: controller.signal });
    const reports: number[] = [];
    const loop = (async () => {
      for await (const i of run) {
        reports.push(i);
        if (i === 100) controller.abort(new RangeError("enough"));
      }
    })();
    expect(await reasonOf(loop)).toEqual(new RangeError("enough"));
    expect(reports.length).toBeGreaterThan(100);
    expect([...(await worker.run("double", tensor([1])).result).elements]).toEqual([2]);
  });

  test("aborts the signal that the task has", async () => {
    const seen = await worker.run("counter", null).result;
    const run = worker.run("wait", null);
    for await (const report of run) if (report === "waiting") break;
    expect(await reasonOf(run.result)).toMatchObject({ name: "AbortError" });
    await worker.run("count", 1).result;
    expect(seen.elements[0]).toBe(0);
  });

  test("does not begin if the signal is aborted already", () => {
    expect(() => worker.run("spin", null, { signal: AbortSignal.abort(new RangeError("no")) })).toThrow(RangeError);
  });
});

describe("a tensor that was to be sent is let go", () => {
  test("when what stands beside it cannot be copied", () => {
    const before = memory().bytes;
    const x = tensor([1, 2, 3]);
    expect(() => worker.run("same", { x, f: () => 0 } as never)).toThrow(/could not be cloned/);
    x.dispose();
    expect(memory().bytes).toBe(before);
  });

  test("when the worker ends before it has read it", async () => {
    const started = await startWorker<typeof tasks>(MODULE);
    const before = memory().bytes;
    const x = tensor([1, 2, 3]);
    const run = started.run("same", { x });
    started.terminate();
    expect(await reasonOf(run.result)).toBeInstanceOf(WorkerError);
    x.dispose();
    expect(memory().bytes).toBe(before);
  });
});

describe("errors", () => {
  test("of a task come with their parts", async () => {
    const reason = (await reasonOf(worker.run("mismatch", null).result)) as WorkerError;
    expect(reason).toBeInstanceOf(WorkerError);
    expect(reason.message).toMatch(/^run: expected a task that ends well, got ShapeError: add: expected .*\[2\]/);
    expect(reason.cause).toBeInstanceOf(WengertError);
    expect(reason.cause).toMatchObject({ name: "ShapeError", operation: "add" });
    expect((reason.cause as Error).stack).toContain("tasks.mjs");
  });

  test("tell what cannot be sent, and what is no task", async () => {
    expect(await reasonOf(worker.run("unclonable", null).result)).toMatchObject({ cause: { name: "DataCloneError" } });
    const refused = /^run: expected an input of tensors, .* got DataCloneError: \(\) => 0 could not be cloned/;
    expect(() => worker.run("double", (() => 0) as never)).toThrow(refused);
    expect(() => worker.run("double", tensor(1), { signal: 3 as never })).toThrow(
      /^run: expected an AbortSignal as the signal, got 3$/,
    );
    const [x] = [await worker.run("double", tensor(1), { signal: null }).result];
    expect(x).toMatchObject({ shape: [] });
    // Where they would be copied as what they are made of.
    for (const inside of [
      new Map([[1, tensor(1)]]),
      new Set([tensor(1)]),
      new Map([["a", [{ x: tensor(1) }, ...new Array<number>(2e5).fill(0)]]]),
      new (class Pair {
        x = tensor(1);
      })(),
    ])
      // prettier-ignore
      expect(() => worker.run("same", { inside } as never)).toThrow(/got a tensor in a (Map|Set|Pair)$/);
    const holder: { x?: unknown } = {};
    holder.x = holder;
    expect(() => worker.run("same", holder as never)).toThrow(ValueError);
    expect(() => worker.run("twice" as never, null as never)).toThrow(/a task among train, double.*got twice/);
  });

  test.each([
    ["a module that is not there", new URL("./nowhere.mjs", import.meta.url), /got Error: Cannot find module/],
    ["a module that throws", new URL("./broken.mjs", import.meta.url), /got TypeError: broken/],
    [
      "a module that exposes nothing",
      new URL("./silent.mjs", import.meta.url),
      /expected a module that calls expose, got exit with code 0/,
    ],
    ["no module", "not/absolute", /expected a worker that may be started/],
  ])("name %s", async (_, source, message) => {
    const reason = await reasonOf(startWorker(source));
    expect(reason).toBeInstanceOf(WorkerError);
    expect((reason as Error).message).toMatch(/^startWorker: /);
    expect((reason as Error).message).toMatch(message);
  });

  test.each([
    ["die", /got exit with code 3/],
    ["throwLater", /got RangeError: later/],
  ] as const)("end all runs when the worker ends: %s", async (task, message) => {
    const fragile = await startWorker<typeof tasks>(MODULE);
    const waiting = fragile.run("wait", null);
    const reasons = await Promise.all([reasonOf(waiting.result), reasonOf(fragile.run(task, null).result)]);
    expect(reasons[0]).toBeInstanceOf(WorkerError);
    expect((reasons[0] as Error).message).toMatch(message);
    expect(() => fragile.run("double", tensor(1))).toThrow(WorkerError);
  });

  test("end a run when the worker is terminated", async () => {
    const started = await startWorker<typeof tasks>(new Worker(MODULE));
    const run = started.run("spin", null);
    started.terminate();
    expect(await reasonOf(run.result)).toMatchObject({ name: "WorkerError", got: "one that was terminated" });
  });
});

test("a worker does not keep a process alive that waits for nothing from it", async () => {
  const { code, output } = await runNode(["tests/worker/main.mjs"], { limit: 30 });
  expect({ code, output }).toEqual({ code: 0, output: "42\n" });
});

test("what is no worker, and no time, are refused by name", async () => {
  const nothing = undefined as unknown as string;
  const refused = await reasonOf(startWorker(nothing));
  expect(refused).toBeInstanceOf(WorkerError);
  expect(String(refused)).toMatch(/the address of a module, or a worker, got undefined/);
  expect(String(await reasonOf(startWorker(MODULE, { timeout: NaN })))).toMatch(/at least 0 milliseconds, got NaN/);
  (await startWorker(MODULE, { timeout: Infinity })).terminate();
});
