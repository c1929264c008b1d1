import fc from "fast-check";
import { expect, test } from "vitest";
import { scope, tensor, WengertError, type Tensor } from "../../bindings/index.js";
import { DTypeError, FormatError, ValueError } from "../../bindings/errors.js";
import { formatNpy, parseNpy, readNpy } from "../../bindings/io/index.js";
import { expectRefused, wrong } from "../support/refusal.js";
import { npyWithHeader, streamOf } from "./files.js";

const zeros = (count: number): Uint8Array => new Uint8Array(count);

test("reads back what it writes, of every element type and shape", () => {
  const tensors: Tensor[] = [
    tensor([[1, 2, 3], [4, 5, 6]]).transpose(), // prettier-ignore
    tensor([0.1, NaN], { dtype: "f64" }),
    tensor(-5, { dtype: "i32" }),
    tensor(Uint8Array.of(1, 255)),
    tensor([[[true]], [[false]]]),
    tensor(new Float32Array(0), { shape: [3, 0] }),
  ];
  for (const x of tensors) {
    const back = parseNpy(formatNpy(x));
    expect([back.dtype, back.shape]).toEqual([x.dtype, x.shape]);
    expect(back.data()).toEqual(x.data());
  }
  const half = parseNpy(formatNpy(tensor([0.1]), { store: "f16" }));
  expect([half.dtype, half.item()]).toEqual(["f32", 0.0999755859375]);
  expectRefused(() => formatNpy(tensors[0]!, { store: "bf16" }), DTypeError, /f16, f32, .* to store, got bf16/);
  expectRefused(() => formatNpy(wrong(3)), ValueError, /a tensor for x/);
});

test("reads the same from a stream in small pieces", async () => {
  const x = tensor(Float64Array.from({ length: 300 }, (_, i) => i / 7));
  const back = await readNpy(streamOf(formatNpy(x), 13));
  expect(back.data()).toEqual(x.data());
});

test("a header may be written otherwise than NumPy does", () => {
  const header = `{ "shape" :( 2 ,1),\t'fortran_order':True , 'descr':"|u1"}\n`;
  expect(parseNpy(npyWithHeader(header, Uint8Array.of(7, 8))).toArray()).toEqual([[7], [8]]);
  expect(parseNpy(npyWithHeader(header, Uint8Array.of(7, 8), { version: [3, 0] })).shape).toEqual([2, 1]);
});

test("reads unsigned integers of 32 bits as those of 64: into i32 where all fit, into f64 on request", () => {
  const file = (...values: number[]): Uint8Array =>
    npyWithHeader(
      `{'descr': '<u4', 'fortran_order': False, 'shape': (${values.length},)}`,
      new Uint8Array(Uint32Array.from(values).buffer),
    );
  const small = parseNpy(file(1, 2 ** 31 - 1));
  expect([small.dtype, small.toArray()]).toEqual(["i32", [1, 2 ** 31 - 1]]);
  const large = parseNpy(file(1, 2 ** 32 - 1), { int64: "f64" });
  expect([large.dtype, large.toArray()]).toEqual(["f64", [1, 2 ** 32 - 1]]);
  const message = /that i32 holds \(or \{ int64: "f64" \}\), got 2147483648 at position 1/;
  expectRefused(() => parseNpy(file(1, 2 ** 31)), ValueError, message);
});

