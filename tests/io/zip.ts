import { checksum } from "../../bindings/compile/file/container.js";
import { joined } from "../../bindings/io/pull.js";

/** An entry of an archive; what is left out is as it should be. */
export interface ZipEntry {
  name: string;
  /** The bytes as they stand in the archive. */
  bytes: Uint8Array;
  method?: number;
  flags?: number;
  /** The checksum and the length of what comes out. */
  crc?: number;
  size?: number;
  /** What the entry itself says, where it says otherwise than the directory at the end. */
  local?: { name?: string; size?: number };
  /** Where the directory says that the entry is. */
  at?: number;
}

/** A zip archive, written by PKWARE's APPNOTE alone. */
export function zipOf(entries: readonly ZipEntry[], { count = entries.length }: { count?: number } = {}): Uint8Array {
  const file = new Bytes();
  const directory = new Bytes();
  for (const {
    name,
    bytes,
    method = 0,
    flags = 0,
    crc,
    size = bytes.length,
    local = {},
    at = file.length,
  } of entries) {
    const text = new TextEncoder().encode(name);
    const fields = [...u16(20, flags, method, 0, 0x21), ...u32(crc ?? checksum(bytes), bytes.length)];
    const own = new TextEncoder().encode(local.name ?? name);
    file.push(...u32(0x04034b50), ...fields, ...u32(local.size ?? size), ...u16(own.length, 0), ...own, bytes);
    directory.push(...u32(0x02014b50), ...u16(20), ...fields, ...u32(size), ...u16(text.length, 0, 0, 0, 0));
    directory.push(...u32(0, at), ...text);
  }
  const end = [...u32(0x06054b50), ...u16(0, 0, count, count), ...u32(directory.length, file.length), ...u16(0)];
  directory.push(...end);
  return joined([...file.pieces, ...directory.pieces], file.length + directory.length);
}

/** Bytes that are put one behind the other. */
class Bytes {
  readonly pieces: Uint8Array[] = [];
  length = 0;

  push(...values: readonly (number | Uint8Array)[]): void {
    const numbers = values.filter((value) => typeof value === "number");
    for (const piece of [Uint8Array.from(numbers), ...values.filter((value) => typeof value !== "number")]) {
      this.pieces.push(piece);
      this.length += piece.length;
    }
  }
}

function u16(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, value >>> 8]);
}

function u32(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]);
}
