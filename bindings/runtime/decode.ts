// The reader of what scripts/lib/pack.mjs writes: copies of earlier bytes and single bytes (LZ77), each choice a few bits
// whose chances are learnt on the way, and a range coder for the bits. After LZMA (I. Pavlov), with fewer rooms.
// Integers below 2^30 alone: every engine reads the same, and a cold one reads them fastest.

/** Chances are counted in parts of this. */
const CERTAIN = 1 << 15;
/** No chance comes nearer to none or to certain than this. */
const FLOOR = 16;
/** How far a chance moves toward the n-th bit of its context, in parts of CERTAIN. */
const PACE = Array.from({ length: 60 }, (_, n) => Math.floor(CERTAIN / (n + 1.6)));

/** Contexts: the first of each kind. A number takes `NUMBER` of them, a byte 256 in each of 8 + 256 settings. */
const COPY = 0;
const AGAIN = 4;
const NUMBER = 32 + 32 * 64;
const LENGTH = 8;
const LENGTH_AGAIN = LENGTH + NUMBER;
const DISTANCE = LENGTH_AGAIN + NUMBER;
const BYTE = DISTANCE + NUMBER;
const CONTEXTS = BYTE + (8 + 256) * 256;

/** The bytes that `text` holds: "from to data" stands for the bytes [from, to) of what is packed in base64. */
export function decode(text: string): Uint8Array {
  const [from = "", to = "", data = ""] = text.split(" ");
  const tree = reader(atob(data));
  const bytes = new Uint8Array(Number(to));
  let last = 1;
  // What came before: 0 bytes, 1 one byte after a copy, 2 a copy, 3 a copy from the same distance as the one before.
  let state = 0;
  for (let at = 0; at < bytes.length;) {
    if (tree(COPY + state - 1, 1)) {
      const again = tree(AGAIN + state - 1, 1);
      let length = again ? number(tree, LENGTH_AGAIN) : number(tree, LENGTH) + 1;
      if (!again) last = number(tree, DISTANCE);
      for (; length > 0; length--, at++) bytes[at] = bytes[at - last]!;
      state = 2 + again;
    } else {
      // After a copy the byte is not the one that would have gone on, but it is often near it.
      const setting = state > 1 ? 8 + bytes[at - last]! : (bytes[at - 1] ?? 0) >> 5;
      bytes[at++] = tree(BYTE + setting * 256, 8);
      state = state > 1 ? 1 : 0;
    }
  }
  return bytes.subarray(Number(from));
}

/** Reads so many bits, highest first; each has a context of its own for every way to it, from `context` + 1 on. */
type ReadTree = (context: number, bits: number) => number;

/** The range decoder: `range` shrinks, bit by bit, to the part of it that `value` points into. */
function reader(data: string): ReadTree {
  const chance = new Uint16Array(CONTEXTS).fill(CERTAIN / 2);
  const seen = new Uint8Array(CONTEXTS);
  let range = 0x3fffffff;
  let value = 0;
  let next = 0;
  while (next < 4) value = (value << 8) | data.charCodeAt(next++);
  return (context, bits) => {
    const end = 1 << bits;
    let node = 1;
    while (node < end) {
      const place = context + node;
      const one = chance[place]!;
      const n = seen[place]!;
      const part = (range >>> 15) * one;
      if (value < part) {
        range = part;
        chance[place] = one + (((CERTAIN - FLOOR - one) * PACE[n]!) >> 15);
        node = node * 2 + 1;
      } else {
        value -= part;
        range -= part;
        chance[place] = one + (((FLOOR - one) * PACE[n]!) >> 15);
        node *= 2;
      }
      if (n < PACE.length - 1) seen[place] = n + 1;
      while (range < 0x400000) {
        range <<= 8;
        value = (value << 8) | data.charCodeAt(next++);
      }
    }
    return node - end;
  };
}

/** A number from 1 on: how many bits follow its leading one, then those; four of them know those before. */
function number(tree: ReadTree, context: number): number {
  const bits = tree(context, 5);
  const own = context + 32 + bits * 64 - 1;
  let value = 1;
  for (let i = bits - 1; i >= 0; i--) value = value * 2 + tree(own + (bits - i <= 4 ? value : 32 + i), 1);
  return value;
}
