// Writes WebAssembly modules so that what is alike looks alike, and packs more closely. They do as before.
import { isFused, SPARE } from "./lower.mjs";
import {
  codeOf,
  contentOf,
  functionsOf,
  leb,
  localTypes,
  moduleOf,
  parametersOf,
  Reader,
  SECTION,
  sectionsOf,
} from "./module.mjs";

const ATOMIC = 0xfe;
/** An instruction that ends an expression, and the one for a 32-bit constant. */
const END = 0x0b;
const I32_CONST = 0x41;
/** Bytes between two segments of data that are cheaper to write than another segment. */
const GAP = 8;

/** @typedef {import("./module.mjs").Instruction} Instruction */
/** @typedef {{ at: number, bytes: number[] }} Segment */

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function normalise(bytes) {
  const sections = sectionsOf(bytes);
  const parameters = parametersOf(sections);
  const segments = merge(segmentsOf(contentOf(sections, SECTION.DATA)));
  return moduleOf(
    sections.map(({ id, content }) => {
      if (id === SECTION.DATA) return { id, content: dataOf(segments) };
      if (id === SECTION.DATA_COUNT) return { id, content: leb(segments.length) };
      if (id !== SECTION.CODE) return { id, content };
      const functions = functionsOf(content);
      return { id, content: codeOf(functions.map((one, i) => normal(one, parameters[i] ?? 0))) };
    }),
  );
}

/**
 * A function whose locals are numbered in the order in which they are first used, and whose loads and stores say nothing about
 * alignment, which is a hint that engines leave aside; atomic ones must. Its last locals are those that scripts/lib/lower.mjs asks for.
 * @param {import("./module.mjs").Body} function_
 * @param {number} parameters
 */
function normal({ types, code }, parameters) {
  const old = localTypes(types);
  /** @type {Map<number, number>} */
  const numbers = new Map();
  const written = code.map((instruction) => {
    const { opcode, locals, alignments } = instruction;
    if (alignments && opcode !== ATOMIC) return { ...instruction, alignments: [0] };
    if (!locals) return instruction;
    const local = new Reader(/** @type {number[]} */ (locals)).number();
    if (local < parameters) return instruction;
    if (!numbers.has(local)) numbers.set(local, parameters + numbers.size);
    return { ...instruction, locals: leb(numbers.get(local) ?? 0) };
  });
  const used = [...numbers.keys()].map((local) => old[local - parameters] ?? 0);
  return { types: groupsOf([...used, ...(code.some(isFused) ? SPARE : [])]), code: written };
}

/**
 * Neighbours of one type become one group.
 * @param {readonly number[]} types
 */
function groupsOf(types) {
  const starts = types.flatMap((type, i) => (type === types[i - 1] ? [] : [i]));
  const groups = starts.map((start, i) => [...leb((starts[i + 1] ?? types.length) - start), types[start] ?? 0]);
  return [...leb(groups.length), ...groups.flat()];
}

/**
 * The segments of data; all go to constant places of the one memory.
 * @param {readonly number[]} content
 * @returns {Segment[]}
 */
function segmentsOf(content) {
  const reader = new Reader(content);
  return Array.from({ length: reader.number() }, () => {
    const kind = [reader.byte(), reader.byte()];
    const at = reader.number();
    if (kind[0] !== 0 || kind[1] !== I32_CONST || reader.byte() !== END)
      throw new Error("data at a place that is no constant");
    return { at, bytes: reader.take(reader.number()) };
  });
}

/**
 * One segment where there were neighbours: one may lie right behind the other, or a few zeros further on.
 * @param {readonly Segment[]} segments in the order of their places
 */
function merge(segments) {
  /** @type {Segment[]} */
  const merged = [];
  for (const { at, bytes } of segments) {
    const last = merged.at(-1);
    const gap = last ? at - last.at - last.bytes.length : Infinity;
    if (last && gap >= 0 && gap <= GAP) last.bytes.push(...new Uint8Array(gap), ...bytes);
    else merged.push({ at, bytes });
  }
  return merged;
}

/** @param {readonly Segment[]} segments */
function dataOf(segments) {
  const written = segments.map(({ at, bytes }) => [0, I32_CONST, ...signed(at), END, ...leb(bytes.length), ...bytes]);
  return [...leb(segments.length), ...written.flat()];
}

/**
 * A number from 0 on in LEB128, signed: the highest bit of its last byte is the sign.
 * @param {number} value
 */
function signed(value) {
  const bytes = leb(value);
  const last = bytes.at(-1) ?? 0;
  return last < 64 ? bytes : [...bytes.slice(0, -1), last | 128, 0];
}
