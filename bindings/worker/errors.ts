import { WengertError } from "../errors.js";

/** A worker that could not start, was terminated, or whose task threw: then `cause` is what it threw, as far as that travels. */
export class WorkerError extends WengertError {}

/** An error on its way between threads, which would lose all but the message of a class that is the library's. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The three parts of an error of the library. */
  readonly parts: readonly [operation: string, expected: string, got: string] | null;
}

/** What to send of something that was thrown. */
export function reportOf(thrown: unknown): ErrorReport {
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown), stack: undefined, parts: null };
  const { name, message, stack } = thrown;
  const parts = thrown instanceof WengertError ? ([thrown.operation, thrown.expected, thrown.got] as const) : null;
  return { name, message, stack, parts };
}

/** The error again: of the name that it had, of the class `WengertError` if it came from the library. */
export function errorOf({ name, message, stack, parts }: ErrorReport): Error {
  const error = parts ? new WengertError(...parts) : new Error(message);
  return Object.assign(error, { name, ...(stack !== undefined && { stack }) });
}
