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

/**
 * A module of functions of one type over the library's memory; they are exported under their numbers. It imports the
 * functions that it calls (`Code.called`), and not the table: engines keep what has that as long as the table.
 */
export function moduleOf(
  bodies: readonly (readonly number[])[],
  shared: boolean,
  called: readonly number[] = [],
  { parameters, results }: Signature = LOOP,
): Uint8Array<ArrayBuffer> {
  const limits = shared ? [3, 0, 0x80, 0x80, 4] : [0, 0]; // Shared memory says its most: 65,536 pages.
  const name = (text: unknown): number[] => sized(Array.from(String(text), (letter) => letter.charCodeAt(0)));
  const section = (id: number, entries: readonly (readonly number[])[]): number[] => [
    id,
    ...sized([...unsigned(entries.length), ...entries.flat()]),
  ];
  const imports = [
    [...name("env"), ...name("memory"), 2, ...limits],
    [...name("env"), ...name("replay"), 0, 1],
    ...called.map((place) => [...name("f"), ...name(place), 0, 2]),
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
    ...section(7, bodies.map((_, i) => [...name(i), 0, ...unsigned(i + imports.length - 1)])), // prettier-ignore
    ...section(10, bodies),
  ]);
}
