// Only here: nothing else makes tensors that the collector might free meanwhile.
import { expect, test } from "vitest";
import { memory, scope, tensor } from "../../bindings/index.js";
import { FormatError } from "../../bindings/errors.js";
import { formatSafetensors, readSafetensors } from "../../bindings/io/index.js";
import { streamOf, withHeader } from "./files.js";

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

test("what a file only says takes no memory, however much it says, nor does the length that a server announces", async () => {
  const header = '{"x":{"dtype":"F32","shape":[268435456],"data_offsets":[0,1073741824]}}';
  const file = withHeader(header, new Uint8Array(100));
  const before = memory().highWater;
  const announced = new Response(file, { headers: { "content-length": String(8 + header.length + 2 ** 30) } });
  for (const source of [file, new Blob([file]), streamOf(file, 50), announced])
    await expect(readSafetensors(source)).rejects.toThrow(FormatError);
  expect(memory().highWater).toBe(before);
});

test("a file in pieces that cut its elements is read whole, and takes the memory of its tensors", async () => {
  const count = 200_001;
  const values = Float64Array.from({ length: count }, (_, i) => i / 3);
  const file = withHeader(
    `{"x":{"dtype":"F64","shape":[${count}],"data_offsets":[0,${8 * count}]}}`,
    new Uint8Array(values.buffer),
  );
  for (const source of [streamOf(file, 65_537), file]) {
    const before = memory().bytes;
    const { tensors } = await readSafetensors(source);
    const x = tensors.x!;
    expect(memory().bytes - before).toBe(8 * count);
    expect(x.read((elements) => values.findIndex((value, i) => elements[i] !== value))).toBe(-1);
    x.dispose();
  }
});
