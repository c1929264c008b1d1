import "../../methods.js";
import type { Tensor } from "../../core/graph.js";
import { ValueError } from "../../errors.js";
import { bytesOf, checkTensor, entriesOf, storedAs, writeElements, type StoreOptions } from "../elements.js";
import { writeFile } from "../file.js";
import { shown } from "../text.js";
import { LONGEST_NAME } from "./header.js";
import { STORED } from "./read.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `formatSafetensors` and `writeSafetensors`. */
export interface SafetensorsOptions extends StoreOptions {
  /** Texts by name, for whoever reads the file. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Tensors as the bytes of a safetensors file: the values that they have now. The bytes are those that the format's own library
 * writes: the widest elements come first, so that all of them are aligned.
 */
export function formatSafetensors<K extends string>(
  tensors: Readonly<Record<K, Tensor>>,
  options: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  return safetensorsOf("formatSafetensors", tensors, options);
}

/** As `formatSafetensors`, for who names itself in what it refuses. */
export function safetensorsOf(
  operation: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsOptions,
): Uint8Array<ArrayBuffer> {
  checkOptions(operation, options, { store: null, metadata: null });
  const blocks = entriesOf(operation, tensors).map(([name, given]) => {
    const x = checkTensor(operation, checkTensorName(operation, name), given);
    const stored = storedAs(operation, x, options);
    return { name, x, stored, size: x.size * bytesOf(stored) };
  });
  blocks.sort((a, b) => ORDER.indexOf(a.stored) - ORDER.indexOf(b.stored) || (a.name < b.name ? -1 : 1));
  let end = 0;
  const entries = blocks.map(({ name, x, stored, size }) => {
    const dtype = Object.keys(STORED)[ORDER.indexOf(stored)];
    return member(name, { dtype, shape: x.shape, data_offsets: [end, (end += size)] });
  });
  const metadata = entriesOf(operation, options.metadata ?? {}).map(([name, text]) =>
    member(checkTensorName(operation, name), checkText(operation, name, text)),
  );
  if (metadata.length > 0) entries.unshift(`"__metadata__":{${metadata.join(",")}}`);
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setUint32(0, start - 8, true);
  bytes.fill(0x20, 8, start).set(json, 8);
  let at = start;
  for (const { x, stored, size } of blocks) {
    writeElements(x, stored, bytes.subarray(at, at + size));
    at += size;
  }
  return bytes;
}

/** Writes tensors to a safetensors file in Node, whole or not at all: see `formatSafetensors` and `writeBytes`. */
export async function writeSafetensors<K extends string>(
  path: string | URL,
  tensors: Readonly<Record<K, Tensor>>,
  options: SafetensorsOptions = {},
): Promise<void> {
  await writeFile("writeSafetensors", path, safetensorsOf("writeSafetensors", tensors, options));
}

const ORDER = Object.values(STORED);

/** Written by itself, since objects put names such as "0" before others. */
function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function checkTensorName(operation: string, name: string): string {
  const length = new TextEncoder().encode(JSON.stringify(name)).length;
  if (name === "__proto__" || name === "__metadata__" || /\p{Surrogate}/u.test(name) || length > LONGEST_NAME)
    throw new ValueError(
      operation,
      `names in Unicode other than __metadata__ and __proto__, of at most ${LONGEST_NAME} bytes`,
      shown(name),
    );
  return name;
}

function checkText(operation: string, name: string, text: unknown): string {
  if (typeof text === "string" && !/\p{Surrogate}/u.test(text)) return text;
  throw new ValueError(operation, `a text in Unicode as the metadata ${name}`, String(text));
}
