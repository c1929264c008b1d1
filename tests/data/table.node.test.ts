// In Node alone: what parses tables is an optional package.
import { expect, test } from "vitest";
import { FormatError, ValueError } from "../../bindings/errors.js";
import { parseCsv, parseJson, parseLines } from "../../bindings/data/index.js";
import { wrong } from "../support/refusal.js";

const PENGUINS = [
  "\ufeffspecies,mass,note,code",
  'Adelie,3750,"small, ""round""",007',
  "Gentoo,NA,,1e3",
  '"Chin\nstrap",+.5,x, -2',
  "",
].join("\r\n");

test("reads columns of numbers and of texts, with what is missing", async () => {
  const table = await parseCsv(PENGUINS);
  expect(table.toArray()).toEqual([
    { species: "Adelie", mass: 3750, note: 'small, "round"', code: 7 },
    { species: "Gentoo", mass: NaN, note: "", code: 1000 },
    { species: "Chin\nstrap", mass: 0.5, note: "x", code: -2 },
  ]);
  const { mass, species } = table.all();
  expect(mass!.toString()).toContain("3750");
  expect(species).toEqual(["Adelie", "Gentoo", "Chin\nstrap"]);
  expect((await parseCsv(new TextEncoder().encode(PENGUINS))).toArray()).toEqual(table.toArray());
});

test("without a header, with another delimiter, with other words for nothing", async () => {
  const table = await parseCsv("1;x\n?;?\n", { header: false, delimiter: ";", missing: ["?"] });
  expect(table.toArray()).toEqual([{ 0: 1, 1: "x" }, { 0: NaN, 1: "" }]); // prettier-ignore
  expect((await parseCsv("")).length).toBe(0);
  expect((await parseCsv("a,b\n")).length).toBe(0);
  expect((await parseCsv("a\n0x10\n")).get(0)).toEqual({ a: "0x10" });
  expect((await parseCsv("a,b\nInfinity,1\n")).get(0)).toEqual({ a: "Infinity", b: 1 });
  // As JavaScript and NumPy write numbers that are none.
  expect((await parseCsv("a,b\nNaN,x\n1.5,nan\nnan,y\n")).toArray()).toEqual([{ a: NaN, b: "x" }, { a: 1.5, b: "" }, { a: NaN, b: "y" }]); // prettier-ignore
});

test("what is no table is refused with its line", async () => {
  await expect(parseCsv("a,b\n1,2\n3\n")).rejects.toThrow(/on line 3/);
  await expect(parseCsv('a,b\n"1,2\n')).rejects.toThrow(FormatError);
  await expect(parseCsv("a,a\n1,2\n")).rejects.toThrow(/columns that come once, got "a"/);
  await expect(parseCsv(Uint8Array.of(0xff))).rejects.toThrow(/a text in UTF-8/);
  await expect(parseCsv(wrong(3))).rejects.toThrow(ValueError);
});

test("lines may end as they do in any program, within one text too", async () => {
  const rows = [{ a: 1, b: "x" }, { a: 2, b: "y" }]; // prettier-ignore
  for (const text of ["a,b\r\n1,x\n2,y\r\n", "a,b\n1,x\r\n2,y", "a,b\r1,x\r2,y\r"])
    expect((await parseCsv(text)).toArray(), JSON.stringify(text)).toEqual(rows);
});

test("options that would be misread are refused", async () => {
  await expect(parseCsv("a\nNA\n", { missing: wrong("NA") })).rejects.toThrow(/missing as texts in an array, got NA$/);
  await expect(parseCsv("a\n-1\n", { missing: wrong([-1]) })).rejects.toThrow(/missing as texts in an array/);
  for (const delimiter of ["", '"', "\n", wrong(1)] as string[])
    await expect(parseCsv("a,b\n", { delimiter })).rejects.toThrow(ValueError);
});

test("the mark of the order of bytes is no part of a text", () => {
  expect(parseJson("\ufeff[1]").toArray()).toEqual([1]);
  expect(parseLines("\ufeffa\nb").toArray()).toEqual(["a", "b"]);
});

test("what is wrong with a JSON text of several lines is told as well as the engine tells it", () => {
  expect(() => parseJson('[\n{"a":1},\n{"a":1 2}\n]')).toThrow(/in line 3, got SyntaxError/);
  expect(() => parseJson('[\n{"a":1},\n{"a":}\n]')).toThrow(/in lines 1 to 4, got SyntaxError: .*"a":}/s);
  expect(() => parseJson('[\n{"a":1},\n')).toThrow(/in line 2, got SyntaxError/);
  expect(() => parseJson('{\n"a":1\n}')).toThrow(/in line 1, got one value in several lines$/);
});

test("reads JSON arrays and JSON lines", () => {
  expect(parseJson<{ a: number }>('[{"a":1},{"a":2}]').map(({ a }) => a).toArray()).toEqual([1, 2]); // prettier-ignore
  expect(parseJson('{"a":1}\n\n{"a":2}\r\n').toArray()).toEqual([{ a: 1 }, { a: 2 }]);
  expect(parseJson("[1,2]\n[3,4]\n").toArray()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  expect(parseJson("").length).toBe(0);
  expect(() => parseJson("[1,")).toThrow(/a value in JSON in line 1/);
  expect(() => parseJson('{"a":1}\n\n{"a"}')).toThrow(/a value in JSON in line 3/);
});
