import fc from "fast-check";
import { expect, test } from "vitest";
import { ValueError } from "../../bindings/errors.js";
import { parseLines, Vocabulary, words } from "../../bindings/data/index.js";
import { wrong } from "../support/refusal.js";

test("lines, words and the numbers of characters", () => {
  expect(parseLines("emma\r\nolivia\n\nava\n").toArray()).toEqual(["emma", "olivia", "", "ava"]);
  expect(words("Call me Ishmael—it’s 1851, isn't it? Ça va.")).toEqual([
    ..."Call me Ishmael — it’s 1851 , isn't it ? Ça va .".split(" "),
  ]);
  const names = new Vocabulary("emma olivia ava".replaceAll(" ", ""), { special: ["."] });
  expect(names.tokens.join("")).toBe(".aeilmov");
  expect([...names.encode(".emma.")]).toEqual([0, 2, 5, 5, 1, 0]);
  expect(names.decode([0, 2, 5, 5, 1, 0]).join("")).toBe(".emma.");
});

test("every text comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const vocabulary = new Vocabulary(text);
      expect(vocabulary.decode(vocabulary.encode(text)).join("")).toBe(text);
      expect(new Vocabulary([...text].reverse()).tokens).toEqual(vocabulary.tokens);
    }),
  );
});

test("rare tokens stand for the unknown one, or are an error", () => {
  const text = ["a", "b", "a", "c"];
  const known = new Vocabulary(text, { special: ["?"], least: 2, unknown: "?" });
  expect([known.size, ...known.encode(text)]).toEqual([2, 1, 0, 1, 0]);
  expect(() => new Vocabulary(text, { least: 2 }).encode(text)).toThrow(ValueError);
  expect(() => new Vocabulary(text, { unknown: "?" })).toThrow(/a special token as the unknown one, got "\?"/);
  expect(() => known.decode([2])).toThrow(/from 0 to below 2, got 2/);
});

test("tokens stand in the order of their code points, not of halves of these", () => {
  expect(new Vocabulary("\u{1f600}\uff5eb\u{1f601}a").tokens.join("")).toBe("ab\uff5e\u{1f600}\u{1f601}");
  expect(new Vocabulary(["ab", "b", "a", "", "abc"]).tokens).toEqual(["", "a", "ab", "abc", "b"]);
});

test("special tokens come once, in an array", () => {
  expect(() => new Vocabulary("ab", { special: wrong("<end>") })).toThrow(/special as texts in an array, got <end>$/);
  expect(() => new Vocabulary("ab", { special: ["?", "?"] })).toThrow(/special tokens that come once, got "\?"$/);
  expect(() => new Vocabulary("ab", { least: NaN })).toThrow(/a whole number of times as least from 0, got NaN$/);
});

test("what is no text, and what cannot be gone through, is refused", () => {
  const known = new Vocabulary("ab");
  for (const none of [undefined, null, 3] as never[]) {
    expect(() => words(none)).toThrow(/^words: expected a text, got/);
    expect(() => new Vocabulary(none)).toThrow(/^Vocabulary: expected tokens that can be gone through, such as a text/);
    expect(() => known.encode(none)).toThrow(/^encode: expected tokens that can be gone through/);
    expect(() => known.decode(none)).toThrow(/^decode: expected numbers that can be gone through/);
  }
});
