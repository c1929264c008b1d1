// One comparison that a file asks for, how it is run, and what becomes of it.
import { compare, type Mismatch, type Pair } from "./compare.js";
import { SchemaError, type GoldenFile, type Tolerance } from "./file.js";
import { Lab, MissingOperation, type DType, type Library } from "./library.js";

/** One comparison that a file asks for: one outcome in each floating-point type. */
export interface Check {
  readonly id: string;
  /** The row of the report that it counts in: a mode of the cases, or a section of the file. */
  readonly section: string;
  readonly level: string;
  /** The operation, function or method that it is about. */
  readonly name: string;
  /** Made once, in f64: without tensors, or with numbers that are infinite or 0 in f32, where the question is another. */
  readonly onlyF64?: boolean;
  /** Computes the quantities. What the library lacks is a MissingOperation. */
  readonly run: (lab: Lab) => readonly Pair[];
  readonly tolerance: (dtype: DType) => Tolerance;
  /**
   * In f32, allow as much more as the quantities move when the inputs are rounded to f32: the same computation in f64 on
   * rounded inputs tells.
   */
  readonly rounding?: boolean;
  /** A documented choice of the library where PyTorch's is a convention: what it expects instead of a number. */
  readonly choice?: (expected: number, at: number) => number;
}

/** `chosen`: right, but for a documented choice that is not PyTorch's. */
export type OutcomeKind = "passed" | "failed" | "missing" | "chosen";

export interface Outcome {
  readonly id: string;
  readonly section: string;
  readonly level: string;
  readonly dtype: DType;
  readonly kind: OutcomeKind;
  /** Of a failure. */
  readonly mismatch?: Mismatch;
  /** What is missing. */
  readonly missing?: string;
}

/** Runs one check. Everything made on the way is freed. */
export function runCheck(library: Library, check: Check, dtype: DType): Outcome {
  const { id, section, level } = check;
  const about = { id, section, level, dtype };
  try {
    const pairs = evaluate(new Lab(library, dtype), check);
    let mismatch = compare(pairs, dtype, check.tolerance(dtype));
    if (!mismatch) return { ...about, kind: "passed" };
    if (check.choice && !compare(chosen(pairs, check.choice), dtype, check.tolerance(dtype))) {
      return { ...about, kind: "chosen" };
    }
    if (dtype === "f32" && check.rounding) {
      const [exact, moved] = [false, true].map((rounds) => evaluate(new Lab(library, "f64", rounds), check));
      mismatch = compare(pairs, dtype, check.tolerance(dtype), (pair, i) => movement(exact![pair]!, moved![pair]!, i));
    }
    return mismatch ? { ...about, kind: "failed", mismatch } : { ...about, kind: "passed" };
  } catch (error) {
    if (error instanceof MissingOperation) return { ...about, kind: "missing", missing: error.operation };
    if (error instanceof SchemaError) throw new SchemaError(`${id}: ${error.message}`);
    const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { ...about, kind: "failed", mismatch: { where: "thrown", problem } };
  }
}

function evaluate(lab: Lab, check: Check): readonly Pair[] {
  return lab.core.scope(() => check.run(lab));
}

function chosen(pairs: readonly Pair[], choice: (expected: number, at: number) => number): readonly Pair[] {
  return pairs.map((pair) => ({
    ...pair,
    expected: { ...pair.expected, data: pair.expected.data.map((number, i) => choice(number, i)) },
  }));
}

/**
 * How far a result in f64 moves when its inputs are rounded; 0 where that is no number. It is not the distance from what is
 * expected, which would excuse whatever is wrong.
 */
function movement(exact: Pair, moved: Pair, i: number): number {
  const distance = Math.abs(moved.got.data[i]! - exact.got.data[i]!);
  return Number.isFinite(distance) ? distance : 0;
}

/** Factors by which the file's tolerance is loosened. */
export type Looser = Readonly<Partial<Record<DType, number>>>;

/** The tolerance of an entry: its own if it has one, else that of the file, loosened. */
export function toleranceOf(file: GoldenFile, own: unknown, looser: Looser = {}): (dtype: DType) => Tolerance {
  return (dtype) => {
    const factor = looser[dtype] ?? 1;
    const general = { rtol: file.tolerance[dtype].rtol * factor, atol: file.tolerance[dtype].atol * factor };
    if (own === null || own === undefined) return general;
    const given =
      typeof own === "number" ? { rtol: own } : (own as Partial<Tolerance & Record<DType, Partial<Tolerance>>>);
    const forThis = "f32" in given || "f64" in given ? given[dtype] : given;
    const { rtol = general.rtol, atol = general.atol } = forThis ?? {};
    // A tolerance that is meant for f64 does not ask more of f32 than it holds.
    if (dtype === "f64" || forThis !== given) return { rtol, atol };
    return { rtol: Math.max(rtol, general.rtol), atol: Math.max(atol, general.atol) };
  };
}
