// In a process of its own, whose size is measured: nothing else takes memory there.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env as outer, execPath } from "node:process";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checksum } from "../../bindings/compile/file/container.js";
import { runNode } from "../../scripts/lib/run.mjs";
import { npyWithHeader, withHeader } from "./files.js";
import { zipOf } from "./zip.js";

const folder = mkdtempSync(join(tmpdir(), "wengert-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const { code, output } = await runNode(["scripts/build.mjs", "--if-stale"]);
  expect(code, output).toBe(0);
}, 180_000);

const COUNT = 200_000;
const MIB = 2 ** 20;
const LINUX = process.platform === "linux";

/** What a process may grow by for other reasons than its file: code that is compiled, and what waits for the collector. */
const SLACK = 32 * MIB;

interface Probed {
  outcome: string;
  grown: number;
}

/** Large pieces go back to the system when they are free, so that what one file took is not there for the next. */
const env = { ...outer, MALLOC_MMAP_THRESHOLD_: "131072" };
const flags = ["--expose-gc", "--single-threaded-gc", "--max-semi-space-size=1", "--max-old-space-size=40"];

/** The process that reads: one for all files, unless one of them ended it. */
let prober: { process: ChildProcess; stdin: Writable; answers: AsyncIterator<string> } | undefined;
afterAll(() => prober?.process.kill());

