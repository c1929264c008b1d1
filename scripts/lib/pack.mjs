// Bytes as little text: the writer of what bindings/runtime/decode.ts reads, where the format is told.
//
// The two builds have most bytes in common, but gzip looks back 32 KiB only, and base64 hides from it what repeats. Packed
// like this both together take less than one of them gzipped, and the base64 costs nothing after gzip.

const CERTAIN = 1 << 15;
const FLOOR = 16;
const PACE = Array.from({ length: 60 }, (_, n) => Math.floor(CERTAIN / (n + 1.6)));

const COPY = 0;
const AGAIN = 4;
const NUMBER = 32 + 32 * 64;
const LENGTH = 8;
const LENGTH_AGAIN = LENGTH + NUMBER;
const DISTANCE = LENGTH_AGAIN + NUMBER;
const BYTE = DISTANCE + NUMBER;
const CONTEXTS = BYTE + (8 + 256) * 256;

/** Copies from a new distance are no shorter. */
const SHORTEST = 3;
/** Earlier places that are tried for a copy. */
const PATIENCE = 256;

/** @typedef {(context: number, bit: number) => void} PutBit */
/** @typedef {{ length: number, distance: number }} Step a copy, or with length 0 one byte */

/**
 * The base64 that decode reads. The first time the choices are made by the cost of bits in an untaught model, the second
 * time by what was learnt.
 * @param {Uint8Array} bytes
 */
export function pack(bytes) {
  const places = findPlaces(bytes);
  const first = new Model();
  encode(bytes, choose(bytes, places, first), first);
  return Buffer.from(encode(bytes, choose(bytes, places, first), new Model())).toString("base64");
}

/** The chances of bits, learnt as they come. */
class Model {
  chance = new Uint16Array(CONTEXTS).fill(CERTAIN / 2);
  seen = new Uint8Array(CONTEXTS);

  /** @type {PutBit} */
  learn(context, bit) {
    const chance = this.chance[context] ?? 0;
    const seen = this.seen[context] ?? 0;
    this.chance[context] = chance + (((bit ? CERTAIN - FLOOR - chance : FLOOR - chance) * (PACE[seen] ?? 0)) >> 15);
    if (seen < PACE.length - 1) this.seen[context] = seen + 1;
  }

