// Bytes as the text of a JavaScript string, such that gzip still sees the bytes.
//
// Base64 spreads three bytes over four characters, so what repeats no longer looks alike, and costs a third more after
// gzip. Here a byte is one printable ASCII character (below DIRECT) or two, wherever it stands: 3 % more after gzip.
// bindings/runtime/decode.ts reads it.

/** The characters: printable ASCII from # on, without the backslash. */
const ALPHABET = Array.from({ length: 91 }, (_, digit) => String.fromCharCode(digit < 57 ? digit + 35 : digit + 36));

/** Bytes from here on take two characters, the first of them one of the last two of the alphabet. */
const DIRECT = 89;

/** @param {Uint8Array} bytes */
export function toText(bytes) {
  const codes = Array.from({ length: 256 }, (_, byte) => {
    const rest = byte - DIRECT;
    return byte < DIRECT ? ALPHABET[byte] : `${ALPHABET[DIRECT + Math.floor(rest / 91)]}${ALPHABET[rest % 91]}`;
  });
  return Array.from(bytes, (byte) => codes[byte]).join("");
}

/** A copy must be longer than the call that makes it. */
const SHORTEST = 32;
const CANDIDATES = 100;

/**
 * A JavaScript expression for `text`, in strings and calls `copy(from, to)` of parts of `base`.
 * @param {string} text
 * @param {string} base
 */
export function expressionOf(text, base) {
  const places = windowsOf(base);
  const terms = [];
  let fresh = 0;
  let at = 0;
  while (at < text.length) {
    let longest = { from: 0, length: 0 };
    for (const from of places.get(text.slice(at, at + SHORTEST)) ?? []) {
      const length = commonLength(text, at, base, from);
      if (length > longest.length) longest = { from, length };
    }
    if (longest.length === 0) {
      at++;
      continue;
    }
    if (at > fresh) terms.push(`"${text.slice(fresh, at)}"`);
    terms.push(`copy(${longest.from}, ${longest.from + longest.length})`);
    at += longest.length;
    fresh = at;
  }
  if (at > fresh) terms.push(`"${text.slice(fresh, at)}"`);
  return terms.join(" +\n  ");
}

/**
 * Where each run of SHORTEST characters stands.
 * @param {string} text
 */
function windowsOf(text) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  for (let at = 0; at + SHORTEST <= text.length; at++) {
    const window = text.slice(at, at + SHORTEST);
    const known = places.get(window);
    if (!known) places.set(window, [at]);
    else if (known.length < CANDIDATES) known.push(at);
  }
  return places;
}

/**
 * @param {string} a
 * @param {number} i
 * @param {string} b
 * @param {number} j
 */
function commonLength(a, i, b, j) {
  let length = 0;
  while (i + length < a.length && j + length < b.length && a[i + length] === b[j + length]) length++;
  return length;
}
