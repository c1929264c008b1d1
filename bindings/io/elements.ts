import { allocateTensor } from "../core/running/apply.js";
import { arrayOf } from "../core/values/create.js";
import { dtypes, type DTypeName } from "../core/dtype.js";
import { Tensor } from "../core/graph.js";
import { MOST_AXES, showShape, type Shape } from "../core/shape.js";
import { DTypeError, ValueError } from "../errors.js";
import { bfloat16Value, floatToBfloat16, floatToHalf, halfValue } from "./half.js";
import type { Cursor, Reading } from "./pull.js";

/** Element types of files: those that compute, halves, and integers that are read into i32. */
export type StoredType = DTypeName | "f16" | "bf16" | "i8" | "i16" | "u16" | "u32" | "i64" | "u64";

/** How files with 64-bit integers are read. */
export interface IntegerOptions {
  /**
   * What integers of 64 bits, and those of 32 without a sign, become: i32 (the default) or f64, exact up to 2⁵³. A value that
   * does not fit is an error.
   */
  int64?: "i32" | "f64";
}

interface Kind {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly dtype: DTypeName;
  /** Not every value fits into the dtype. */
  readonly wide?: true;
  /** One element; NaN for one that no double holds. */
  read(view: DataView, at: number, little: boolean): number;
}

const KINDS: Readonly<Record<StoredType, Kind>> = {
  f32: { bytes: 4, dtype: "f32", read: (view, at, little) => view.getFloat32(at, little) },
  f64: { bytes: 8, dtype: "f64", read: (view, at, little) => view.getFloat64(at, little) },
  f16: { bytes: 2, dtype: "f32", read: (view, at, little) => halfValue(view.getUint16(at, little)) },
  bf16: { bytes: 2, dtype: "f32", read: (view, at, little) => bfloat16Value(view.getUint16(at, little)) },
  i8: { bytes: 1, dtype: "i32", read: (view, at) => view.getInt8(at) },
  i16: { bytes: 2, dtype: "i32", read: (view, at, little) => view.getInt16(at, little) },
  i32: { bytes: 4, dtype: "i32", read: (view, at, little) => view.getInt32(at, little) },
  i64: { bytes: 8, dtype: "i32", wide: true, read: (view, at, little) => whole(view, at, little, true) },
  u8: { bytes: 1, dtype: "u8", read: (view, at) => view.getUint8(at) },
  u16: { bytes: 2, dtype: "i32", read: (view, at, little) => view.getUint16(at, little) },
  u32: { bytes: 4, dtype: "i32", wide: true, read: (view, at, little) => view.getUint32(at, little) },
  u64: { bytes: 8, dtype: "i32", wide: true, read: (view, at, little) => whole(view, at, little, false) },
  bool: { bytes: 1, dtype: "bool", read: (view, at) => view.getUint8(at) },
};

/** A 64-bit integer of at most 2⁵³ in size, else NaN. */
function whole(view: DataView, at: number, little: boolean, signed: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little);
  const highAt = little ? at + 4 : at;
  const high = signed ? view.getInt32(highAt, little) : view.getUint32(highAt, little);
  const value = high * 4294967296 + low;
  const size = Math.abs(value);
  return size < 9007199254740992 || (size === 9007199254740992 && low === 0) ? value : NaN;
}

/** Bytes of an element in a file. */
export function bytesOf(stored: StoredType): number {
  return KINDS[stored].bytes;
}

/** How many elements a shape has, if it is one: few enough axes, and a number that is exact. */
export function countOf(cursor: Cursor, shape: Shape, at: number): number {
  if (shape.length > MOST_AXES) cursor.refuse(`at most ${MOST_AXES} axes`, String(shape.length), at);
  let count = 1;
  let size = 1; // As if no axis were empty: what overflows is refused, whatever comes after.
  for (const length of shape) {
    count *= length;
    size *= Math.max(length, 1);
    if (size > Number.MAX_SAFE_INTEGER) cursor.refuse("a shape of fewer than 2^53 elements", showShape(shape), at);
  }
  return count;
}

/** What to read, and how. */
export interface Block {
  /** For messages. */
  readonly name: string;
  readonly stored: StoredType;
  readonly shape: Shape;
  readonly count: number;
  readonly little: boolean;
}

/** Bytes that are converted at a time. */
const PIECE = 65536;

/** Some of the elements: their bytes, the number of the first, and where that is in the file. */
interface Piece {
  readonly elements: Uint8Array;
  readonly first: number;
  readonly place: number;
}

/** A tensor, or what it will be made of once the whole file is known to be good. Who does not make it gives it back. */
export interface Elements {
  make(): Tensor;
  dispose(): void;
}

/**
 * The elements that follow. Memory for a tensor of them is taken when the length of the file vouches for them, or else when
 * they have come; but those that take more memory than bytes of a file that nobody vouches for stay as they are until the end.
 */
