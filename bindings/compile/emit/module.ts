import { sized, unsigned } from "./code.js";
import { External, Section, Type } from "./opcodes.js";

/** The types of a function's parameters and results. */
export interface Signature {
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
}

/** What the functions of Emitted instructions are. */
const LOOP: Signature = { parameters: [Type.I32], results: [Type.I32] };

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
  const section = (id: Section, entries: readonly (readonly number[])[]): number[] => [
    id,
    ...sized([...unsigned(entries.length), ...entries.flat()]),
  ];
  const imports = [
    [...name("env"), ...name("memory"), External.Memory, ...limits],
    [...name("env"), ...name("replay"), External.Function, 1],
    ...called.map((place) => [...name("f"), ...name(place), External.Function, 2]),
  ];
  // Imported functions are counted first: all imports but the memory.
  const exports = bodies.map((_, i) => [...name(i), External.Function, ...unsigned(imports.length - 1 + i)]);
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(Section.Type, [
      [Type.Function, ...sized(parameters), ...sized(results)],
      [Type.Function, 2, Type.I32, Type.I32, 1, Type.I32],
      [Type.Function, 1, Type.V128, 1, Type.V128],
    ]),
    ...section(Section.Import, imports),
    ...section(Section.Function, bodies.map(() => [0])), // prettier-ignore
    ...section(Section.Export, exports),
    ...section(Section.Code, bodies),
  ]);
}
