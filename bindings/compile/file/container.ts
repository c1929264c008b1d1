import { FormatError } from "../../errors.js";

// The bytes of a saved program: "WNGT", the version, a checksum of all that follows, the length of a text of JSON, that text, and
// after it, from the next multiple of 8 on, the elements of constants and variables. Everything is little-endian.

const MAGIC = 0x54474e57;
const VERSION = 1;
const HEADER = 16;

/** The parts of a file as its bytes. */
export function pack(text: string, blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(text);
  const start = aligned(HEADER + json.length);
  const bytes = new Uint8Array(blocks.reduce((end, block) => aligned(end) + block.length, start));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, HEADER);
  let at = start;
  for (const block of blocks) {
    bytes.set(block, at);
    at = aligned(at + block.length);
  }
  view.setUint32(8, checksum(bytes.subarray(12)), true);
  return bytes;
}

/** The next place where a block may start. */
export function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}

/** The text of a file, and what follows it. Bytes that were cut or changed are refused. */
export function unpack(bytes: unknown): { text: string; blocks: Uint8Array } {
  if (!(bytes instanceof Uint8Array)) throw new FormatError("load", "the bytes of a saved program", typeof bytes);
  if (bytes.length < HEADER) throw new FormatError("load", `at least ${HEADER} bytes`, `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC)
    throw new FormatError("load", "a saved program, which begins with WNGT", "other bytes");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw new FormatError("load", `a program of version ${VERSION}`, `version ${version}`);
  if (view.getUint32(8, true) !== checksum(bytes.subarray(12)))
    throw new FormatError(
      "load",
      "the bytes that were saved",
      "bytes that were cut or changed: their checksum differs",
    );
  const length = view.getUint32(12, true);
  if (length > bytes.length - HEADER)
    throw new FormatError("load", `a text of at most ${bytes.length - HEADER} bytes`, `${length}`);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(HEADER, HEADER + length));
  return { text, blocks: bytes.subarray(Math.min(aligned(HEADER + length), bytes.length)) };
}

/** CRC-32 (IEEE 802.3): any change of up to 32 neighbouring bits is found. */
export function checksum(bytes: Uint8Array): number {
  if (table.length === 0) {
    for (let i = 0; i < 256; i++) {
      let entry = i;
      for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
      table.push(entry);
    }
  }
  let sum = -1;
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ table[(sum ^ bytes[i]!) & 255]!;
  return ~sum >>> 0;
}
const table: number[] = [];
