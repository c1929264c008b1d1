import { expect } from "vitest";
import { add, memory, scope, tensor, WengertError } from "../../bindings/index.js";

type ErrorClass = abstract new (...args: never) => WengertError;

/**
 * Expects that a call is refused: with an error of the class, in three parts, that matches; with no memory taken; and with
 * the library as usable as before. `temporaries`: the call makes tensors of arrays, which only a scope around it frees.
 */
export function expectRefused(
  run: () => unknown,
  type: ErrorClass,
  message: RegExp,
  { temporaries = false }: { temporaries?: boolean } = {},
): WengertError {
  const before = memory();
  const error = caught(temporaries ? () => scope(run) : run);
  expect(error).toBeInstanceOf(type);
  if (!(error instanceof WengertError)) throw error;
  expect(error.message).toBe(`${error.operation}: expected ${error.expected}, got ${error.got}`);
  for (const part of [error.operation, error.expected, error.got]) expect(part).not.toBe("");
  expect(error.message).toMatch(message);
  expect(error.name).toBe(type.name);
  const after = memory();
  expect([after.tensors, after.bytes]).toEqual([before.tensors, before.bytes]);
  expect(scope(() => add(tensor([1, 2]), 3).toArray())).toEqual([4, 5]);
  return error;
}

function caught(run: () => unknown): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, got ${String(result)}`);
}

/** A value of the wrong type, for calls that TypeScript would refuse too. */
export function wrong(value: unknown): never {
  return value as never;
}
