// Takes WebAssembly modules apart for assembly/unpack/parts.ts, which says how the parts lie.

const MAGIC = 8;
const CODE = 10;
const VECTOR = 0xfd;

/** @typedef {Record<"opcodes" | "locals" | "types" | "alignments" | "offsets" | "integers" | "constants" | "lanes" | "labels" | "indices" | "rest", number[]>} Parts in the order in which they lie */
/** @typedef {{ opcode: number, sub?: number, [part: string]: number | number[] | undefined }} Instruction with its number among the vector or bulk ones, and the bytes of its operands by part */

/**
 * The parts of modules, each module's in one piece.
 * @param {readonly Uint8Array[]} modules
 * @returns {Uint8Array[]}
 */
export function partsOf(modules) {
  const read = modules.map((bytes) => new Reader(bytes).module());
  const shorts = shortsFor(read.flatMap(({ functions }) => functions.flatMap(({ code }) => code)));
  return read.map(({ rest, functions }) => piece(lay(rest, functions, shorts), shorts));
}

/**
 * Bytes that are no opcode here, for the most frequent vector instructions: from the instruction to the byte.
 * @param {readonly Instruction[]} code
 */
function shortsFor(code) {
  const used = new Set(code.map(({ opcode }) => opcode));
  const free = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !used.has(byte));
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const { opcode, sub = 255 } of code) {
    if (opcode === VECTOR && sub < 255) counts.set(sub, (counts.get(sub) ?? 0) + 1);
  }
  const frequent = [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, free.length);
  return new Map(frequent.map(([sub], i) => [sub, free[i] ?? 0]));
}

/**
 * @param {number[]} rest
 * @param {readonly { types: number[], code: Instruction[] }[]} functions
 * @param {ReadonlyMap<number, number>} shorts
 * @returns {Parts}
 */
function lay(rest, functions, shorts) {
  /** @type {Parts} */
  const parts = {
    ...{ opcodes: [], locals: [], types: [], alignments: [], offsets: [], integers: [], constants: [], lanes: [] },
    ...{ labels: [], indices: [], rest },
  };
  for (const { types, code } of functions) {
    parts.types.push(...types);
    for (const { opcode, sub, ...operands } of code) {
      const short = opcode === VECTOR && sub !== undefined ? shorts.get(sub) : undefined;
      if (short !== undefined) parts.opcodes.push(short);
      else parts.opcodes.push(opcode, ...(sub === undefined ? [] : leb(sub)));
      for (const [part, bytes] of Object.entries(operands)) {
        parts[/** @type {keyof Parts} */ (part)].push(.../** @type {number[]} */ (bytes));
      }
    }
  }
  return parts;
}

/**
 * @param {Parts} parts
 * @param {ReadonlyMap<number, number>} shorts
 */
function piece(parts, shorts) {
  const all = Object.values(parts);
  const words = Uint32Array.from(all, ({ length }) => length);
  const table = new Uint8Array(256);
  for (const [sub, byte] of shorts) table[byte] = sub + 1;
  return Buffer.concat([new Uint8Array(words.buffer), table, ...all.map((part) => Uint8Array.from(part))]);
}

/** @param {number} value */
function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Reads a module from its beginning to its end. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  module() {
    const rest = this.take(MAGIC);
    /** @type {{ types: number[], code: Instruction[] }[]} */
    const functions = [];
    while (this.at < this.bytes.length) {
      const start = this.at++;
      const end = this.number() + this.at;
      const count = this.bytes[start] === CODE ? this.number() : 0;
      if (count === 0) this.at = end;
      rest.push(...this.bytes.subarray(start, this.at));
      while (functions.length < count) functions.push(this.function());
    }
    return { rest, functions };
  }

  function() {
    const end = this.number() + this.at;
    const start = this.at;
    for (let groups = this.number(); groups > 0; groups--) {
      this.number();
      this.at++;
    }
    const types = [...this.bytes.subarray(start, this.at)];
    const code = [];
    while (this.at < end) code.push(this.instruction());
    return { types, code };
  }

  /** @returns {Instruction} */
  instruction() {
    const opcode = this.take(1)[0] ?? 0;
    if (opcode >= 0x20 && opcode <= 0x22) return { opcode, locals: this.numbers(1) };
    if (opcode >= 0x28 && opcode <= 0x3e) return { opcode, ...this.address() };
    switch (opcode) {
      case 0x02: // block, loop, if, memory.size, memory.grow
      case 0x03:
      case 0x04:
      case 0x3f:
      case 0x40:
        return { opcode, opcodes: this.take(1) };
      case 0x0c: // br, br_if
      case 0x0d:
        return { opcode, labels: this.numbers(1) };
      case 0x0e: {
        const start = this.at;
        const count = this.number() + 1;
        this.at = start;
        return { opcode, labels: this.numbers(count + 1) };
      }
      case 0x10: // call, global.get, global.set
      case 0x23:
      case 0x24:
        return { opcode, indices: this.numbers(1) };
      case 0x11:
        return { opcode, indices: this.numbers(2) };
      case 0x41: // i32.const, i64.const
      case 0x42:
        return { opcode, integers: this.numbers(1) };
      case 0x43:
        return { opcode, constants: this.take(4) };
      case 0x44:
        return { opcode, constants: this.take(8) };
      case 0xfc: {
        const sub = this.number();
        return { opcode, sub, opcodes: this.take(sub === 10 ? 2 : sub === 11 ? 1 : 0) };
      }
      case VECTOR:
        return { opcode, ...this.vector() };
      case 0xfe:
        return { opcode, sub: this.number(), ...this.address() };
      default:
        return { opcode };
    }
  }

  vector() {
    const sub = this.number();
    const address = sub <= 11 || (sub >= 84 && sub <= 93) ? this.address() : {};
    if (sub === 12) return { sub, constants: this.take(16) };
    if (sub === 13) return { sub, lanes: this.take(16) };
    const lane = (sub >= 21 && sub <= 34) || (sub >= 84 && sub <= 91);
    return { sub, ...address, ...(lane && { lanes: this.take(1) }) };
  }

  address() {
    return { alignments: this.numbers(1), offsets: this.numbers(1) };
  }

  /** The bytes of so many numbers. @param {number} count */
  numbers(count) {
    const start = this.at;
    for (; count > 0; count--) while ((this.bytes[this.at++] ?? 0) > 127);
    return [...this.bytes.subarray(start, this.at)];
  }

  /** A number in LEB128, unsigned. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  /** @param {number} count */
  take(count) {
    this.at += count;
    return [...this.bytes.subarray(this.at - count, this.at)];
  }
}
