// Bytes as text inside a JavaScript file, for bindings/runtime/unpack.ts to read: LZMA, whose window holds both builds of
// the kernels, as base64, which costs nothing once the page's own compression has seen it.
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