  /**
   * What `write` would cost, in bits, without learning.
   * @param {(put: PutBit) => void} write
   */
  cost(write) {
    let cost = 0;
    write((context, bit) => {
      const one = (this.chance[context] ?? 0) / CERTAIN;
      cost -= Math.log2(bit ? one : 1 - one);
    });
    return cost;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Step[]} steps
 * @param {Model} model
 */
function encode(bytes, steps, model) {
  /** @type {number[]} */
  const out = [];
  let low = 0;
  let range = 0x3fffffff;
  /** @type {PutBit} */
  const put = (context, bit) => {
    const part = (range >>> 15) * (model.chance[context] ?? 0);
    if (!bit) low += part;
    range = bit ? part : range - part;
    model.learn(context, bit);
    if (low >= 2 ** 32) {
      low -= 2 ** 32;
      carry(out);
    }
    while (range < 0x400000) {
      out.push(low >>> 24);
      low = (low << 8) >>> 0;
      range <<= 8;
    }
  };
  let at = 0;
  let last = 1;
  let state = 0;
  for (const { length, distance } of steps) {
    put(COPY + state, length > 0 ? 1 : 0);
    if (length > 0) {
      putCopy(put, state, length, distance, last);
      state = distance === last ? 3 : 2;
      last = distance;
      at += length;
    } else {
      putByte(put, bytes, at++, state, last);
      state = state > 1 ? 1 : 0;
    }
  }
  out.push(low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255);
  return out;
}

/**
 * Adds one to a number in base 256.
 * @param {number[]} digits
 */
function carry(digits) {
  let i = digits.length - 1;
  for (; digits[i] === 255; i--) digits[i] = 0;
  digits[i] = (digits[i] ?? 0) + 1;
}

/**
 * @param {PutBit} put
 * @param {number} state
 * @param {number} length
 * @param {number} distance
 * @param {number} last
 */
function putCopy(put, state, length, distance, last) {
  const again = distance === last;
  put(AGAIN + state, again ? 1 : 0);
  if (again) return putNumber(put, LENGTH_AGAIN, length);
  putNumber(put, LENGTH, length - 1);
  putNumber(put, DISTANCE, distance);
}

/**
 * @param {PutBit} put
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} state
 * @param {number} last
 */
function putByte(put, bytes, at, state, last) {
  const setting = state > 1 ? 8 + (bytes[at - last] ?? 0) : (bytes[at - 1] ?? 0) >> 5;
  putTree(put, BYTE + setting * 256, 8, bytes[at] ?? 0);
}

/**
 * @param {PutBit} put
 * @param {number} context
 * @param {number} bits
 * @param {number} value
 */
function putTree(put, context, bits, value) {
  const whole = value + (1 << bits);
  for (let i = bits - 1; i >= 0; i--) put(context + (whole >>> (i + 1)), (value >>> i) & 1);
}

/**
 * @param {PutBit} put
 * @param {number} context
 * @param {number} value
 */
function putNumber(put, context, value) {
  const bits = 31 - Math.clz32(value);
  putTree(put, context, 5, bits);
  const own = context + 32 + bits * 64;
  for (let i = bits - 1; i >= 0; i--) put(own + (bits - i <= 4 ? value >>> (i + 1) : 32 + i), (value >>> i) & 1);
}

/**
 * For each position the copies that could stand there: ever longer, and each from the nearest place.
 * @param {Uint8Array} bytes
 */
function findPlaces(bytes) {
  /** @type {Map<number, number>} */
  const newest = new Map();
  const older = new Int32Array(bytes.length).fill(-1);
  return Array.from(bytes, (byte, at) => {
    /** @type {Step[]} */
    const found = [];
    if (at + SHORTEST > bytes.length) return found;
    const key = byte | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    let longest = SHORTEST - 1;
    let place = newest.get(key) ?? -1;
    older[at] = place;
    newest.set(key, at);
    for (let tries = 0; place >= 0 && tries < PATIENCE; tries++, place = older[place] ?? -1) {
      if (bytes[place + longest] !== bytes[at + longest]) continue;
      const length = commonLength(bytes, place, at);
      if (length > longest) found.push({ length: (longest = length), distance: at - place });
    }
    return found;
  });
}

/**
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} at
 */
function commonLength(bytes, from, at) {
  let length = 0;
  while (at + length < bytes.length && bytes[from + length] === bytes[at + length]) length++;
  return length;
}

/**
 * The cheapest steps, as far as the costs in `model` tell: a shortest path through the bytes.
 * @param {Uint8Array} bytes
 * @param {Step[][]} places
 * @param {Model} model
 */
function choose(bytes, places, model) {
  const path = new Path(bytes.length);
  const flags = flagCosts(model, COPY);
  const agains = flagCosts(model, AGAIN);
  const price = memo((context, value) => model.cost((put) => putNumber(put, context, value)));

  for (let at = 0; at < bytes.length; at++) {
    const { cost, state, last } = path.at(at);
    const byte = model.cost((put) => putByte(put, bytes, at, state, last));
    path.reach(at + 1, cost + flags(state, 0) + byte, { length: 0, distance: last }, state > 1 ? 1 : 0);

    const copy = cost + flags(state, 1);
    const more = last <= at ? commonLength(bytes, at - last, at) : 0;
    for (let length = worthTrying(1, more); length <= more; length++) {
      const total = copy + agains(state, 1) + price(LENGTH_AGAIN, length);
      path.reach(at + length, total, { length, distance: last }, 3);
    }
    let shortest = SHORTEST;
    for (const { length: longest, distance } of places[at] ?? []) {
      const start = copy + agains(state, 0) + price(DISTANCE, distance);
      for (let length = worthTrying(shortest, longest); length <= longest && distance !== last; length++) {
        path.reach(at + length, start + price(LENGTH, length - 1), { length, distance }, 2);
      }
      shortest = longest + 1;
    }
  }
  return path.steps();
}

/** Of long copies only the last few lengths are tried. */
function worthTrying(/** @type {number} */ shortest, /** @type {number} */ longest) {
  return longest > 64 ? Math.max(shortest, longest - 8) : shortest;
}

/** The cheapest way known to each position, and how it ends. */
class Path {
  /** @param {number} length */
  constructor(length) {
    this.cost = new Float64Array(length + 1).fill(Infinity).fill(0, 0, 1);
    this.length = new Int32Array(length + 1);
    this.last = new Int32Array(length + 1).fill(1);
    this.state = new Uint8Array(length + 1);
  }

  /** @param {number} at */
  at(at) {
    return { cost: this.cost[at] ?? 0, state: this.state[at] ?? 0, last: this.last[at] ?? 1 };
  }

  /**
   * @param {number} to
   * @param {number} cost
   * @param {Step} step
   * @param {number} state
   */
  reach(to, cost, step, state) {
    if (cost >= (this.cost[to] ?? 0)) return;
    this.cost[to] = cost;
    this.length[to] = step.length;
    this.last[to] = step.distance;
    this.state[to] = state;
  }

  steps() {
    /** @type {Step[]} */
    const steps = [];
    for (let at = this.cost.length - 1; at > 0;) {
      const length = this.length[at] ?? 0;
      steps.push({ length, distance: this.last[at] ?? 1 });
      at -= length || 1;
    }
    return steps.reverse();
  }
}

/**
 * @param {Model} model
 * @param {number} context
 */
function flagCosts(model, context) {
  return memo((state, bit) => model.cost((put) => put(context + state, bit)));
}

/** @param {(a: number, b: number) => number} compute */
function memo(compute) {
  /** @type {Map<number, number>} */
  const known = new Map();
  return (/** @type {number} */ a, /** @type {number} */ b) => {
    const key = a * 2 ** 32 + b;
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(a, b)));
    return value;
  };
}
