import { tooMany } from "../limits.js";
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
  readonly places: Readonly<Record<Field | "name", number>>;
}

const FIELDS = ["dtype", "shape", "data_offsets"] as const;
type Field = (typeof FIELDS)[number];

/** What a header may have. */
export interface Limits {
  readonly tensors: number;
  /** Texts of metadata, and the bytes that all of them take with their names. */
  readonly texts: number;
  readonly bytes: number;
}

/** More axes than any model has. */
const MOST_LENGTHS = 100;

/** Bytes of `"":{"dtype":"","shape":[],"data_offsets":[0,0]},`: no tensor takes fewer. */
const SHORTEST = 48;

/** Numbers that are kept of a tensor: the place of its name, and where its elements begin and end. */
const KEPT = 3;

/**
 * The header of a safetensors file: JSON, read as strictly as the format has it. What a general parser would let pass, such as
 * a name that comes twice or a length of 1e3, is refused with its place. Of each tensor only a few numbers are kept, which take
 * less memory than its bytes; the rest is read again when it is asked for.
 */
export class Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** How many tensors there are. */
  readonly length: number = 0;
  private readonly scanner: Scanner;
  private readonly kept: Float64Array;
  /** The numbers of the tensors in the order of their elements, where they are written in another. */
  private readonly order: Uint32Array | null;

  constructor(operation: string, bytes: Uint8Array, start: number, limits: Limits) {
    const scanner = (this.scanner = new Scanner(operation, bytes, start));
    if (bytes[0] !== 0x7b) scanner.refuse("{");
    this.kept = new Float64Array(KEPT * Math.ceil(bytes.length / SHORTEST));
    let metadata: Record<string, string> | null = null;
    let length = 0;
    scanner.expect("{");
    members(scanner, (name, place) => {
      if (name === "__metadata__") {
        if (metadata) scanner.refuse("a name that comes once", place);
        metadata = readMetadata(scanner, limits);
        return;
      }
      if (length === limits.tensors) scanner.refuse(tooMany("tensors", limits.tensors), place);
      const { begin, end } = readEntry(scanner, name, place);
      this.kept.set([place, begin, end], KEPT * length++);
    });
    scanner.end();
    this.metadata = metadata ?? {};
    this.length = length;
    this.order = this.sorted();
  }

  /** The tensors in the order of their elements. */
  *entries(): IterableIterator<Entry> {
    const { scanner, kept, order, length } = this;
    for (let i = 0; i < length; i++) {
      scanner.place = kept[KEPT * (order?.[i] ?? i)]!;
      const { place } = scanner;
      const name = text(scanner);
      scanner.expect(":");
      yield readEntry(scanner, name, place);
    }
  }

  /** As files are written nothing is to be sorted. */
  private sorted(): Uint32Array | null {
    const { kept, length } = this;
    const compare = (a: number, b: number): number =>
      kept[KEPT * a + 1]! - kept[KEPT * b + 1]! || kept[KEPT * a + 2]! - kept[KEPT * b + 2]! || a - b;
    let i = 1;
    while (i < length && compare(i - 1, i) < 0) i++;
    return i >= length ? null : Uint32Array.from({ length }, (_, n) => n).sort(compare);
  }
}

function readMetadata(scanner: Scanner, { texts, bytes }: Limits): Record<string, string> {
  const metadata: Record<string, string> = {};
  let count = 0;
  scanner.expect("{");
  const end = scanner.place + bytes;
  members(scanner, (name, place) => {
    if (count++ === texts) scanner.refuse(tooMany("texts of metadata", texts), place);
    if (Object.hasOwn(metadata, name)) scanner.refuse("a name that comes once", place);
    metadata[name] = text(scanner, end - scanner.place, `${bytes} bytes of metadata (or a larger { maxMetadata })`);
  });
  return metadata;
}

function readEntry(scanner: Scanner, name: string, place: number): Entry {
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
  members(scanner, (field, at) => {
    if (!isField(field)) return scanner.refuse(`only ${FIELDS.join(", ")}`, at);
    if (places[field] !== undefined) scanner.refuse("a name that comes once", at);
    scanner.peek();
    places[field] = scanner.place;
    if (field === "dtype") dtype = text(scanner);
    else if (field === "shape") shape = list();
    else if ((offsets = list()).length !== 2) scanner.refuse("two offsets", places[field]);
  });
  if (!isWhole(places)) scanner.refuse(`each of ${FIELDS.join(", ")}`, begun);
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]!, places: { ...places, name: place } };
}

function isField(name: string): name is Field {
  return (FIELDS as readonly string[]).includes(name);
}

function isWhole(places: Partial<Record<Field, number>>): places is Record<Field, number> {
  return FIELDS.every((field) => places[field] !== undefined);
}

/** The members of an object that was opened. Whether a name comes once is for `member` to say. */
function members(scanner: Scanner, member: (name: string, place: number) => void): void {
  scanner.each("}", () => {
    scanner.peek();
    const { place } = scanner;
    const name = text(scanner);
    if (name === "__proto__") scanner.refuse("a name that is no part of the language", place);
    scanner.expect(":");
    member(name, place);
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes of a name with its quotation marks: a text may take four times as many while it is decoded. */
export const LONGEST_NAME = 65_536;

function text(scanner: Scanner, longest = LONGEST_NAME, what = `${longest} bytes of a name`): string {
  scanner.peek();
  const { place } = scanner;
  const bytes = scanner.quoted('"');
  if (bytes.length > longest) scanner.refuse(`at most ${what}`, place);
  if (isPlain(bytes)) return String.fromCharCode(...bytes.subarray(1, -1));
  try {
    const value = JSON.parse(utf8.decode(bytes.slice())) as string; // Decoders take no memory that is shared, or that grows.
    if (!/\p{Surrogate}/u.test(value)) return value;
  } catch {
    // Refused below.
  }
  return scanner.refuse("a text in JSON and UTF-8", place);
}

/** Whether a text stands for itself, as names nearly always do, and is short. */
function isPlain(bytes: Uint8Array): boolean {
  return bytes.length < 256 && bytes.every((byte) => byte < 0x80 && byte !== 0x5c);
}
