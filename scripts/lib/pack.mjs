// Bytes as text inside a JavaScript file, for bindings/runtime/unpack.ts to read: LZMA, whose window holds both builds of
// the kernels, as base64, which costs nothing once the page's own compression has seen it.
import { compress } from "lzma1";

const LEVEL = 9;
/** The file format's header: properties, size of the window, size of what was packed. The reader knows all three. */
const HEADER = 13;
/** lc = 3, lp = 0, pb = 2, as assembly/unpack/lzma.ts has them. */
const PROPERTIES = 0x5d;

/**
 * The stream of an LZMA file, without its header.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function pack(bytes) {
  const file = Uint8Array.from(compress(bytes, LEVEL));
  if (file[0] !== PROPERTIES) throw new Error(`LZMA properties ${file[0]}, where the reader has ${PROPERTIES}`);
  return file.subarray(HEADER);
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return Buffer.from(bytes).toString("base64");
}
