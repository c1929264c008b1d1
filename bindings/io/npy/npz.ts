import type * as zipjs from "@zip.js/zip.js";
import "../../methods.js";
import type { Tensor } from "../../core/graph.js";
import { FormatError, MissingPackageError, ValueError } from "../../errors.js";
import {
  checkIntegerOptions,
  checkTensor,
  entriesOf as tensorsOf,
  madeOf,
  type Elements,
  type IntegerOptions,
  type StoreOptions,
} from "../elements.js";
import { writeFile } from "../file.js";
import { checkMost, mostNames, tooMany, type NameOptions } from "../limits.js";
import { readStream, type Reading, type Stream } from "../pull.js";
import { bytesFrom, type ReadOptions, type Source } from "../source.js";
import { shown } from "../text.js";
import { checkingNpy, npyOf, readingElements } from "./npy.js";
import { checkOptions } from "../../shared/options.js";

const PACKAGE = "@zip.js/zip.js";
const EXTENSION = ".npy";

/** Bytes of a name: the format has 16 bits for them and those of the extension. */
const LONGEST_NAME = 0xffff - EXTENSION.length;

/** DEFLATE makes nothing smaller by more than this factor. */
const BEST_RATIO = 1032;

/** What an archive may unpack to where nobody says so: arrays that are packed are smaller by less, but for masks and zeros. */
const USUAL_RATIO = 16;
const FREE_BYTES = 1 << 24;

/** How the end of an archive begins, and what stands before it where its counts are too small; its bytes without a comment. */
const END = 0x06054b50;
const LEADS = 0x07064b50;
const END_BYTES = 22;

type Zip = typeof zipjs;
type ZipEntry = zipjs.FileEntry;
type Archive = zipjs.ZipReader<unknown>;

/** Options of `readNpz`. */
export interface NpzOptions extends ReadOptions, IntegerOptions, NameOptions {
  /** Bytes that the arrays may take unpacked, all together. Default: 16 times those of the archive, and at least 2²⁴. */
  maxBytes?: number;
}

/**
 * The arrays of an .npz archive of NumPy by name, each as `parseNpy` reads it. Needs the package @zip.js/zip.js. An archive
 * that other programs might read otherwise, one whose checksums differ, or one that unpacks to more than `maxBytes` is a
 * `FormatError`. One that unpacks to more than its own bytes is unpacked once before memory is taken for its arrays, to see
 * whether it is what it says.
 */
export async function readNpz(source: Source, options: NpzOptions = {}): Promise<Record<string, Tensor>> {
  checkOptions("readNpz", options, { onProgress: null, signal: null, int64: null, maxNames: 0, maxBytes: 0 });
  checkIntegerOptions("readNpz", options);
  checkMost("readNpz", "maxNames", options.maxNames);
  checkMost("readNpz", "maxBytes", options.maxBytes);
  const zip = await installed("readNpz");
  const bytes = await bytesFrom("readNpz", source, options);
  const [count, most] = [entriesSaid(bytes), mostNames(bytes.length, options)];
  if (count > most) throw new FormatError("readNpz", tooMany("arrays", most), String(count));
  const read = new Map<string, Elements>();
  const archive = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { strictness: "strict", useWebWorkers: false });
  try {
    const unpacked = await checkDirectory(archive, bytes.length, options);
    if (unpacked > bytes.length)
      for await (const entry of entriesOf(archive)) await unpack(entry, checkingNpy, () => undefined, options);
    for await (const entry of entriesOf(archive))
      read.set(nameOf(entry), await unpack(entry, readingElements, (elements) => elements.dispose(), options));
    return madeOf(read);
  } catch (error) {
    for (const elements of read.values()) elements.dispose();
    throw error;
  } finally {
    await archive.close();
  }
}

/**
 * How many entries the end of an archive says that there are: zip.js, which reads as many, makes objects of all of them before
 * it gives the first. 0 where it has no end, which zip.js refuses.
 */
function entriesSaid(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = bytes.length - END_BYTES; at >= Math.max(0, bytes.length - END_BYTES - 0xffff); at--) {
    if (view.getUint32(at, true) !== END) continue;
    const count = view.getUint16(at + 10, true);
    if (count < 0xffff || at < 20 || view.getUint32(at - 20, true) !== LEADS) return count;
    // To a longer record.
    const long = Number(view.getBigUint64(at - 12, true));
    return long + 40 <= bytes.length ? Number(view.getBigUint64(long + 32, true)) : count;
  }
  return 0;
}

/** The entries of an archive one after another: all together they would take more memory than it. */
async function* entriesOf(archive: Archive): AsyncGenerator<ZipEntry, void, undefined> {
  const entries = archive.getEntriesGenerator();
  for (;;) {
    const step = await entries.next().catch((error: unknown) => refuse("a zip archive", error));
    if (step.done) return;
    yield step.value as ZipEntry; // Those that are folders are refused at first.
  }
}

function nameOf({ filename }: ZipEntry): string {
  return filename.slice(0, -EXTENSION.length);
}

