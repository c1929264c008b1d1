import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { stamp } from "../bindings/runtime/generated/kernels.js";
import { fault, type Tiles, type Wide } from "../bindings/runtime/wide.js";
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

test.each([
  ["at other addresses", (a: number) => a !== 0x10000],
  ["of A in columns", (_a: number, aRow: number) => aRow === 4],
  ["of B and C in longer rows", (_a: number, _aRow: number, _aStep: number, _b: number, bStep: number) => bStep !== 64],
])("a tile that is wrong only %s is found out", (_, isWrong) => {
  const { addTall32 } = tiles;
  const wrong: Tiles = {
    ...tiles,
    addTall32: (a, aRow, aStep, b, ...rest) =>
      addTall32!(a, aRow, aStep, b + (isWrong(a, aRow, aStep, b, rest[0]) ? 16 : 0), ...rest),
  };
  expect(fault(wrong, memory.buffer)).toBe("tile addTall32 computes something else");
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

test.each(["wide.wasm", "tiles.wasm", "none"])("files of wide mode of another build are not used: %s", (other) => {
  const folder = mkdtempSync(join(tmpdir(), "wide-"));
  try {
    for (const name of ["wide.cjs", "wide.wasm", "tiles.wasm"]) cpSync(join("dist", name), join(folder, name));
    const script = createRequire(import.meta.url)(join(folder, "wide.cjs")) as { open(stamp: string): Wide };
    if (other !== "none") {
      const bytes = readFileSync(join(folder, other));
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(join(folder, other), bytes);
    }
    const refusal = expect(script.open(stamp).reason ?? "");
    (other === "none" ? refusal.not : refusal).toMatch(/of another version/);
    expect(script.open("01234567").reason).toMatch(/of another version/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
