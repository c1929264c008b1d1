// The reader of what scripts/lib/pack.mjs writes: copies of earlier bytes and single bytes (LZ77), each choice a few bits
// whose chances are learnt on the way, and an arithmetic coder for the bits. After LZMA, with fewer rooms.
// Only +, -, * and / decide, so that every engine reads the same.

/** No chance comes nearer to 0 or 1 than this. */
const FLOOR = 1 / 2048;
/** A chance moves by 1/n at the n-th bit, and never less than this. */
const SLOWEST = 60;

/** Contexts: the first of each kind. A number takes `NUMBER` of them, the next byte 256 in each of 8 + 256 settings. */
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
  const bit = reader(atob(data));
  const bytes = new Uint8Array(Number(to));
  let last = 1;
  // What came before: 0 bytes, 1 one byte after a copy, 2 a copy, 3 a copy from the same distance as the one before.
  let state = 0;
  for (let at = 0; at < bytes.length;) {
    if (bit(COPY + state)) {
      const again = bit(AGAIN + state) === 1;
      let length = again ? number(bit, LENGTH_AGAIN) : number(bit, LENGTH) + 1;
      if (!again) last = number(bit, DISTANCE);
      for (; length > 0; length--, at++) bytes[at] = bytes[at - last]!;
      state = again ? 3 : 2;
    } else {
      // After a copy the byte is not the one that would have gone on, but it is often near it.
      const setting = state > 1 ? 8 + (bytes[at - last] ?? 0) : (bytes[at - 1] ?? 0) >> 5;
      bytes[at++] = tree(bit, BYTE + setting * 256, 8);
      state = state > 1 ? 1 : 0;
    }
  }
  return bytes.subarray(Number(from));
}

/** The next bit in a context. */
type ReadBit = (context: number) => number;

/** The arithmetic decoder (M. Mahoney's of lpaq): the interval [low, high] shrinks to the part that the data point into. */
function reader(data: string): ReadBit {
  const chance = new Float64Array(CONTEXTS).fill(0.5);
  const pace = new Float64Array(CONTEXTS).fill(1.6);
  let low = 0;
  let high = 0xffffffff;
  let value = 0;
  let next = 0;
  const shift = (): void => {
    value = ((value << 8) | data.charCodeAt(next++)) >>> 0;
  };
  for (let i = 0; i < 4; i++) shift();
  return (context) => {
    const middle = low + Math.floor((high - low) * chance[context]!);
    const one = value <= middle;
    if (one) high = middle;
    else low = middle + 1;
    chance[context]! += ((one ? 1 - FLOOR : FLOOR) - chance[context]!) / pace[context]!;
    if (pace[context]! < SLOWEST) pace[context]!++;
    while ((low ^ high) >>> 24 === 0) {
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
      shift();
    }
    return one ? 1 : 0;
  };
}

/** So many bits, highest first, each in the context of those before it. */
function tree(bit: ReadBit, context: number, bits: number): number {
  let node = 1;
  while (node >>> bits === 0) node = node * 2 + bit(context + node);
  return node - (1 << bits);
}

/** A number from 1 on: how many bits follow its leading one, then those; four of them know those before. */
function number(bit: ReadBit, context: number): number {
  const bits = tree(bit, context, 5);
  const own = context + 32 + bits * 64;
  let value = 1;
  for (let i = bits - 1; i >= 0; i--) value = value * 2 + bit(own + (bits - i <= 4 ? value : 32 + i));
  return value;
}
