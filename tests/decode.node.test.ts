import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode } from "../bindings/runtime/decode.js";
import { baseline, relaxed } from "../bindings/runtime/generated/kernels.js";
import { expressionOf, toText } from "../scripts/lib/text.mjs";

test("every byte survives the way into text and back", () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => (i * 37) & 255);
  const text = toText(bytes);
  expect(decode(text)).toEqual(bytes);
  expect(text).toMatch(/^[#-[\]-~]*$/);
});

test("a text is rebuilt from parts of another", () => {
  const base = toText(Uint8Array.from({ length: 300 }, (_, i) => i * i));
  const text = `${base.slice(40, 140)}new${base.slice(200)}${base.slice(0, 8)}`;
  const expression = expressionOf(text, base);
  const rebuild = new Function("copy", `return ${expression}`) as (
    copy: (from: number, to: number) => string,
  ) => string;
  expect(rebuild((from, to) => base.slice(from, to))).toBe(text);
  expect(expression.match(/copy/g)).toHaveLength(2);
});

test.each([
  ["baseline", baseline],
  ["relaxed", relaxed],
])("the library carries build/%s.wasm", (name, text) => {
  expect(decode(text)).toEqual(new Uint8Array(readFileSync(`build/${name}.wasm`)));
});
