import type { Effort, Lap } from "./harness.js";
import type { Figure, Outcome } from "./report.js";

/** What a benchmark is run with. */
export interface Context {
  readonly effort: Effort;
  /** Whether a case is wanted. */
  wants(name: string): boolean;
  /** Says something about the run to whoever watches. */
  note(text: string): void;
  /** Whether what is measured is to be kept for later runs to compare with. */
  readonly record: boolean;
}

/** A benchmark: one file in suites/. */
export interface Suite {
  readonly name: string;
  /** What it measures, in a line. */
  readonly about: string;
  run(context: Context): AsyncIterable<Outcome>;
}

/** Laps as figures, in a unit that is made of seconds. */
export function figuresOf(
  laps: readonly Lap[],
  labels: readonly string[],
  convert: (seconds: number) => number,
): Figure[] {
  return labels.flatMap((label) => {
    const lap = laps.find((found) => found.label === label);
    if (!lap) return [];
    return [{ label, samples: lap.seconds.map(convert), ...(lap.note === undefined ? {} : { note: lap.note }) }];
  });
}
