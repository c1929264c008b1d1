// In Node alone: what decodes images are optional packages. The images are written by other libraries than read them.
import { deflateSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { checksum } from "../../bindings/compile/file/container.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import { decodeImage } from "../../bindings/data/index.js";
import { wrong } from "../support/refusal.js";

const WIDTH = 5;
const HEIGHT = 3;
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => (i * 37) % 256);

/** A PNG of pngjs. Colour types: 0 grey, 2 colours, 4 grey and opacity, 6 colours and opacity. */
function pngOf(colorType: 0 | 2 | 4 | 6, bitDepth: 8 | 16 = 8): Uint8Array {
  const png = new PNG({ width: WIDTH, height: HEIGHT });
  png.data = Buffer.from(pixels);
  return PNG.sync.write(png, { colorType, bitDepth, inputColorType: 6, inputHasAlpha: true });
}

test("decodes PNG images of colours, with and without opacity", async () => {
  const rgba = await decodeImage(pngOf(6));
  expect([rgba.dtype, rgba.shape]).toEqual(["u8", [HEIGHT, WIDTH, 4]]);
  expect(rgba.data()).toEqual(pixels);
  const rgb = await decodeImage(pngOf(6), { channels: 3 });
  expect(rgb.shape).toEqual([HEIGHT, WIDTH, 3]);
  expect(rgb.data()).toEqual(pixels.filter((_, i) => i % 4 < 3));
  const grey = (await decodeImage(pngOf(6), { channels: 1 })).data();
  const luma = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    Math.round(0.299 * pixels[4 * i]! + 0.587 * pixels[4 * i + 1]! + 0.114 * pixels[4 * i + 2]!),
  );
  expect(grey).toEqual(luma);
});

test("decodes grey images, with other channels on request", async () => {
  const grey = await decodeImage(pngOf(0));
  expect(grey.shape).toEqual([HEIGHT, WIDTH, 1]);
  const values = grey.data();
  const colours = (await decodeImage(pngOf(0), { channels: 4 })).data();
  expect(colours).toEqual(
    Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => (i % 4 === 3 ? 255 : values[i >> 2]!)),
  );
});

/** A PNG by its specification: colour type 3 is a palette. */
function pngBy(depth: number, colorType: number, rows: readonly number[][], palette?: readonly number[]): Uint8Array {
  const [width, height] = [(rows[0]!.length * 8) / depth, rows.length];
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([depth, colorType, 0, 0, 0], 8);
  const chunks: [string, Buffer][] = [["IHDR", size]];
  if (palette) chunks.push(["PLTE", Buffer.from(palette)]);
  chunks.push(["IDAT", deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))], ["IEND", Buffer.alloc(0)]);
  const parts = chunks.map(([name, data]) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(checksum(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  });
  return Buffer.concat([Buffer.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), ...parts]);
}

test("decodes palettes, fewer bits than 8, and 16", async () => {
  const bits = await decodeImage(pngBy(1, 0, [[0b10100000], [0b00000001]]));
  expect(bits.squeeze().toArray()).toEqual([[255, 0, 255, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 255]]); // prettier-ignore
  const four = await decodeImage(pngBy(4, 0, [[0x0f, 0x3c]]));
  expect(four.squeeze().toArray()).toEqual([0, 255, 51, 204]);
  const coloured = await decodeImage(pngBy(4, 3, [[0x10, 0x02]], [1, 2, 3, 4, 5, 6, 7, 8, 9]));
  expect(coloured.toArray()).toEqual([[[4, 5, 6], [1, 2, 3], [1, 2, 3], [7, 8, 9]]]); // prettier-ignore
  const deep = await decodeImage(pngBy(16, 0, [[1, 2, 255, 255]]));
  expect([deep.dtype, deep.squeeze().toArray()]).toEqual(["i32", [258, 65535]]);
});

test("decodes JPEG images, nearly", async () => {
  const flat = Buffer.alloc(16 * 16 * 4, Buffer.of(200, 100, 50, 255));
  const image = await decodeImage(new Uint8Array(jpeg.encode({ width: 16, height: 16, data: flat }, 95).data));
  expect([image.dtype, image.shape]).toEqual(["u8", [16, 16, 3]]);
  const [red, green, blue] = image.data() as Uint8Array;
  for (const [found, wanted] of [[red, 200], [green, 100], [blue, 50]] as const) expect(Math.abs(found! - wanted)).toBeLessThan(4); // prettier-ignore
});

