// The most that one core moves with WebAssembly: memory.copy, and a loop that does nothing but load vectors.

/** Vectors that the reading loop loads in a turn. */
const UNROLLED = 8;
const PAGE = 65536;

export interface MemoryLimit {
  /** Copies so many bytes, at most half of what there is. */
  copy(bytes: number): void;
  /** Reads so many bytes, rounded down to whole turns. */
  read(bytes: number): void;
}

/** A memory of so many bytes, every page of it touched. */
export function memoryLimit(bytes: number): MemoryLimit {
  const pages = 2 * Math.ceil(bytes / PAGE) + 2;
  const { memory, copy, read } = new WebAssembly.Instance(new WebAssembly.Module(assemble(pages))).exports as {
    memory: WebAssembly.Memory;
    copy: (to: number, from: number, bytes: number) => void;
    read: (from: number, end: number) => number;
  };
  new Float64Array(memory.buffer).fill(1);
  const half = (pages / 2) * PAGE;
  return {
    copy: (count) => copy(half, 0, count),
    read: (count) => read(0, count - (count % (16 * UNROLLED))),
  };
}

function assemble(pages: number): Uint8Array<ArrayBuffer> {
  const copy = [0, 32, 0, 32, 1, 32, 2, 252, 10, 0, 0, 11];
  // Locals: 0 from, 1 end, 2.. an accumulator for each vector of a turn.
  const loads = Array.from({ length: UNROLLED }, (_, i) => [
    ...[32, 2 + i, 32, 0, 253, 0, 4, ...leb(16 * i), 253, 80, 33, 2 + i], // a ← a | load
  ]).flat();
  const join = Array.from({ length: UNROLLED - 1 }, (_, i) => [32, 3 + i, 253, 80]).flat();
  const read = [
    ...[1, UNROLLED, 123],
    ...[3, 64, ...loads, 32, 0, 65, ...signed(16 * UNROLLED), 106, 34, 0, 32, 1, 73, 13, 0, 11],
    ...[32, 2, ...join, 253, 27, 0, 11],
  ];
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [2, 96, 3, 127, 127, 127, 0, 96, 2, 127, 127, 1, 127]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(7, [3, ...name("memory"), 2, 0, ...name("copy"), 0, 0, ...name("read"), 0, 1]),
    ...section(10, [2, ...leb(copy.length), ...copy, ...leb(read.length), ...read]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** An unsigned number in LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** A positive signed number in LEB128: the sign is a bit of its own. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}
