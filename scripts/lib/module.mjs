// WebAssembly modules as lists: sections, functions, instructions.

const MAGIC = 8;
const VECTOR = 0xfd;

/** The sections that scripts look into, by their number. */
export const SECTION = { TYPE: 1, FUNCTION: 3, EXPORT: 7, START: 8, ELEMENT: 9, CODE: 10, DATA: 11, DATA_COUNT: 12 };

/** @typedef {{ opcode: number, sub?: number, [part: string]: number | number[] | undefined }} Instruction with its number among the vector or bulk ones, and the bytes of its operands by part, in their order */
/** @typedef {{ types: number[], code: Instruction[] }} Body of a function, with its locals' types, as they lie in the module */
/** @typedef {{ id: number, content: number[] }} Section */

/**
 * @param {Uint8Array} bytes
 * @returns {Section[]}
 */
export function sectionsOf(bytes) {
  const reader = new Reader(bytes);
  reader.take(MAGIC);
  const sections = [];
  while (!reader.ended) sections.push({ id: reader.byte(), content: reader.take(reader.number()) });
  return sections;
}

/**
 * @param {readonly Section[]} sections
 * @param {number} id
 */
export function contentOf(sections, id) {
  return sections.find((section) => section.id === id)?.content ?? [0];
}

/**
 * How many parameters each function has.
 * @param {readonly Section[]} sections
 */
export function parametersOf(sections) {
  const types = new Reader(contentOf(sections, SECTION.TYPE));
  const counts = Array.from({ length: types.number() }, () => {
    types.byte();
    const parameters = types.take(types.number());
    types.take(types.number());
    return parameters.length;
  });
  const functions = new Reader(contentOf(sections, SECTION.FUNCTION));
  return Array.from({ length: functions.number() }, () => counts[functions.number()]);
}

/**
 * A module of these sections, with the magic number and the version that every module has.
 * @param {readonly Section[]} sections
 */
export function moduleOf(sections) {
  const written = sections.flatMap(({ id, content }) => [id, ...leb(content.length), ...content]);
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...written]);
}

/**
 * The functions of a code section.
 * @param {readonly number[]} content
 */
export function functionsOf(content) {
  const reader = new Reader(content);
  return Array.from({ length: reader.number() }, () => reader.function());
}

/**
 * The type of each local.
 * @param {readonly number[]} groups
 */
export function localTypes(groups) {
  const reader = new Reader(groups);
  return Array.from({ length: reader.number() }, () => {
    const length = reader.number();
    const type = reader.byte();
    return Array.from({ length }, () => type);
  }).flat();
}

/**
 * A code section of these functions.
 * @param {readonly Body[]} functions
 */
export function codeOf(functions) {
  const content = leb(functions.length);
  for (const { types, code } of functions) {
    const body = [...types, ...code.flatMap(bytesOf)];
    content.push(...leb(body.length), ...body);
  }
  return content;
}

/** @param {Instruction} instruction */
function bytesOf({ opcode, sub, ...operands }) {
  const numbers = /** @type {number[][]} */ (Object.values(operands));
  return [opcode, ...(sub === undefined ? [] : leb(sub)), ...numbers.flat()];
}

/**
 * A number in LEB128, unsigned.
 * @param {number} value
 */
export function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Reads a module, or a part of one, from its beginning to its end. */
export class Reader {
  /** @param {ArrayLike<number>} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get ended() {
    return this.at >= this.bytes.length;
  }

  function() {
    const end = this.number() + this.at;
    const start = this.at;
    for (let groups = this.number(); groups > 0; groups--) {
      this.number();
      this.at++;
    }
    const types = this.from(start);
    const code = [];
    while (this.at < end) code.push(this.instruction());
    return { types, code };
  }

  /** @returns {Instruction} */
  instruction() {
    const opcode = this.byte();
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
        this.numbers(this.number() + 1);
        return { opcode, labels: this.from(start) };
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
    for (; count > 0; count--) this.number();
    return this.from(start);
  }

  /** A number in LEB128, unsigned. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  byte() {
    return this.bytes[this.at++] ?? 0;
  }

  /** @param {number} count */
  take(count) {
    this.at += count;
    return this.from(this.at - count);
  }

  /** What was read since. @param {number} start */
  from(start) {
    return Array.from({ length: this.at - start }, (_, i) => this.bytes[start + i] ?? 0);
  }
}
