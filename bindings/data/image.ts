import type * as png from "fast-png";
import type * as jpeg from "jpeg-js";
import { kindOf } from "../core/checks.js";
import { tensor } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { FormatError, ValueError } from "../errors.js";
import { missing } from "./package.js";
import { checkOptions } from "../shared/options.js";

/** Options of `decodeImage`. */
export interface ImageOptions {
  /** Grey (1), colours (3) or colours and opacity (4). By default what the image has, without a palette. */
  channels?: 1 | 3 | 4;
  /** Pixels that an image may have at most. Default 10⁸. */
  maxPixels?: number;
}

/** An image as it is decoded: rows of pixels of so many channels. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Uint8Array | Int32Array;
}

/**
 * An image as a tensor [height, width, channels]: of u8 from 0 to 255, or of i32 from 0 to 65535 for a PNG of 16 bits. PNG needs
 * the package fast-png, JPEG the package jpeg-js. Colours become grey by their luma (ITU-R BT.601), opacity is left out where it
 * is not asked for. Bytes that are no such image, or too large a one, are a `FormatError`, and so is what fast-png cannot read:
 * an interlaced PNG of fewer than 8 bits.
 */
export async function decodeImage(bytes: Uint8Array, options: ImageOptions = {}): Promise<Tensor> {
  checkOptions("decodeImage", options, { channels: 0, maxPixels: 0 });
  const { channels, maxPixels = 1e8 } = options;
  if (!(maxPixels >= 0))
    throw new ValueError("decodeImage", "a number of pixels from 0 as maxPixels", String(maxPixels));
  if (!(bytes instanceof Uint8Array))
    throw new ValueError(
      "decodeImage",
      "the bytes of an image, as readBytes gives them",
      typeof bytes === "string" ? "a text" : kindOf(bytes),
    );
  const isPng = PNG.every((byte, i) => bytes[i] === byte);
  if (!isPng && !(bytes[0] === 0xff && bytes[1] === 0xd8))
    throw new FormatError("decodeImage", "a PNG or JPEG image", "bytes that begin otherwise");
  const pixels = await (isPng ? decodePng(bytes, maxPixels) : decodeJpeg(bytes, maxPixels));
  const { width, height } = pixels;
  const wanted = channels ?? pixels.channels;
  return tensor(withChannels(pixels, wanted), { shape: [height, width, wanted] });
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10];

/** The bits of a sample that the format has for each type of colour: grey, colours, palette, and both with opacity. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const PALETTE = 3;

async function decodePng(bytes: Uint8Array, maxPixels: number): Promise<Pixels> {
  const { decode } = await fastPng();
  if (bytes.length < 29) refuse("a whole PNG image", `${bytes.length} bytes`);
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  const size = header.getUint32(16) * header.getUint32(20);
  if (size > maxPixels) refuse(`at most ${maxPixels} pixels`, String(size));
  const [bits, type, interlaced] = [bytes[24]!, bytes[25]!, bytes[28] !== 0];
  if (!DEPTHS[type]?.includes(bits)) refuse("a type of colour and bits that PNG has", `type ${type} of ${bits} bits`);
  if (interlaced && bits < 8) refuse("8 bits or more of an interlaced PNG image", `${bits}`);
  let image: ReturnType<typeof decode>;
  try {
    image = decode(bytes, { checkCrc: true });
  } catch (error) {
    return refuse("a whole PNG image", String(error), error);
  }
  const { width, height, depth, channels, palette, transparency } = image;
  const values = depth < 8 ? unpacked(image.data, width * channels, height, depth) : image.data;
  if (type === PALETTE && !palette) return refuse("a palette of the PNG image", "none");
  if (!palette) {
    // Grey of fewer bits is spread over the whole range.
    const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
    const whole = depth === 16 ? Int32Array.from(values) : Uint8Array.from(values, (value) => value * scale);
    const plain = { width, height, channels, values: whole };
    return transparency ? withOpacity(plain, values, transparency) : plain;
  }
  const colours = palette.some((colour) => colour.length > 3) ? 4 : 3;
  const coloured = new Uint8Array(width * height * colours);
  for (const [i, index] of values.entries()) {
    const colour = palette[index];
    if (!colour) return refuse(`colours below ${palette.length}`, String(index));
    for (let j = 0; j < colours; j++) coloured[i * colours + j] = colour[j] ?? 255;
  }
  return { width, height, channels: colours, values: coloured };
}

/** With opacity, of which one colour has none. `samples` are the values as the file has them, which may be of fewer bits. */
function withOpacity(
  { width, height, channels, values }: Pixels,
  samples: ArrayLike<number>,
  transparent: ArrayLike<number>,
): Pixels {
  const wider = new (values.constructor as new (length: number) => typeof values)(width * height * (channels + 1));
  for (let i = 0; i < width * height; i++) {
    let same = true;
    for (let j = 0; j < channels; j++) {
      wider[i * (channels + 1) + j] = values[i * channels + j]!;
      same &&= samples[i * channels + j] === transparent[j];
    }
    wider[i * (channels + 1) + channels] = same ? 0 : opaque(values);
  }
  return { width, height, channels: channels + 1, values: wider };
}

