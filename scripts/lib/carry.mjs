// Bytes as text inside a JavaScript file, for bindings/runtime/decode.ts to read.
//
// Each byte is one character, so that gzip still finds what repeats; the frequent ones are ASCII. (Base64 shifts repeats out
// of step and costs a third after gzip; an arithmetic coder is smaller still but takes 30 ms to read.)
// The second build differs from the first in few places, further back than gzip looks: it is carried as the difference.

/** What a character may be: printable, one UTF-16 unit, nothing that a string, a template or an HTML page would notice. */
const CHARACTERS = [...range(0x20, 0x7e), ...range(0xa1, 0xac), ...range(0xae, 0x180)]
  .map((code) => String.fromCharCode(code))
  .filter((character) => !'"\\<`$'.includes(character))
  .slice(0, 256);

/** @param {number} first @param {number} last */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * The alphabet for these bytes: the character of each byte value, the most frequent first among the characters.
 * @param {Uint8Array} bytes
 */
export function alphabetFor(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const alphabet = new Array(256);
  const byFrequency = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  for (const [rank, byte] of byFrequency.entries()) alphabet[byte] = CHARACTERS[rank];
  return alphabet.join("");
}

/**
 * @param {Uint8Array} bytes
 * @param {string} alphabet
 */
export function encode(bytes, alphabet) {
  return Array.from(bytes, (byte) => alphabet[byte]).join("");
}

/** A copy is worth its three numbers from this length on. */
const SHORTEST = 12;
/** Candidates that are looked at for a copy. */
const CANDIDATES = 64;

/**
 * What makes `target` of `base`: its length, the length of the steps, the steps, the new bytes. A step is three numbers:
 * how many new bytes, how many to copy from the base, and how far from the end of the last copy (7 bits a byte, the sign
 * lowest).
 * @param {Uint8Array} base
 * @param {Uint8Array} target
 */
export function difference(base, target) {
  const places = placesIn(base);
  /** @type {number[]} */
  const steps = [];
  /** @type {number[]} */
  const fresh = [];
  let pending = 0;
  let expected = 0;
  for (let at = 0; at < target.length;) {
    const copy = longestCopy(base, target, at, places.get(keyAt(target, at)) ?? [], expected);
    if (!copy) {
      fresh.push(target[at++] ?? 0);
      pending++;
      continue;
    }
    steps.push(...unsigned(pending), ...unsigned(copy.length), ...signed(copy.from - expected));
    pending = 0;
    expected = copy.from + copy.length;
    at += copy.length;
  }
  steps.push(...unsigned(pending), ...unsigned(0), ...signed(0));
  return Uint8Array.from([...unsigned(target.length), ...unsigned(steps.length), ...steps, ...fresh]);
}

/** @param {Uint8Array} base */
function placesIn(base) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  for (let at = 0; at + SHORTEST <= base.length; at++) {
    const key = keyAt(base, at);
    const known = places.get(key);
    if (!known) places.set(key, [at]);
    else if (known.length < CANDIDATES) known.push(at);
  }
  return places;
}

/** @param {Uint8Array} bytes @param {number} at */
function keyAt(bytes, at) {
  return String.fromCharCode(...bytes.subarray(at, at + SHORTEST));
}

/**
 * @param {Uint8Array} base
 * @param {Uint8Array} target
 * @param {number} at
 * @param {readonly number[]} candidates
 * @param {number} expected where the last copy ended: nearer is cheaper
 */
function longestCopy(base, target, at, candidates, expected) {
  let best = null;
  for (const from of candidates) {
    let length = 0;
    while (at + length < target.length && from + length < base.length && base[from + length] === target[at + length])
      length++;
    if (length < SHORTEST) continue;
    const nearer = best && length === best.length && Math.abs(from - expected) < Math.abs(best.from - expected);
    if (!best || length > best.length || nearer) best = { from, length };
  }
  return best;
}

/** @param {number} value @returns {number[]} */
function unsigned(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** @param {number} value */
function signed(value) {
  return unsigned(value < 0 ? -value * 2 - 1 : value * 2);
}
