import "../../methods.js";
import { inPlaceOf, withTracking } from "../../core/running/apply.js";
import type { Tensor } from "../../core/graph.js";
import { showShape, type Shape } from "../../core/shape.js";
import { DTypeError } from "../../errors.js";
import { permute } from "../../primitives/movement.js";
import {
  bytesOf,
  checkElements,
  checkIntegerOptions,
  checkTensor,
  countOf,
  readElements,
  storedAs,
  writeElements,
  type Block,
  type Elements,
  type IntegerOptions,
  type StoredType,
  type StoreOptions,
} from "../elements.js";
import { writeFile } from "../file.js";
import { Cursor, readAll, type Reading } from "../pull.js";
import { read, type ReadOptions, type Source } from "../source.js";
import { readNpyHeader } from "./header.js";
import { checkBytes } from "../../shared/bytes.js";
import { checkOptions } from "../../shared/options.js";

/**
 * The tensor in the bytes of an .npy file of NumPy, versions 1 to 3, of either byte order and either order of axes: f4, f8, i4,
 * u1 and b1 as they are, f2 as f32, i1, i2 and u2 as i32, i8, u8 and u4 as `int64` says. Whatever is not as the format has it,
 * pickled objects among them, is a `FormatError` with its byte, an integer that does not fit a `ValueError`.
 */
export function parseNpy(bytes: Uint8Array, options: IntegerOptions = {}): Tensor {
  checkOptions("parseNpy", options, { int64: null });
  checkBytes("parseNpy", bytes);
  return readAll(bytes, readingNpy("parseNpy", bytes.length, options));
}

/** As `parseNpy`, of a file that is read as it comes. */
export function readNpy(source: Source, options: ReadOptions & IntegerOptions = {}): Promise<Tensor> {
  checkOptions("readNpy", options, { onProgress: null, signal: null, int64: null });
  return read("readNpy", source, options, (total) => readingNpy("readNpy", total, options));
}

function* readingNpy(operation: string, total: number | null, options: IntegerOptions): Reading<Tensor> {
  const elements = yield* readingElements(operation, total, options, "the array", total !== null);
  return elements.make();
}

/** The reading of an .npy file, alone or in an archive, which does not vouch for what it says of the length. */
export function* readingElements(
  operation: string,
  total: number | null,
  options: IntegerOptions,
  name: string,
  vouched = false,
): Reading<Elements> {
  checkIntegerOptions(operation, options);
  const cursor = new Cursor(operation, total);
  const { block, shape, fortran } = yield* beginning(cursor, name);
  const elements = yield* readElements(cursor, block, options, vouched);
  try {
    yield* cursor.end();
  } catch (error) {
    elements.dispose();
    throw error;
  }
  if (!fortran || shape.length < 2) return elements;
  const order = shape.map((_, axis) => shape.length - 1 - axis);
  let turned: Tensor | null = null;
  const turn = (x: Tensor): Tensor => withTracking(false, () => inPlaceOf(x, permute(x, order)));
  return {
    make: () => (turned ??= turn(elements.make())),
    dispose: () => (turned ?? elements).dispose(),
  };
}

/** Refuses what `readingElements` would refuse, and keeps nothing. */
export function* checkingNpy(
  operation: string,
  total: number | null,
  options: IntegerOptions,
  name: string,
): Reading<void> {
  const cursor = new Cursor(operation, total);
  const { block } = yield* beginning(cursor, name);
  yield* checkElements(cursor, block, options);
  yield* cursor.end();
}

/** The header, and what it says of the elements. */
function* beginning(cursor: Cursor, name: string): Reading<{ block: Block; shape: Shape; fortran: boolean }> {
  const { stored, little, fortran, shape, place } = yield* readNpyHeader(cursor);
  const count = countOf(cursor, shape, place);
  const length = cursor.at + count * bytesOf(stored);
  if (cursor.total !== null && cursor.total !== length)
    cursor.refuse(`${length} bytes for ${stored} ${showShape(shape)} of the header`, String(cursor.total), place);
  const layout = fortran ? [...shape].reverse() : shape;
  return { block: { name, stored, shape: layout, count, little }, shape, fortran };
}

const DESCR: Readonly<Partial<Record<StoredType, string>>> = {
  f16: "<f2",
  f32: "<f4",
  f64: "<f8",
  i32: "<i4",
  u8: "|u1",
  bool: "|b1",
};

/** A tensor as the bytes of an .npy file, those that NumPy writes: version 1.0. bf16, which NumPy does not have, is a `DTypeError`. */
export function formatNpy(x: Tensor, options: StoreOptions = {}): Uint8Array<ArrayBuffer> {
  return npyOf("formatNpy", x, options);
}

/** As `formatNpy`, for who names itself in what it refuses. */
export function npyOf(operation: string, x: Tensor, options: StoreOptions): Uint8Array<ArrayBuffer> {
  checkOptions(operation, options, { store: null });
  const stored = storedAs(operation, checkTensor(operation, "x", x), options);
  const descr = DESCR[stored];
  if (!descr) throw new DTypeError(operation, `one of ${Object.keys(DESCR).join(", ")} to store`, stored);
  const tuple = x.rank === 1 ? `${x.shape[0]},` : x.shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // As NumPy does it: room for the first length to grow to 21 digits, then a multiple of 64 bytes with a line feed at its end.
  const room = x.rank > 0 ? 21 - String(x.shape[0]).length : 0;
  const start = (Math.floor((10 + text.length + room + 1) / 64) + 1) * 64;
  const bytes = new Uint8Array(start + x.size * bytesOf(stored));
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(text.padEnd(start - 11) + "\n"), 10);
  writeElements(x, stored, bytes.subarray(start));
  return bytes;
}

/** Writes an .npy file in Node, whole or not at all. */
export async function writeNpy(path: string | URL, x: Tensor, options: StoreOptions = {}): Promise<void> {
  await writeFile("writeNpy", path, npyOf("writeNpy", x, options));
}