/** Refuses entries that are not what they should be. Returns the bytes that they say to unpack to. */
async function checkDirectory(archive: Archive, size: number, options: NpzOptions): Promise<number> {
  const names = new Set<string>();
  const mostEntries = mostNames(size, options);
  const mostBytes = options.maxBytes ?? Math.max(FREE_BYTES, USUAL_RATIO * size);
  let total = 0;
  for await (const entry of entriesOf(archive)) {
    const { uncompressedSize, compressedSize, compressionMethod, encrypted } = entry;
    const name = nameOf(entry);
    const refuseEntry = (expected: string, got: string): never => {
      throw new FormatError("readNpz", `${expected} for the entry ${shown(entry.filename)}`, got);
    };
    if (names.size === mostEntries) refuseEntry(tooMany("arrays", mostEntries), "one more");
    const directory: boolean = entry.directory;
    if (directory || !entry.filename.endsWith(EXTENSION) || name === "__proto__")
      refuseEntry(`the name of an array and ${EXTENSION}`, directory ? "a folder" : "another name");
    if (names.has(name)) refuseEntry("a name that comes once", "a second one");
    if (encrypted || (compressionMethod !== 0 && compressionMethod !== 8))
      refuseEntry("stored or deflated bytes", encrypted ? "encrypted ones" : `the method ${compressionMethod}`);
    const largest = compressionMethod === 0 ? compressedSize : compressedSize * BEST_RATIO;
    if (uncompressedSize > largest)
      refuseEntry(`at most ${largest} bytes out of ${compressedSize}`, String(uncompressedSize));
    if ((total += uncompressedSize) > mostBytes)
      refuseEntry(`at most ${mostBytes} bytes unpacked, in all (or a larger { maxBytes })`, String(total));
    names.add(name);
  }
  return total;
}

type NpyReading<T> = (operation: string, total: number | null, options: IntegerOptions, name: string) => Reading<T>;

/** What a reading makes of an entry; `takeBack` undoes it where the entry turns out not to be intact. */
async function unpack<T>(
  entry: ZipEntry,
  begin: NpyReading<T>,
  takeBack: (made: T) => void,
  options: NpzOptions,
): Promise<T> {
  let fail = (_error: unknown): void => undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => void (fail = (error) => controller.error(error)),
  });
  const reader = readable.getReader();
  const intact = (error: unknown): never => {
    options.signal?.throwIfAborted();
    return refuse(`the entry ${shown(entry.filename)} intact`, error);
  };
  const written = entry.getData(writable, {
    checkSignature: true,
    checkOverlappingEntry: true,
    ...(options.signal && { signal: options.signal }),
  });
  written.catch(fail); // An entry that is refused at its start says nothing to the stream.
  const stream: Stream = {
    total: entry.uncompressedSize,
    next: () => reader.read().then(({ value }) => value ?? null, intact),
    close: () => reader.cancel().catch(() => undefined),
  };
  const [array, packed] = await Promise.allSettled([
    readStream(stream, (total) => begin("readNpz", total, options, nameOf(entry))),
    written,
  ]);
  if (array.status === "rejected") throw array.reason;
  if (packed.status === "fulfilled") return array.value;
  takeBack(array.value);
  return intact(packed.reason);
}

function refuse(expected: string, error: unknown): never {
  throw new FormatError("readNpz", expected, String(error), { cause: error });
}

/** Options of `formatNpz` and `writeNpz`. */
export interface FormatNpzOptions extends StoreOptions {
  /** Packs the arrays, as `numpy.savez_compressed` does. Default false. */
  compress?: boolean;
}

/** Tensors as the bytes of an .npz archive: the values that they have now. Needs the package @zip.js/zip.js. */
export async function formatNpz<K extends string>(
  tensors: Readonly<Record<K, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<Uint8Array> {
  return npzOf("formatNpz", tensors, options);
}

/** As `formatNpz`, for who names itself in what it refuses. */
async function npzOf(
  operation: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions,
): Promise<Uint8Array> {
  checkOptions(operation, options, { compress: false, store: null });
  const { compress = false, ...storing } = options;
  const arrays = tensorsOf(operation, tensors).map(
    ([name, x]) =>
      [checkMemberName(operation, name), npyOf(operation, checkTensor(operation, name, x), storing)] as const,
  );
  const zip = await installed(operation);
  // The earliest date that zip has, as in NumPy: the same arrays give the same bytes.
  const entry = { level: compress ? 6 : 0, lastModDate: new Date(1980, 0, 1), extendedTimestamp: false };
  const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), { ...entry, useWebWorkers: false });
  for (const [name, bytes] of arrays) await writer.add(name + EXTENSION, new zip.Uint8ArrayReader(bytes));
  return writer.close();
}

/** Writes an .npz archive in Node, whole or not at all. */
export async function writeNpz<K extends string>(
  path: string | URL,
  tensors: Readonly<Record<K, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<void> {
  await writeFile("writeNpz", path, await npzOf("writeNpz", tensors, options));
}

/** Refuses the names that readers refuse, since files of such names may be written elsewhere, or not at all. */
function checkMemberName(operation: string, name: string): string {
  const path = (name + EXTENSION).split("/");
  const safe =
    name !== "__proto__" &&
    !path.some((part) => part === "" || part === "." || part === "..") &&
    !/^\\|^[a-z]:|(^|[\\/])\.\.([\\/]|$)|\0|\p{Surrogate}/iu.test(name + EXTENSION) &&
    new TextEncoder().encode(name).length <= LONGEST_NAME;
  if (safe) return name;
  throw new ValueError(operation, "names that are paths within the archive", shown(name));
}

async function installed(operation: string): Promise<Zip> {
  try {
    return await import("@zip.js/zip.js");
  } catch (error) {
    throw new MissingPackageError(operation, `the package ${PACKAGE} (npm install ${PACKAGE})`, "none", {
      cause: error,
    });
  }
}
