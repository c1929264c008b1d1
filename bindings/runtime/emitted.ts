import { functions, instantiateEmitted, platform, start } from "./instance.js";

// Functions that the library writes itself: they go into the module's table, from where Emitted instructions call them.

/** Places in the table that are free again. */
const free: number[] = [];

/** Why the engine refused to compile a module, once it has; then nothing more is tried. */
let refused: string | undefined;

/** Why nothing can be emitted here, or undefined. */
export function emittedRefusal(): string | undefined {
  return refused;
}

/** Compiles a module, at once. Undefined where the engine refuses. `module` is told whether memory is shared. */
function compileModule(module: (shared: boolean) => Uint8Array<ArrayBuffer>): WebAssembly.Exports | undefined {
  if (refused !== undefined) return undefined;
  start();
  try {
    return instantiateEmitted(module(platform!.shared));
  } catch (error) {
    refused = String(error);
    return undefined;
  }
}

/** The first function that a module exports. Undefined where the engine refuses. */
export function compileEmitted(
  module: (shared: boolean) => Uint8Array<ArrayBuffer>,
): ((...x: readonly number[]) => void) | undefined {
  return compileModule(module)?.["0"] as ((...x: readonly number[]) => void) | undefined;
}

/**
 * Puts the functions that a module exports under the numbers from 0 up into the table: their places. Undefined where the
 * engine refuses.
 */
export function placeFunctions(module: (shared: boolean) => Uint8Array<ArrayBuffer>): number[] | undefined {
  const exports = compileModule(module);
  if (!exports) return undefined;
  return Object.keys(exports).map((name) => {
    const place = free.pop() ?? functions.grow(1);
    functions.set(place, exports[name]);
    return place;
  });
}

/** Takes a function out of the table. */
export function releaseFunction(place: number): void {
  functions.set(place, null);
  free.push(place);
}
