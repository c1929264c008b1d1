import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { fault, type Tiles } from "../bindings/runtime/wide.js";
import { runNode } from "../scripts/lib/run.mjs";

setFlagsFromString("--experimental-wasm-relaxed-simd"); // Node 20 has it behind a flag.
const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
const module = new WebAssembly.Module(readFileSync("build/tiles.wasm"));
const tiles = new WebAssembly.Instance(module, { env: { memory } }).exports as Tiles;

test("the tiles of wide mode have the bits of the ordinary ones", () => {
  expect(fault(tiles, memory.buffer)).toBeUndefined();
});

test.each([
  ["addTall32", "tall32", "forgets what was there"],
  ["tall64", "addTall64", "adds to what was there"],
  ["short32", "tall32", "writes more rows than it has"],
  ["addShort64", "addShort32", "has another type"],
])("tile %s that does as %s is found out: it %s", (name, other) => {
  expect(fault({ ...tiles, [name]: tiles[other]! }, memory.buffer)).toBe(`tile ${name} computes something else`);
});

test("a tile that reads one vector of B for another, as V8 has merged some, is found out", () => {
  const { tall32 } = tiles;
  const shifted: Tiles = { ...tiles, tall32: (a, aRow, aStep, b, ...rest) => tall32!(a, aRow, aStep, b + 16, ...rest) };
  expect(fault(shifted, memory.buffer)).toBe("tile tall32 computes something else");
});

test.each(["deterministic: true", 'build: "baseline"', "shared: false"])("wide mode gives way to %s", async (other) => {
  const script = `
    import { configure, info } from "wengert";
    configure({ wide: true, ${other} });
    console.log(info().build, "-", info().wideReason);
  `;
  const { output } = await runNode(["--input-type=module", "--eval", script]);
  expect(output).toMatch(/^(baseline|relaxed) - it takes shared memory, and no other build\n$/);
});
