import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { baseline, relaxed } from "../bindings/runtime/generated/kernels.js";
import { unpack, unpackModule } from "../bindings/runtime/unpack.js";
import { moduleOf, SECTION } from "../scripts/lib/module.mjs";
import { pack, toText } from "../scripts/lib/pack.mjs";
import { partsOf } from "../scripts/lib/parts.mjs";

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
  const text = toText(pack(bytes));
  expect(unpack(reader, text, bytes.length)).toEqual(bytes);
  // What comes first can be had alone.
  expect(unpack(reader, text, bytes.length >> 1)).toEqual(bytes.subarray(0, bytes.length >> 1));
});

test.each([
  ["baseline", baseline],
  ["relaxed", relaxed],
])("the library carries build/%s.wasm", (name, bytes) => {
  expect(readFileSync(`build/${name}.wasm`).equals(bytes())).toBe(true);
});

/** A function of these numbers: load, splat, sum, maximum and extraction, of f32x4 or of f64x2; and a sum of f32x4 and one of f64. */
function kernel(load: number, splat: number, sum: number, maximum: number, extract: number): number[] {
  const vectors = [
    0xfd,
    splat,
    0x41,
    8,
    0xfd,
    0,
    0,
    16,
    0xfd,
    sum,
    1,
    0xfd,
    maximum,
    1,
    0xfd,
    0xe4,
    1,
    0xfd,
    extract,
    0,
  ];
  const code = [0x41, 0, load, 0, 8, ...vectors, 0x44, 1, 2, 3, 4, 5, 6, 7, 0x2b, 0xa0, 0x0b];
  return [code.length + 1, 0, ...code];
}

test("functions that are packed as their twins come back as they were", () => {
  const narrow = kernel(0x2a, 0x13, 0xe4, 0xe9, 0x1f);
  const wide = kernel(0x2b, 0x14, 0xf0, 0xf5, 0x21);
  const module = moduleOf([
    { id: SECTION.TYPE, content: [1, 0x60, 0, 0] },
    { id: SECTION.FUNCTION, content: [3, 0, 0, 0] },
    { id: SECTION.CODE, content: [3, ...narrow, ...wide, ...narrow] },
  ]);
  const [piece] = partsOf([{ module, build: module }]);
  expect(unpackModule(reader, toText(pack(piece!)), [piece!.length], module.length, true)).toEqual(module);

  // The opcodes come first, behind ten lengths and the tables: those of the second function differ in the sum of f32x4 alone.
  const start = 40 + 768;
  const length = new DataView(piece!.buffer, piece!.byteOffset).getUint32(0, true) / 3;
  const opcodes = [0, 1].map((i) => [...piece!.subarray(start + i * length, start + (i + 1) * length)]);
  expect(opcodes[1]!.filter((byte, i) => byte !== opcodes[0]![i]).length).toBe(1);
});
