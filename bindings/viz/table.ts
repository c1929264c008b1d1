import { showValue } from "./number.js";
import type { TraceData, TraceRow } from "./row.js";

export interface TableOptions {
  /** The inputs whose tangents have a column. Default: all, if there are at most three. */
  tangents?: readonly string[];
}

const DOT = "\u0307";
const BAR = "\u0304";
/** Without more than this many inputs, each has a column of tangents. */
const MOST_COLUMNS = 3;

/** The cells of a trace's table, the heading first. */
export function cellsOf(trace: TraceData, { tangents }: TableOptions): string[][] {
  const chosen = tangents ?? (trace.inputs.length <= MOST_COLUMNS ? trace.inputs : []);
  const heading = ["primal", "value", ...chosen.map((x) => `tangent v${DOT} = ∂v/∂${x}`), `adjoint v${BAR}`, "from"];
  return [heading, ...trace.rows.map((row) => cellsOfRow(row, chosen))];
}

function cellsOfRow(row: TraceRow, chosen: readonly string[]): string[] {
  const marked = (mark: string): string => row.name.slice(0, 1) + mark + row.name.slice(1);
  const uses = Object.entries(row.contributions);
  return [
    `${row.name} = ${row.formula}`,
    showValue(row.value),
    ...chosen.map((x) => (row.tangents[x] ? `${marked(DOT)} = ${showValue(row.tangents[x])}` : "")),
    `${marked(BAR)} = ${showValue(row.adjoint)}`,
    uses.map(([user, contribution]) => `${showValue(contribution)} (${user})`).join(" + "),
  ];
}

/** Combining marks take no room of their own. */
function width(text: string): number {
  return [...text].filter((character) => character !== DOT && character !== BAR).length;
}

function padded(text: string, to: number): string {
  return text + " ".repeat(Math.max(0, to - width(text)));
}

/** A trace as a table for a terminal. */
export function showTable(trace: TraceData, options: TableOptions): string {
  const cells = cellsOf(trace, options);
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => width(row[column]!))));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column]!))
      .join("   ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((length) => "─".repeat(length)).join("───"));
  return lines.join("\n");
}
