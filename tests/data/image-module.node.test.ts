// What a page without a bundler gets of a package in CommonJS: its default export, and no other.
import { createRequire } from "node:module";
import type * as jpegJs from "jpeg-js";
import { expect, test, vi } from "vitest";
import { decodeImage } from "../../bindings/data/index.js";

const jpeg = createRequire(import.meta.url)("jpeg-js") as typeof jpegJs;

vi.mock("jpeg-js", () => ({ default: createRequire(import.meta.url)("jpeg-js") as typeof jpegJs }));

test("decodes JPEG images by a module with a default export alone", async () => {
  expect("decode" in (await import("jpeg-js"))).toBe(false);
  const { data } = jpeg.encode({ width: 16, height: 8, data: Buffer.alloc(16 * 8 * 4, 128) }, 95);
  expect((await decodeImage(new Uint8Array(data))).shape).toEqual([8, 16, 3]);
});
