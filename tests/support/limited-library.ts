import { vi } from "vitest";
import type * as library from "../../bindings/index.js";

export type Library = typeof library;

export const MIB = 2 ** 20;

/** A copy of the library of its own, with little memory. */
export async function limitedLibrary(maximumBytes: number): Promise<Library> {
  vi.resetModules();
  const fresh = await import("../../bindings/index.js");
  fresh.configure({ maximumBytes });
  return fresh;
}
