import { spreadOf } from "./harness.js";

/** A figure of one contestant. */
export interface Figure {
  readonly label: string;
  /** In the unit of the outcome: one a round. */
  readonly samples: readonly number[];
  /** How it was come by, where that was a choice. */
  readonly note?: string;
  /** Put behind the figure in the table: something is wrong with it. */
  readonly mark?: string;
  /** Of a reference: the subjects that it is for, where it is not for all. */
  readonly of?: readonly string[];
}

/** One case of a benchmark. */
export interface Outcome {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  /** Whether less is better, as with time. */
  readonly lowerIsBetter: boolean;
  /** Wengert's own figures. */
  readonly subjects: readonly Figure[];
  /** What they are compared with. */
  readonly references: readonly Figure[];
}

/** A line of --json. */
export interface Line {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly value: number;
  readonly reference: string;
  readonly referenceValue: number;
  /** How many times better Wengert is, whether the unit is a rate or a time. */
  readonly ratio: number;
  /** How the reference was come by, where that was a choice. */
  readonly referenceNote?: string;
  /** Between these lie the middle half of the rounds. */
  readonly quartiles: readonly [number, number];
}

/** An outcome as lines: each subject with each reference. */
export function linesOf({ bench, case: name, unit, lowerIsBetter, subjects, references }: Outcome): Line[] {
  return subjects.flatMap((subject) => {
    const { low, median, high } = spreadOf(subject.samples);
    const about = { bench, case: [name, subject.label].filter(Boolean).join(" "), unit, value: round(median) };
    return references
      .filter(({ of }) => of === undefined || of.includes(subject.label))
      .map(({ label, samples, note }) => {
        const reference = spreadOf(samples).median;
        const ratio = lowerIsBetter ? reference / median : median / reference;
        const compared = { reference: label, referenceValue: round(reference), ratio: round(ratio) };
        const noted = note === undefined ? {} : { referenceNote: note };
        return { ...about, ...compared, ...noted, quartiles: [round(low), round(high)] as const };
      });
  });
}

/** Outcomes of one benchmark as a table: a row a case, a column a contestant. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const subjects = labelsOf(outcomes.map((outcome) => outcome.subjects));
  const references = labelsOf(outcomes.map((outcome) => outcome.references.filter(({ of }) => of === undefined)));
  const head = ["case", ...subjects.map((label) => label || "wengert"), ...references];
  const rows = outcomes.map((outcome) => [
    outcome.case,
    ...subjects.map((label) => subjectCell(outcome, label)),
    ...references.map((label) => referenceCell(outcome, label)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const print = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  ");
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map((row) => print(row).trimEnd()).join("\n");
}

function labelsOf(figures: readonly (readonly Figure[])[]): string[] {
  return [...new Set(figures.flat().map(({ label }) => label))];
}

/** Median, half the distance of the quartiles, and the share of a limit of its own if it has one. */
function subjectCell({ subjects, references }: Outcome, label: string): string {
  const subject = subjects.find((figure) => figure.label === label);
  if (!subject) return "";
  const { low, median, high } = spreadOf(subject.samples);
  const limit = references.find(({ of }) => of?.includes(label));
  const share = limit ? ` ${((100 * median) / spreadOf(limit.samples).median).toFixed(0).padStart(3)}%` : "";
  return `${show(median)} ±${show((high - low) / 2)}${share}${subject.mark ?? ""}`;
}

/** Median, and how many times better the first of Wengert's figures is. */
function referenceCell({ subjects, references, lowerIsBetter }: Outcome, label: string): string {
  const reference = references.find((figure) => figure.label === label);
  const subject = subjects[0];
  if (!reference || !subject) return "";
  const value = spreadOf(reference.samples).median;
  const own = spreadOf(subject.samples).median;
  const note = reference.note === undefined ? "" : ` ${reference.note}`;
  return `${show(value)}${note} (${show(lowerIsBetter ? value / own : own / value)}x)`;
}

/** Three digits, or the whole part where that is more. */
function show(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(value < 1e-3 ? 1 : 3);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
