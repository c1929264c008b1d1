import type { Differentiable, Differentiables } from "../autodiff/arguments.js";
import { isTracking } from "../core/apply.js";
import { recorder } from "../core/capturing.js";
import { checkFunction, checkList } from "../core/checks.js";
import { constant, tensor, type NestedArray } from "../core/create.js";
import { findsNonFinite } from "../core/finite.js";
import { Tensor } from "../core/graph.js";
import { checkOptions, optionsOf } from "../core/options.js";
import { ownedBy } from "../core/scopes.js";
import { isTracing } from "../core/symbolic.js";
import { mapTree, type Static } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { WeakNumber } from "../core/weak.js";
import { CaptureError, FreedError, GradientError, ValueError } from "../errors.js";
import { Bound } from "./bound.js";
import { capture, type Captured } from "./capture.js";
import { differenceOf } from "./difference.js";
import { Executable, numbersOf } from "./executable.js";
import { toDot } from "./show/dot.js";
import { explain, headOf, type ExplainOptions } from "./show/explain.js";
import { oneLine } from "./show/names.js";
import { read } from "./file/load.js";
import { save } from "./file/save.js";
import { blankLeaves, describe, lift, patternOf, type Leaf } from "./signature.js";

/** Options of `compile`. */
export interface CompileOptions {
  /**
   * Positions of arguments that f gets as they are, not as tensors: for each of their values there is a graph of its own. One
   * that f does not have is an error of the first call.
   */
  static?: readonly number[];
  /** Capture twice, and refuse a function that does not do the same again: it depends on hidden state. Default false. */
  verify?: boolean;
  /** What errors call it, on one line. By default the function's name. */
  name?: string;
}

/** What a program can be called with: a typed array or a number serves where f takes a tensor. */
export type ProgramArgument<A> = Differentiable<A>;

/** A tree with numbers where there were tensors. */
export type NumbersOf<Y> = Y extends Tensor
  ? number
  : Y extends Static
    ? Y
    : Y extends object
      ? { [K in keyof Y]: NumbersOf<Y[K]> }
      : Y;
/** A tree of numbers where tensors or numbers are taken; never where neither could stand. */
type NumberArgument<A> = A extends Tensor | number
  ? number
  : A extends Static
    ? never
    : A extends NestedArray
      ? NestedArray extends A
        ? never
        : { [K in keyof A]: NumberArgument<A[K]> }
      : A extends object
        ? { [K in keyof A]: NumberArgument<A[K]> }
        : A;
type NumberArguments<A extends readonly unknown[]> = A[number] extends NoNumber
  ? [never]
  : { [K in keyof A]: NumberArgument<A[K]> };
type NoNumber = string | boolean | bigint | null | undefined;

