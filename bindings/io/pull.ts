import { FormatError } from "../errors.js";

/**
 * The reading of one format, for bytes that are all there as for those that are still to come: it yields how many bytes it can
 * take at most, and is given from one to so many, or none at the end of the file.
 */
export type Reading<T> = Generator<number, T, Uint8Array>;

/** Where a reading is in its file. */
export class Cursor {
  /** Bytes taken. */
  at = 0;

  /** `total` is the length of the file, where it is known beforehand. */
  constructor(
    readonly operation: string,
    readonly total: number | null,
  ) {}

  /** Exactly so many bytes, of which a known length has to vouch for. They may be a part of the file's own memory. */
  *take(count: number, what: string): Reading<Uint8Array> {
    let all: Uint8Array | null = null;
    for (let taken = 0; taken < count;) {
      const piece = yield count - taken;
      if (piece.length === 0) this.refuse(`${count} bytes of ${what}`, `${taken}, then the end of the file`);
      if (piece.length === count) all = piece;
      else (all = this.withRoom(all, taken + piece.length, count)).set(piece, taken);
      taken += piece.length;
    }
    this.at += count;
    return all ?? new Uint8Array(0);
  }

  /** Bytes with room for so many of `count`. What nobody vouches for is only taken as it comes. */
  private withRoom(bytes: Uint8Array | null, length: number, count: number): Uint8Array {
    if (this.total !== null) return bytes ?? new Uint8Array(count);
    const buffer = (bytes?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(0, { maxByteLength: count });
    buffer.resize(length);
    return bytes ?? new Uint8Array(buffer);
  }

  /** Refuses whatever follows. */
  *end(): Reading<void> {
    const piece = yield 1;
    if (piece.length > 0) this.refuse("the end of the file", "further bytes");
  }

  refuse(expected: string, got: string, at = this.at): never {
    throw new FormatError(this.operation, `${expected} at byte ${at}`, got);
  }
}

/** The result of a reading on bytes that are there. */
export function readAll<T>(bytes: Uint8Array, reading: Reading<T>): T {
  let at = 0;
  let step = reading.next();
  while (!step.done) {
    const piece = bytes.subarray(at, at + step.value);
    at += piece.length;
    step = reading.next(piece);
  }
  return step.value;
}

/** Bytes that come one after another. None means the end. */
export interface Stream {
  /** How many there will be, where that is known for certain. */
  readonly total: number | null;
  /** How many somebody says there will be. */
  readonly announced?: number | null;
  next(): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** The result of a reading on a stream, which is closed in any case. */
export async function readStream<T>(stream: Stream, begin: (total: number | null) => Reading<T>): Promise<T> {
  try {
    const reading = begin(stream.total);
    let rest: Uint8Array | null = new Uint8Array(0);
    let step = reading.next();
    while (!step.done) {
      try {
        while (rest?.length === 0) rest = await stream.next();
      } catch (error) {
        reading.throw(error); // So that it gives back what it made.
        throw error;
      }
      const piece: Uint8Array = rest?.subarray(0, step.value) ?? new Uint8Array(0);
      rest = rest?.subarray(piece.length) ?? null;
      step = reading.next(piece);
    }
    return step.value;
  } finally {
    await stream.close();
  }
}

/** The pieces, one after another. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
