// The stable sort of pairs: an unsigned 32-bit key in the high half of 64 bits, whatever it goes with in the low half.

import { tick } from "../../control";

/** Rows up to this length are sorted by insertion, longer ones by digits of the key, least significant first. */
const SHORT: usize = 48;

const DIGIT: u32 = 8;
const DIGITS: u32 = 32 / DIGIT;
const VALUES: usize = 1 << DIGIT;

/** Bytes that `sortPairs` needs for counting. */
export const COUNTS: usize = (VALUES * DIGITS) << 2;

/** Sorts n pairs; where they are afterwards: in `pairs` or in `spare`, which has room for as many. */
export function sortPairs(pairs: usize, spare: usize, counts: usize, n: usize): usize {
  if (n <= SHORT) {
    insertion(pairs, n);
    return pairs;
  }
  memory.fill(counts, 0, COUNTS);
  count(pairs, counts, n);
  for (let digit: u32 = 0; digit < DIGITS; digit++) {
    tick();
    const shift = <u64>(32 + digit * DIGIT);
    // A digit in which all keys agree orders nothing.
    if (load<u32>(counts + ((<usize>((load<u64>(pairs) >> shift) & (VALUES - 1))) << 2)) != <u32>n) {
      spread(spare, pairs, counts, n, shift);
      const sorted = spare;
      spare = pairs;
      pairs = sorted;
    }
    counts += VALUES << 2;
  }
  return pairs;
}

function insertion(pairs: usize, n: usize): void {
  const end = pairs + (n << 3);
  for (let next = pairs + 8; next < end; next += 8) {
    const pair = load<u64>(next);
    let slot = next;
    for (; slot > pairs && load<u64>(slot - 8) >> 32 > pair >> 32; slot -= 8) store<u64>(slot, load<u64>(slot - 8));
    store<u64>(slot, pair);
  }
}

/** How often each value of each digit occurs. */
function count(pairs: usize, counts: usize, n: usize): void {
  for (; n; n--) {
    const key = load<u32>(pairs, 4);
    increment(counts + ((key & 255) << 2));
    increment(counts + (VALUES << 2) + (((key >> 8) & 255) << 2));
    increment(counts + (VALUES << 3) + (((key >> 16) & 255) << 2));
    increment(counts + 12 * VALUES + ((key >> 24) << 2));
    pairs += 8;
  }
}

// @ts-ignore: decorator
@inline
function increment(slot: usize): void {
  store<u32>(slot, load<u32>(slot) + 1);
}

/** Orders pairs by one digit, whose values have been counted. */
function spread(out: usize, pairs: usize, counts: usize, n: usize, shift: u64): void {
  // Counts become the addresses at which the pairs of each value begin.
  let place = out;
  for (let slot = counts; slot < counts + (VALUES << 2); slot += 4) {
    const bytes = load<u32>(slot) << 3;
    store<u32>(slot, place);
    place += bytes;
  }
  for (; n; n--) {
    const pair = load<u64>(pairs);
    const slot = counts + ((<usize>((pair >> shift) & (VALUES - 1))) << 2);
    const to = load<u32>(slot);
    store<u32>(slot, to + 8);
    store<u64>(to, pair);
    pairs += 8;
  }
}