test("what is no image, and too large a one, is refused", async () => {
  const png = pngOf(6);
  await expect(decodeImage(Uint8Array.of(1, 2, 3))).rejects.toThrow(/a PNG or JPEG image/);
  await expect(decodeImage(wrong([1]))).rejects.toThrow(ValueError);
  await expect(decodeImage(wrong(png.buffer))).rejects.toThrow(/as readBytes gives them, got ArrayBuffer$/);
  await expect(decodeImage(wrong("data:image/png;base64,"))).rejects.toThrow(/got a text$/);
  await expect(decodeImage(png.subarray(0, 20))).rejects.toThrow(FormatError);
  await expect(decodeImage(png.subarray(0, -20))).rejects.toThrow(FormatError);
  await expect(decodeImage(png, { maxPixels: 14 })).rejects.toThrow(/at most 14 pixels, got 15/);
  const changed = Uint8Array.from(png);
  changed[45]! ^= 1;
  await expect(decodeImage(changed)).rejects.toThrow(FormatError);
  const photo = new Uint8Array(jpeg.encode({ width: 16, height: 16, data: Buffer.alloc(1024) }, 50).data);
  await expect(decodeImage(photo, { maxPixels: 100 })).rejects.toThrow(FormatError);
  await expect(decodeImage(photo.subarray(0, 200))).rejects.toThrow(FormatError);
  await expect(decodeImage(pngBy(8, 3, [[5]], [1, 2, 3]))).rejects.toThrow(FormatError);
});

/** An image with one more chunk before its pixels. */
function withChunk(png: Uint8Array, name: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(checksum(body), 4);
  const at = Buffer.from(png).indexOf("IDAT") - 4;
  return Buffer.concat([png.subarray(0, at), frame.subarray(0, 4), body, frame.subarray(4), png.subarray(at)]);
}

test("a colour that is said to be transparent has no opacity", async () => {
  const grey = withChunk(pngBy(4, 0, [[0x0f, 0x3c]]), "tRNS", Uint8Array.of(0, 3));
  expect((await decodeImage(grey)).toArray()).toEqual([[[0, 255], [255, 255], [51, 0], [204, 255]]]); // prettier-ignore
  expect((await decodeImage(grey, { channels: 1 })).squeeze().toArray()).toEqual([0, 255, 51, 204]);
  const deep = withChunk(pngBy(16, 0, [[1, 2, 255, 255]]), "tRNS", Uint8Array.of(255, 255));
  expect((await decodeImage(deep)).toArray()).toEqual([[[258, 65535], [65535, 0]]]); // prettier-ignore
  const [red, green, blue] = (await decodeImage(pngOf(2))).data() as Uint8Array;
  const image = await decodeImage(withChunk(pngOf(2), "tRNS", Uint8Array.of(0, red!, 0, green!, 0, blue!)));
  expect(image.shape).toEqual([HEIGHT, WIDTH, 4]);
  expect([...image.data()].filter((_, i) => i % 4 === 3)).toEqual([0, ...Array<number>(WIDTH * HEIGHT - 1).fill(255)]);
});

test("what PNG does not have, or its reader cannot read, is refused as what it is", async () => {
  const changed = (png: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = Buffer.from(png);
    copy[at] = value;
    copy.writeUInt32BE(checksum(copy.subarray(12, 29)), 29);
    return copy;
  };
  const INTERLACED = 28;
  await expect(decodeImage(changed(pngBy(1, 0, [[0]]), INTERLACED, 1))).rejects.toThrow(
    /8 bits or more of an interlaced PNG image, got 1$/,
  );
  await expect(decodeImage(pngBy(8, 3, [[0, 1]]))).rejects.toThrow(/a palette of the PNG image, got none/);
  await expect(decodeImage(pngBy(4, 2, [[0, 1, 2]]))).rejects.toThrow(/got type 2 of 4 bits/);
  await expect(decodeImage(pngOf(6), { maxPixels: NaN })).rejects.toThrow(/as maxPixels, got NaN/);
});
