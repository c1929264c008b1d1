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
 * The rows of a text of comma-separated values (RFC 4180), in lines that end as they may. A column is of numbers if each of its
 * cells is one or missing, else of texts. Needs the package csv-parse. A row of another length or an open quotation is a
 * `FormatError` with its line.
 */
export async function parseCsv(source: string | Uint8Array, options: CsvOptions = {}): Promise<Dataset<Row>> {
  checkOptions("parseCsv", options, { delimiter: null, header: false, missing: null });
  const { delimiter = ",", header = true, missing = ["", "NA", "NaN", "nan"] } = options;
  if (typeof delimiter !== "string" || !/^[^"\r\n]+$/.test(delimiter))
    throw new ValueError(
      "parseCsv",
      "a delimiter without quotation marks and ends of lines",
      JSON.stringify(delimiter),
    );
  checkTexts("parseCsv", "missing", missing);
  const parse = await parser();
  const text = textOf("parseCsv", source);
  let lines: string[][];
  try {
    lines = parse(text, { delimiter, record_delimiter: ["\r\n", "\n", "\r"], skip_empty_lines: true });
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
  let wrong: unknown;
  try {
    const items: unknown = JSON.parse(text);
    if (Array.isArray(items)) return Dataset.from(items as T[]);
  } catch (error) {
    wrong = error; // Not one value, then: lines, or an error that says which.
  }
  const lines = text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [[line, i + 1] as const]));
  return Dataset.from(
    lines.map(([line, number], i): T => {
      try {
        return JSON.parse(line) as T;
      } catch (error) {
        // Where the first line is no value, the text was meant as one: what is wrong with that may be anywhere.
        if (i > 0) return refuse(`line ${number}`, error);
        return refuse(wrong ? linesOf(text, wrong) : `line ${number}`, wrong ?? "one value in several lines");
      }
    }),
  );
}

function refuse(where: string, error: unknown): never {
  throw new FormatError("parseJson", `a value in JSON in ${where}`, String(error), { cause: error });
}

/** The line that an error of `JSON.parse` speaks of where it says so, else all of them. */
function linesOf(text: string, error: unknown): string {
  const lines = text.trimEnd().split("\n").length;
  const [, place] = /position (\d+)/.exec(String(error)) ?? [];
  if (place !== undefined) return `line ${text.slice(0, Number(place)).split("\n").length}`;
  return lines === 1 || /\bend of JSON/.test(String(error)) ? `line ${lines}` : `lines 1 to ${lines}`;
}

/** Refuses what are no texts in an array: one text would be taken for its characters. */
export function checkTexts(operation: string, name: string, given: unknown): void {
  if (!Array.isArray(given) || !given.every((text) => typeof text === "string"))
    throw new ValueError(operation, `${name} as texts in an array`, kindOf(given));
}

/** A text, or bytes as the text that they are in UTF-8, without the mark of the order of bytes. */
export function textOf(operation: string, source: string | Uint8Array): string {
  if (typeof source === "string") return source.replace(/^\ufeff/, "");
  if (!(source instanceof Uint8Array)) throw new ValueError(operation, "a text or its bytes", kindOf(source));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(source.slice());
  } catch (error) {
    throw new FormatError(operation, "a text in UTF-8", "other bytes", { cause: error });
  }
}
