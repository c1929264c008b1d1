// Runs the checks of a file.
import { checksOfCases } from "./cases.js";
import { runCheck, type Check, type Outcome } from "./check.js";
import type { GoldenFile } from "./file.js";
import type { DType, Library } from "./library.js";
import { checksOfSections } from "./sections.js";

export interface Selection {
  /** Only this level; default all. */
  readonly level?: string;
  /** Only this type; default both. */
  readonly dtype?: DType;
  /** Only this operation, function or method. */
  readonly op?: string;
}

/** The outcomes of all checks of a file that are selected. */
export function runGolden(library: Library, file: GoldenFile, { level, dtype, op }: Selection = {}): Outcome[] {
  const wanted = (check: Check): boolean =>
    (level === undefined || check.level === level) && (op === undefined || check.name === op);
  const checks = [...checksOfCases(file), ...checksOfSections(file)].filter(wanted);
  const dtypes: readonly DType[] = dtype ? [dtype] : ["f32", "f64"];
  return dtypes.flatMap((type) =>
    checks.filter(({ onlyF64 }) => !onlyF64 || type === "f64").map((check) => runCheck(library, check, type)),
  );
}