/** A function that was captured as a graph, and is replayed in WebAssembly. */
export interface Program<A extends readonly unknown[], Y> {
  /**
   * Of numbers: where the function computes nothing but 0-d tensors of them, it gives numbers, and is a single function
   * without loops. Where tensors, axes or variables play a part, the result has tensors all the same.
   */
  (...args: NumberArguments<A>): NumbersOf<Y>;
  /** Computes what the function would. Throws what the function would, and a CaptureError where it cannot be captured. */
  (...args: Differentiables<A>): Y;
  /**
   * The program with its arguments and results fixed. Calling it reads the arguments where they lie (typed arrays are copied
   * in at each call), writes the results where they lie, and allocates nothing. `results` is a tree of dense tensors like
   * that of the result, which are written in place from then on; without it the bound program has its own, and every call
   * returns the same.
   */
  bind(args: Differentiables<A>, results?: Y): BoundProgram<Y>;
  /**
   * What became of the function: its steps before and after each pass, what was fused, where everything lies, and the list
   * of instructions; with `{ time: true }` also what each takes. For these arguments, or for those of the last call.
   */
  explain(options?: ExplainOptions, ...args: Partial<Differentiables<A>>): string;
  /** The captured graph in the language of Graphviz. For these arguments, or for those of the last call. */
  toDot(...args: Partial<Differentiables<A>>): string;
  /**
   * The captured graph with its constants and the present values of its variables, as bytes for `load`. For these arguments,
   * or for those of the last call. Only operations of the library can be saved, no custom gradients.
   */
  save(...args: Partial<Differentiables<A>>): Uint8Array<ArrayBuffer>;
  /** Its name, and the arguments that there are graphs for. */
  toString(): string;
  /** Gives back all memory that it has; it cannot be called any more. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A program with its arguments and results fixed. */
export interface BoundProgram<Y> {
  /** Runs the program, and returns the tree of results: always the same one, with new values. */
  (): Y;
  /** Gives back its part of the memory; it cannot be called any more. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** At most so many graphs are kept, for different shapes and modes; the one that was not used for longest goes. */
const MOST_GRAPHS = 16;

/**
 * A program of f. The first call runs f once on tensors without values, and keeps what it does, with all that
 * differentiation adds to it, as one list of instructions; every further call replays that list in WebAssembly, to the bits
 * of f. Other shapes, dtypes, static arguments and modes (training, whether gradients are there) make another list.
 *
 * Variables that f reads and assigns to are used where they lie: a whole training step can be compiled. Tensors that f
 * closes over are constants, as are its own numbers. Number arguments stay numbers that take the dtype of the tensor that
 * they meet; to compute with them in JavaScript, make them static. A leaf whose gradient f leaves set has it in `.grad`, in
 * memory that every call writes again. Asking for a value (`item()`, `data()`) is a CaptureError.
 *
 * Inside another program, under a derivative of its arguments, and in vmap a call of it is a call of f, and gives tensors. While
 * `debugNaN` is on, f runs operation by operation; a program from a file has no f, and runs as ever.
 */
export function compile<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: CompileOptions = {},
): Program<A, Y> {
  checkOptions("compile", options, { static: null, verify: false, name: null });
  checkFunction("compile", "a function", f);
  return programOf(new Cache(f, options));
}

function programOf<A extends readonly unknown[], Y>(cache: Cache): Program<A, Y> {
  const program = (...args: readonly unknown[]): unknown => cache.call(args);
  const bind = (args: readonly unknown[], results?: unknown): unknown => cache.bind(args, results);
  const dispose = (): void => {
    cache.dispose();
  };
  const shown = {
    explain: (asked?: ExplainOptions, ...args: readonly unknown[]): string => {
      const options = optionsOf("explain", asked, { time: false, steps: false });
      const executable = cache.chosen("explain", args);
      return explain(executable, options, args.length > 0 ? executable.leaves : null);
    },
    save: (...args: readonly unknown[]): Uint8Array<ArrayBuffer> => {
      const { name, captured } = cache.chosen("save", args);
      return save(name, captured);
    },
    toDot: (...args: readonly unknown[]): string => {
      const { name, captured } = cache.chosen("toDot", args);
      return toDot(captured.graph, name);
    },
  };
  const toString = (): string => cache.toString();
  const printed = { toString, [Symbol.for("nodejs.util.inspect.custom")]: toString };
  Object.defineProperty(program, "name", { value: cache.name });
  const all = { bind, ...shown, dispose, [Symbol.dispose]: dispose, ...printed };
  return Object.assign(program, all) as unknown as Program<A, Y>;
}

/** Options of `load`. */
export interface LoadOptions {
  /** The most bytes that the program may plan for itself, and that any one of its values may have. Default 256 MiB. */
  maxBytes?: number;
}

/** A program from a file, with variables of its own. */
export interface LoadedProgram<A extends readonly unknown[], Y> extends Program<A, Y> {
  /** In the order in which the program meets them; their labels are what they were. */
  readonly variables: readonly Variable[];
}

/**
 * The program that `program.save()` wrote: it serves arguments like those that it was saved for, to the same bits. Bytes that
 * were cut or changed, are of another version, or were crafted to do harm are a FormatError.
 */
export function load<A extends readonly unknown[] = readonly unknown[], Y = unknown>(
  bytes: Uint8Array,
  options?: LoadOptions,
): LoadedProgram<A, Y> {
  const { maxBytes } = optionsOf("load", options, { maxBytes: 268435456 });
  const { name, captured, variables } = read(bytes, maxBytes);
  const refuse = (): never => {
    throw new CaptureError(
      name,
      "to be called by itself",
      "a call of a loaded program in another, or under a derivative",
    );
  };
  const made = ownedBy("load", () => executableOf(name, captured, blankLeaves(captured.pattern)));
  return Object.assign(programOf<A, Y>(new Cache(refuse, { name }, made)), { variables });
}

/**
 * The text of a function with a default, or a rest, among its parameters: its length leaves them out, and so may a call. Where a
 * comment is among them, or the text is not to be had, as of bound functions, there may be one.
 */
const MAY_TAKE_MORE = /^[^>)]*(=[^>]|\.\.|\/)|\[nat/;

type AnyFunction = (...args: never) => unknown;

/** The graphs of one function, the one used last in front. */
class Cache {
  readonly name: string;
  private readonly statics: readonly number[];
  private readonly executables: Executable[] = [];
  private readonly bounds = new Set<Bound>();
  private disposed = false;

  constructor(
    private readonly f: AnyFunction,
    private readonly options: CompileOptions,
    /** The only one there is, of a program from a file. */
    private readonly only: Executable | null = null,
  ) {
    if (only) this.executables.push(only);
    this.name = oneLine(String(options.name ?? f.name), 200) || "program";
    this.statics = options.static ?? [];
    if (!Array.isArray(this.statics) || !this.statics.every((i) => Number.isInteger(i) && i >= 0))
      throw new ValueError("compile", "static: a list of positions, from 0 on", String(this.statics));
  }

  toString(): string {
    return [`program ${this.name}`, ...this.executables.map(headOf)].join("\n  ");
  }

  call(args: readonly unknown[]): unknown {
    // Inside another graph a program is its function; so it is where a derivative passes through it.
    if (recorder || isTracing()) return this.eagerly(args);
    if (findsNonFinite() && !this.only) {
      const result = this.eagerly(args);
      return this.givesNumbers(args) ? numbersOf(result) : result;
    }
    const last = this.executables[0];
    if (last?.scalar?.accepts(args) && last.isCurrent()) return last.scalar.call(args);
    const executable = last?.serves(args) && !(isTracking() && areTracked(last.leaves)) ? last : this.find(args);
    return executable ? executable.call() : this.eagerly(args);
  }

  /** The function itself, of what it is captured with: tensors, and numbers that take the type of what they meet. */
  private eagerly(args: readonly unknown[]): unknown {
    const { pattern, leaves } = patternOf(args, this.statics);
    const numbers = new Set<unknown>();
    const inputs = leaves.map((leaf) => {
      if (typeof leaf !== "number") return leaf instanceof Tensor ? leaf : tensor(leaf);
      const x = new WeakNumber(leaf, constant(leaf, "f64").storage!);
      numbers.add(x);
      return x;
    });
    const result = this.f(...(lift(pattern, inputs) as never));
    return mapTree(result, (x) => (numbers.has(x) ? (x as WeakNumber).example : x));
  }

  /** Whether its results for these arguments are numbers. A function that cannot be captured has its own results. */
  private givesNumbers(args: readonly unknown[]): boolean {
    const { leaves } = patternOf(args, this.statics);
    if (leaves.length === 0 || !leaves.every((leaf) => typeof leaf === "number")) return false;
    try {
      return this.find(args)!.givesNumbers;
    } catch (error) {
      if (error instanceof CaptureError) return false;
      throw error;
    }
  }

  bind(args: readonly unknown[], results: unknown): unknown {
    const name = `${this.name}.bind`;
    checkList(name, "arguments", args);
    const checkOutside = (inside: boolean): void => {
      if (inside) throw new CaptureError(name, "to be called outside of other programs", "a call inside");
    };
    checkOutside(recorder !== null || isTracing());
    const find = (): Executable => {
      const found = this.find(args);
      if (found) return found;
      throw new GradientError(name, "arguments that nothing differentiates by", "a tracked one; use x.detach()");
    };
    const bound = new Bound(name, find, results);
    this.bounds.add(bound);
    const dispose = (): void => {
      bound.dispose();
      this.bounds.delete(bound);
    };
    const run = (): unknown => {
      checkOutside(recorder !== null);
      return bound.run();
    };
    return Object.assign(run, { dispose, [Symbol.dispose]: dispose });
  }

  /** What serves these arguments; without any, what was used last. */
  chosen(asking: string, args: readonly unknown[]): Executable {
    const last = this.executables[0];
    const found = args.length > 0 || (!last && this.f.length === 0) ? this.find(args) : last;
    if (found) return found;
    throw new ValueError(`${this.name}.${asking}`, "a program that was called, or arguments to make it for", "neither");
  }

  /** The executable for some arguments, made if need be; null if the function has to run as it is. */
  private find(args: readonly unknown[]): Executable | null {
    const { executables } = this;
    if (this.disposed) throw new FreedError(this.name, "a program that can be called", "one that was disposed of");
    if (isTracking() && areTracked(patternOf(args, this.statics).leaves)) return null;
    for (let i = 0; i < executables.length; i++) {
      const executable = executables[i]!;
      if (!executable.serves(args)) continue;
      executables.splice(i, 1);
      executables.unshift(executable);
      return executable;
    }
    return this.make(args);
  }

  private make(args: readonly unknown[]): Executable {
    const { name, f, statics, executables, only } = this;
    if (only) throw mismatch(name, only, args);
    const beyond = statics.find((i) => i >= f.length && i >= args.length);
    if (beyond !== undefined && !MAY_TAKE_MORE.test(String(f)))
      throw new ValueError(
        name,
        `static: a list of positions below ${args.length}, the number of arguments`,
        String(beyond),
      );
    const captured = capture(name, f, args, statics);
    if (this.options.verify) this.verify(captured, args);
    const made = executableOf(name, captured, patternOf(args, statics).leaves);
    executables.unshift(made);
    if (executables.length > MOST_GRAPHS) {
      const free = executables.filter((executable) => executable !== made && !executable.isInUse);
      const oldest = free[free.length - 1];
      if (oldest) executables.splice(executables.indexOf(oldest), 1)[0]!.dispose(name);
    }
    return made;
  }

  /** Captures again, and compares. */
  private verify(first: Captured, args: readonly unknown[]): void {
    const second = capture(this.name, this.f, args, this.statics);
    const difference = differenceOf(first, second);
    second.constants.release(this.name);
    if (difference === null) return;
    first.constants.release(this.name);
    throw new CaptureError(this.name, "a function that does the same when it is captured again", difference);
  }

  dispose(): void {
    this.disposed = true;
    const by = `dispose of ${this.name}`;
    for (const bound of this.bounds) bound.dispose(by);
    for (const executable of this.executables) executable.dispose(by);
    this.executables.length = 0;
  }
}

function mismatch(name: string, { captured }: Executable, args: readonly unknown[]): ValueError {
  const [wanted, got] = [captured.pattern, patternOf(args, []).pattern].map(describe);
  if (wanted !== got) return new ValueError(name, `arguments like those that it was saved for, ${wanted}`, got!);
  return new ValueError(
    name,
    "gradients as they were when it was saved",
    "others; set them to null, or run backward, first",
  );
}

/** Where there is no memory for an executable, its constants are let go. */
function executableOf(name: string, captured: Captured, leaves: readonly Leaf[]): Executable {
  try {
    return new Executable(name, captured, leaves);
  } catch (error) {
    captured.constants.release(name);
    throw error;
  }
}

/** Whether a derivative of a function around this call passes through its arguments. Variables are no leaves of these. */
function areTracked(leaves: readonly Leaf[]): boolean {
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!;
    if (leaf instanceof Tensor && leaf.node !== null) return true;
  }
  return false;
}
