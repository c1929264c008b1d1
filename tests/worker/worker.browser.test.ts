// Tasks in a worker of a page that shares memory with it.
import { expect, test } from "vitest";
import { tensor } from "../../bindings/index.js";
import { startWorker, WorkerError } from "../../bindings/worker/index.js";
import type { tasks } from "./tasks.mjs";

const start = () => startWorker<typeof tasks>(new Worker(new URL("./tasks.mjs", import.meta.url), { type: "module" }));

test("trains, shows its weights in place, and leaves the page its timers", async () => {
  using worker = await start();
  const x = tensor([0, 0, 0, 1, 1, 0, 1, 1], { shape: [4, 2] }).repeat([16, 1]);
  const y = tensor([0, 1, 1, 0], { dtype: "i32" }).repeat([16]);
  const run = worker.run("train", { x, y, epochs: 30 });
  const losses: number[] = [];
  for await (const { loss, weight } of run) {
    losses.push(loss);
    expect(weight.shared).toBe(true);
    await new Promise((resume) => setTimeout(resume));
  }
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  expect((await run.result)["2.bias"]!.shape).toEqual([2]);
});

test("stops a loop that never awaits", async () => {
  using worker = await start();
  const controller = new AbortController();
  const run = worker.run("spin", null, { signal: controller.signal });
  setTimeout(() => controller.abort(new RangeError("enough")), 20);
  await expect(run.result).rejects.toThrow("enough");
  expect((await worker.run("double", tensor(21)).result).elements[0]).toBe(42);
});

test("says why a worker cannot start", async () => {
  await expect(startWorker(new URL("/nowhere.js", location.href))).rejects.toThrow(WorkerError);
  await expect(startWorker(new URL("./silent.mjs", import.meta.url), { timeout: 500 })).rejects.toThrow(
    /startWorker: expected a call of expose, got none in 500 ms/,
  );
});
