import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

/** What the first use of the library throws where the engine has this for WebAssembly. */
async function firstError(engine: unknown): Promise<{ error: unknown; RuntimeError: unknown }> {
  vi.resetModules();
  const { ones, RuntimeError } = await import("../bindings/index.js");
  vi.stubGlobal("WebAssembly", engine);
  try {
    ones([2]);
    return { error: undefined, RuntimeError };
  } catch (error) {
    return { error, RuntimeError };
  }
}

test("an engine without WebAssembly is refused by name", async () => {
  const { error, RuntimeError } = await firstError(undefined);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(String(error)).toMatch(/load: expected an engine that runs WebAssembly with 128-bit SIMD, got/);
});

test("a process that has no address space for a memory is told so", async () => {
  const { validate, Module, Memory } = WebAssembly;
  const Instance = function (): never {
    throw new RangeError("WebAssembly.Instance(): Out of memory");
  };
  const { error, RuntimeError } = await firstError({ validate, Module, Memory, Instance });
  expect(error).toBeInstanceOf(RuntimeError);
  expect(String(error)).toContain("got RangeError: WebAssembly.Instance(): Out of memory");
  expect((error as Error).cause).toBeInstanceOf(RangeError);
});
