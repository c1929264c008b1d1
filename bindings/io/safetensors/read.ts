import "../../methods.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import { DTypeError } from "../../errors.js";
import {
  bytesOf,
  checkIntegerOptions,
  countOf,
  madeOf,
  readElements,
  type Block,
  type Elements,
  type IntegerOptions,
  type StoredType,
} from "../elements.js";
import { checkMost, mostNames, tooMany, type KnownNames, type NameOptions } from "../limits.js";
import { Cursor, readAll, type Reading } from "../pull.js";
import { read, type ReadOptions, type Source } from "../source.js";
import { shown } from "../text.js";
import { Header, type Entry } from "./header.js";
import { checkBytes } from "../../shared/bytes.js";
import { checkOptions } from "../../shared/options.js";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of their elements in the file. */
  readonly tensors: Record<string, Tensor>;
  /** Texts by name. */
  readonly metadata: Record<string, string>;
}

/** The element types of the format that are read, in the order that files have them in. */
export const STORED: Readonly<Record<string, StoredType>> = {
  U64: "u64",
  I64: "i64",
  F64: "f64",
  F32: "f32",
  I32: "i32",
  BF16: "bf16",
  F16: "f16",
  U8: "u8",
  BOOL: "bool",
};

/** Options of `parseSafetensors` and `readSafetensors`. */
export interface SafetensorsReadOptions extends IntegerOptions, NameOptions {
  /** Bytes that the texts of metadata may take, with their names. Default: 2²⁰, and an eighth of the file. */
  maxMetadata?: number;
}

const FREE_METADATA = 1 << 20;

/** A longer header is refused, as by the format's own reader. */
const LONGEST_HEADER = 100_000_000;

/**
 * The tensors in the bytes of a safetensors file: F32, F64, I32, U8 and BOOL as they are, F16 and BF16 as f32, I64 and U64 as
 * `int64` says. Whatever is not as the format has it (https://github.com/huggingface/safetensors) is a `FormatError` with its
 * byte, another element type a `DTypeError`, an integer that does not fit a `ValueError`.
 */
export function parseSafetensors(bytes: Uint8Array, options: SafetensorsReadOptions = {}): Safetensors {
  checkOptions("parseSafetensors", options, { int64: null, maxNames: 0, maxMetadata: 0 });
  checkBytes("parseSafetensors", bytes);
  return readAll(bytes, reading("parseSafetensors", bytes.length, options));
}

/** As `parseSafetensors`, of a file that is read as it comes: the tensors, and never the whole file, are in memory. */
export function readSafetensors(
  source: Source,
  options: ReadOptions & SafetensorsReadOptions = {},
): Promise<Safetensors> {
  checkOptions("readSafetensors", options, {
    onProgress: null,
    signal: null,
    int64: null,
    maxNames: 0,
    maxMetadata: 0,
  });
  return read("readSafetensors", source, options, (total) => reading("readSafetensors", total, options));
}

type Limits = SafetensorsReadOptions & KnownNames;

/** The reading of a safetensors file. */
export function* reading(operation: string, total: number | null, options: Limits): Reading<Safetensors> {
  checkIntegerOptions(operation, options);
  checkMost(operation, "maxNames", options.maxNames);
  checkMost(operation, "maxMetadata", options.maxMetadata);
  const cursor = new Cursor(operation, total);
  const header = yield* readHeader(cursor, options);
  const names = checkLayout(cursor, header);
  const read = new Map<string, Elements>();
  try {
    for (const entry of header.entries()) {
      // What nobody vouched for is looked at as it comes.
      if (!names) checkNewName(cursor, entry, read, options);
      read.set(entry.name, yield* readElements(cursor, blockOf(cursor, entry), options));
    }
    yield* cursor.end();
    return { tensors: madeOf(read), metadata: header.metadata };
  } catch (error) {
    for (const elements of read.values()) elements.dispose();
    throw error;
  }
}

function* readHeader(cursor: Cursor, options: Limits): Reading<Header> {
  const { operation, total } = cursor;
  const lengthBytes = yield* cursor.take(8, "the header's length");
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 8).getBigUint64(0, true);
  const longest = Math.min(LONGEST_HEADER, (total ?? Infinity) - 8);
  if (length > longest) cursor.refuse(`a header of at most ${longest} bytes`, String(length), 0);
  const bytes = yield* cursor.take(Number(length), "the header");
  const size = total ?? cursor.at;
  const texts = mostNames(size, options);
  const most = options.maxMetadata ?? FREE_METADATA + Math.floor(size / 8);
  return new Header(operation, bytes, 8, { texts, bytes: most, tensors: total === null ? Infinity : texts });
}

/**
 * Refuses tensors whose elements do not lie one after another without gaps up to the end of the file. Returns the names, which
 * come once, where the length of the file vouches for so many.
 */
function checkLayout(cursor: Cursor, header: Header): ReadonlySet<string> | null {
  const names = cursor.total === null ? null : new Set<string>();
  let end = 0;
  for (const entry of header.entries()) {
    const place = entry.places.data_offsets;
    const where = `the elements of ${shown(entry.name)}`;
    if (names?.has(entry.name)) refuseName(cursor, entry);
    names?.add(entry.name);
    if (entry.begin !== end) {
      const what = entry.begin < end ? "an overlap" : "a gap";
      cursor.refuse(`${where} to begin at ${end}`, `${entry.begin}, ${what}`, place);
    }
    ({ end } = entry);
    const block = blockOf(cursor, entry);
    const size = block.count * bytesOf(block.stored);
    if (entry.end - entry.begin !== size) {
      const whose = `${entry.dtype} ${showShape(entry.shape)}`;
      cursor.refuse(`${where} to take ${size} bytes for ${whose}`, `${entry.end - entry.begin}`, place);
    }
  }
  const length = cursor.at + end;
  if (cursor.total !== null && cursor.total !== length) {
    const what = cursor.total < length ? "truncated" : "with trailing bytes";
    cursor.refuse("the end of the file", `${cursor.total} bytes, ${what}`, length);
  }
  return names;
}

function checkNewName(cursor: Cursor, entry: Entry, read: ReadonlyMap<string, unknown>, options: Limits): void {
  const most = mostNames(cursor.at, options);
  if (read.size >= most) cursor.refuse(tooMany("tensors", most), shown(entry.name), entry.places.name);
  if (read.has(entry.name)) refuseName(cursor, entry);
}

function refuseName(cursor: Cursor, { name, places }: Entry): never {
  cursor.refuse("a name that comes once", shown(name), places.name);
}

function blockOf(cursor: Cursor, { name, dtype, shape, places }: Entry): Block {
  const stored = Object.hasOwn(STORED, dtype) ? STORED[dtype] : undefined;
  if (!stored) {
    const known = Object.keys(STORED).join(", ");
    throw new DTypeError(
      cursor.operation,
      `one of ${known} at byte ${places.dtype}`,
      `${shown(dtype)} for ${shown(name)}`,
    );
  }
  return { name: shown(name), stored, shape, count: countOf(cursor, shape, places.shape), little: true };
}
