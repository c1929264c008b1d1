/**
 * What went wrong, in three parts: the operation, what it expected, what it got.
 * Every error of the library extends this class; nothing has been changed when one is thrown.
 */
export class WengertError extends Error {
  constructor(
    /** The operation that refused, by its public name. */
    readonly operation: string,
    /** What it expected. */
    readonly expected: string,
    /** What came instead. */
    readonly got: string,
    options?: ErrorOptions,
  ) {
    super(`${operation}: expected ${expected}, got ${got}`, options);
    this.name = new.target.name;
  }
}

/** Shapes that do not fit: broadcasting, ragged arrays, a wrong number of dimensions or elements. */
export class ShapeError extends WengertError {}

/** An element type that the operation does not take. */
export class DTypeError extends WengertError {}

/** An axis outside a tensor's dimensions, or named twice. */
export class AxisError extends WengertError {}

/** An index outside its axis, or one that is NaN or has a fraction. */
export class IndexError extends WengertError {}

/** A value or an option that the operation cannot take. */
export class ValueError extends WengertError {}

/** A matrix that is singular, or not positive definite, where it must not be. */
export class SingularError extends WengertError {
  constructor(
    operation: string,
    expected: string,
    got: string,
    /** Number of the pivot at which elimination came to a stop, from 0 on. */
    readonly pivot: number,
    /** Number of the matrix in its batch, from 0 on. */
    readonly matrix: number,
  ) {
    super(operation, expected, got);
  }
}

/** A tensor used after its memory was given back. */
export class FreedError extends WengertError {}

/** A value of a variable that has been assigned to since, or a gradient that a program has written again. */
export class OverwrittenError extends WengertError {}

/** A tensor that belongs to another copy of the library. */
export class ForeignTensorError extends WengertError {}

/** The arena cannot grow enough; everything allocated before stays usable. */
export class OutOfMemoryError extends WengertError {}

/** A derivative that does not exist as asked: of a non-scalar, of an integer tensor, through a graph already freed. */
export class GradientError extends WengertError {}

/** A value asked for where there is only a symbol. */
export class CaptureError extends WengertError {}

/** A scope used wrongly: a synchronous one whose body awaited. */
export class ScopeError extends WengertError {}

/** A NaN or an infinity where `configure({ debugNaN: true })` looks for the first one. */
export class NonFiniteError extends WengertError {}

/** What a body refuses of its arguments, as errors in the name of another operation: of the one that was called. */
export function inNameOf<T>(operation: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    for (const Refusal of [ShapeError, DTypeError, AxisError, IndexError, ValueError, FreedError, OverwrittenError])
      if (error instanceof Refusal) throw new Refusal(operation, error.expected, error.got);
    if (error instanceof SingularError)
      throw new SingularError(operation, error.expected, error.got, error.pivot, error.matrix);
    throw error;
  }
}

/** Bytes that are not what their format says. */
export class FormatError extends WengertError {}

/** The WebAssembly core could not be loaded or refused an instruction. */
export class RuntimeError extends WengertError {}

/** A thread failed, or stood still, in the middle of an operation: what that was writing is undefined, everything else is as it was. */
export class ThreadError extends WengertError {}

/** A package that one function needs, and that is not installed with the library. */
export class MissingPackageError extends WengertError {}
