import { I32, sized, unsigned, V128 } from "./code.js";

/** The types of a function's parameters and results. */
export interface Signature {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** What the functions of Emitted instructions are. */
const LOOP: Signature = { parameters: [I32], results: [I32] };

/** The number of the function that runs a tape, (tape: i32, end: i32) => i32. */
export const REPLAY = 0;

/** The number of the type of functions of one vector, (x: v128) => v128. */
export const VECTOR_FUNCTION = 2;

/** A module of functions of one type over the library's memory and table; they are exported under their numbers. */
export function moduleOf(
  bodies: readonly (readonly number[])[],
  shared: boolean,
  { parameters, results }: Signature = LOOP,
): Uint8Array<ArrayBuffer> {
  const limits = shared ? [3, 0, ...unsigned(65536)] : [0, 0];
  const name = (text: string): number[] => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
  const section = (id: number, entries: readonly (readonly number[])[]): number[] => [
    id,
    ...sized([...unsigned(entries.length), ...entries.flat()]),
  ];
  const imports = [
    [...name("env"), ...name("memory"), 2, ...limits],
    [...name("env"), ...name("table"), 1, 0x70, 0, 0],
    [...name("env"), ...name("replay"), 0, 1],
  ];
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [
      [0x60, ...sized(parameters), ...sized(results)],
      [0x60, 2, I32, I32, 1, I32],
      [0x60, 1, V128, 1, V128],
    ]),
    ...section(2, imports),
    ...section(3, bodies.map(() => [0])), // prettier-ignore
    ...section(7, bodies.map((_, i) => [...name(String(i)), 0, ...unsigned(i + 1)])), // prettier-ignore
    ...section(10, bodies),
  ]);
}