/** The largest value of a type of samples. */
function opaque(values: Uint8Array | Int32Array): number {
  return values instanceof Uint8Array ? 255 : 65535;
}

/** Values of fewer than 8 bits, packed in rows of whole bytes. */
function unpacked(data: ArrayLike<number>, columns: number, rows: number, depth: number): Uint8Array {
  const values = new Uint8Array(columns * rows);
  const rowBytes = Math.ceil((columns * depth) / 8);
  const mask = (1 << depth) - 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const bit = column * depth;
      const byte = data[row * rowBytes + (bit >>> 3)]!;
      values[row * columns + column] = (byte >>> (8 - depth - (bit & 7))) & mask;
    }
  }
  return values;
}

async function decodeJpeg(bytes: Uint8Array, maxPixels: number): Promise<Pixels> {
  const { decode } = await jpegJs();
  try {
    const options = {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: maxPixels / 1e6,
    } as const;
    const { width, height, data } = decode(bytes, options);
    return { width, height, channels: 3, values: data };
  } catch (error) {
    return refuse("a whole JPEG image of few enough pixels", String(error), error);
  }
}

// Each import stands in its own try: bundlers then let a package be that is not installed.
async function fastPng(): Promise<typeof png> {
  try {
    return await import("fast-png");
  } catch (error) {
    throw missing("decodeImage", "fast-png", error);
  }
}

async function jpegJs(): Promise<typeof jpeg> {
  try {
    // Where no bundler is at work, a module of CommonJS may come as the default export alone.
    const loaded: object = await import("jpeg-js");
    return ("decode" in loaded ? loaded : (loaded as { default: unknown }).default) as typeof jpeg;
  } catch (error) {
    throw missing("decodeImage", "jpeg-js", error);
  }
}

function withChannels({ channels, values, width, height }: Pixels, wanted: number): Uint8Array | Int32Array {
  if (![1, 3, 4].includes(wanted) && wanted !== channels)
    throw new ValueError("decodeImage", "1, 3 or 4 channels", String(wanted));
  if (wanted === channels) return values;
  const changed = new (values.constructor as new (length: number) => typeof values)(width * height * wanted);
  const grey = channels < 3;
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue] = [0, 1, 2].map((j) => values[i * channels + (grey ? 0 : j)]!) as [number, number, number];
    const opacity = channels % 2 === 0 ? values[(i + 1) * channels - 1]! : opaque(values);
    const luma = grey ? red : Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    const pixel = wanted === 1 ? [luma] : [red, green, blue, opacity].slice(0, wanted);
    changed.set(pixel, i * wanted);
  }
  return changed;
}

function refuse(expected: string, got: string, cause?: unknown): never {
  throw new FormatError("decodeImage", expected, got, { cause });
}
