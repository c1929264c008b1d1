// In Node alone: what unpacks archives is an optional package.
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memory, scope, tensor, WengertError, type Tensor } from "../../bindings/index.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import { formatNpy, formatNpz, readNpz } from "../../bindings/io/index.js";
import { npyWithHeader } from "./files.js";
import { zipOf, type ZipEntry } from "./zip.js";

const x = scope(() => formatNpy(tensor([1, 2, 3])));
const entry: ZipEntry = { name: "x.npy", bytes: x };
const packed = deflateRawSync(x);
const good = zipOf([entry]);
const crc = new DataView(good.buffer).getUint32(14, true);
const deflated: ZipEntry = { name: "x.npy", bytes: packed, method: 8, crc, size: x.length };
const pickled = npyWithHeader("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8));
const zeros = deflateRawSync(new Uint8Array(1 << 20));

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** Nothing but the ends of an archive of very many entries, the long one and the short one. */
function longEnd(count: number): Uint8Array {
  const bytes = new Uint8Array(56 + 20 + 22);
  const view = new DataView(bytes.buffer);
  for (const [at, mark] of [[0, 0x06064b50], [56, 0x07064b50], [76, 0x06054b50]] as const) view.setUint32(at, mark, true); // prettier-ignore
  for (const at of [24, 32]) view.setUint32(at, count, true);
  for (const at of [84, 86]) view.setUint16(at, 0xffff, true);
  return bytes;
}

/** Archives that are wrong in one way each, and what is said of them. */
const HOSTILE: Readonly<Record<string, [file: Uint8Array, message: RegExp]>> = {
  "no bytes": [new Uint8Array(0), /a zip archive, got/],
  "no archive": [x, /a zip archive, got/],
  "an archive cut short": [good.subarray(0, -1), /a zip archive, got/],
  "an archive without its beginning": [good.subarray(8), /a zip archive, got/],
  "bytes before the archive": [Uint8Array.from([1, 2, 3, ...good]), /a zip archive, got .*/],
  "bytes after the archive": [Uint8Array.from([...good, 0]), /a zip archive, got/],
  "more entries than there are": [zipOf([entry], { count: 2 }), /a zip archive, got/],
  "a name twice": [zipOf([entry, entry]), /got/],
  "the name __proto__": [zipOf([{ ...entry, name: "__proto__.npy" }]), /the name of an array .* "__proto__\.npy"/],
  "another kind of file": [
    zipOf([{ ...entry, name: "x.txt" }]),
    /the name of an array and \.npy for the entry "x\.txt"/,
  ],
  "a folder": [zipOf([{ name: "x.npy/", bytes: new Uint8Array(0) }]), /got a folder/],
  "an entry that calls itself otherwise": [
    zipOf([{ ...entry, local: { name: "y.npy" } }]),
    /(a zip archive|intact), got/,
  ],
  "an entry whose sizes differ": [zipOf([{ ...entry, local: { size: 9 } }]), /(a zip archive|intact), got/],
  "an entry somewhere else": [zipOf([{ ...entry, at: 4 }]), /(a zip archive|intact), got/],
  "an entry beyond the file": [zipOf([{ ...entry, at: 1 << 30 }]), /(a zip archive|intact), got/],
  "two entries at one place": [zipOf([entry, { ...entry, name: "y.npy", at: 0 }]), /(a zip archive|intact), got/],
  "an encrypted entry": [zipOf([{ ...entry, flags: 1 }]), /stored or deflated bytes .* got encrypted/],
  "an unknown method": [zipOf([{ ...entry, method: 12 }]), /stored or deflated bytes .* got the method 12/],
  "a changed element": [changed(good, 30 + 5 + x.length - 1), /the entry "x\.npy" intact, got/],
  "a changed element, packed": [changed(zipOf([deflated]), 30 + 5 + packed.length - 3), /got/],
  "another checksum": [zipOf([{ ...entry, crc: 1 }]), /the entry "x\.npy" intact, got/],
  "packed bytes that are none": [
    zipOf([{ ...deflated, bytes: packed.map((byte, i) => (i < 20 ? byte : 255)) }]),
    /got/,
  ],
  "more bytes than the entry says": [zipOf([{ ...deflated, size: x.length - 4 }]), /got/],
  "more entries than its bytes are worth": [zipOf([entry], { count: 60_000 }), /at most 2048 arrays in .*, got 60000$/],
  "more of them than 16 bits count": [longEnd(1e6), /at most 2048 arrays in .*, got 1000000$/],
  "fewer bytes than the entry says": [zipOf([{ ...deflated, size: x.length + 4 }]), /got/],
  "more than packing can save": [
    zipOf([{ ...deflated, size: 1 << 30 }]),
    /at most \d+ bytes out of \d+ .* got 1073741824/,
  ],
  "a stored entry that grows": [zipOf([{ ...entry, size: x.length + 1 }]), /at most 140 bytes out of 140 .* got 141/],
  "pickled objects": [zipOf([{ name: "x.npy", bytes: pickled }]), /not pickled objects, at byte 20/],
  "an array cut short": [zipOf([{ name: "x.npy", bytes: x.subarray(0, -4) }]), /140 bytes for f32 \[3\] .* got 136/],
  "bytes after an array": [
    zipOf([{ name: "x.npy", bytes: Uint8Array.from([...x, 0]) }]),
    /140 bytes for f32 \[3\] .* got 141/,
  ],
  "no array": [
    zipOf([{ name: "x.npy", bytes: zeros, method: 8, size: 1 << 20, crc: 0 }]),
    /\\x93NUMPY at byte 0, got 00/,
  ],
};

async function refusal(reading: Promise<unknown>): Promise<Error> {
  return reading.then(
    () => new Error("read"),
    (error: unknown) => error as Error,
  );
}

test(`refuses ${Object.keys(HOSTILE).length} archives, and keeps nothing of them`, async () => {
  const before = memory().tensors;
  for (const [name, [file, message]] of Object.entries(HOSTILE)) {
    const error = await refusal(readNpz(file));
    expect([name, error]).toEqual([name, expect.any(FormatError)]);
    expect(error.message).toMatch(message);
  }
  expect(memory().tensors).toBe(before);
});

test("unpacks no more than it is allowed to", async () => {
  const file = zipOf([deflated, { ...deflated, name: "y.npy" }]);
  const { y } = await readNpz(file, { maxBytes: 2 * x.length });
  expect(y!.toArray()).toEqual([1, 2, 3]);
  const error = await refusal(readNpz(file, { maxBytes: 2 * x.length - 1 }));
  expect(error.message).toMatch(
    /at most 279 bytes unpacked, in all \(or a larger \{ maxBytes \}\) for the entry "y\.npy", got 280/,
  );
});

test("a signal ends the reading", async () => {
  await expect(readNpz(good, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("an archive that was changed gives an error of the library, or what was in it", async () => {
  const valid = await formatNpz({ a: tensor([1, 2]), b: tensor([true]) }, { compress: true });
  const change = fc.record({ at: fc.nat(valid.length - 1), byte: fc.nat(255), drop: fc.constantFrom(1, 1, 1, 0, 2) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const bytes = [...valid];
      for (const { at, byte, drop } of changes) bytes.splice(at, drop, byte);
      let found: Record<string, Tensor>;
      try {
        found = await readNpz(Uint8Array.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WengertError);
        return;
      }
      // Names and dates are not part of what the checksums vouch for.
      expect(Object.values(found).map((array) => array.toArray())).toEqual([[1, 2], [true]]);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("a name is refused when it is written, or comes back", async () => {
  const piece = fc.constantFrom("..", ".", "", "a", "/", "\\", "C:", "\0", "\ud800", "é", "x.npy", " ");
  let written = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
      const name = pieces.join("");
      const made = await formatNpz({ [name]: tensor([1, 2]) }).catch((error: unknown) => error);
      if (made instanceof Uint8Array) {
        written++;
        expect(Object.keys(await readNpz(made))).toEqual([name]);
      } else expect(made).toBeInstanceOf(ValueError);
    }),
    { numRuns: 150, seed: 1 },
  );
  expect(written).toBeGreaterThan(20);
  for (const name of ["../x", "/x", "a/../b", "__proto__"])
    await expect(formatNpz(Object.fromEntries([[name, tensor([1])]]))).rejects.toThrow(/paths within the archive/);
});
