// Bytes as text inside a JavaScript file, for bindings/runtime/unpack.ts to read: LZMA, whose window holds both builds of
// the kernels, in characters of six bits, which cost nothing once the page's own compression has seen them.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The package's one export knows no settings but levels: the encoder behind it does.
const folder = new URL(".", pathToFileURL(createRequire(import.meta.url).resolve("lzma1")));
const { Encoder } = await load("encoder");
const { MODES } = await load("lzma");
const { InputBuffer, OutputBuffer } = await load("streams");

/** The file format's header: properties, size of the window, size of what was packed. The reader knows all three. */
const HEADER = 13;

/** lc = 1, lp = 0, pb = 0, as assembly/unpack/lzma.ts has them: nothing here comes in words of four bytes. */
class Packer extends Encoder {
  /** @override @param {object} level */
  configure(level) {
    super.configure(level);
    this._numLiteralContextBits = 1;
    this._posStateBits = 0;
    this._posStateMask = 0;
  }
}

const ALPHABET = Array.from({ length: 66 }, (_, i) => String.fromCharCode(61 + i)).filter((c) => !"\\`".includes(c));

/**
 * The stream of an LZMA file, without its header.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function pack(bytes) {
  const file = new OutputBuffer();
  new Packer().compress(new InputBuffer(bytes), file, MODES[9]);
  return file.toArray().subarray(HEADER);
}

/**
 * Bytes as text that nobody has to escape: 64 characters from = to ~, in order. Its reader is
 * in assembly/unpack/lzma.ts, where it takes a tenth of the time that base64 takes in JavaScript which is not compiled yet.
 * @param {Uint8Array} bytes
 */
export function toText(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16);
    for (const shift of [0, 6, 12, 18]) text += ALPHABET[(bits >>> shift) & 63];
  }
  return text;
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return Buffer.from(bytes).toString("base64");
}

/**
 * @param {string} file of lzma1
 * @returns {Promise<typeof import("./lzma1.js")>}
 */
function load(file) {
  return import(`${folder.href}${file}.js`);
}
