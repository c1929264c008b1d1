import { PAGE } from "./page.js";

interface Unpacker {
  readonly memory: WebAssembly.Memory;
  scratchBytes(): number;
  unpack(source: number, scratch: number, out: number, size: number): void;
  assemble(parts: number, out: number, fused: boolean): number;
}

/** Where the packed bytes are put: behind what the reader keeps for itself. */
const SOURCE = 4096;

/**
 * The first `size` bytes of what scripts/lib/pack.mjs made of them, as text. `reader` is assembly/unpack, compiled, in
 * base64.
 */
export function unpack(reader: string, packed: string, size: number): Uint8Array<ArrayBuffer> {
  const { unpacker, out } = unpacked(reader, packed, size, 0);
  return new Uint8Array(unpacker.memory.buffer).slice(out, out + size);
}

/**
 * The last of the modules that scripts/lib/parts.mjs took apart into pieces of these sizes, which are the first that
 * `packed` holds. Of `length` bytes, with its multiply-adds as they are if `fused`, else as products and sums.
 */
export function unpackModule(
  reader: string,
  packed: string,
  pieces: readonly number[],
  length: number,
  fused: boolean,
): Uint8Array<ArrayBuffer> {
  const size = pieces.reduce((sum, piece) => sum + piece);
  // While a function is written, it lies a few bytes further on.
  const { unpacker, out } = unpacked(reader, packed, size, length + 16);
  unpacker.assemble(out + size - pieces[pieces.length - 1]!, out + size, fused);
  return new Uint8Array(unpacker.memory.buffer).slice(out + size, out + size + length);
}

/** The first `size` bytes of what was packed, at `out` in the memory of a new unpacker, with room behind them. */
function unpacked(reader: string, packed: string, size: number, room: number): { unpacker: Unpacker; out: number } {
  const module = new WebAssembly.Module(fromBase64(reader));
  const unpacker = new WebAssembly.Instance(module).exports as unknown as Unpacker;
  // The reader may look a few bytes past the end.
  const scratch = (SOURCE + packed.length + 16) & ~7;
  const out = scratch + unpacker.scratchBytes();
  unpacker.memory.grow(Math.ceil((out + size + room) / PAGE));
  new TextEncoder().encodeInto(packed, new Uint8Array(unpacker.memory.buffer, SOURCE));
  unpacker.unpack(SOURCE, scratch, out, size);
  return { unpacker, out };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
