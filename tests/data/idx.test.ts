import { expect, test } from "vitest";
import { FormatError } from "../../bindings/errors.js";
import { parseIdx } from "../../bindings/data/index.js";

/** An idx file by its description: two zero bytes, the type, the number of axes, their lengths, the elements. */
function idxOf(type: number, shape: readonly number[], elements: readonly number[]): Uint8Array {
  const lengths = shape.flatMap((length) => [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...lengths, ...elements]);
}

test.each([
  [
    "bytes",
    0x08,
    [0, 200, 255, 1],
    "u8",
    [
      [0, 200],
      [255, 1],
    ],
  ],
  [
    "signed bytes",
    0x09,
    [0, 200, 255, 1],
    "i32",
    [
      [0, -56],
      [-1, 1],
    ],
  ],
  [
    "shorts",
    0x0b,
    [0, 1, 1, 0, 255, 254, 128, 0],
    "i32",
    [
      [1, 256],
      [-2, -32768],
    ],
  ],
  [
    "integers",
    0x0c,
    [0, 0, 0, 1, 0, 0, 1, 0, 255, 255, 255, 254, 128, 0, 0, 0],
    "i32",
    [
      [1, 256],
      [-2, -(2 ** 31)],
    ],
  ],
  [
    "floats",
    0x0d,
    [63, 128, 0, 0, 192, 0, 0, 0, 127, 128, 0, 0, 0, 0, 0, 1],
    "f32",
    [
      [1, -2],
      [Infinity, 2 ** -149],
    ],
  ],
] as const)("reads %s", (_, type, elements, dtype, values) => {
  const x = parseIdx(idxOf(type, [2, 2], elements));
  expect([x.dtype, x.toArray()]).toEqual([dtype, values]);
});

test("reads doubles, a single element, and none", () => {
  expect(parseIdx(idxOf(0x0e, [1], [63, 240, 0, 0, 0, 0, 0, 1])).toArray()).toEqual([1 + 2 ** -52]);
  expect(parseIdx(idxOf(0x08, [], [7])).item()).toBe(7);
  expect(parseIdx(idxOf(0x08, [0, 3], [])).shape).toEqual([0, 3]);
});

test.each([
  ["no bytes", new Uint8Array(0), /a header of at least 4 bytes, got 0 bytes/],
  ["a packed file", Uint8Array.of(0x1f, 0x8b, 8, 0), /got 0x1f8b \(a gzip file: decompress it first\)/],
  ["an unknown type", idxOf(0x0a, [1], [1]), /an element type 08, .* at byte 2, got a/],
  ["too many axes", Uint8Array.from([0, 0, 8, 255]), /at most \d+ axes at byte 3, got 255/],
  ["a header cut short", Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1), /a header of 12 bytes for 2 axes, got 8 bytes/],
  ["elements cut short", idxOf(0x0b, [2], [0, 1, 0]), /12 bytes for the shape \[2\], got 11, truncated/],
  ["bytes behind the elements", idxOf(0x08, [1], [1, 2]), /9 bytes for the shape \[1\], got 10, too many/],
  [
    "lengths beyond all files",
    idxOf(0x08, [2 ** 32 - 1, 2 ** 32 - 1, 0], []),
    /a shape of fewer than 2\^53 elements, got/,
  ],
])("what is no idx file is refused: %s", (_, bytes, message) => {
  expect(() => parseIdx(bytes)).toThrow(FormatError);
  expect(() => parseIdx(bytes)).toThrow(message);
});
