import { Scanner } from "../text.js";

/** A tensor as the header has it. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its elements begin and end, in bytes after the header. */
  readonly begin: number;
  readonly end: number;
  /** The place of each in the file, for messages. */
  readonly places: Readonly<Record<Field, number>>;
}

const FIELDS = ["dtype", "shape", "data_offsets"] as const;
type Field = (typeof FIELDS)[number];

export interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** More names, and more axes, than any model has: what a header becomes in memory is larger than its bytes. */
const MOST_NAMES = 100_000;
const MOST_LENGTHS = 100;

/**
 * The header of a safetensors file: JSON, read as strictly as the format has it. What a general parser would let pass, such as
 * a name that comes twice or a length of 1e3, is refused with its place.
 */
export function parseHeader(operation: string, bytes: Uint8Array, start: number): Header {
  const scanner = new Scanner(operation, bytes, start);
  if (bytes[0] !== 0x7b) scanner.refuse("{");
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  scanner.expect("{");
  object(scanner, (name) => {
    if (name === "__metadata__") metadata = readMetadata(scanner);
    else entries.push(readEntry(scanner, name));
  });
  scanner.end();
  return { entries, metadata };
}

function readMetadata(scanner: Scanner): Record<string, string> {
  const metadata: Record<string, string> = {};
  scanner.expect("{");
  object(scanner, (name) => (metadata[name] = text(scanner)));
  return metadata;
}

function readEntry(scanner: Scanner, name: string): Entry {
  const begun = scanner.place;
  const places: Partial<Record<Field, number>> = {};
  let dtype = "";
  let shape: number[] = [];
  let offsets: number[] = [];
  const list = (): number[] => {
    scanner.expect("[");
    return scanner.list("]", MOST_LENGTHS, () => scanner.whole());
  };
  scanner.expect("{");
  object(scanner, (field, place) => {
    if (!isField(field)) scanner.refuse(`only ${FIELDS.join(", ")}`, place);
    scanner.peek();
    places[field] = scanner.place;
    if (field === "dtype") dtype = text(scanner);
    else if (field === "shape") shape = list();
    else if ((offsets = list()).length !== 2) scanner.refuse("two offsets", places[field]);
  });
  if (!isWhole(places)) scanner.refuse(`each of ${FIELDS.join(", ")}`, begun);
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]!, places };
}

function isField(name: string): name is Field {
  return (FIELDS as readonly string[]).includes(name);
}

function isWhole(places: Partial<Record<Field, number>>): places is Record<Field, number> {
  return FIELDS.every((field) => places[field] !== undefined);
}

/** The members of an object that was opened; each name comes once. */
function object(scanner: Scanner, member: (name: string, place: number) => void): void {
  const names = new Set<string>();
  scanner.list("}", MOST_NAMES, () => {
    scanner.peek();
    const { place } = scanner;
    const name = text(scanner);
    if (names.has(name)) scanner.refuse("a name that comes once", place);
    if (name === "__proto__") scanner.refuse("a name that is no part of the language", place);
    names.add(name);
    scanner.expect(":");
    member(name, place);
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function text(scanner: Scanner): string {
  scanner.peek();
  const { place } = scanner;
  const bytes = scanner.quoted('"');
  try {
    const value = JSON.parse(utf8.decode(bytes)) as string;
    if (!/\p{Surrogate}/u.test(value)) return value;
  } catch {
    // Refused below.
  }
  return scanner.refuse("a text in JSON and UTF-8", place);
}
