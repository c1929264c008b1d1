// The most that one core moves: loops over linear memory that compute next to nothing.
import { assemble } from "./wasm.js";

/** Vectors that are read in a turn, each into an accumulator of its own. */
const STREAMS = 8;

export interface Traffic {
  /** Reads so many bytes, a multiple of 128. */
  read(address: number, bytes: number): unknown;
  /** Copies so many bytes, by `memory.copy`. */
  copy(to: number, from: number, bytes: number): unknown;
}

/** The loops over a shared memory. */
export function makeTraffic(memory: WebAssembly.Memory): Traffic {
  const module = new WebAssembly.Module(assemble([READ, COPY], true));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Traffic;
}

const accumulators = Array.from({ length: STREAMS }, (_, i) => i + 2);

/** read(address, bytes): loop: accumulators ^= vectors; address += 128; while (bytes -= 128). */
const READ = {
  name: "read",
  parameters: 2,
  vectors: STREAMS,
  result: 127,
  code: [
    ...[3, 64],
    ...accumulators.flatMap((a, i) => [32, a, 32, 0, 253, 0, 4, 16 * i, 253, 81, 33, a]),
    ...[32, 0, 65, 0x80, 1, 106, 33, 0, 32, 1, 65, 0x80, 1, 107, 34, 1, 13, 0, 11],
    ...[32, 2, ...accumulators.slice(1).flatMap((a) => [32, a, 253, 81]), 253, 27, 0],
  ],
};

const COPY = { name: "copy", parameters: 3, vectors: 0, code: [32, 0, 32, 1, 32, 2, 252, 10, 0, 0] };
