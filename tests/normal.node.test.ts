import { expect, test } from "vitest";
import { lower } from "../scripts/lib/lower.mjs";
import { moduleOf, SECTION, sectionsOf } from "../scripts/lib/module.mjs";
import { normalise } from "../scripts/lib/normal.mjs";

const MEMORY = 5;
const EXPORT = 7;

/**
 * (a: i32) => load(load(32) + 4) + a, by way of the last of four locals and then the first. Of its data, 5 stands at 20,
 * 16 at 32 and 20 at 36, in three segments a few bytes apart.
 */
const plain = moduleOf([
  { id: SECTION.TYPE, content: [1, 0x60, 1, 0x7f, 1, 0x7f] },
  { id: SECTION.FUNCTION, content: [1, 0] },
  { id: MEMORY, content: [1, 0, 1] },
  { id: EXPORT, content: [2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0] },
  { id: SECTION.DATA_COUNT, content: [3] },
  {
    id: SECTION.CODE,
    content: [
      ...[1, 27, 3, 1, 0x7f, 2, 0x7d, 1, 0x7f], // locals: i32 1, f32 2 and 3, i32 4
      ...[0x41, 32, 0x28, 2, 0, 0x21, 4], //       local 4 = load(32)
      ...[0x20, 4, 0x28, 2, 4, 0x21, 1], //        local 1 = load(local 4 + 4)
      ...[0x20, 1, 0x20, 0, 0x6a, 0x0b],
    ],
  },
  {
    id: SECTION.DATA,
    content: [
      3,
      ...[0, 0x41, 20, 0x0b, 1, 5],
      ...[0, 0x41, 28, 0x0b, 5, 0, 0, 0, 0, 16],
      ...[0, 0x41, 36, 0x0b, 1, 20],
    ],
  },
]);

function run(bytes: Uint8Array<ArrayBuffer>): number {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as { f: (a: number) => number };
  return f(7);
}

test("a module does as before: its locals in the order of use, no alignments, its data in one segment", () => {
  const short = normalise(plain);
  expect(run(plain)).toBe(12);
  expect(run(short)).toBe(12);
  const contents = new Map(sectionsOf(short).map(({ id, content }) => [id, content]));
  expect(contents.get(SECTION.DATA_COUNT)).toEqual([1]);
  expect(contents.get(SECTION.DATA)?.slice(0, 7)).toEqual([1, 0, 0x41, 20, 0x0b, 17, 5]);
  expect(contents.get(SECTION.CODE)).toEqual([
    ...[1, 23, 1, 2, 0x7f],
    ...[0x41, 32, 0x28, 0, 0, 0x21, 1],
    ...[0x20, 1, 0x28, 0, 4, 0x21, 2],
    ...[0x20, 2, 0x20, 0, 0x6a, 0x0b],
  ]);
});

test("what is written so once stays so", () => {
  expect(normalise(normalise(plain))).toEqual(normalise(plain));
});

/** (a: f32, b: f32, c: f32) => a multiply-add of vectors full of them. */
function multiplyAdd(instruction: number): Uint8Array {
  const splats = [0, 1, 2].flatMap((local) => [0x20, local, 0xfd, 0x13]);
  return moduleOf([
    { id: SECTION.TYPE, content: [1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d] },
    { id: SECTION.FUNCTION, content: [1, 0] },
    { id: EXPORT, content: [1, 1, 0x66, 0, 0] },
    { id: SECTION.CODE, content: [1, 20, 0, ...splats, 0xfd, instruction, 2, 0xfd, 0x1f, 0, 0x0b] },
  ]);
}

test.each([
  ["a * b + c", 0x85, 17],
  ["c - a * b", 0x86, 5],
])("a relaxed %s becomes a product and what it is added to", (_, instruction, result) => {
  const lowered = lower(normalise(multiplyAdd(instruction)));
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(lowered)).exports as {
    f: (...numbers: number[]) => number;
  };
  expect(f(2, 3, 11)).toBe(result);
});
