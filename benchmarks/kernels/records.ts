import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { ROOT } from "../contestant.js";

/** What was measured of a case: shares of the limit, and rates. */
export interface Result {
  readonly name: string;
  /** GFLOP/s or GB/s, of the limit itself. */
  readonly unit: string;
  readonly limit: number;
  /** By build. */
  readonly rates: Readonly<Record<string, number>>;
  /** In the same unit; absent where it is not written. */
  readonly plain?: number;
}

const RECORDS = `${ROOT}/benchmarks/records/kernels.json`;
const PAGE = `${ROOT}/docs/kernels.md`;

/** What was recorded last, by case. */
export function recorded(): ReadonlyMap<string, Result> {
  if (!existsSync(RECORDS)) return new Map();
  const { results } = JSON.parse(readFileSync(RECORDS, "utf8")) as { results: readonly Result[] };
  return new Map(results.map((result) => [result.name, result]));
}

/** The share of the limit that a build reached; undefined if it was not measured. */
export function shareOf(result: Result | undefined, build: string): number | undefined {
  const rate = result?.rates[build];
  return result && rate !== undefined ? rate / result.limit : undefined;
}

/**
 * Records results in the place of older ones, and writes the page anew: the cases of these names, in this order, those that
 * were not measured now as they were recorded before.
 */
export async function record(
  measured: readonly Result[],
  machine: readonly string[],
  names: readonly string[],
): Promise<void> {
  const known = new Map([...recorded(), ...measured.map((result): [string, Result] => [result.name, result])]);
  const results = names.flatMap((name) => known.get(name) ?? []);
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(3)) : value;
  const text = JSON.stringify({ machine, results }, rounded);
  writeFileSync(RECORDS, await format(text, { ...(await resolveConfig(RECORDS)), parser: "json" }));
  writeFileSync(PAGE, await format(pageOf(results, machine), { parser: "markdown" }));
}

function pageOf(results: readonly Result[], machine: readonly string[]): string {
  const builds = Object.keys(results[0]?.rates ?? {});
  const head = ["kernel", "unit", "limit", ...builds.flatMap((build) => [build, "share"]), "plain JS", "times"];
  const lines = results.map(({ name, unit, limit, rates, plain }) => [
    ...[`\`${name}\``, unit, show(limit)],
    ...builds.flatMap((build) => {
      const rate = rates[build];
      return rate === undefined ? ["", ""] : [show(rate), (rate / limit).toFixed(2)];
    }),
    ...(plain === undefined ? ["", ""] : [show(plain), show((rates[builds[0]!] ?? NaN) / plain)]),
  ]);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return `# Kernels

Written by \`npm run bench -- kernels --record\`; do not edit. Each kernel of the tape, one instruction replayed, next to
what the machine allowed in the same run: multiply-adds between registers for products, \`memory.copy\` of as many bytes for
what moves data, reading as many for what reduces it. A share above 1 is possible where a kernel only writes. \`times\`
compares the first build with plain JavaScript. Cases and sizes stand in
[\`benchmarks/kernels/cases.ts\`](../benchmarks/kernels/cases.ts), the figures in
[\`benchmarks/records/kernels.json\`](../benchmarks/records/kernels.json); a later run says what has become slower.

${machine.map((line) => `- ${line}`).join("\n")}

${[row(head), row(head.map((_, i) => (i === 0 || i === 1 ? "---" : "---:"))), ...lines.map(row)].join("\n")}
`;
}

function show(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
