import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode } from "../bindings/runtime/decode.js";
import { baseline, relaxed } from "../bindings/runtime/generated/kernels.js";
import { pack } from "../scripts/lib/pack.mjs";

/** Bytes without pattern (a linear congruential generator of C's standard). */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16);
}

test.each([
  ["nothing", new Uint8Array(0)],
  ["one byte", Uint8Array.of(255)],
  ["one byte many times", new Uint8Array(3000).fill(7)],
  ["every byte", Uint8Array.from({ length: 256 }, (_, i) => i)],
  ["noise", noise(3000)],
  ["noise that comes again, a little changed", Uint8Array.from([...noise(500), ...noise(500).fill(0, 99, 100), 1])],
])("%s survives the way into text and back", (_, bytes) => {
  expect(decode(`0 ${bytes.length} ${pack(bytes)}`)).toEqual(bytes);
});

test("a part is read alone", () => {
  const bytes = noise(1000);
  expect(decode(`200 700 ${pack(bytes)}`)).toEqual(bytes.subarray(200, 700));
});

test("what repeats takes next to nothing", () => {
  expect(pack(Uint8Array.from([...noise(2000), ...noise(2000)])).length).toBeLessThan(pack(noise(2000)).length + 16);
});

test.each([
  ["baseline", baseline],
  ["relaxed", relaxed],
])("the library carries build/%s.wasm", (name, text) => {
  expect(readFileSync(`build/${name}.wasm`).equals(decode(text))).toBe(true);
});