function startProber(): NonNullable<typeof prober> {
  const process = spawn(execPath, [...flags, "tests/io/memory/probe.mjs"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const { stdin, stdout } = process;
  return { process, stdin, answers: createInterface({ input: stdout })[Symbol.asyncIterator]() };
}

async function probe(reader: string, file: Uint8Array): Promise<Probed> {
  const path = join(folder, "file");
  writeFileSync(path, file);
  prober ??= startProber();
  prober.stdin.write(`${reader} ${path}\n`);
  const { done, value } = await prober.answers.next();
  if (done) prober = undefined;
  expect(done, `${reader}: the process that reads has ended`).toBeFalsy();
  return JSON.parse(value as string) as Probed;
}

function entries(shape: string, offsets: (i: number) => string): string {
  const all = Array.from(
    { length: COUNT },
    (_, i) => `"${i}":{"dtype":"U8","shape":${shape},"data_offsets":${offsets(i)}}`,
  );
  return `{${all.join(",")}}`;
}

const inOrder = (i: number): string => `[${i},${i + 1}]`;
const text = ("😀" + "a".repeat(1000) + "\\n").repeat(12_000);

/** Files whose headers would take many times their bytes, and what is said of them. */
const HEADERS: Readonly<Record<string, [file: () => Uint8Array, message: RegExp]>> = {
  "empty tensors": [() => withHeader(entries("[0]", () => "[0,0]")), /at most \d+ tensors in so few bytes/],
  "tensors of a byte": [
    () => withHeader(entries("[1]", inOrder), new Uint8Array(COUNT)),
    /at most \d+ tensors in so few bytes/,
  ],
  "tensors in another order": [
    () =>
      withHeader(
        entries("[1]", (i) => inOrder(COUNT - 1 - i)),
        new Uint8Array(COUNT),
      ),
    /at most \d+ tensors in so few bytes/,
  ],
  "tensors, and then no end": [
    () => withHeader(entries("[0]", () => "[0,0]").slice(0, -1)),
    /at most \d+ tensors in so few bytes|, at byte \d+, got the end/,
  ],
  "texts of metadata": [
    () => withHeader(`{"__metadata__":{${Array.from({ length: 5 * COUNT }, (_, i) => `"${i}":""`).join()}}}`),
    /at most \d+ texts of metadata in so few bytes/,
  ],
  "a text that takes two bytes a letter": [
    () => withHeader(`{"__metadata__":{"x":"${text}"}}`, new Uint8Array(1)),
    /at most \d+ bytes of metadata/,
  ],
  "a name that takes two bytes a letter": [
    () => withHeader(`{"${text}":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, new Uint8Array(1)),
    /at most 65536 bytes of a name/,
  ],
  "axes without end": [() => withHeader(`{"x":{"dtype":"U8","shape":[${"1,".repeat(4e6)}`), /at most 100 items/],
  "elements that are cut short": [
    () => withHeader('{"x":{"dtype":"F16","shape":[4000000],"data_offsets":[0,8000000]}}', new Uint8Array(7_999_998)),
    /the end of the file/,
  ],
};

/** How a file is read, and how often its bytes are in memory anyway: where they are given, and where a stream gives them. */
const READERS = [
  ["readSafetensors", 0],
  ["parseSafetensors", 1],
  ["streamSafetensors", 1],
] as const;
/** One file for each place of the reader that takes memory: entries, texts, elements. Others are read from a path alone. */
const IN_EVERY_WAY = new Set([
  "tensors, and then no end",
  "a text that takes two bytes a letter",
  "elements that are cut short",
]);

test.runIf(LINUX).each(Object.entries(HEADERS))(
  "%s take no more memory than twice the file",
  async (what, [make, message]) => {
    const file = make();
    for (const [reader, given] of READERS.slice(0, IN_EVERY_WAY.has(what) ? 3 : 1)) {
      // prettier-ignore
      const { outcome, grown } = await probe(reader, file);
      expect(outcome).toMatch(message);
      expect(grown, reader).toBeLessThan((2 + given) * file.length + SLACK);
    }
  },
);

test.runIf(LINUX)("what the header of an .npy file says is no reason to take memory", async () => {
  const file = npyWithHeader(
    "{'descr': '<f8', 'fortran_order': False, 'shape': (200000000,)}",
    new Uint8Array(4 * MIB),
  );
  for (const reader of ["parseNpy", "streamNpy"]) {
    const { outcome, grown } = await probe(reader, file);
    expect(outcome).toMatch(/FormatError/);
    expect(grown, reader).toBeLessThan(3 * file.length + SLACK);
  }
});

/** An archive of one array of zeros, packed: so many bytes, of which the last may be another. */
function zeros(count: number, { last = 0, crc }: { last?: number; crc?: number } = {}): Uint8Array {
  const data = new Uint8Array(count);
  data[count - 1] = last;
  const npy = npyWithHeader(`{'descr': '|b1', 'fortran_order': False, 'shape': (${count},)}`, data);
  const bytes = deflateRawSync(npy);
  return zipOf([{ name: "x.npy", bytes, method: 8, crc: crc ?? checksum(npy), size: npy.length }]);
}

/** Archives that unpack to far more than their bytes. */
const BOMBS: Readonly<Record<string, [file: () => Uint8Array, outcome: RegExp]>> = {
  "one that unpacks to more than is usual": [() => zeros(64 * MIB), /at most 16777216 bytes unpacked/],
  "one whose checksum is another": [() => zeros(15 * MIB, { crc: 1 }), /the entry "x\.npy" intact/],
  "one that is broken at its end": [() => zeros(15 * MIB, { last: 2 }), /0 or 1 for each truth value/],
};

test.runIf(LINUX).each(Object.entries(BOMBS))(
  "%s is refused before memory is taken for it",
  async (_, [make, message]) => {
    const { outcome, grown } = await probe("readNpz", make());
    expect(outcome).toMatch(message);
    expect(grown).toBeLessThan(SLACK);
  },
);

/** Elements of types that take more memory than bytes of a file: so many bytes of them. */
function short(descr: string, bytes: number): Uint8Array {
  const count = bytes / Number(descr.slice(2));
  return npyWithHeader(
    `{'descr': '${descr}', 'fortran_order': False, 'shape': (${count},)}`,
    new Uint8Array(bytes).fill(60),
  );
}

test.runIf(LINUX)("short elements become long ones when nothing more can be refused", async () => {
  for (const descr of ["|i1", "<f2"]) {
    const npy = short(descr, 24 * MIB);
    const archive = zipOf([{ name: "x.npy", bytes: npy, crc: 1, size: npy.length }]);
    const trailing = new Uint8Array(npy.length + 1);
    trailing.set(npy);
    for (const [reader, file, given] of [["readNpz", archive, 0] as const, ["streamNpy", trailing, 1] as const]) {
      const most = (2 + given) * file.length + SLACK;
      let { outcome, grown } = await probe(reader, file);
      // What waits for the collector differs from time to time; what is kept does not.
      if (grown >= most) ({ outcome, grown } = await probe(reader, file));
      expect(outcome).toMatch(/the entry "x\.npy" intact|got further bytes/);
      expect(grown, `${reader} of ${descr}`).toBeLessThan(most);
    }
  }
});

test.runIf(LINUX)("zeros that are packed take the memory that they are worth", async () => {
  const { outcome, grown } = await probe("readNpz", zeros(15 * MIB));
  expect(outcome).toBe("read");
  expect(grown).toBeLessThan(16 * MIB + SLACK);
});

test.runIf(LINUX)("an archive of more arrays than its bytes are worth is refused", async () => {
  const npy = npyWithHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (0,)}");
  const file = zipOf(Array.from({ length: 20_000 }, (_, i) => ({ name: `${i}.npy`, bytes: npy })));
  const { outcome, grown } = await probe("readNpz", file);
  expect(outcome).toMatch(/at most \d+ arrays in so few bytes/);
  expect(grown).toBeLessThan(2 * file.length + SLACK);
});
