// Files that NumPy and PyTorch wrote: see fixtures/README.md.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tensor } from "../../bindings/index.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import {
  bfloat16ToFloat,
  floatToBfloat16,
  floatToHalf,
  formatNpy,
  formatNpz,
  halfToFloat,
  parseNpy,
  parseSafetensors,
  readNpy,
  readNpz,
  type IntegerOptions,
} from "../../bindings/io/index.js";

const FOLDER = new URL("fixtures/", import.meta.url);
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(name, FOLDER)));

const SIX = [[1, 2.5, -3], [0.1, 5, 1e10]]; // prettier-ignore
const SIX_F32 = SIX.map((row) => row.map(Math.fround));

const ARRAYS: Readonly<Record<string, [dtype: string, values: unknown, options?: IntegerOptions]>> = {
  f4: ["f32", SIX_F32],
  f8: ["f64", SIX],
  "f8-big-fortran": ["f64", SIX],
  f2: ["f32", [0, -0, 1.5, 65504, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity, NaN]],
  "f2-big": ["f32", [0.0999755859375, -2]],
  i1: ["i32", [-128, 127]],
  "i2-big": ["i32", [-32768, 258]],
  i4: ["i32", [[-(2 ** 31)], [2 ** 31 - 1]]],
  i8: ["i32", [[[7, -1], [2 ** 31 - 1, -(2 ** 31)]]]], // prettier-ignore
  "i8-wide": ["f64", [1, 2 ** 53, -(2 ** 53)], { int64: "f64" }],
  u8: ["f64", [0, 2 ** 32], { int64: "f64" }],
  u1: ["u8", [0, 1].map((i) => [0, 1, 2].map((j) => [0, 1, 2, 3].map((k) => 12 * i + 4 * j + k)))],
  b1: ["bool", [true, false, true]],
  scalar: ["f64", 0.5],
  empty: ["f32", []],
  "version-2": ["f32", SIX_F32],
  "version-3": ["f32", SIX_F32],
};

test("reads what NumPy writes: every element type, byte order, order of axes and version", async () => {
  for (const [name, [dtype, values, options]] of Object.entries(ARRAYS)) {
    const x = parseNpy(bytesOf(`${name}.npy`), options);
    expect([name, x.dtype, x.toArray()]).toEqual([name, dtype, values]);
    const read = await readNpy(new URL(`${name}.npy`, FOLDER), options);
    expect(read.data()).toEqual(x.data());
  }
  expect(parseNpy(bytesOf("empty.npy")).shape).toEqual([0, 3]);
  expect(() => parseNpy(bytesOf("i8-too-wide.npy"), { int64: "f64" })).toThrow(ValueError);
  expect(() => parseNpy(bytesOf("objects.npy"))).toThrow(/not pickled objects/);
  expect(() => parseNpy(bytesOf("fields.npy"))).toThrow(FormatError);
});

test("writes the bytes that NumPy writes", () => {
  for (const name of ["f4", "f8", "f2", "i4", "u1", "b1", "scalar", "empty"]) {
    const expected = bytesOf(`${name}.npy`);
    const x = parseNpy(expected);
    expect([...formatNpy(x, name === "f2" ? { store: "f16" } : {})], name).toEqual([...expected]);
  }
});

test("reads the archives that NumPy writes, stored and packed", async () => {
  const stored = await readNpz(new URL("stored.npz", FOLDER));
  expect(Object.keys(stored)).toEqual(["weight", "steps"]);
  expect(stored.weight!.toArray()).toEqual(SIX_F32);
  expect(stored.steps!.toArray()).toEqual([3]);
  const packed = await readNpz(bytesOf("packed.npz"));
  expect(packed.weight!.toArray()).toEqual(SIX_F32);
  expect(packed.zeros!.data()).toEqual(new Float32Array(1000));
});

test("rounds to halves and bfloat16 as PyTorch does", () => {
  const { tensors } = parseSafetensors(bytesOf("rounded.safetensors"));
  const values = tensors.x!.data() as Float32Array;
  expect(values.length).toBeGreaterThan(1000);
  expect(halfToFloat(floatToHalf(values))).toEqual(tensors.half!.data());
  expect(bfloat16ToFloat(floatToBfloat16(values))).toEqual(tensors.bfloat16!.data());
});

test("reads back the archives that it writes", async () => {
  const tensors = { a: tensor([1, 2, 3]), "b.c": tensor(new Float32Array(5000)) };
  for (const compress of [false, true]) {
    const bytes = await formatNpz(tensors, { compress });
    expect(bytes.length < 5000).toBe(compress);
    const back = await readNpz(bytes);
    for (const [name, x] of Object.entries(tensors)) expect(back[name]!.data()).toEqual(x.data());
  }
  expect(await formatNpz(tensors)).toEqual(await formatNpz(tensors));
});
