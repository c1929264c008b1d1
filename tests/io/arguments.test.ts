// What is no file, no source, no option and no state is refused as such, by an error of the library.
import { expect, test } from "vitest";
import { tensor, ValueError, WengertError } from "../../bindings/index.js";
import {
  formatCheckpoint,
  formatNpy,
  formatNpz,
  formatSafetensors,
  loadCheckpoint,
  parseNpy,
  parseSafetensors,
  readBytes,
  readNpz,
  readSafetensors,
} from "../../bindings/io/index.js";
import { wrong } from "../support/refusal.js";

const x = tensor([1, 2]);
const file = formatSafetensors({ x });
const stream = (...pieces: readonly unknown[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(wrong(piece));
      controller.close();
    },
  });
function read(): Response {
  const answer = new Response(file.slice());
  answer.body?.getReader();
  return answer;
}
function locked(): ReadableStream<Uint8Array> {
  const taken = stream(file);
  taken.getReader();
  return taken;
}

const CALLS: Readonly<Record<string, [call: () => unknown, message: RegExp]>> = {
  "an ArrayBuffer to parse": [() => parseSafetensors(wrong(file.buffer)), /bytes in a Uint8Array, got \[object ArrayB/],
  "a text to parse": [() => parseNpy(wrong("x")), /parseNpy: expected bytes in a Uint8Array, got \[object String\]/],
  "nothing to parse": [() => parseNpy(wrong(undefined)), /bytes in a Uint8Array/],
  "a stream of texts": [() => readSafetensors(stream("abc")), /bytes in a Uint8Array, got \[object String\]/],
  "a stream of buffers": [() => readBytes(stream(file.buffer)), /bytes in a Uint8Array/],
  "a locked stream": [() => readSafetensors(locked()), /a stream that nobody else reads/],
  "a body that is read": [() => readSafetensors(read()), /an answer with a body/],
  "no signal for bytes": [() => readBytes(file, { signal: wrong({}) }), /an AbortSignal as the signal, got Object$/],
  "no listener for bytes": [() => readBytes(file, { onProgress: wrong(1) }), /a function as onProgress/],
  "no signal": [() => readSafetensors(new Blob([file]), { signal: wrong({}) }), /an AbortSignal/],
  "no function": [() => readSafetensors(new Blob([file]), { onProgress: wrong(3) }), /a function as onProgress/],
  "integers as i64": [() => parseSafetensors(file, { int64: wrong("i64") }), /int64 "i32" or "f64", got i64/],
  "integers of NumPy as u8": [() => parseNpy(formatNpy(x), { int64: wrong("u8") }), /int64 "i32" or "f64", got u8/],
  "a negative number of names": [() => parseSafetensors(file, { maxNames: -1 }), /maxNames from 0 on, got -1/],
  "a text as bytes of metadata": [
    () => parseSafetensors(file, { maxMetadata: wrong("1") }),
    /maxMetadata as a number, got 1/,
  ],
  "NaN bytes": [() => readNpz(new Blob([file]), { maxBytes: NaN }), /maxBytes from 0 on, got NaN/],
  "a type that stores no floats": [
    () => formatSafetensors({ x }, { store: wrong("i32") }),
    /one of f16, bf16, f32, f64/,
  ],
  "a type that nothing stores": [() => formatNpy(x, { store: wrong("i9") }), /to store, got i9/],
  "no tensors": [() => formatSafetensors(wrong(null)), /formatSafetensors: .* by name, got \[object Null\]/],
  "tensors without names": [() => formatNpz(wrong([x])), /formatNpz: .* by name, got \[object Array\]/],
  "a Map of tensors": [() => formatSafetensors(wrong(new Map([["x", x]]))), /by name, got \[object Map\]/],
  "a number in an archive": [() => formatNpz({ y: wrong(1) }), /formatNpz: expected a tensor for y, got 1/],
  "no parts": [() => formatCheckpoint(wrong(null)), /formatCheckpoint: .* by name/],
  "no parts to load": [() => loadCheckpoint(file, wrong(null)), /loadCheckpoint: .* by name/],
  "a part without a state": [() => loadCheckpoint(file, { a: wrong(3) }), /a part with a state as a, got 3/],
};

test.each(Object.entries(CALLS))("%s: an error of the library", async (_, [call, message]) => {
  const refused = new Promise((resolve) => resolve(call()));
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toBeInstanceOf(WengertError);
});

test("bytes that are there are told of at once", async () => {
  const told: unknown[] = [];
  await readBytes(file, { onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([{ loaded: file.length, total: file.length }]);
});

test("who aborts before bytes are given gets the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("mine"));
  await expect(readBytes(file, { signal })).rejects.toThrow("mine");
  expect(await readBytes(file)).toBe(file);
  expect(await readBytes(new Blob([file]), { signal: null })).toEqual(file);
  expect(() => parseSafetensors(wrong(3))).toThrow(ValueError);
});
