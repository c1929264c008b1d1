import { isTracking } from "../core/apply.js";
import { recorder } from "../core/capturing.js";
import { findsNonFinite } from "../core/finite.js";
import { Tensor } from "../core/graph.js";
import { isTracing } from "../core/symbolic.js";
import { tensorsOf } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { CaptureError, FreedError } from "../errors.js";
import type { TypedArray } from "../core/dtype.js";
import { capture } from "./capture.js";
import { Executable } from "./executable.js";
import { patternOf } from "./signature.js";

export interface CompileOptions {
  /** Positions of arguments that the program is made for: they arrive in f as they are, and other values make another. */
  static?: readonly number[];
  /** What errors call it. By default the function's name. */
  name?: string;
}

/** What a program can be called with: a number or a typed array serves as it is, where f takes tensors too. */
export type ProgramArgument<A> = A extends Tensor
  ? Tensor | TypedArray | number
  : A extends readonly unknown[] | Record<string, unknown>
    ? { [K in keyof A]: ProgramArgument<A[K]> }
    : A;

/** A function that was captured as a graph, and is replayed in WebAssembly. */
export interface Program<A extends readonly unknown[], Y> {
  /** Computes what the function would. Throws what the function would, and a CaptureError where it cannot be captured. */
  (...args: { [K in keyof A]: ProgramArgument<A[K]> }): Y;
  /** Gives back all memory that it has; it cannot be called any more. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** At most so many graphs are kept, for different shapes and modes; the one that was not used for longest goes. */
const MOST_GRAPHS = 16;

/**
 * A program of f: the first call runs f once without values, and keeps what it does, with all that differentiation added to
 * it, as one list of instructions; every further call replays that list, and gives the same bits as f. Variables that f
 * reads and assigns are used where they lie.
 */
export function compile<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: CompileOptions = {},
): Program<A, Y> {
  const { static: statics = [], name = f.name || "program" } = options;
  const cache = new Cache(name, f, statics);
  const program = (...args: readonly unknown[]): unknown => cache.call(args);
  const dispose = (): void => {
    cache.dispose();
  };
  return Object.assign(program, { dispose, [Symbol.dispose]: dispose }) as unknown as Program<A, Y>;
}

type AnyFunction = (...args: never) => unknown;

/** The graphs of one function, the one used last in front. */
class Cache {
  private readonly executables: Executable[] = [];
  private disposed = false;

  constructor(
    private readonly name: string,
    private readonly f: AnyFunction,
    private readonly statics: readonly number[],
  ) {}

  call(args: readonly unknown[]): unknown {
    if (this.disposed)
      throw new FreedError(this.name, "a program that can still be called", "one that was disposed of");
    // Inside another graph a program is its function; so it is where a derivative passes through it.
    if (recorder || isTracing() || findsNonFinite() || isDifferentiated(args)) return this.f(...(args as never));
    return this.find(args).call();
  }

  private find(args: readonly unknown[]): Executable {
    const { executables } = this;
    const [last] = executables;
    if (last?.serves(args)) return last;
    for (let i = 1; i < executables.length; i++) {
      const executable = executables[i]!;
      if (!executable.serves(args)) continue;
      executables.splice(i, 1);
      executables.unshift(executable);
      return executable;
    }
    return this.make(args);
  }

  private make(args: readonly unknown[]): Executable {
    const captured = capture(this.name, this.f, args, this.statics);
    const made = new Executable(this.name, captured, patternOf(args, this.statics).leaves);
    this.executables.unshift(made);
    if (this.executables.length > MOST_GRAPHS) this.executables.pop()!.dispose(this.name);
    if (!made.isCurrent()) throw new CaptureError(this.name, "a function that does not change modes", "one that does");
    return made;
  }

  dispose(): void {
    this.disposed = true;
    for (const executable of this.executables) executable.dispose(`dispose of ${this.name}`);
    this.executables.length = 0;
  }
}

/** Whether a derivative of a function around this call passes through its arguments. */
function isDifferentiated(args: readonly unknown[]): boolean {
  if (!isTracking()) return false;
  for (const argument of args) {
    if (argument instanceof Tensor ? isTracked(argument) : tensorsOf(argument).some(isTracked)) return true;
  }
  return false;
}

function isTracked(x: Tensor): boolean {
  return x.node !== null && !(x instanceof Variable);
}
