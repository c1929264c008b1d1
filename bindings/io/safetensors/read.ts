import "../../methods.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import { DTypeError } from "../../errors.js";
import { bytesOf, countOf, readElements, type Block, type IntegerOptions, type StoredType } from "../elements.js";
import { Cursor, readAll, type Reading } from "../pull.js";
import { read, type ReadOptions, type Source } from "../source.js";
import { shown } from "../text.js";
import { parseHeader, type Entry, type Header } from "./header.js";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of their elements in the file. */
  readonly tensors: Record<string, Tensor>;
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

/** A longer header is refused, as by the format's own reader. */
const LONGEST_HEADER = 100_000_000;

/**
 * The tensors in the bytes of a safetensors file: F32, F64, I32, U8 and BOOL as they are, F16 and BF16 as f32, I64 and U64 as
 * `int64` says. Whatever is not as the format has it (https://github.com/huggingface/safetensors) is a `FormatError` with its
 * byte, another element type a `DTypeError`, an integer that does not fit a `ValueError`.
 */
export function parseSafetensors(bytes: Uint8Array, options: IntegerOptions = {}): Safetensors {
  return readAll(bytes, reading("parseSafetensors", bytes.length, options));
}

/** As `parseSafetensors`, of a file that is read as it comes: the tensors, and never the whole file, are in memory. */
export function readSafetensors(source: Source, options: ReadOptions & IntegerOptions = {}): Promise<Safetensors> {
  return read("readSafetensors", source, options, (total) => reading("readSafetensors", total, options));
}

function* reading(operation: string, total: number | null, options: IntegerOptions): Reading<Safetensors> {
  const cursor = new Cursor(operation, total);
  const { entries, metadata } = yield* header(cursor);
  const blocks = layOut(cursor, entries);
  const tensors = new Map<string, Tensor>();
  try {
    for (const [name, block] of blocks) tensors.set(name, yield* readElements(cursor, block, options));
    yield* cursor.end();
  } catch (error) {
    for (const x of tensors.values()) x.dispose();
    throw error;
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}

function* header(cursor: Cursor): Reading<Header> {
  const lengthBytes = yield* cursor.take(8, "the header's length");
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(LONGEST_HEADER, (cursor.total ?? Infinity) - 8);
  if (length > most) cursor.refuse(`a header of at most ${most} bytes`, String(length), 0);
  return parseHeader(cursor.operation, yield* cursor.take(Number(length), "the header"), 8);
}

/** The tensors in the order of their elements, which lie one after another without gaps up to the end of the file. */
function layOut(cursor: Cursor, entries: readonly Entry[]): [string, Block][] {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  const blocks = sorted.map((entry): [string, Block] => {
    const place = entry.places.data_offsets;
    const where = `the elements of ${shown(entry.name)}`;
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
    return [entry.name, block];
  });
  const length = cursor.at + end;
  if (cursor.total !== null && cursor.total !== length) {
    const what = cursor.total < length ? "truncated" : "with trailing bytes";
    cursor.refuse("the end of the file", `${cursor.total} bytes, ${what}`, length);
  }
  return blocks;
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
