// The reader of the packed kernels: a module of its own, compiled apart from them, since it must run before they exist.
//
// LZMA (Pavlov; "LZMA specification", 2015) with lc = 1, lp = 0, pb = 0: Lempel-Ziv with a window as large as the whole, and
// an adaptive binary range coder. In JavaScript it would take five times as long before the engine has compiled it.

/** Probabilities are 11 bits, and begin in the middle. */
const HALF: u16 = 1024;
const FEWEST: u32 = 1 << 24;

// Tables of probabilities, as places in one array.
const MATCH: u32 = 0; //                      12 states
const REPEAT: u32 = MATCH + 12; //            12
const REPEAT_0: u32 = REPEAT + 12; //         12
const REPEAT_1: u32 = REPEAT_0 + 12; //       12
const REPEAT_2: u32 = REPEAT_1 + 12; //       12
const SHORT: u32 = REPEAT_2 + 12; //          12
const SLOT: u32 = SHORT + 12; //              4 of 64
const SPECIAL: u32 = SLOT + 256; //           128
const ALIGN: u32 = SPECIAL + 128; //          16
const MATCH_LENGTH: u32 = ALIGN + 16; //      274: 2, 8, 8, 256
const REPEAT_LENGTH: u32 = MATCH_LENGTH + 274;
const LITERAL: u32 = REPEAT_LENGTH + 274; //  2 of 768
const TABLES: u32 = LITERAL + 2 * 768;

let probabilities: usize = 0;
let next: usize = 0;
let range: u32 = 0;
let code: u32 = 0;

/** Bytes of working memory that `unpack` uses from `scratch` on. */
export function scratchBytes(): usize {
  return TABLES * 2;
}

/**
 * Writes `size` bytes to `out`, read from a range-coded stream at `source`, which is there as text with a zero behind it. The three
 * do not overlap.
 */
