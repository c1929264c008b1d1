// The order of a module's functions: each beside one that is like it, which it then packs into little more than.
import { codeOf, contentOf, functionsOf, leb, moduleOf, Reader, SECTION, sectionsOf } from "./module.mjs";
import { namesOf } from "./twins.mjs";

const CALL = 0x10;
/** Others that name a function: return_call and ref.func. */
const OTHERS = [0x12, 0xd2];
/** Kind of an export. */
const FUNCTION = 0;
/** How many instructions in a row are compared. */
const ROW = 4;
/** So that short functions, which are alike by chance, do not come between long ones. */
const PADDING = 150;

/**
 * The functions, each followed by the one most like it of those that are left: by the rows of instructions that both have.
 * @param {Uint8Array} bytes
 * @returns {number[]}
 */
export function orderOf(bytes) {
  const functions = functionsOf(contentOf(sectionsOf(bytes), SECTION.CODE)).map(rowsOf);
  /** Functions that have a row. @type {Map<string, number[]>} */
  const places = new Map();
  for (const [i, rows] of functions.entries()) {
    for (const row of rows) {
      const found = places.get(row);
      if (found) found.push(i);
      else places.set(row, [i]);
    }
  }
  const left = new Set(functions.keys());
  const order = [];
  for (let next = 0; left.size > 0;) {
    order.push(next);
    left.delete(next);
    const rows = functions[next] ?? missing(next, functions);
    const common = new Uint32Array(functions.length);
    for (const row of rows) for (const i of places.get(row) ?? []) common[i] = (common[i] ?? 0) + 1;
    let most = -1;
    for (const i of left) {
      const like = (common[i] ?? 0) / (rows.size + (functions[i]?.size ?? 0) + PADDING);
      if (like > most) [most, next] = [like, i];
    }
  }
  return order;
}

/** @param {import("./module.mjs").Body} function_ */
function rowsOf({ code }) {
  const names = namesOf(code);
  return new Set(names.slice(ROW - 1).map((_, i) => names.slice(i, i + ROW).join()));
}

/**
 * The module with its functions in this order. It imports none, as `parametersOf` has it too.
 * @param {Uint8Array} bytes
 * @param {readonly number[]} order
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function reorder(bytes, order) {
  const places = new Map(order.map((function_, place) => [function_, place]));
  /** @param {number} function_ */
  const placeOf = (function_) => leb(places.get(function_) ?? missing(function_, order));
  return moduleOf(
    sectionsOf(bytes).map(({ id, content }) => {
      if (id === SECTION.FUNCTION) return { id, content: typesOf(content, order) };
      if (id === SECTION.EXPORT) return { id, content: exportsOf(content, placeOf) };
      if (id === SECTION.START) return { id, content: placeOf(new Reader(content).number()) };
      if (id === SECTION.ELEMENT) return { id, content: elementsOf(content, placeOf) };
      if (id !== SECTION.CODE) return { id, content };
      const functions = functionsOf(content);
      return { id, content: codeOf(order.map((i) => called(functions[i] ?? missing(i, functions), placeOf))) };
    }),
  );
}

/**
 * @param {number} function_
 * @param {readonly unknown[]} functions
 * @returns {never}
 */
function missing(function_, functions) {
  throw new Error(`reorder: expected a function below ${functions.length}, got ${function_}`);
}

/**
 * @param {import("./module.mjs").Body} function_
 * @param {(function_: number) => number[]} placeOf
 */
function called({ types, code }, placeOf) {
  return {
    types,
    code: code.map((instruction) => {
      if (OTHERS.includes(instruction.opcode)) throw new Error("reorder: functions are named by calls alone");
      if (instruction.opcode !== CALL) return instruction;
      return { ...instruction, indices: placeOf(new Reader(/** @type {number[]} */ (instruction.indices)).number()) };
    }),
  };
}

/**
 * @param {readonly number[]} content
 * @param {readonly number[]} order
 */
function typesOf(content, order) {
  const reader = new Reader(content);
  const types = Array.from({ length: reader.number() }, () => reader.number());
  if (types.length !== order.length) missing(types.length, order);
  return [...leb(order.length), ...order.flatMap((i) => leb(types[i] ?? 0))];
}

/**
 * @param {readonly number[]} content
 * @param {(function_: number) => number[]} placeOf
 */
function exportsOf(content, placeOf) {
  const reader = new Reader(content);
  const count = reader.number();
  const written = Array.from({ length: count }, () => {
    const name = reader.take(reader.number());
    const kind = reader.byte();
    const index = reader.number();
    return [...leb(name.length), ...name, kind, ...(kind === FUNCTION ? placeOf(index) : leb(index))];
  });
  return [...leb(count), ...written.flat()];
}

/**
 * Functions that the one table holds from constant places on.
 * @param {readonly number[]} content
 * @param {(function_: number) => number[]} placeOf
 */
function elementsOf(content, placeOf) {
  const reader = new Reader(content);
  const count = reader.number();
  const written = Array.from({ length: count }, () => {
    const start = reader.at;
    if (reader.byte() !== 0) throw new Error("elements that are no functions of the first table");
    reader.instruction();
    if (reader.byte() !== 0x0b) throw new Error("elements at a place that is no constant");
    const place = reader.from(start);
    const length = reader.number();
    return [...place, ...leb(length), ...Array.from({ length }, () => placeOf(reader.number())).flat()];
  });
  return [...leb(count), ...written.flat()];
}
