import { PAGE } from "./options.js";

interface Unpacker {
  readonly memory: WebAssembly.Memory;
  scratchBytes(): number;
  unpack(source: number, scratch: number, out: number, size: number): void;
}

/** Where the packed bytes are put: nothing of the reader's own is in the way. */
const SOURCE = 1024;

/**
 * The first `size` bytes of what scripts/lib/pack.mjs packed into `packed`. `reader` is assembly/unpack.ts, compiled; both
 * are base64.
 */
export function unpack(reader: string, packed: string, size: number): Uint8Array<ArrayBuffer> {
  const module = new WebAssembly.Module(fromBase64(reader));
  const { memory, scratchBytes, unpack: read } = new WebAssembly.Instance(module).exports as unknown as Unpacker;
  const stream = fromBase64(packed);
  // The reader may look a few bytes past the end.
  const scratch = (SOURCE + stream.length + 16) & ~7;
  const out = scratch + scratchBytes();
  memory.grow(Math.ceil((out + size) / PAGE));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(stream, SOURCE);
  read(SOURCE, scratch, out, size);
  return bytes.slice(out, out + size);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
