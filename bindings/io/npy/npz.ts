import type * as zipjs from "@zip.js/zip.js";
import "../../methods.js";
import type { Tensor } from "../../core/graph.js";
import { FormatError, MissingPackageError, ValueError } from "../../errors.js";
import type { IntegerOptions, StoreOptions } from "../elements.js";
import { writeBytes } from "../file.js";
import { readStream, type Stream } from "../pull.js";
import { readBytes, type ReadOptions, type Source } from "../source.js";
import { formatNpy, readingNpy } from "./npy.js";

const PACKAGE = "@zip.js/zip.js";
const EXTENSION = ".npy";

/** DEFLATE makes nothing smaller by more than this factor. */
const BEST_RATIO = 1032;

type Zip = typeof zipjs;
type ZipEntry = zipjs.FileEntry;

export interface NpzOptions extends ReadOptions, IntegerOptions {
  /** Bytes that the arrays may take unpacked, all together. Default 2³⁰. */
  maxBytes?: number;
}

/**
 * The arrays of an .npz archive of NumPy by name, each as `parseNpy` reads it. Needs the package @zip.js/zip.js. An archive
 * that other programs might read otherwise, one whose checksums differ, or one that unpacks to more than `maxBytes` is a
 * `FormatError`.
 */
export async function readNpz(source: Source, options: NpzOptions = {}): Promise<Record<string, Tensor>> {
  const zip = await installed("readNpz");
  const bytes = await readBytes(source, options);
  const tensors = new Map<string, Tensor>();
  const reader = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { strictness: "strict", useWebWorkers: false });
  try {
    const entries = await reader.getEntries().catch((error: unknown) => refuse("a zip archive", error));
    for (const [name, entry] of named(entries, options.maxBytes ?? 0x40000000)) {
      tensors.set(name, await unpack(name, entry, options));
    }
    return Object.fromEntries(tensors);
  } catch (error) {
    for (const x of tensors.values()) x.dispose();
    throw error;
  } finally {
    await reader.close();
  }
}

/** The entries by the names of their arrays, if they are what they should be. */
function named(
  entries: readonly (ZipEntry | { directory: true; filename: string })[],
  most: number,
): Map<string, ZipEntry> {
  const found = new Map<string, ZipEntry>();
  let total = 0;
  for (const entry of entries) {
    const { filename } = entry;
    const name = filename.slice(0, -EXTENSION.length);
    const refuseEntry = (expected: string, got: string): never => {
      throw new FormatError("readNpz", `${expected} for the entry ${JSON.stringify(filename)}`, got);
    };
    if (entry.directory || !filename.endsWith(EXTENSION) || name === "__proto__") {
      refuseEntry(`the name of an array and ${EXTENSION}`, entry.directory ? "a folder" : "another name");
    } else {
      const { uncompressedSize, compressedSize, compressionMethod, encrypted } = entry;
      if (found.has(name)) refuseEntry("a name that comes once", "a second one");
      if (encrypted || (compressionMethod !== 0 && compressionMethod !== 8))
        refuseEntry("stored or deflated bytes", encrypted ? "encrypted ones" : `the method ${compressionMethod}`);
      const largest = compressionMethod === 0 ? compressedSize : compressedSize * BEST_RATIO;
      if (uncompressedSize > largest)
        refuseEntry(`at most ${largest} bytes out of ${compressedSize}`, String(uncompressedSize));
      if ((total += uncompressedSize) > most) refuseEntry(`at most ${most} bytes unpacked, in all`, String(total));
      found.set(name, entry);
    }
  }
  return found;
}

async function unpack(name: string, entry: ZipEntry, options: NpzOptions): Promise<Tensor> {
  let fail = (_error: unknown): void => undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => void (fail = (error) => controller.error(error)),
  });
  const reader = readable.getReader();
  const intact = (error: unknown): never => {
    options.signal?.throwIfAborted();
    return refuse(`the entry ${entry.filename} intact`, error);
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
    readStream(stream, (total) => readingNpy("readNpz", total, options, name)),
    written,
  ]);
  if (array.status === "rejected") throw array.reason;
  if (packed.status === "fulfilled") return array.value;
  array.value.dispose();
  return intact(packed.reason);
}

function refuse(expected: string, error: unknown): never {
  throw new FormatError("readNpz", expected, String(error), { cause: error });
}

export interface FormatNpzOptions extends StoreOptions {
  /** Packs the arrays, as `numpy.savez_compressed` does. Default false. */
  compress?: boolean;
}

/** Tensors as the bytes of an .npz archive: the values that they have now. Needs the package @zip.js/zip.js. */
export async function formatNpz(
  tensors: Readonly<Record<string, Tensor>>,
  { compress = false, ...options }: FormatNpzOptions = {},
): Promise<Uint8Array> {
  const arrays = Object.entries(tensors).map(([name, x]) => {
    if (name === "__proto__") throw new ValueError("formatNpz", "a name that is no part of the language", name);
    return [name, formatNpy(x, options)] as const;
  });
  const zip = await installed("formatNpz");
  // The earliest date that zip has, as in NumPy: the same arrays give the same bytes.
  const entry = { level: compress ? 6 : 0, lastModDate: new Date(1980, 0, 1), extendedTimestamp: false };
  const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), { ...entry, useWebWorkers: false });
  for (const [name, bytes] of arrays) await writer.add(name + EXTENSION, new zip.Uint8ArrayReader(bytes));
  return writer.close();
}

/** Writes an .npz archive in Node, whole or not at all. */
export async function writeNpz(
  path: string | URL,
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<void> {
  await writeBytes(path, await formatNpz(tensors, options));
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