export function* readElements(
  cursor: Cursor,
  block: Block,
  options: IntegerOptions,
  vouched = cursor.total !== null,
): Reading<Elements> {
  const dtype = dtypeOf(block, options);
  const held: Piece[] = [];
  let x: Tensor | null = null;
  const make = (): Tensor => (x ??= allocateTensor(block.shape, dtype));
  const made = (): Tensor => {
    make();
    for (let piece = held.shift(); piece; piece = held.shift()) convert(cursor, block, piece, x!, piece.first);
    return x!;
  };
  const dispose = (): void => x?.dispose();
  try {
    const late = !vouched && dtypes[dtype].bytes > bytesOf(block.stored);
    if (cursor.total !== null && !late) make();
    yield* takePieces(cursor, block, (piece) => {
      if (x) convert(cursor, block, piece, x, piece.first);
      else held.push(piece);
    });
    if (!late) made();
    return { make: made, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The tensors of what was read, by name. */
export function madeOf(read: ReadonlyMap<string, Elements>): Record<string, Tensor> {
  return Object.fromEntries([...read].map(([name, elements]) => [name, elements.make()]));
}

/** Refuses the elements that `readElements` would refuse, and keeps none. */
export function* checkElements(cursor: Cursor, block: Block, options: IntegerOptions): Reading<void> {
  const scratch = allocateTensor([PIECE / KINDS[block.stored].bytes], dtypeOf(block, options));
  try {
    yield* takePieces(cursor, block, (piece) => convert(cursor, block, piece, scratch, 0));
  } finally {
    scratch.dispose();
  }
}

/** Refuses what no integers become. */
export function checkIntegerOptions(operation: string, { int64 = "i32" }: IntegerOptions): void {
  if (int64 !== "i32" && int64 !== "f64") throw new ValueError(operation, 'int64 "i32" or "f64"', String(int64));
}

function dtypeOf({ stored }: Block, { int64 = "i32" }: IntegerOptions): DTypeName {
  const { dtype, wide } = KINDS[stored];
  return wide ? int64 : dtype;
}

function* takePieces(cursor: Cursor, { name, stored, count }: Block, use: (piece: Piece) => void): Reading<void> {
  const { bytes } = KINDS[stored];
  const start = cursor.at;
  for (let done = 0; done < count * bytes; done += PIECE) {
    const elements = yield* cursor.take(Math.min(PIECE, count * bytes - done), name);
    use({ elements, first: done / bytes, place: start + done });
  }
}

/** Puts the elements of a piece into x from position `at` on. */
function convert(
  cursor: Cursor,
  { name, stored, little }: Block,
  { elements, first, place }: Piece,
  x: Tensor,
  at: number,
): void {
  const { bytes, wide, read } = KINDS[stored];
  const values = arrayOf(x);
  const count = elements.length / bytes;
  if ((little || bytes === 1) && stored === x.dtype) {
    new Uint8Array(values.buffer, values.byteOffset + at * bytes, elements.length).set(elements);
    if (stored === "bool") checkTruths(cursor, name, elements, place);
    return;
  }
  const view = new DataView(elements.buffer, elements.byteOffset, elements.byteLength);
  for (let i = 0; i < count; i++) {
    const value = read(view, i * bytes, little);
    values[at + i] = value;
    if (wide && values[at + i] !== value) {
      throw new ValueError(
        cursor.operation,
        `values of ${name} that ${x.dtype} holds${x.dtype === "i32" ? ' (or { int64: "f64" })' : ""}`,
        `${integerAt(view, i * bytes, stored, little)} at position ${first + i}, byte ${place + i * bytes}`,
      );
    }
  }
}

function checkTruths(cursor: Cursor, name: string, piece: Uint8Array, place: number): void {
  const i = piece.findIndex((byte) => byte > 1);
  if (i >= 0) cursor.refuse(`0 or 1 for each truth value of ${name}`, String(piece[i]), place + i);
}

function integerAt(view: DataView, at: number, stored: StoredType, little: boolean): string {
  if (stored === "i64") return String(view.getBigInt64(at, little));
  return String(stored === "u64" ? view.getBigUint64(at, little) : view.getUint32(at, little));
}

/** How tensors are written to files. */
export interface StoreOptions {
  /** Stores floating-point tensors in this type, rounded; integers and truth values stay as they are. */
  store?: "f16" | "bf16" | "f32" | "f64";
}

const STORES = ["f16", "bf16", "f32", "f64"];

/** The type that a tensor is written in. */
export function storedAs(operation: string, x: Tensor, { store }: StoreOptions): StoredType {
  if (store !== undefined && !STORES.includes(store))
    throw new DTypeError(operation, `one of ${STORES.join(", ")} to store`, String(store));
  return store && (x.type.float || x.type.half) ? store : x.dtype;
}

/** Writes the elements of a tensor in row-major order, little-endian, from the start of `bytes` on. */
export function writeElements(x: Tensor, stored: StoredType, bytes: Uint8Array): void {
  x.read((elements) => {
    // Halves are read as f32, to which they round back.
    const same = stored === x.dtype && !x.type.half;
    const values = same ? elements : rounded(elements as Float32Array | Float64Array, stored);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  });
}

function rounded(values: Float32Array | Float64Array, stored: StoredType): Uint16Array | Float32Array | Float64Array {
  if (stored === "f16") return floatToHalf(values);
  if (stored === "bf16") return floatToBfloat16(values);
  return stored === "f32" ? Float32Array.from(values) : Float64Array.from(values);
}

/** The tensor, if it is one that has values. */
export function checkTensor(operation: string, name: string, x: unknown): Tensor {
  if (x instanceof Tensor) return x;
  throw new ValueError(operation, `a tensor for ${name}`, String(x));
}

/** The entries of an object by name: of tensors, or of the parts of a checkpoint. */
export function entriesOf<T>(operation: string, named: Readonly<Record<string, T>>): [name: string, value: T][] {
  const given: unknown = named;
  if (typeof given !== "object" || given === null || Symbol.iterator in given)
    throw new ValueError(operation, "an object with values by name", Object.prototype.toString.call(given));
  return Object.entries(named);
}
