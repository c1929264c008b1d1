import "../methods.js";
import { tensor } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { MOST_AXES, showShape, sizeOf } from "../core/shape.js";
import { FormatError } from "../errors.js";
import { checkBytes } from "../shared/bytes.js";

/** Element types of the format: bytes of each, and how one is read. All are big-endian. */
const READERS: Readonly<
  Record<number, { bytes: number; make(count: number): Values; read(view: DataView, at: number): number }>
> = {
  0x08: { bytes: 1, make: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, make: (n) => new Int32Array(n), read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, make: (n) => new Int32Array(n), read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, make: (n) => new Int32Array(n), read: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, make: (n) => new Float32Array(n), read: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, make: (n) => new Float64Array(n), read: (view, at) => view.getFloat64(at) },
};
type Values = Uint8Array | Int32Array | Float32Array | Float64Array;

/**
 * A tensor from the bytes of an idx file, the format of MNIST (Y. LeCun, http://yann.lecun.com/exdb/mnist): u8 stays u8, signed
 * bytes and shorts become i32. Bytes that are too few, too many, or no idx at all are an error that says where.
 */
export function parseIdx(bytes: Uint8Array): Tensor {
  checkBytes("parseIdx", bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw new FormatError("parseIdx", "a header of at least 4 bytes", `${bytes.length} bytes`);
  if (view.getUint16(0) !== 0) {
    const gzip = view.getUint16(0) === 0x1f8b ? " (a gzip file: decompress it first)" : "";
    throw new FormatError(
      "parseIdx",
      "two zero bytes at the start",
      `0x${view.getUint16(0).toString(16).padStart(4, "0")}${gzip}`,
    );
  }
  const reader = READERS[view.getUint8(2)];
  if (!reader)
    throw new FormatError(
      "parseIdx",
      "an element type 08, 09, 0b, 0c, 0d or 0e at byte 2",
      view.getUint8(2).toString(16),
    );
  const rank = view.getUint8(3);
  if (rank > MOST_AXES) throw new FormatError("parseIdx", `at most ${MOST_AXES} axes at byte 3`, String(rank));
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new FormatError("parseIdx", `a header of ${header} bytes for ${rank} axes`, `${bytes.length} bytes`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = sizeOf(shape);
  if (!Number.isSafeInteger(sizeOf(shape.map((length) => Math.max(length, 1)))))
    throw new FormatError("parseIdx", "a shape of fewer than 2^53 elements", showShape(shape));
  const expected = header + count * reader.bytes;
  if (bytes.length !== expected) {
    throw new FormatError(
      "parseIdx",
      `${expected} bytes for the shape [${shape.join(", ")}]`,
      `${bytes.length}, ${bytes.length < expected ? "truncated" : "too many"}`,
    );
  }
  if (reader.bytes === 1 && view.getUint8(2) === 0x08) return tensor(bytes.subarray(header), { shape });
  const values = reader.make(count);
  for (let i = 0; i < count; i++) values[i] = reader.read(view, header + i * reader.bytes);
  return tensor(values, { shape });
}
