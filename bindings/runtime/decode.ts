/** Bytes below this take one character, the others two. */
const DIRECT = 89;

/**
 * The bytes that scripts/lib/text.mjs wrote as printable ASCII. Unlike base64 that keeps every byte in one place, so that
 * a page's gzip still finds what repeats.
 */
export function decode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = digitAt(text, at);
    bytes[length++] = digit < DIRECT ? digit : DIRECT + (digit - DIRECT) * 91 + digitAt(text, ++at);
  }
  return bytes.subarray(0, length);
}

/** # is 0, and so on through ASCII; the backslash is left out. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 92 ? code - 35 : code - 36;
}
