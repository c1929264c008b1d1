import { ValueError } from "../errors.js";
import { checkOptions } from "../shared/options.js";
import { BAR, DOT, marked } from "./names.js";
import { showValue } from "./number.js";
import type { TraceData, TraceRow } from "./row.js";

/** Options of `trace.toString` and `trace.toMarkdown`. */
export interface TableOptions {
  /** The inputs whose tangents have a column. Default: all, if there are at most three. */
  tangents?: readonly string[];
}

/** Without more than this many inputs, each has a column of tangents. */
const MOST_COLUMNS = 3;

/** Longer sums are cut short. */
const MOST_TERMS = 4;

/** The cells of a trace's table, the heading first; columns in which nothing stands are left out. */
export function cellsOf(trace: TraceData, options: TableOptions): string[][] {
  checkOptions("trace", options, { tangents: null });
  const { tangents } = options;
  const { rows, inputs, outputs } = trace;
  const chosen = tangents ?? (inputs.length <= MOST_COLUMNS ? inputs : []);
  checkInputs(trace, chosen);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const heading = [
    "primal",
    "value",
    "local partials",
    ...chosen.map((x) => {
      const scalar = rows[inputs.indexOf(x)]!.value.rank === 0;
      return scalar ? `tangent v${DOT} = ∂v/∂${x}` : `tangent v${DOT} along ${x}`;
    }),
    `adjoint v${BAR}`,
    "by the chain rule",
  ];
  const body = rows.map((row) => cellsOfRow(row, chosen, byName));
  const results = Object.entries(outputs).map(([label, name]) => cellsOfResult(label, byName.get(name)!, chosen));
  const cells = [heading, ...body, ...results];
  const used = heading.map((_, column) => cells.some((row, i) => i > 0 && row[column] !== ""));
  return cells.map((row) => row.filter((_, column) => used[column]));
}

function checkInputs({ rows }: TraceData, chosen: readonly string[]): void {
  const known = Object.keys(rows[0]?.tangents ?? {});
  const unknown = chosen.find((x) => !known.includes(x));
  if (unknown === undefined) return;
  throw new ValueError("trace", `tangents by the inputs ${known.join(", ")}`, unknown);
}

function cellsOfRow(row: TraceRow, chosen: readonly string[], byName: ReadonlyMap<string, TraceRow>): string[] {
  const { name, formula, value, partials, adjoint } = row;
  const small = Object.entries(partials).filter(([, partial]) => partial.size === 1);
  return [
    `${name} = ${formula}`,
    showValue(value),
    small.map(([u, partial]) => `∂/∂${u} = ${showValue(partial)}`).join(", "),
    ...chosen.map((x) => `${marked(name, DOT)} = ${showValue(row.tangents[x]!)}`),
    `${marked(name, BAR)} = ${showValue(adjoint)}`,
    sumOf(row, byName),
  ];
}

/** The adjoint by the chain rule, `v̄3 · 0.5 + v̄4 · 5 = 0.5 + 5`: what each row that uses the value contributes. */
function sumOf({ name, contributions }: TraceRow, byName: ReadonlyMap<string, TraceRow>): string {
  const uses = Object.entries(contributions);
  const terms = uses.map(([user]) => {
    const partial = byName.get(user)?.partials[name];
    return `${marked(user, BAR)} · ${partial?.size === 1 ? showValue(partial) : `∂${user}/∂${name}`}`;
  });
  const scalar = uses.length > 1 && uses.every(([, contribution]) => contribution.size === 1);
  const numbers = uses.map(([, contribution]) => (scalar ? showValue(contribution) : ""));
  return (inAll(terms) + (scalar ? ` = ${inAll(numbers)}` : "")).replaceAll("+ −", "− ");
}

/** A sum; of many terms the first and the last. */
function inAll(terms: readonly string[]): string {
  if (terms.length <= MOST_TERMS) return terms.join(" + ");
  return `${terms.slice(0, MOST_TERMS - 1).join(" + ")} + … + ${terms[terms.length - 1]}`;
}

/** The last lines: what is called y. */
function cellsOfResult(label: string, { name, value, tangents }: TraceRow, chosen: readonly string[]): string[] {
  const own = chosen.map((x) => `${marked(label, DOT)} = ${showValue(tangents[x]!)}`);
  return [
    `${label} = ${name}`,
    showValue(value),
    "",
    ...own,
    `${marked(label, BAR)} = ${value.rank === 0 ? 1 : "all 1"}`,
    "",
  ];
}

/** Characters that take two places in a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Places in a terminal: marks take none of their own. */
function width(text: string): number {
  let places = 0;
  for (const character of text) places += /\p{Mn}|\p{Cf}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return places;
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
  const rule = widths.map((length) => "─".repeat(length)).join("───");
  const results = Object.keys(trace.outputs).length;
  if (results > 0) lines.splice(lines.length - results, 0, rule);
  lines.splice(1, 0, rule);
  return lines.join("\n");
}
