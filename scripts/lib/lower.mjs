// The baseline build, out of one that is written with relaxed multiply-adds: so the two builds differ in little else, and the
// second one packs into next to nothing.
import { codeOf, functionsOf, leb, localTypes, moduleOf, parametersOf, SECTION, sectionsOf } from "./module.mjs";

const VECTOR = 0xfd;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;

/** @typedef {import("./module.mjs").Instruction} Instruction */

/** Relaxed multiply-adds: f32x4 a * b + c and c - a * b, and those of f64x2. By the number of the product, of the sum or difference. */
const FUSED = new Map([
  [0x105, { product: 0xe6, sum: 0xe4 }],
  [0x106, { product: 0xe6, sum: 0xe5 }],
  [0x107, { product: 0xf2, sum: 0xf0 }],
  [0x108, { product: 0xf2, sum: 0xf1 }],
]);

/** Locals that `lower` needs of a function which has one: the last two, vectors. */
export const SPARE = [0x7b, 0x7b];

/** @param {Instruction} instruction */
export function isFused({ opcode, sub }) {
  return opcode === VECTOR && sub !== undefined && FUSED.has(sub);
}

/**
 * The module with a product and a sum in the place of each multiply-add.
 * @param {Uint8Array} bytes a module that scripts/lib/normal.mjs wrote
 */
export function lower(bytes) {
  const sections = sectionsOf(bytes);
  const parameters = parametersOf(sections);
  return moduleOf(
    sections.map(({ id, content }) => {
      if (id !== SECTION.CODE) return { id, content };
      const functions = functionsOf(content).map(({ types, code }, i) => {
        const spare = (parameters[i] ?? 0) + localTypes(types).length - SPARE.length;
        return { types, code: code.flatMap((one) => (isFused(one) ? apart(one, spare) : [one])) };
      });
      return { id, content: codeOf(functions) };
    }),
  );
}

/**
 * What a multiply-add does, by a vector `spare` and, for a difference, the one after it.
 * @param {Instruction} instruction
 * @param {number} spare
 * @returns {Instruction[]}
 */
function apart({ sub = 0 }, spare) {
  const { product, sum } = FUSED.get(sub) ?? { product: 0, sum: 0 };
  const [third, first] = [leb(spare), leb(spare + 1)];
  return [
    { opcode: LOCAL_SET, locals: third },
    { opcode: VECTOR, sub: product },
    ...(sub % 2 ? [] : [{ opcode: LOCAL_SET, locals: first }]),
    { opcode: LOCAL_GET, locals: third },
    ...(sub % 2 ? [] : [{ opcode: LOCAL_GET, locals: first }]),
    { opcode: VECTOR, sub: sum },
  ];
}
