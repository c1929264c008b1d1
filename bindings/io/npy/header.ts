import type { StoredType } from "../elements.js";
import type { Cursor, Reading } from "../pull.js";
import { Scanner } from "../text.js";

/** What the header of an .npy file says of its elements. */
export interface NpyHeader {
  readonly stored: StoredType;
  readonly little: boolean;
  /** Whether the first axis, and not the last, runs fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** The place of the header in the file. */
  readonly place: number;
}

/** NumPy's letters for the kind of an element, and its bytes. */
const STORED: Readonly<Record<string, StoredType>> = {
  f2: "f16",
  f4: "f32",
  f8: "f64",
  i1: "i8",
  i2: "i16",
  i4: "i32",
  i8: "i64",
  u1: "u8",
  u2: "u16",
  u4: "u32",
  u8: "u64",
  b1: "bool",
};

/** Every header of plain numbers is shorter by far; NumPy itself draws the line at 10,000 bytes. */
const LONGEST = 10_000;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * The header of an .npy file (numpy.lib.format, versions 1 to 3): a dictionary as Python writes it, of which only what such
 * headers consist of is read, and nothing is evaluated.
 */
export function* readNpyHeader(cursor: Cursor): Reading<NpyHeader> {
  const magic = yield* cursor.take(8, "the beginning");
  if (MAGIC.some((byte, i) => magic[i] !== byte)) cursor.refuse("\\x93NUMPY", hex(magic.subarray(0, 6)), 0);
  const [major, minor] = [magic[6]!, magic[7]!];
  if (major < 1 || major > 3 || minor !== 0) cursor.refuse("version 1.0, 2.0 or 3.0", `${major}.${minor}`, 6);
  const lengthBytes = yield* cursor.take(major === 1 ? 2 : 4, "the header's length");
  const length = lengthBytes.reduce((sum, byte, i) => sum + byte * [1, 256, 65536, 16777216][i]!, 0);
  if (length > LONGEST) cursor.refuse(`a header of at most ${LONGEST} bytes`, String(length), 8);
  const place = cursor.at;
  return parse(new Scanner(cursor.operation, yield* cursor.take(length, "the header"), place), place);
}

function parse(scanner: Scanner, place: number): NpyHeader {
  const found: Found = {};
  scanner.expect("{");
  scanner.list("}", 3, () => member(scanner, found), { trailing: true });
  scanner.end();
  const { descr, fortran, shape } = found;
  if (!descr || fortran === undefined || !shape) return scanner.refuse("'descr', 'fortran_order' and 'shape'", place);
  return { ...descr, fortran, shape, place };
}

type Descr = Pick<NpyHeader, "stored" | "little">;

interface Found {
  descr?: Descr;
  fortran?: boolean;
  shape?: number[];
}

function member(scanner: Scanner, found: Found): void {
  scanner.peek();
  const { place } = scanner;
  const key = text(scanner);
  const field = key === "fortran_order" ? "fortran" : key;
  if (field !== "descr" && field !== "fortran" && field !== "shape")
    return scanner.refuse("'descr', 'fortran_order' or 'shape'", place);
  if (found[field] !== undefined) scanner.refuse("a key that comes once", place);
  scanner.expect(":");
  if (field === "descr") found.descr = readDescr(scanner);
  else if (field === "fortran") found.fortran = scanner.word("True", "False") === "True";
  else found.shape = readShape(scanner);
}

function readDescr(scanner: Scanner): Descr {
  const next = scanner.peek();
  const { place } = scanner;
  if (next === "[" || next === "(") scanner.refuse("elements of one type, not of several fields,", place);
  const descr = text(scanner);
  if (/^[<>|=]?O/.test(descr)) scanner.refuse("numbers or truth values, not pickled objects,", place);
  const [, order, kind] = /^([<>|])([a-zA-Z]\d+)$/.exec(descr) ?? [];
  const stored = kind !== undefined && Object.hasOwn(STORED, kind) ? STORED[kind] : undefined;
  if (!stored || (order === "|" && !kind!.endsWith("1")))
    return scanner.refuse(`< or > and one of ${Object.keys(STORED).join(", ")}`, place);
  return { stored, little: order !== ">" };
}

function readShape(scanner: Scanner): number[] {
  scanner.expect("(");
  if (scanner.skip(")")) return [];
  const first = scanner.whole();
  scanner.expect(","); // (1) is a number to Python, and (1,) a shape.
  return [first, ...scanner.list(")", LONGEST, () => scanner.whole(), { trailing: true })];
}

function text(scanner: Scanner): string {
  const bytes = scanner.quoted("'\"");
  return String.fromCharCode(...bytes.subarray(1, -1));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
