import type { AnyFunction } from "../autodiff/calls/call.js";
import { isTracking } from "../core/running/apply.js";
import { recorder } from "../core/running/capturing.js";
import { checkList } from "../core/checks.js";
import { constant, tensor } from "../core/values/create.js";
import { findsNonFinite } from "../core/running/finite.js";
import { Tensor } from "../core/graph.js";
import { isTracing } from "../core/running/symbolic.js";
import { mapTree } from "../core/tree.js";
import { WeakNumber } from "../core/values/weak.js";
import { CaptureError, FreedError, GradientError, ValueError } from "../errors.js";
import { Bound } from "./run/bound.js";
import { capture, type Captured } from "./capture/capture.js";
import { differenceOf } from "./difference.js";
import { Executable, numbersOf } from "./run/executable.js";
import { headOf } from "./show/explain.js";
import { oneLine } from "./show/names.js";
import { describe, lift, patternOf, type Leaf } from "./capture/signature.js";

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

/** At most so many graphs are kept, for different shapes and modes; the one that was not used for longest goes. */
const MOST_GRAPHS = 16;

/**
 * The text of a function with a default, or a rest, among its parameters: its length leaves them out, and so may a call. Where a
 * comment is among them, or the text is not to be had, as of bound functions, there may be one.
 */
const MAY_TAKE_MORE = /^[^>)]*(=[^>]|\.\.|\/)|\[nat/;

/** The graphs of one function, the one used last in front. */
export class Cache {
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
export function executableOf(name: string, captured: Captured, leaves: readonly Leaf[]): Executable {
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
