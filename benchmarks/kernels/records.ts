import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
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

/** Shares of the limit by case and build. */
export type Shares = Record<string, Record<string, number>>;

const RECORDS = `${ROOT}/benchmarks/records/kernels.json`;
const PAGE = `${ROOT}/docs/kernels.md`;

/** What was recorded last. */
export function recorded(): Shares {
  return existsSync(RECORDS) ? (JSON.parse(readFileSync(RECORDS, "utf8")) as { shares: Shares }).shares : {};
}

/** Records results, beside those of cases that were not measured now, and writes the page anew if all were. */
export async function record(results: readonly Result[], machine: readonly string[], whole: boolean): Promise<void> {
  const shares = whole ? {} : recorded();
  for (const { name, limit, rates } of results) {
    shares[name] = Object.fromEntries(Object.entries(rates).map(([build, rate]) => [build, round(rate / limit)]));
  }
  writeFileSync(RECORDS, await format(JSON.stringify({ machine, shares }), { parser: "json", printWidth: 120 }));
  if (whole) writeFileSync(PAGE, await format(pageOf(results, machine), { parser: "markdown" }));
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

Written by \`npm run bench -- kernels --record\`; do not edit. Each kernel of the tape, called through the library, next to
what the machine allowed in the same run: multiply-adds between registers for products, \`memory.copy\` of as many bytes for
what moves data, reading as many for what reduces it. A share above 1 is possible where a kernel only writes. \`times\`
compares the first build with plain JavaScript. Cases and sizes stand in
[\`benchmarks/kernels/cases.ts\`](../benchmarks/kernels/cases.ts), the shares in
[\`benchmarks/records/kernels.json\`](../benchmarks/records/kernels.json); a later run says what has become slower.

${machine.map((line) => `- ${line}`).join("\n")}

${[row(head), row(head.map((_, i) => (i === 0 || i === 1 ? "---" : "---:"))), ...lines.map(row)].join("\n")}
`;
}

function show(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
