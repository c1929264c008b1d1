import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { baseline, relaxed } from "../bindings/runtime/generated/kernels.js";
import { unpack } from "../bindings/runtime/unpack.js";
import { pack, toBase64 } from "../scripts/lib/pack.mjs";

/** Bytes without pattern (a linear congruential generator of C's standard). */
function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16);
}

/** The compiled reader, as the generated module carries it. */
const reader = /reader = "([^"]+)"/.exec(readFileSync("bindings/runtime/generated/kernels.ts", "utf8"))![1]!;
const part = noise(5000);

test.each([
  ["one byte", Uint8Array.of(255)],
  ["every byte", Uint8Array.from({ length: 256 }, (_, i) => i)],
  ["one byte over and over", new Uint8Array(70_000).fill(7)],
  ["noise", noise(3000)],
  ["matches near and far", Uint8Array.from([...part, ...part.subarray(4000), ...noise(90_000, 7), ...part, 1, 2, 3])],
  ["lists of numbers", new Uint8Array(Float64Array.from({ length: 4000 }, (_, i) => i / 8).buffer)],
])("%s survives the way into text and back", (_, bytes) => {
  expect(unpack(reader, toBase64(pack(bytes)), bytes.length)).toEqual(bytes);
  // What comes first can be had alone.
  expect(unpack(reader, toBase64(pack(bytes)), bytes.length >> 1)).toEqual(bytes.subarray(0, bytes.length >> 1));
});

test.each([
  ["baseline", baseline],
  ["relaxed", relaxed],
])("the library carries build/%s.wasm", (name, bytes) => {
  expect(readFileSync(`build/${name}.wasm`).equals(bytes())).toBe(true);
});
