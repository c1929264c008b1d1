// The findings, as a table to print and as a page of the documentation.
import type { Probe } from "./portable/probe.js";
import type { Training } from "./portable/train.js";
import type { Tally } from "./portable/unit.js";

/** What was found in one runtime. */
export interface Findings {
  readonly name: string;
  readonly probe: Probe;
  readonly baseline: Training;
  readonly fastest: Training;
  readonly tally: Tally;
}

const HEADER = ["runtime", "engine", "build", "multiply-add", "memory", "at most", "threads", "baseline, an epoch"];

/** A line for each runtime: what the library uses there, and the beginning of the hash of what it trained. */
export function tableOf(found: readonly Findings[]): string {
  return table([
    HEADER,
    ...found.map(({ name, probe: { engine, info, fused }, baseline }) => [
      name,
      engine,
      info.build,
      fused ? "rounds once" : "rounds twice",
      info.shared ? "shared" : "unshared",
      `${info.maximumBytes / 2 ** 30} GiB`,
      String(info.threads),
      `\`${baseline.hash.slice(0, 16)}\``,
    ]),
  ]);
}

/** docs/runtimes.md. */
export function renderPage(found: readonly Findings[]): string {
  return `# Runtimes

Written by \`npm run runtimes\`, on Linux x64.

${tableOf(found)}
`;
}

/** Rows of cells, the first of which are headings, in Markdown. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}
