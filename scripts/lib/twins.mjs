// Functions that are alike but for the width of their numbers, as kernels of f32 and f64 are: the wide one is packed with its
// instructions exchanged for those of the other width, and the reader changes them back.

const VECTOR = 0xfd;

/** Instructions of f32 and those of f64 that do the same: the first of either, and how many follow one another. */
const SCALARS = [
  { narrow: 0x2a, wide: 0x2b, count: 1 }, //    load
  { narrow: 0x38, wide: 0x39, count: 1 }, //    store
];
/** Those of f32x4 and f64x2. */
const VECTORS = [
  { narrow: 0x09, wide: 0x0a, count: 1 }, //    load a number into every lane
  { narrow: 0x13, wide: 0x14, count: 1 }, //    splat
  { narrow: 0x1f, wide: 0x21, count: 2 }, //    extract, replace
  { narrow: 0x41, wide: 0x47, count: 6 }, //    comparisons
  { narrow: 0xe0, wide: 0xec, count: 12 }, //   arithmetic
  { narrow: 0x105, wide: 0x107, count: 2 }, //  multiply-adds
];

/** @typedef {Pick<import("./module.mjs").Instruction, "opcode" | "sub">} Kind of instructions */
/** @typedef {{ narrow: number, wide: number, count: number }} Range */

/** Each with its twin. @type {readonly { narrow: Kind, wide: Kind }[]} */
export const TWINS = [...each(SCALARS, (opcode) => ({ opcode })), ...each(VECTORS, (sub) => ({ opcode: VECTOR, sub }))];
const WIDE = new Map(TWINS.map(({ narrow, wide }) => [nameOf(narrow), nameOf(wide)]));
const NARROW = new Map(TWINS.map(({ narrow, wide }) => [nameOf(wide), nameOf(narrow)]));

/**
 * @param {readonly Range[]} ranges
 * @param {(number: number) => Kind} kindOf
 */
function each(ranges, kindOf) {
  return ranges.flatMap(({ narrow, wide, count }) =>
    Array.from({ length: count }, (_, i) => ({ narrow: kindOf(narrow + i), wide: kindOf(wide + i) })),
  );
}

/** @param {Kind} kind */
function nameOf({ opcode, sub }) {
  return `${opcode} ${sub}`;
}

/**
 * Whether a function has more instructions of f64 than of f32, and is packed as its twin.
 * @param {readonly Kind[]} code
 */
export function isWide(code) {
  const names = code.map(nameOf);
  return names.filter((name) => NARROW.has(name)).length > names.filter((name) => WIDE.has(name)).length;
}

/**
 * What the instructions of a function are called, with the names of their twins if it is wide.
 * @param {readonly Kind[]} code
 */
export function namesOf(code) {
  const names = code.map(nameOf);
  return isWide(code) ? names.map((name) => WIDE.get(name) ?? NARROW.get(name) ?? name) : names;
}
