// Takes WebAssembly modules apart for assembly/unpack/parts.ts, which says how the parts lie.
import { isFused, SPARE } from "./lower.mjs";
import { contentOf, functionsOf, leb, localTypes, parametersOf, Reader, SECTION, sectionsOf } from "./module.mjs";
import { isWide, TWINS } from "./twins.mjs";

const VECTOR = 0xfd;
const ATOMIC = 0xfe;
/** Blocks, branches and constants, which have one operand. */
const PAIRS = new Set([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x41]);
/** Before the sections. */
const MAGIC = 8;

/** @typedef {import("./module.mjs").Instruction} Instruction */
/** @typedef {Record<"opcodes" | "locals" | "types" | "offsets" | "integers" | "constants" | "lanes" | "labels" | "indices" | "rest", number[]>} Parts in the order in which they lie */

/** @typedef {{ module: Uint8Array, build: Uint8Array }} Module as scripts/lib/normal.mjs wrote it, and as the reader writes it: the same, or lowered */

/**
 * The parts of modules, each module's in one piece.
 * @param {readonly Module[]} modules
 * @returns {Uint8Array[]}
 */
export function partsOf(modules) {
  const read = modules.map(take);
  const shorts = shortsFor(read.flatMap(({ functions }) => functions.flatMap(({ code }) => code)));
  const twins = twinsAmong(shorts);
  return read.map(({ rest, functions }) => piece(lay(rest, functions, shorts, twins), shorts, twins));
}

/**
 * The functions of a module, each with the first of its spare locals; and all that lies between those of the build.
 * @param {Module} module
 */
function take({ module, build }) {
  const sections = sectionsOf(module);
  const parameters = parametersOf(sections);
  const functions = functionsOf(contentOf(sections, SECTION.CODE)).map(({ types, code }, i) => {
    const spare = (parameters[i] ?? 0) + localTypes(types).length - SPARE.length;
    return { types, code, spare };
  });
  const rest = [...build.subarray(0, MAGIC)];
  for (const { id, content } of sectionsOf(build)) {
    rest.push(id, ...leb(content.length), ...(id === SECTION.CODE ? leb(functions.length) : content));
  }
  return { rest, functions };
}

/**
 * Bytes that are no opcode here, for multiply-adds and the most frequent of the other instructions that can be short.
 * @param {readonly Instruction[]} code
 * @returns {ReadonlyMap<number, number>} from what the reader's table says of a byte to the byte
 */
function shortsFor(code) {
  const used = new Set(code.map(({ opcode }) => opcode));
  const free = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !used.has(byte));
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const instruction of code) {
    const entry = entryOf(instruction);
    if (entry) counts.set(entry, (counts.get(entry) ?? 0) + (isFused(instruction) ? Infinity : 1));
  }
  const frequent = [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, free.length);
  return new Map(frequent.map(([entry], i) => [entry, free[i] ?? 0]));
}

/**
 * The byte that a wide function has in the place of each one, itself if there is no other. Of vector instructions, both must be short.
 * @param {ReadonlyMap<number, number>} shorts
 */
function twinsAmong(shorts) {
  const twins = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const { narrow, wide } of TWINS) {
    const [a, b] = [narrow, wide].map((one) => (one.opcode === VECTOR ? shorts.get(entryOf(one)) : one.opcode));
    if (a !== undefined && b !== undefined) [twins[a], twins[b]] = [b, a];
  }
  return twins;
}

/**
 * What the table says of a byte that stands for an instruction: of a vector instruction its number and 1 more, of one with an
 * operand of one byte both bytes; 0 of any other.
 * @param {Instruction} instruction
 */
function entryOf({ opcode, sub = 0, ...operands }) {
  if (opcode === VECTOR) return sub + 1;
  if (!PAIRS.has(opcode)) return 0;
  const [operand = 0, ...more] = /** @type {number[][]} */ (Object.values(operands)).flat();
  return more.length > 0 ? 0 : (opcode << 8) | operand;
}

/**
 * @param {number[]} rest
 * @param {readonly (import("./module.mjs").Body & { spare: number })[]} functions
 * @param {ReadonlyMap<number, number>} shorts
 * @param {Uint8Array} twins
 * @returns {Parts}
 */
function lay(rest, functions, shorts, twins) {
  /** @type {Parts} */
  const parts = {
    ...{ opcodes: [], locals: [], types: [], offsets: [], integers: [], constants: [], lanes: [] },
    ...{ labels: [], indices: [], rest },
  };
  for (const { types, code, spare } of functions) {
    const wide = isWide(code);
    parts.types.push(Number(wide), ...types);
    /** @type {number[]} Locals, the last one that was used first. */
    const recent = [];
    // The reader learns of it where it needs it first.
    const fused = code.find(isFused);
    for (const instruction of code) {
      const { opcode, sub, alignments, ...operands } = instruction;
      if (instruction === fused) parts.locals.push(...leb(spare));
      const short = shorts.get(entryOf(instruction));
      const first = short ?? opcode;
      parts.opcodes.push(wide ? (twins[first] ?? first) : first);
      if (short === undefined && sub !== undefined) parts.opcodes.push(...leb(sub));
      // The table has the operand of these.
      if (short !== undefined && opcode !== VECTOR) continue;
      // Others have none: see scripts/lib/normal.mjs.
      if (opcode === ATOMIC) parts.opcodes.push(.../** @type {number[]} */ (alignments));
      for (const [part, bytes] of Object.entries(operands)) {
        const numbers = /** @type {number[]} */ (bytes);
        parts[/** @type {keyof Parts} */ (part)].push(...(part === "locals" ? leb(rank(numbers, recent)) : numbers));
      }
    }
  }
  return parts;
}

/**
 * The place of a local among those that were used, the last one first; then come the others in their order. It moves to the front.
 * @param {readonly number[]} bytes
 * @param {number[]} recent
 */
function rank(bytes, recent) {
  const local = new Reader(bytes).number();
  for (let next = recent.length; next <= local; next++) recent.push(next);
  const place = recent.indexOf(local);
  recent.unshift(...recent.splice(place, 1));
  return place;
}

/**
 * @param {Parts} parts
 * @param {ReadonlyMap<number, number>} shorts
 * @param {Uint8Array} twins
 */
function piece(parts, shorts, twins) {
  const all = Object.values(parts);
  const words = Uint32Array.from(all, ({ length }) => length);
  const table = new Uint16Array(256);
  for (const [entry, byte] of shorts) table[byte] = entry;
  return Buffer.concat([
    new Uint8Array(words.buffer),
    new Uint8Array(table.buffer),
    twins.map((twin, byte) => twin - byte),
    ...all.map((part) => Uint8Array.from(part)),
  ]);
}
