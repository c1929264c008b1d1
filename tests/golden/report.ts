// What a run found, for people and for programs.
import type { Outcome, OutcomeKind } from "./check.js";

/** Counts of one row of the report. */
export interface Counts {
  readonly section: string;
  readonly level: string;
  readonly dtype: string;
  readonly passed: number;
  readonly failed: number;
  readonly missing: number;
  readonly chosen: number;
}

/** Counts by section, level and type, in the order of the outcomes. */
export function countsOf(outcomes: readonly Outcome[]): Counts[] {
  const rows = new Map<string, Counts>();
  for (const { section, level, dtype, kind } of outcomes) {
    const key = [level, section, dtype].join("\0");
    const row = rows.get(key) ?? { section, level, dtype, passed: 0, failed: 0, missing: 0, chosen: 0 };
    rows.set(key, { ...row, [kind]: row[kind] + 1 });
  }
  return [...rows.values()];
}

/** How many outcomes are of a kind. */
export function count(outcomes: readonly Outcome[], kind: OutcomeKind): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length;
}

/** What is missing, and how many checks wait for it; the most wanted first. */
function missingOf(outcomes: readonly Outcome[]): [name: string, checks: number][] {
  const names = new Map<string, number>();
  for (const { missing } of outcomes) if (missing !== undefined) names.set(missing, (names.get(missing) ?? 0) + 1);
  return [...names].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}

const KINDS = ["passed", "failed", "missing", "chosen"] as const;

/** The report for people. */
export function textOf(outcomes: readonly Outcome[]): string {
  const lines: string[] = [];
  for (const { kind, id, section, dtype, mismatch } of outcomes) {
    if (kind !== "failed" || !mismatch) continue;
    const { where, problem, absolute, relative } = mismatch;
    const size = absolute === undefined ? "" : ` (off by ${short(absolute)}, relative ${short(relative ?? NaN)})`;
    lines.push(`FAIL ${id} ${section} ${dtype}: ${where}: ${problem}${size}`);
  }
  if (lines.length > 0) lines.push("");

  const dtypes = [...new Set(outcomes.map(({ dtype }) => dtype))];
  const counts = countsOf(outcomes);
  const groups = new Map(counts.map((row) => [`${row.level.padEnd(9)} ${row.section}`, row]));
  lines.push(heading(dtypes));
  for (const [group, { section, level }] of [...groups].sort(([a], [b]) => Number(a > b) - Number(a < b))) {
    const cells = dtypes.map((dtype) => {
      const row = counts.find((other) => other.section === section && other.level === level && other.dtype === dtype);
      return KINDS.map((kind) => String(row?.[kind] ?? "-").padStart(8)).join("");
    });
    lines.push(`${group.padEnd(26)}${cells.join("   ")}`);
  }
  const missing = missingOf(outcomes);
  if (missing.length > 0) {
    lines.push(
      "",
      `Missing, with the number of checks that wait for it: ${missing.map(([name, n]) => `${name} ${n}`).join(", ")}`,
    );
  }
  if (count(outcomes, "chosen") > 0) {
    const ids = outcomes
      .filter(({ kind }) => kind === "chosen")
      .map(({ id, section, dtype }) => `${id} ${section} ${dtype}`);
    lines.push("", `Other than PyTorch by a documented choice: ${ids.join(", ")}`);
  }
  lines.push("", totals(outcomes));
  return lines.join("\n");
}

function heading(dtypes: readonly string[]): string {
  const columns = KINDS.map((kind) => kind.padStart(8)).join("");
  const types = dtypes
    .map((dtype) => `   ${dtype}`.padEnd(columns.length))
    .join("   ")
    .trimEnd();
  return `${" ".repeat(26)}${types}\n${"level     section".padEnd(26)}${dtypes.map(() => columns).join("   ")}`;
}

function totals(outcomes: readonly Outcome[]): string {
  return KINDS.map((kind) => `${count(outcomes, kind)} ${kind}`).join(", ");
}

function short(x: number): string {
  return x === 0 || !Number.isFinite(x) ? String(x) : x.toExponential(2);
}

/** The report for programs: one object. */
export function jsonOf(file: string, outcomes: readonly Outcome[]): string {
  return JSON.stringify({
    file,
    ...Object.fromEntries(KINDS.map((kind) => [kind, count(outcomes, kind)])),
    counts: countsOf(outcomes),
    missingOperations: Object.fromEntries(missingOf(outcomes)),
    failures: outcomes.filter(({ kind }) => kind === "failed"),
  });
}
