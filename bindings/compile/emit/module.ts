import { I32, sized, unsigned } from "./code.js";

/** A module of functions of type (i32) => i32 over an imported memory; they are exported under their numbers. */
export function moduleOf(bodies: readonly (readonly number[])[], shared: boolean): Uint8Array<ArrayBuffer> {
  const limits = shared ? [3, 0, ...unsigned(65536)] : [0, 0];
  const name = (text: string): number[] => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
  const section = (id: number, entries: readonly (readonly number[])[]): number[] => [
    id,
    ...sized([...unsigned(entries.length), ...entries.flat()]),
  ];
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [[0x60, 1, I32, 1, I32]]),
    ...section(2, [[...name("env"), ...name("memory"), 2, ...limits]]),
    ...section(3, bodies.map(() => [0])), // prettier-ignore
    ...section(7, bodies.map((_, i) => [...name(String(i)), 0, ...unsigned(i)])), // prettier-ignore
    ...section(10, bodies),
  ]);
}
