import fc from "fast-check";
import { expect, test } from "vitest";
import { scope, tensor, WengertError } from "../../bindings/index.js";
import { DTypeError, FormatError } from "../../bindings/errors.js";
import { formatSafetensors, parseSafetensors, readSafetensors } from "../../bindings/io/index.js";
import { expectRefused } from "../support/refusal.js";
import { streamOf, withHeader } from "./files.js";

const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** A header of tensors, each a dtype, a shape and two offsets as they stand in JSON. */
function header(
  ...tensors: readonly (readonly [name: string, dtype: string, shape: string, offsets: string])[]
): string {
  const entries = tensors.map(
    ([name, dtype, shape, offsets]) => `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`,
  );
  return `{${entries.join(",")}}`;
}

const one = (shape: string, offsets: string, dtype = "F32"): string => header(["x", dtype, shape, offsets]);
const BIG = "9007199254740991";

/** Files that are wrong in one way each, and what is said of them. */
const HOSTILE: Readonly<Record<string, [file: Uint8Array, message: RegExp]>> = {
  "no bytes": [zeros(0), /8 bytes of the header's length at byte 0, got 0, then the end/],
  "half a length": [zeros(7), /8 bytes of the header's length at byte 0, got 7/],
  "an empty header": [zeros(8), /\{ at byte 8, got the end of the header/],
  "a header beyond the file": [withHeader("{}", zeros(0), 3n), /a header of at most 2 bytes at byte 0, got 3/],
  "a header beyond the limit": [withHeader("{}", zeros(0), 100_000_001n), /a header of at most 2 bytes/],
  "a header of 2^63": [withHeader("{}", zeros(0), 2n ** 63n), /at byte 0, got 9223372036854775808/],
  "a header of 2^64 - 1": [withHeader("{}", zeros(0), 2n ** 64n - 1n), /a header of at most 2 bytes/],
  "white space first": [withHeader(" {}"), /\{ at byte 8, got " \{\}"/],
  "a list": [withHeader("[]"), /\{ at byte 8, got "\[\]"/],
  "an unfinished object": [withHeader('{"x":'), /\{ at byte 13, got the end/],
  "an unfinished text": [withHeader('{"x'), /" at the end of a text at byte 11/],
  "a comma too many": [
    withHeader(header(["x", "F32", "[0]", "[0,0]"]).slice(0, -1) + ",}"),
    /quotation marks at byte 62/,
  ],
  "words after the header": [withHeader("{} true"), /the end of the header at byte 11, got "true"/],
  "two headers": [withHeader("{}{}"), /the end of the header at byte 10/],
  "a null byte as filling": [withHeader("{}\0"), /the end of the header at byte 10/],
  "a name twice": [
    withHeader(header(["x", "F32", "[0]", "[0,0]"], ["x", "F32", "[0]", "[0,0]"])),
    /comes once at byte 62/,
  ],
  "a name twice, in two spellings": [
    withHeader(header(["x", "F32", "[0]", "[0,0]"], ["\\u0078", "F32", "[0]", "[0,0]"])),
    /a name that comes once at byte 62/,
  ],
  "a field twice": [
    withHeader('{"x":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,1]}}', zeros(1)),
    /once at byte 39/,
  ],
  "metadata twice": [withHeader('{"__metadata__":{},"__metadata__":{}}'), /comes once at byte 27/],
  "a field too many": [
    withHeader('{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"y":1}}'),
    /only dtype, shape, data_offsets at byte 60/,
  ],
  "a field too few": [withHeader('{"x":{"dtype":"U8","shape":[0]}}'), /each of dtype, shape, data_offsets at byte 13/],
  "no object": [withHeader('{"x":1}'), /\{ at byte 13, got "1\}"/],
  "the name __proto__": [withHeader(header(["__proto__", "F32", "[0]", "[0,0]"])), /part of the language at byte 9/],
  "the name __proto__, escaped": [
    withHeader(header(["\\u005f_proto__", "F32", "[0]", "[0,0]"])),
    /part of the language at byte 9/,
  ],
  "metadata named __proto__": [withHeader('{"__metadata__":{"__proto__":"x"}}'), /part of the language at byte 25/],
  "metadata that is no text": [withHeader('{"__metadata__":{"step":3}}'), /quotation marks at byte 32, got "3/],
  "metadata that is a tree": [withHeader('{"__metadata__":{"a":{"b":"c"}}}'), /quotation marks at byte 29/],
  "no UTF-8": [withHeader(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a)), /a text in JSON and UTF-8 at byte 9/],
  "an overlong encoding": [withHeader(Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a)), /JSON and UTF-8 at byte 9/],
  "half of a surrogate pair": [withHeader(header(["\\ud800", "F32", "[0]", "[0,0]"])), /JSON and UTF-8 at byte 9/],
  "a line feed in a name": [
    withHeader(header(["a\nb", "F32", "[0]", "[0,0]"])),
    /without control characters at byte 11/,
  ],
  "an unknown escape": [withHeader(header(["\\x41", "F32", "[0]", "[0,0]"])), /JSON and UTF-8 at byte 9/],
  "a fractional length": [withHeader(one("[1.5]", "[0,4]"), zeros(4)), /whole number .* at byte 37, got "1.5/],
  "a fractional zero": [withHeader(one("[1.0]", "[0,4]"), zeros(4)), /whole number .* at byte 37/],
  "a length of 1e0": [withHeader(one("[1e0]", "[0,4]"), zeros(4)), /whole number .* at byte 37/],
  "a leading zero": [withHeader(one("[01]", "[0,4]"), zeros(4)), /whole number .* at byte 37/],
  "a negative length": [withHeader(one("[-1]", "[0,4]"), zeros(4)), /whole number .* at byte 37, got "-1/],
  "two negative lengths": [withHeader(one("[-1,-1]", "[0,4]"), zeros(4)), /whole number .* at byte 37/],
  "a negative offset": [withHeader(one("[1]", "[-4,0]"), zeros(4)), /whole number .* at byte 56, got "-4/],
  "a fractional offset": [withHeader(one("[1]", "[0,4.5]"), zeros(4)), /whole number .* at byte 58/],
  "a length in quotes": [withHeader(one('["1"]', "[0,4]"), zeros(4)), /whole number .* at byte 37/],
  "an infinite length": [withHeader(one("[1e999]", "[0,4]"), zeros(4)), /whole number/],
  "a length beyond 2^53": [withHeader(one("[9007199254740992]", "[0,4]"), zeros(4)), /whole number/],
  "a length of a thousand digits": [withHeader(one(`[${"9".repeat(1000)}]`, "[0,4]"), zeros(4)), /whole number/],
  "a product that overflows": [
    withHeader(one(`[${BIG},${BIG}]`, "[0,4]"), zeros(4)),
    /fewer than 2\^53 elements at byte 36/,
  ],
  "a product that overflows to 0": [withHeader(one("[4294967296,4294967296,4294967296]", "[0,0]")), /2\^53 elements/],
  "a product that overflows before an empty axis": [withHeader(one(`[${BIG},2,0]`, "[0,0]")), /2\^53 elements/],
  "bytes that overflow": [withHeader(one(`[${BIG}]`, "[0,4]", "F64"), zeros(4)), /take 72057594037927930 bytes/],
  "too many axes": [withHeader(one(`[${Array(40).fill(1).join()}]`, "[0,4]"), zeros(4)), /at most \d+ axes at byte 36/],
  "more lengths than any shape has": [
    withHeader(one(`[${Array(101).fill(1).join()}]`, "[0,4]"), zeros(4)),
    /at most 100 items/,
  ],
  "more metadata than anybody needs": [
    withHeader(`{"__metadata__":{${Array.from({ length: 100_001 }, (_, i) => `"${i}":""`).join()}}}`),
    /at most 3111 texts of metadata in so few bytes \(or a larger \{ maxNames \}\) at byte 30025/,
  ],
  "one offset": [withHeader(one("[1]", "[4]"), zeros(4)), /two offsets at byte 55/],
  "three offsets": [withHeader(one("[1]", "[0,4,4]"), zeros(4)), /two offsets at byte 55/],
  "offsets the other way": [withHeader(one("[1]", "[4,0]"), zeros(4)), /to begin at 0 at byte 55, got 4, a gap/],
  "less data than the shape": [
    withHeader(one("[2]", "[0,4]"), zeros(4)),
    /"x" to take 8 bytes for F32 \[2\] at byte 55, got 4/,
  ],
  "more data than the shape": [
    withHeader(one("[1]", "[0,8]"), zeros(8)),
    /take 4 bytes for F32 \[1\] at byte 55, got 8/,
  ],
  "offsets beyond the file": [
    withHeader(one("[2]", "[0,8]"), zeros(4)),
    /the end of the file at byte 70, got 66 bytes, truncated/,
  ],
  "a hole at the start": [withHeader(one("[1]", "[4,8]"), zeros(8)), /to begin at 0 at byte 55, got 4, a gap/],
  "a hole inside": [
    withHeader(header(["a", "U8", "[1]", "[0,1]"], ["b", "U8", "[1]", "[2,3]"]), zeros(3)),
    /"b" to begin at 1 .* a gap/,
  ],
  "an overlap": [
    withHeader(header(["a", "U8", "[2]", "[0,2]"], ["b", "U8", "[2]", "[1,3]"]), zeros(3)),
    /"b" to begin at 2 .* got 1, an overlap/,
  ],
  "the same bytes twice": [
    withHeader(header(["a", "U8", "[1]", "[0,1]"], ["b", "U8", "[1]", "[0,1]"]), zeros(1)),
    /an overlap/,
  ],
  "trailing bytes": [
    withHeader(one("[1]", "[0,4]"), zeros(5)),
    /end of the file at byte 66, got 67 bytes, with trailing bytes/,
  ],
  "data without tensors": [withHeader("{}", zeros(1)), /the end of the file at byte 10, got 11 bytes/],
  "a truth value of 2": [withHeader(one("[1]", "[0,1]", "BOOL"), Uint8Array.of(2)), /0 or 1 .* at byte 63, got 2/],
  "a name of a megabyte": [
    withHeader(header(["x".repeat(1e6), "F32", "[1]", "[1,5]"]), zeros(5)),
    /at most 65536 bytes of a name at byte 9/,
  ],
  "a long name": [withHeader(header(["x".repeat(6e4), "F32", "[1]", "[1,5]"]), zeros(5)), /^.{100,300}$/],
  "brackets without end": [withHeader("{" + '"x":{"shape":['.repeat(1) + "[".repeat(100_000)), /whole number/],
};

test(`says of ${Object.keys(HOSTILE).length} files what is wrong with them, and where`, () => {
  for (const [name, [file, message]] of Object.entries(HOSTILE)) {
    const error = expectRefused(() => parseSafetensors(file), FormatError, message);
    expect(error.message, name).toMatch(/ at byte \d+, got /);
  }
});

test("refuses the same files when nobody says how long they are", async () => {
  for (const [name, [file]] of Object.entries(HOSTILE))
    await expect(readSafetensors(streamOf(file, Math.max(11, file.length >> 6))), name).rejects.toThrow(FormatError);
});

test("a name that means something else on an object is an ordinary name", () => {
  const { tensors } = parseSafetensors(withHeader(header(["constructor", "U8", "[1]", "[0,1]"]), Uint8Array.of(5)));
  expect(tensors.constructor).toHaveProperty("dtype", "u8");
  expect(Object.keys(tensors)).toEqual(["constructor"]);
});

/** The slow reading of a file that is right: JSON.parse, and a view of each tensor's bytes. */
function reference(file: Uint8Array): Record<string, [dtype: string, shape: number[], bytes: number[]]> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(file.subarray(8, 8 + length));
  const entries = JSON.parse(text) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  delete entries.__metadata__;
  return Object.fromEntries(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, [dtype.toLowerCase(), shape, [...file.subarray(8 + length + begin, 8 + length + end)]]],
    ),
  );
}

const valid = scope(() =>
  formatSafetensors(
    { "layer.0": tensor([[1, 2], [3, 4]]), flags: tensor([true, false]), ids: tensor([1, 2], { dtype: "i32" }) }, // prettier-ignore
    { metadata: { format: "pt" } },
  ),
);

const change = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.nat(valid.length - 1), byte: fc.nat(255) }),
  fc.record({
    kind: fc.constant("digit" as const),
    at: fc.nat(valid.length - 1),
    byte: fc.integer({ min: 0x30, max: 0x39 }),
  }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(valid.length), byte: fc.nat(255) }),
  fc.record({
    kind: fc.constant("remove" as const),
    at: fc.nat(valid.length - 1),
    byte: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    kind: fc.constant("double" as const),
    at: fc.nat(valid.length - 1),
    byte: fc.integer({ min: 1, max: 40 }),
  }),
);

/** The valid file after some changes. A digit is only put where there was one. */
function mutated(changes: readonly { kind: string; at: number; byte: number }[]): Uint8Array {
  let bytes = [...valid];
  for (const { kind, at, byte } of changes) {
    const isDigit = bytes[at]! >= 0x30 && bytes[at]! <= 0x39;
    if (kind === "set" || (kind === "digit" && isDigit)) bytes[at] = byte;
    else if (kind === "insert") bytes.splice(at, 0, byte);
    else if (kind === "remove") bytes.splice(at, byte);
    else if (kind === "double") bytes = [...bytes.slice(0, at + byte), ...bytes.slice(at)];
  }
  return Uint8Array.from(bytes);
}

test("a file that was changed gives an error of the library, or exactly what it says", () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const file = mutated(changes);
      scope(() => {
        let found: ReturnType<typeof parseSafetensors>;
        try {
          found = parseSafetensors(file);
        } catch (error) {
          expect(error).toBeInstanceOf(WengertError);
          expect(error instanceof FormatError || error instanceof DTypeError).toBe(true);
          return;
        }
        read++;
        const seen = Object.entries(found.tensors).map(([name, x]) => {
          const values = x.data();
          return [
            name,
            [x.dtype, [...x.shape], [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]],
          ];
        });
        expect(Object.fromEntries(seen)).toEqual(reference(file));
      });
    }),
    { numRuns: 1500, seed: 1 },
  );
  expect(read).toBeGreaterThan(100); // Changed elements alone, mostly.
});
