import { Simd, Type, Wasm } from "./opcodes.js";

// Bytes of WebAssembly functions: WebAssembly core specification, chapter "Binary format".

/** Writes the body of one function: instructions in the order of the stack machine, and its local variables. */
export class Code {
  private readonly first: number[] = [];
  private readonly bytes: number[] = [];
  private readonly locals: Type[] = [];

  /**
   * The parameters are the first local variables. `called`: places in the table of the functions of one vector that the bodies of a
   * module call, which knows them by the numbers from 1 on.
   */
  constructor(
    private readonly parameters: number,
    readonly called: number[] = [],
  ) {}

  /** A new local variable of a value type. */
  local(type: Type): number {
    return this.parameters + this.locals.push(type) - 1;
  }

  /** Instructions as they are. */
  raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  /** Puts a vector into a new local variable before anything else happens. */
  constant(value: Uint8Array): number {
    const local = this.local(Type.V128);
    this.first.push(Wasm.SimdPrefix, Simd.Const, ...value, Wasm.LocalSet, ...unsigned(local));
    return local;
  }

  simd(op: number): this {
    this.bytes.push(Wasm.SimdPrefix, ...unsigned(op));
    return this;
  }

  /** A load or store of vectors: `align` is the logarithm of an alignment that is only a hint. */
  simdMemory(op: number, offset: number): this {
    return this.simd(op).raw(0, ...unsigned(offset));
  }

  get(local: number): this {
    return this.raw(Wasm.LocalGet, ...unsigned(local));
  }

  set(local: number): this {
    return this.raw(Wasm.LocalSet, ...unsigned(local));
  }

  i32(value: number): this {
    return this.raw(Wasm.I32Const, ...signed(value));
  }

  /** Loads the i32 at a local address and an offset. */
  load(local: number, offset: number): this {
    return this.get(local).raw(Wasm.I32Load, 2, ...unsigned(offset));
  }

  /** local += value on top of the stack. */
  advance(local: number): this {
    return this.get(local).raw(Wasm.I32Add).set(local);
  }

  /** Repeats `body` while the local is not the other. */
  until(local: number, end: number, body: () => void): void {
    const [again, out] = [0, 1]; // The loop and the block around it, by their depth.
    this.raw(Wasm.Block, Type.Empty, Wasm.Loop, Type.Empty);
    this.get(local).get(end).raw(Wasm.I32Eq, Wasm.BrIf, out);
    body();
    this.raw(Wasm.Br, again, Wasm.End, Wasm.End);
  }

  /** The function as the code section wants it. */
  finish(): number[] {
    const locals = this.locals.flatMap((type) => [1, type]);
    return sized([...unsigned(this.locals.length), ...locals, ...this.first, ...this.bytes, Wasm.End]);
  }
}

/** A number from 0 up in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  bytes.push(value);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  bytes.push(value & 127);
  return bytes;
}

/** Bytes behind their number. */
export function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}