export function unpack(source: usize, scratch: usize, out: usize, size: usize): void {
  readText(source);
  probabilities = scratch;
  for (let i: u32 = 0; i < TABLES; i++) store<u16>(scratch + (i << 1), HALF);
  range = 0xffffffff;
  code = 0;
  next = source + 1; // The first byte of a stream is 0.
  for (let i = 0; i < 4; i++) code = (code << 8) | load<u8>(next++);

  let state: u32 = 0;
  let distance0: u32 = 0;
  let distance1: u32 = 0;
  let distance2: u32 = 0;
  let distance3: u32 = 0;
  let n: usize = 0;
  while (n < size) {
    if (!bit(MATCH + state)) {
      store<u8>(out + n, literal(out + n, n > 0, state >= 7 ? <usize>distance0 + 1 : 0));
      n++;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count: u32;
    if (bit(REPEAT + state)) {
      if (!bit(REPEAT_0 + state)) {
        if (!bit(SHORT + state)) {
          store<u8>(out + n, load<u8>(out + n - distance0 - 1));
          n++;
          state = state < 7 ? 9 : 11;
          continue;
        }
      } else {
        let distance = distance1;
        if (bit(REPEAT_1 + state)) {
          if (bit(REPEAT_2 + state)) {
            distance = distance3;
            distance3 = distance2;
          } else {
            distance = distance2;
          }
          distance2 = distance1;
        }
        distance1 = distance0;
        distance0 = distance;
      }
      count = length(REPEAT_LENGTH);
      state = state < 7 ? 8 : 11;
    } else {
      distance3 = distance2;
      distance2 = distance1;
      distance1 = distance0;
      count = length(MATCH_LENGTH);
      distance0 = distanceAfter(count);
      state = state < 7 ? 7 : 10;
    }
    // One byte at a time: a copy may overlap itself.
    for (const end = min(size, n + count + 2); n < end; n++) store<u8>(out + n, load<u8>(out + n - distance0 - 1));
  }
}

/** Turns text into the bytes that it stands for, in its place: a character for six bits, as `toText` of scripts/lib/pack.mjs has it. */
function readText(text: usize): void {
  for (let to = text; load<u8>(text); to += 3) {
    let bits: u32 = 0;
    for (const end = text + 4; text < end; text++) {
      const character: u32 = load<u8>(text);
      bits = (bits >>> 6) | ((character - 61 - u32(character > 92) - u32(character > 96)) << 18);
    }
    store<u32>(to, bits);
  }
}

/** A byte, told by the highest bit of the one before and, after a match, by the byte that would continue it. */
function literal(at: usize, preceded: bool, distance: usize): u8 {
  const table = LITERAL + (preceded ? ((<u32>load<u8>(at - 1)) >>> 7) * 768 : 0);
  let symbol: u32 = 1;
  if (distance) {
    let continued: u32 = load<u8>(at - distance);
    while (symbol < 256) {
      const expected = (continued >>> 7) & 1;
      continued <<= 1;
      const found = bit(table + ((1 + expected) << 8) + symbol);
      symbol = (symbol << 1) | found;
      if (found != expected) break;
    }
  }
  return <u8>climb(table, symbol, 256);
}

/** A length, less the shortest. */
function length(table: u32): u32 {
  if (!bit(table)) return tree(table + 2, 3);
  if (!bit(table + 1)) return 8 + tree(table + 10, 3);
  return 16 + tree(table + 18, 8);
}

/** A distance less 1: a slot for its two highest bits and their place, then the others, lowest first. */
function distanceAfter(count: u32): u32 {
  const slot = tree(SLOT + (min(count, 3) << 6), 6);
  if (slot < 4) return slot;
  const bits = (slot >>> 1) - 1;
  const high = (2 | (slot & 1)) << bits;
  if (slot < 14) return high + reverse(SPECIAL + high - slot, bits);
  return high + (direct(bits - 4) << 4) + reverse(ALIGN, 4);
}

/** So many bits by a binary tree, highest first. */
function tree(table: u32, bits: u32): u32 {
  const count: u32 = 1 << bits;
  return climb(table, 1, count) - count;
}

/** So many bits by a binary tree, lowest first. */
function reverse(table: u32, bits: u32): u32 {
  let symbol: u32 = 1;
  let value: u32 = 0;
  for (let i: u32 = 0; i < bits; i++) {
    const found = bit(table + symbol);
    symbol = (symbol << 1) | found;
    value |= found << i;
  }
  return value;
}

/** So many bits that are as likely as not. */
function direct(bits: u32): u32 {
  let value: u32 = 0;
  for (; bits; bits--) {
    range >>>= 1;
    const found = u32(code >= range);
    code -= range & (0 - found);
    value = (value << 1) | found;
    if (range < FEWEST) {
      range <<= 8;
      code = (code << 8) | load<u8>(next++);
    }
  }
  return value;
}

/** One bit, by a probability that learns from it. */
function bit(place: u32): u32 {
  return climb(place - 1, 1, 2) & 1;
}

/** Bits by a binary tree, highest first, each put behind those that `symbol` has, until that is no less than `limit`. */
function climb(table: u32, symbol: u32, limit: u32): u32 {
  const places = probabilities + (table << 1);
  // All time goes by here, before any compiler has optimised: what is local is faster.
  let width = range;
  let rest = code;
  while (symbol < limit) {
    const address = places + (symbol << 1);
    const probability: u32 = load<u16>(address);
    const bound = (width >>> 11) * probability;
    symbol <<= 1;
    if (rest < bound) {
      width = bound;
      store<u16>(address, probability + ((2048 - probability) >>> 5));
    } else {
      width -= bound;
      rest -= bound;
      store<u16>(address, probability - (probability >>> 5));
      symbol++;
    }
    if (width < FEWEST) {
      width <<= 8;
      rest = (rest << 8) | load<u8>(next++);
    }
  }
  range = width;
  code = rest;
  return symbol;
}
