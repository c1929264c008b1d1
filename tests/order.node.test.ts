import { expect, test } from "vitest";
import { moduleOf, SECTION, sectionsOf } from "../scripts/lib/module.mjs";
import { orderOf, reorder } from "../scripts/lib/order.mjs";

const TABLE = 4;
const GLOBAL = 6;

/** A function without locals. */
function body(...code: number[]): number[] {
  return [code.length + 2, 0, ...code, 0x0b];
}

/**
 * Of five functions, `whole` adds what the third, by a call, and the fourth, by the table, make of 10, and what the first left in a
 * global when the module started.
 */
const plain = moduleOf([
  { id: SECTION.TYPE, content: [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0] },
  { id: SECTION.FUNCTION, content: [5, 1, 0, 0, 0, 0] },
  { id: TABLE, content: [1, 0x70, 0, 2] },
  { id: GLOBAL, content: [2, 0x7f, 1, 0x41, 0, 0x0b, 0x7f, 0, 0x41, 1, 0x0b] },
  { id: SECTION.EXPORT, content: [2, 5, ...Buffer.from("whole"), 0, 4, 3, ...Buffer.from("one"), 3, 1] },
  { id: SECTION.START, content: [0] },
  { id: SECTION.ELEMENT, content: [1, 0, 0x41, 0, 0x0b, 2, 1, 3] },
  {
    id: SECTION.CODE,
    content: [
      5,
      ...body(0x41, 5, 0x24, 0),
      ...body(0x41, 0),
      ...body(0x20, 0, 0x41, 1, 0x6a),
      ...body(0x20, 0, 0x41, 2, 0x6c),
      ...body(0x20, 0, 0x10, 2, 0x20, 0, 0x41, 1, 0x11, 0, 0, 0x6a, 0x23, 0, 0x6a),
    ],
  },
]);

function exportsOf(bytes: Uint8Array<ArrayBuffer>) {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
    whole: (x: number) => number;
    one: WebAssembly.Global;
  };
}

test.each([[[0, 1, 2, 3, 4]], [[4, 3, 2, 1, 0]], [[2, 4, 0, 3, 1]]])(
  "a module does as before in the order %j",
  (order) => {
    const { whole, one } = exportsOf(reorder(plain, order));
    expect(whole(10)).toBe(11 + 20 + 5);
    expect(one.value).toBe(1);
  },
);

test("functions lie where the order says", () => {
  const content = (bytes: Uint8Array, wanted: number) => sectionsOf(bytes).find(({ id }) => id === wanted)?.content;
  const turned = reorder(plain, [4, 3, 2, 1, 0]);
  expect(content(turned, SECTION.FUNCTION)).toEqual([5, 0, 0, 0, 0, 1]);
  expect(content(turned, SECTION.START)).toEqual([4]);
  expect(content(turned, SECTION.ELEMENT)).toEqual([1, 0, 0x41, 0, 0x0b, 2, 3, 1]);
});

test("an order of other functions is refused", () => {
  expect(() => reorder(plain, [0, 1, 2, 3])).toThrow("expected a function below 4, got 5");
});

test("a function that is named otherwise than by calls is refused", () => {
  const bytes = moduleOf([
    { id: SECTION.FUNCTION, content: [1, 0] },
    { id: SECTION.CODE, content: [1, ...body(0x20, 0, 0x12, 0)] },
  ]);
  expect(() => reorder(bytes, [0])).toThrow("named by calls alone");
});

/** (a, b) => sums and products of two vectors, in turn; of f32x4, or of f64x2. */
function vectors(sum: number, product: number): number[] {
  const step = (op: number) => [0x20, 1, 0xfd, op, 1];
  return body(0x20, 0, ...step(sum), ...step(product), ...step(sum), ...step(sum), ...step(product));
}

test("a function lies beside its twin", () => {
  const numbers = body(0x20, 0, ...[0x71, 0x72, 0x73, 0x6a, 0x6b, 0x6c].flatMap((op) => [0x41, op & 63, op]));
  const bytes = moduleOf([
    { id: SECTION.FUNCTION, content: [3, 0, 1, 0] },
    { id: SECTION.CODE, content: [3, ...vectors(0xe4, 0xe6), ...numbers, ...vectors(0xf0, 0xf2)] },
  ]);
  expect(orderOf(bytes)).toEqual([0, 2, 1]);
});
