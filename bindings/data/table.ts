import { kindOf } from "../core/checks.js";
import type * as csv from "csv-parse/browser/esm/sync";
import { FormatError, ValueError } from "../errors.js";
import { Dataset } from "./dataset.js";
import { missing as missingPackage } from "./package.js";
import { checkOptions } from "../shared/options.js";

/** A row of a table: a number or a text in each column. */
export type Row = Record<string, number | string>;

/** Options of `parseCsv`. */
export interface CsvOptions {
  /** Between columns. Default ",". */
  delimiter?: string;
  /** Whether the first line names the columns, which are "0", "1", .. otherwise. Default true. */
  header?: boolean;
  /** Cells that hold nothing: NaN in a column of numbers, "" in one of texts. Default "", "NA", "NaN" and "nan". */
  missing?: readonly string[];
}

/**
 * The rows of a text of comma-separated values (RFC 4180). A column is of numbers if each of its cells is one or missing, else
 * of texts. Needs the package csv-parse. A row of another length or an open quotation is a `FormatError` with its line.
 */
export async function parseCsv(source: string | Uint8Array, options: CsvOptions = {}): Promise<Dataset<Row>> {
  checkOptions("parseCsv", options, { delimiter: null, header: false, missing: null });
  const { delimiter = ",", header = true, missing = ["", "NA", "NaN", "nan"] } = options;
  const parse = await parser();
  const text = textOf("parseCsv", source);
  let lines: string[][];
  try {
    lines = parse(text, { delimiter, bom: true, skip_empty_lines: true });
  } catch (error) {
    throw new FormatError("parseCsv", "comma-separated values", String(error), { cause: error });
  }
  const [first] = lines;
  if (!first) return Dataset.from<Row>([]);
  const names = header ? first : first.map((_, column) => String(column));
  const twice = names.find((name, column) => names.indexOf(name) !== column);
  if (twice !== undefined) throw new FormatError("parseCsv", "names of columns that come once", JSON.stringify(twice));
  if (header) lines.shift();
  const absent = new Set(missing);
  const columns = names.map((_, column) => {
    const cells = lines.map((line) => line[column]!);
    const numeric =
      cells.every((cell) => absent.has(cell) || NUMBER.test(cell)) && cells.some((cell) => !absent.has(cell));
    return cells.map((cell) => (numeric ? (absent.has(cell) ? NaN : Number(cell)) : absent.has(cell) ? "" : cell));
  });
  return new Dataset(lines.length, (i) =>
    Object.fromEntries(names.map((name, column) => [name, columns[column]![i]!])),
  );
}

// Each import stands in its own try: bundlers then let a package be that is not installed.
async function parser(): Promise<typeof csv.parse> {
  try {
    return (await import("csv-parse/browser/esm/sync")).parse;
  } catch (error) {
    throw missingPackage("parseCsv", "csv-parse", error);
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * The items of a JSON array, or else of JSON lines (one value a line). What they are is for the caller to say. Other text is a
 * `FormatError` with its line.
 */
export function parseJson<T = unknown>(source: string | Uint8Array): Dataset<T> {
  const text = textOf("parseJson", source);
  try {
    const items: unknown = JSON.parse(text);
    if (Array.isArray(items)) return Dataset.from(items as T[]);
  } catch {
    // Not one value, then: lines, or an error that says which.
  }
  const lines = text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [[line, i + 1] as const]));
  return Dataset.from(lines.map(([line, number]) => parse(line, number) as T));
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new FormatError("parseJson", `a value in JSON in line ${number}`, String(error), { cause: error });
  }
}

/** Bytes as the text that they are in UTF-8. */
export function textOf(operation: string, source: string | Uint8Array): string {
  if (typeof source === "string") return source;
  if (!(source instanceof Uint8Array)) throw new ValueError(operation, "a text or its bytes", kindOf(source));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(source.slice());
  } catch (error) {
    throw new FormatError(operation, "a text in UTF-8", "other bytes", { cause: error });
  }
}
