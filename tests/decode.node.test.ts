import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode, patch } from "../bindings/runtime/decode.js";
import { baseline, relaxed } from "../bindings/runtime/generated/kernels.js";
import { alphabetFor, difference, encode } from "../scripts/lib/carry.mjs";

/** Bytes without pattern (a linear congruential generator of C's standard). */
function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16);
}

const every = Uint8Array.from({ length: 256 }, (_, i) => i);

test.each([
  ["nothing", new Uint8Array(0)],
  ["one byte", Uint8Array.of(255)],
  ["every byte", every],
  ["noise", noise(3000)],
])("%s survives the way into text and back", (_, bytes) => {
  const alphabet = alphabetFor(bytes);
  const text = encode(bytes, alphabet);
  expect(decode(text, alphabet)).toEqual(bytes);
  expect(text).toHaveLength(bytes.length);
  expect(text).toBe(text.normalize("NFC"));
});

test("an alphabet has 256 different characters, and the frequent bytes are ASCII", () => {
  const alphabet = alphabetFor(new Uint8Array(9).fill(200));
  expect(new Set(alphabet).size).toBe(256);
  expect(alphabet[200]).toBe(" ");
});

const original = noise(5000);
const changed = Uint8Array.from([...original.subarray(4000), ...noise(300, 7), ...original.subarray(0, 2500), 1, 2, 3]);

test.each([
  ["the same", original, original],
  ["moved and changed", original, changed],
  ["all new", noise(100), noise(200, 9)],
  ["out of nothing", new Uint8Array(0), noise(50)],
  ["down to nothing", noise(50), new Uint8Array(0)],
])("a difference makes the target again: %s", (_, base, target) => {
  expect(patch(base, difference(base, target))).toEqual(target);
});

test("what is copied takes next to nothing", () => {
  expect(difference(original, changed).length).toBeLessThan(330);
});

test.each([
  ["baseline", baseline],
  ["relaxed", relaxed],
])("the library carries build/%s.wasm", (name, bytes) => {
  expect(readFileSync(`build/${name}.wasm`).equals(bytes())).toBe(true);
});
