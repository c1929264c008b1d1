import { ValueError } from "../errors.js";
import { hasFiles, openFile } from "./file.js";
import { Cursor, joined, readStream, type Reading, type Stream } from "./pull.js";
import { checkBytes } from "../shared/bytes.js";
import { checkOptions } from "../shared/options.js";
import { checkSignal } from "../shared/signal.js";

/**
 * Where a file is read from: its bytes, a Blob or File, an answer of `fetch`, a stream, a URL, or a path in Node. A string
 * with a scheme, such as `https:`, is a URL; any other is a path in Node, and a URL relative to the page elsewhere.
 */
export type Source = string | URL | Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array>;

/** How far a reading has come. */
export interface ReadProgress {
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; null where nobody said how many there will be. */
  readonly total: number | null;
}

/** Options of everything that reads from a `Source`. */
export interface ReadOptions {
  /** Called as bytes come. */
  onProgress?: (progress: ReadProgress) => void;
  /** Ends the reading with the signal's reason, at once. */
  signal?: AbortSignal | null;
}

/** The bytes of a source, such as a file of data for `wengert/data` to parse. They may be the source's own. */
export async function readBytes(source: Source, options: ReadOptions = {}): Promise<Uint8Array> {
  checkOptions("readBytes", options, { onProgress: null, signal: null });
  return bytesFrom("readBytes", source, options);
}

/** As `readBytes`, for who has looked at the options. */
export async function bytesFrom(operation: string, source: Source, options: ReadOptions): Promise<Uint8Array> {
  if (source instanceof Uint8Array) {
    checkReading(operation, options);
    options.onProgress?.({ loaded: source.length, total: source.length });
    return source;
  }
  return read(operation, source, options, (total) => whole(operation, total));
}

function* whole(operation: string, total: number | null): Reading<Uint8Array> {
  const cursor = new Cursor(operation, total);
  if (total !== null) {
    const bytes = yield* cursor.take(total, "the file");
    yield* cursor.end();
    return bytes;
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = yield Infinity;
    if (piece.length === 0) return joined(pieces, length);
    pieces.push(piece);
    length += piece.length;
  }
}

/** Refuses a signal and a listener that are none, and ends where the signal says so already. */
function checkReading(operation: string, { signal, onProgress }: ReadOptions): void {
  checkSignal(operation, signal);
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw new ValueError(operation, "a function as onProgress", String(onProgress));
  signal?.throwIfAborted();
}

/** Reads a format from a source. `begin` is told the length of the file, where it is known. */
export async function read<T>(
  operation: string,
  source: Source,
  options: ReadOptions,
  begin: (total: number | null) => Reading<T>,
): Promise<T> {
  checkReading(operation, options);
  const { signal, onProgress } = options;
  const opened = await open(operation, source, signal);
  // A stream that gives nothing more is woken up by being closed.
  const close = (): Promise<void> => opened.close().catch(() => undefined);
  const wake = (): void => void close();
  signal?.addEventListener("abort", wake);
  let loaded = 0;
  const watched: Stream = {
    total: opened.total,
    async next() {
      signal?.throwIfAborted();
      const piece = await opened.next().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new ValueError(operation, "a source that can be read to its end", String(error), { cause: error });
      });
      signal?.throwIfAborted();
      if (piece) checkBytes(operation, piece);
      if (piece) onProgress?.({ loaded: (loaded += piece.length), total: opened.total ?? opened.announced ?? null });
      return piece;
    },
    close,
  };
  try {
    return await readStream(watched, begin);
  } finally {
    signal?.removeEventListener("abort", wake);
  }
}

async function open(operation: string, source: Source, signal: AbortSignal | null | undefined): Promise<Stream> {
  if (source instanceof Uint8Array) return once(source);
  if (source instanceof ArrayBuffer) return once(new Uint8Array(source));
  if (source instanceof Blob) return fromStream(source.stream(), source.size);
  if (source instanceof ReadableStream) {
    if (source.locked) throw new ValueError(operation, "a stream that nobody else reads", "a locked one");
    return fromStream(source, null);
  }
  if (source instanceof Response) return fromResponse(operation, source);
  if (typeof source !== "string" && !(source instanceof URL))
    throw new ValueError(operation, "a URL, path, Blob, Response, stream or bytes", String(source));
  const isUrl = source instanceof URL || /^[a-z][a-z\d+.-]+:/i.test(source);
  if (hasFiles() && (!isUrl || String(source).startsWith("file:"))) return openFile(operation, source);
  let response: Response;
  try {
    response = await fetch(source, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new ValueError(operation, "a URL that answers", `${String(source)}: ${String(error)}`, { cause: error });
  }
  return fromResponse(operation, response);
}

function once(bytes: Uint8Array): Stream {
  let rest: Uint8Array | null = bytes;
  const take = (): Uint8Array | null => {
    const taken = rest;
    rest = null;
    return taken;
  };
  return { total: bytes.length, next: () => Promise.resolve(take()), close: () => Promise.resolve() };
}

function fromResponse(operation: string, response: Response): Stream {
  if (!response.ok)
    throw new ValueError(
      operation,
      "a successful answer",
      `${response.status} ${response.statusText} of ${response.url}`,
    );
  if (!response.body || response.bodyUsed || response.body.locked)
    throw new ValueError(operation, "an answer with a body", "none, or one that is read");
  // No more than an announcement, which a reading does not rely on; of a compressed body it is not even that.
  const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
  return { ...fromStream(response.body, null), announced: length && /^\d+$/.test(length) ? Number(length) : null };
}

function fromStream(stream: ReadableStream<Uint8Array>, total: number | null): Stream {
  const reader = stream.getReader();
  return {
    total,
    async next() {
      const { value, done } = await reader.read();
      return done ? null : value;
    },
    close: () => reader.cancel(),
  };
}
