/** A tensor of a file as it is said to be: what it says may be wrong. */
export interface Said {
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** A safetensors file, written by its specification alone. */
export function safetensors(tensors: Readonly<Record<string, Said>>): Uint8Array<ArrayBuffer> {
  let end = 0;
  const header = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const entry = { dtype, shape, data_offsets: [end, (end += bytes.length)] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  return withHeader(
    `{${header.join(",")}}`,
    Uint8Array.from(Object.values(tensors).flatMap(({ bytes }) => [...bytes])),
  );
}

/** A safetensors file with any header. */
export function withHeader(
  header: string | Uint8Array,
  data: Uint8Array = new Uint8Array(0),
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** An .npy file with any header. */
export function npyWithHeader(
  header: string,
  data: Uint8Array = new Uint8Array(0),
  { version = [1, 0], length = header.length }: { version?: readonly [number, number]; length?: number } = {},
): Uint8Array<ArrayBuffer> {
  const wide = version[0] > 1;
  const start = wide ? 12 : 10;
  const bytes = new Uint8Array(start + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version]);
  const view = new DataView(bytes.buffer);
  if (wide) view.setUint32(8, length, true);
  else view.setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(header), start);
  bytes.set(data, start + header.length);
  return bytes;
}

/** Bytes that come in pieces of a size, nobody says how many. */
export function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(stream) {
      if (at >= bytes.length) return stream.close();
      stream.enqueue(bytes.slice(at, (at += size)));
    },
  });
}
