// Just enough of WebAssembly's binary format to write small modules of one memory and some functions by hand.

/** A function to be exported: `parameters` i32s, then so many v128 locals; `code` are the bytes of its body. */
export interface Body {
  readonly name: string;
  readonly parameters: number;
  readonly vectors: number;
  /** Value type of the result; none without. */
  readonly result?: number;
  readonly code: readonly number[];
}

/** Assembles a module that imports a memory as env.memory, if it is to have one: shared, of up to 65536 pages. */
export function assemble(bodies: readonly Body[], memory: boolean): Uint8Array<ArrayBuffer> {
  const imported = [1, ...name("env"), ...name("memory"), 2, 3, 0, ...leb(65536)];
  const types = bodies.map(({ parameters, result }) => [
    ...[96, parameters, ...Array<number>(parameters).fill(127)],
    ...(result === undefined ? [0] : [1, result]),
  ]);
  const exported = bodies.map((body, i) => [...name(body.name), 0, i]);
  const codes = bodies.map(({ vectors, code }) => {
    const content = [...(vectors ? [1, ...leb(vectors), 123] : [0]), ...code, 11];
    return [...leb(content.length), ...content];
  });
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [bodies.length, ...types.flat()]),
    ...(memory ? section(2, imported) : []),
    ...section(3, [bodies.length, ...bodies.keys()]),
    ...section(7, [bodies.length, ...exported.flat()]),
    ...section(10, [bodies.length, ...codes.flat()]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** An unsigned number in LEB128. */
export function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
