// Only here: nothing else makes tensors that the collector might free meanwhile.
import { expect, test } from "vitest";
import { memory, scope, tensor } from "../../bindings/index.js";
import { FormatError } from "../../bindings/errors.js";
import { formatSafetensors, readSafetensors } from "../../bindings/io/index.js";
import { streamOf } from "./files.js";

const bytes = scope(() => formatSafetensors({ a: tensor([1, 2, 3]), b: tensor([true]) }));

test("a signal ends the reading, of a stream that gives nothing more, too, and frees what was read", async () => {
  const before = memory().tensors;
  const controller = new AbortController();
  let cancelled = false;
  const stalled = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(bytes.subarray(0, bytes.length - 1)),
    cancel: () => void (cancelled = true),
  });
  const reading = readSafetensors(stalled, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 5);
  await expect(reading).rejects.toThrow("enough");
  expect(cancelled).toBe(true);
  await expect(readSafetensors(bytes, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  expect(memory().tensors).toBe(before);
});

test("a file that turns out to be broken at its end frees what was read", async () => {
  const broken = bytes.slice();
  broken[broken.length - 1] = 2;
  const before = memory().tensors;
  for (const source of [broken, streamOf(broken, 5), streamOf(bytes.subarray(0, -1), 9)])
    await expect(readSafetensors(source)).rejects.toThrow(FormatError);
  expect(memory().tensors).toBe(before);
});
