import { RuntimeError } from "../errors.js";

/** A module of one function that does one relaxed multiply-add: valid only where the engine has relaxed SIMD. */
const RELAXED_PROBE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version
  ...[1, 5, 1, 96, 0, 1, 123], // type: () -> v128
  ...[3, 2, 1, 0], // one function of that type
  ...[10, 19, 1, 17, 0], // code: a body of 17 bytes, no locals
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15], // three times i8x16.splat(0)
  ...[253, 133, 2, 11], // f32x4.relaxed_madd, end
]);

/** Whether the engine runs relaxed SIMD as it is. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/** Whether this realm may share memory with workers. A page that is not isolated can make one but not post it. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return typeof crossOriginIsolated === "boolean" ? crossOriginIsolated : true;
}

/**
 * A copy of a module that was compiled for shared memory, with its memory import declared unshared: one flag byte, 3 -> 1
 * (WebAssembly core specification, threads: limits).
 */
export function patchUnshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const patched = new Uint8Array(bytes);
  patched[memoryFlagOffset(patched)] = 1;
  return patched;
}

const IMPORT_SECTION = 2;
const MEMORY_IMPORT = 2;

/** Where the limits flag of the first memory import stands. */
function memoryFlagOffset(bytes: Uint8Array): number {
  let at = 8;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const skipName = (): void => {
    const length = unsigned();
    at += length;
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = unsigned();
    if (section !== IMPORT_SECTION) {
      at += length;
      continue;
    }
    for (let left = unsigned(); left > 0; left--) {
      skipName();
      skipName();
      if (bytes[at++] === MEMORY_IMPORT) return at;
      throw new RuntimeError("load", "a module that imports nothing but its memory", "another import before it");
    }
  }
  throw new RuntimeError("load", "a module that imports its memory", "one without a memory import");
}
