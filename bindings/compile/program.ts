import type { Differentiable, Differentiables } from "../autodiff/calls/arguments.js";
import { checkFunction } from "../core/checks.js";
import type { NestedArray } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { checkOptions, optionsOf } from "../core/options.js";
import type { Static } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { CaptureError } from "../errors.js";
import { toDot } from "./show/dot.js";
import { explain, type ExplainOptions } from "./show/explain.js";
import { read } from "./file/load.js";
import { save } from "./file/save.js";
import { Cache, executableOf, type CompileOptions } from "./cache.js";

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
 * `debugNaN` is on, f runs operation by operation; what is bound, and a program from a file, which has no f, run as ever.
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
  const { name, captured, variables, leaves } = read(bytes, maxBytes);
  const refuse = (): never => {
    throw new CaptureError(
      name,
      "to be called by itself",
      "a call of a loaded program in another, or under a derivative",
    );
  };
  const made = executableOf(name, captured, leaves);
  return Object.assign(programOf<A, Y>(new Cache(refuse, { name }, made)), { variables });
}
