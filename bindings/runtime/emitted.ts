import { EmittedRecord, Team } from "../../assembly/abi/team.js";
import { allocateBlock, functions, heap, instantiateEmitted, kernels, platform, start } from "./instance.js";
import { releaseBlock } from "./quarantine.js";

// Functions that the library writes itself: they go into the module's table, from where Emitted instructions call them.

/** Places in the table that are free again. */
const free: number[] = [];

/** Whether the engine has refused to compile a module; then nothing more is tried. */
let refused = false;

/** Compiles a module, at once. Undefined where the engine refuses. `module` is told whether memory is shared. */
function compileModule(
  module: (shared: boolean) => Uint8Array<ArrayBuffer>,
): { bytes: Uint8Array<ArrayBuffer>; exports: WebAssembly.Exports } | undefined {
  if (refused) return undefined;
  start();
  try {
    const bytes = module(platform!.shared);
    return { bytes, exports: instantiateEmitted(bytes) };
  } catch {
    refused = true;
    return undefined;
  }
}

/** The first function that a module exports. Undefined where the engine refuses. */
export function compileEmitted(
  module: (shared: boolean) => Uint8Array<ArrayBuffer>,
): ((...x: readonly number[]) => void) | undefined {
  return compileModule(module)?.exports["0"] as ((...x: readonly number[]) => void) | undefined;
}

/**
 * Puts the functions that a module exports under the numbers from 0 up into the table: their places. Undefined where the
 * engine refuses.
 */
export function placeFunctions(module: (shared: boolean) => Uint8Array<ArrayBuffer>): number[] | undefined {
  const made = compileModule(module);
  if (!made) return undefined;
  const { exports, bytes } = made;
  const places = Object.keys(exports).map((name) => {
    const place = free.pop() ?? functions.grow(1);
    functions.set(place, exports[name]);
    return place;
  });
  if (platform!.shared) tellThreads(bytes, places);
  return places;
}

/** Takes a function out of the table. */
export function releaseFunction(place: number): void {
  functions.set(place, null);
  free.push(place);
  const at = records.findIndex(({ places }) => places.delete(place));
  if (at < 0 || records[at]!.places.size > 0) return;
  releaseBlock(records[at]!.address);
  records.splice(at, 1);
  link(at);
}

/** What other threads are told of the functions in the table, in the order of numbers. */
const records: { readonly address: number; readonly places: Set<number> }[] = [];

/** Leaves a module where other threads find it: see `EmittedRecord`. */
function tellThreads(bytes: Uint8Array, places: readonly number[]): void {
  const start = EmittedRecord.Places + 4 * places.length;
  const address = allocateBlock(start + bytes.length);
  const last = (kernels.team() + Team.LastEmitted) >>> 2;
  const number = ++heap.u32[last]!;
  heap.u32.set([0, number, places.length, bytes.length, ...places], address >>> 2);
  heap.u8.set(bytes, address + start);
  records.push({ address, places: new Set(places) });
  link(records.length - 1);
}

/** Lets the record before a position point to the one that is there now, if any. */
function link(at: number): void {
  const from = at > 0 ? records[at - 1]!.address + EmittedRecord.Next : kernels.team() + Team.Emitted;
  heap.u32[from >>> 2] = records[at]?.address ?? 0;
}