const header = (descr: string, shape: string, fortran = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

/** Files that are wrong in one way each, and what is said of them. */
const HOSTILE: Readonly<Record<string, [file: Uint8Array, message: RegExp]>> = {
  "no bytes": [zeros(0), /8 bytes of the beginning at byte 0/],
  "other magic": [Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 1, 0, 0), /\\x93NUMPY at byte 0, got 50 4b 03 04/],
  "version 0": [npyWithHeader(header("'<f4'", "()"), zeros(4), { version: [0, 0] }), /version .* at byte 6, got 0\.0/],
  "version 4": [npyWithHeader(header("'<f4'", "()"), zeros(4), { version: [4, 0] }), /at byte 6, got 4\.0/],
  "version 1.1": [npyWithHeader(header("'<f4'", "()"), zeros(4), { version: [1, 1] }), /at byte 6, got 1\.1/],
  "a header beyond the file": [
    npyWithHeader("{", zeros(0), { length: 90 }),
    /90 bytes of the header at byte 10, got 1/,
  ],
  "a header of 4 GiB": [
    npyWithHeader("{}", zeros(0), { version: [2, 0], length: 2 ** 32 - 1 }),
    /at most 10000 bytes at byte 8/,
  ],
  "pickled objects": [npyWithHeader(header("'|O'", "(1,)"), zeros(8)), /not pickled objects, at byte 20, got "'\|O'/],
  "several fields": [
    npyWithHeader(header("[('a', '<i4'), ('b', '<f8')]", "(1,)"), zeros(12)),
    /not of several fields, at byte 20/,
  ],
  texts: [npyWithHeader(header("'<U4'", "(1,)"), zeros(16)), /< or > and one of f2, /],
  "complex numbers": [
    npyWithHeader(header("'<c8'", "(1,)"), zeros(8)),
    /< or > and one of f2, .* at byte 20, got "'<c8'/,
  ],
  "bytes without an order": [npyWithHeader(header("'|f4'", "(1,)"), zeros(4)), /< or > and one of/],
  "a type without an order": [npyWithHeader(header("'f4'", "(1,)"), zeros(4)), /< or > and one of/],
  "a type of the language": [npyWithHeader(header("'<constructor'", "(1,)"), zeros(4)), /< or > and one of/],
  "a call": [
    npyWithHeader(header("__import__('os').system('true')", "(1,)"), zeros(4)),
    /quotation marks at byte 20, got "__import__/,
  ],
  "an expression in the shape": [
    npyWithHeader(header("'<f4'", "(2*2,)"), zeros(16)),
    /, at byte 60, got "\*2|at byte \d+/,
  ],
  "a negative length": [npyWithHeader(header("'<f4'", "(-1,)"), zeros(4)), /whole number/],
  "a fractional length": [npyWithHeader(header("'<f4'", "(1.0,)"), zeros(4)), /whole number/],
  "an old long number": [npyWithHeader(header("'<f4'", "(1L,)"), zeros(4)), /whole number/],
  "a list as the shape": [npyWithHeader(header("'<f4'", "[1]"), zeros(4)), /\( at byte \d+, got "\[1\]/],
  "a number as the shape": [npyWithHeader(header("'<f4'", "(1)+(2)"), zeros(4)), /, at byte \d+, got "\)\+\(2\)/],
  "a number in parentheses": [npyWithHeader(header("'<f4'", "(1)"), zeros(4)), /, at byte \d+, got "\), }/],
  "an order that is no truth value": [
    npyWithHeader(header("'<f4'", "(1,)", "1"), zeros(4)),
    /True or False at byte \d+, got "1, /,
  ],
  "a key twice": [
    npyWithHeader("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': ()}", zeros(8)),
    /comes once at byte 27/,
  ],
  "a key too many": [
    npyWithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}", zeros(4)),
    /at most 3 items at byte 64/,
  ],
  "a key too few": [
    npyWithHeader("{'descr': '<f4', 'shape': ()}", zeros(4)),
    /'descr', 'fortran_order' and 'shape' at byte 10/,
  ],
  "no dictionary": [npyWithHeader("('<f4', False, ())", zeros(4)), /\{ at byte 10/],
  "words after the header": [
    npyWithHeader(header("'<f4'", "()") + "x", zeros(4)),
    /the end of the header at byte \d+, got "x"/,
  ],
  "a product that overflows": [
    npyWithHeader(header("'<f8'", `(${2 ** 52}, ${2 ** 52})`), zeros(8)),
    /fewer than 2\^53 elements/,
  ],
  "bytes that overflow": [
    npyWithHeader(header("'<f8'", `(${2 ** 52},)`), zeros(8)),
    /360287970189640\d\d bytes for f64/,
  ],
  "too many axes": [npyWithHeader(header("'<f4'", `(${"1, ".repeat(33)})`), zeros(4)), /at most \d+ axes/],
  "less data than the shape": [
    npyWithHeader(header("'<f4'", "(2,)"), zeros(4)),
    /bytes for f32 \[2\] of the header at byte 10/,
  ],
  "more data than the shape": [npyWithHeader(header("'<f4'", "(2,)"), zeros(9)), /bytes for f32 \[2\] of the header/],
  "a truth value of 3": [
    npyWithHeader(header("'|b1'", "(2,)"), Uint8Array.of(1, 3)),
    /0 or 1 for each truth value of the array at byte \d+, got 3/,
  ],
};

test(`says of ${Object.keys(HOSTILE).length} files what is wrong with them, and where`, async () => {
  for (const [name, [file, message]] of Object.entries(HOSTILE)) {
    const error = expectRefused(() => parseNpy(file), FormatError, message);
    expect(error.message, name).toMatch(/ at byte \d+, got /);
    await expect(readNpy(streamOf(file, 9)), name).rejects.toThrow(FormatError);
  }
});

const valid = scope(() => formatNpy(tensor([[1, -2], [3, 0.5]]))); // prettier-ignore

test("a file that was changed gives an error of the library, or exactly what it says", () => {
  const change = fc.record({
    at: fc.nat(valid.length - 1),
    byte: fc.nat(255),
    drop: fc.constantFrom(1, 1, 1, 1, 0, 2),
  });
  let read = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = [...valid];
      for (const { at, byte, drop } of changes) bytes.splice(at, drop, byte);
      const file = Uint8Array.from(bytes);
      scope(() => {
        let x: Tensor;
        try {
          x = parseNpy(file);
        } catch (error) {
          expect(error).toBeInstanceOf(WengertError);
          return;
        }
        read++;
        const text = new TextDecoder("latin1").decode(file.subarray(10, 128));
        const shape = /\(([^)]*)\)/
          .exec(text)![1]!
          .split(",")
          .filter((length) => length.trim() !== "");
        expect(x.shape).toEqual(shape.map(Number));
        const view = new DataView(file.buffer, file.length - 16);
        const little = text.includes("<");
        const element = (i: number): number =>
          x.dtype === "f32" ? view.getFloat32(4 * i, little) : view.getInt32(4 * i, little);
        expect([...x.data()]).toEqual([0, 1, 2, 3].map(element));
      });
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(read).toBeGreaterThan(20);
});
