import { data, toArray } from "../core/values/access.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import type { Shape } from "../core/shape.js";
import { summary } from "./number.js";
import { cellsOf, type TableOptions } from "./table.js";
import type { TraceData } from "./row.js";

/** A number; what JSON has no number for is "NaN", "Infinity" or "-Infinity". */
export type JsonNumber = number | string;
type JsonArray = readonly (JsonNumber | boolean | JsonArray)[];

/** A value: a number, nested arrays, or the summary of a large tensor. */
export type JsonValue =
  | JsonNumber
  | boolean
  | JsonArray
  | {
      readonly shape: Shape;
      readonly dtype: DTypeName;
      readonly mean: JsonNumber;
      readonly least: JsonNumber;
      readonly most: JsonNumber;
    };

/** A trace as plain data. */
export interface JsonTrace {
  /** Names of the arguments. */
  readonly inputs: readonly string[];
  /** For each result, the name of its row. */
  readonly outputs: Readonly<Record<string, string>>;
  /** As in `TraceRow`, with numbers for tensors. */
  readonly rows: readonly {
    readonly name: string;
    readonly operation: string;
    readonly formula: string;
    readonly from: readonly string[];
    readonly value: JsonValue;
    readonly tangents: Readonly<Record<string, JsonValue>>;
    readonly partials: Readonly<Record<string, JsonValue>>;
    readonly adjoint: JsonValue;
    readonly contributions: Readonly<Record<string, JsonValue>>;
  }[];
}

/** Tensors of so many elements are written out. */
const MOST_ELEMENTS = 64;

/** A trace as plain data. */
export function toJson({ inputs, outputs, rows }: TraceData): JsonTrace {
  const all = (record: Readonly<Record<string, Tensor>>): Record<string, JsonValue> =>
    Object.fromEntries(Object.entries(record).map(([key, x]) => [key, jsonOf(x)]));
  return {
    inputs,
    outputs,
    rows: rows.map((row) => ({
      ...row,
      value: jsonOf(row.value),
      tangents: all(row.tangents),
      partials: all(row.partials),
      adjoint: jsonOf(row.adjoint),
      contributions: all(row.contributions),
    })),
  };
}

function jsonOf(x: Tensor): JsonValue {
  if (x.size <= MOST_ELEMENTS) return finite(toArray(x));
  const { mean, least, most } = summary(Array.from(data(x), Number));
  const [middle, low, high] = [mean, least, most].map(finite) as JsonNumber[];
  return { shape: x.shape, dtype: x.dtype, mean: middle!, least: low!, most: high! };
}

/** What JSON has no number for, by its name. */
function finite(value: JsonNumber | boolean | JsonArray): JsonNumber | boolean | JsonArray {
  if (typeof value === "object") return value.map(finite);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** A trace as a Markdown table. */
export function toMarkdown(trace: TraceData, options: TableOptions): string {
  const [heading = [], ...rows] = cellsOf(trace, options);
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Text that Markdown takes for text. */
function escaped(cell: string): string {
  return cell.replace(/[\\|`*_[\]<>&~$]/g, (character) => (character === "<" ? "&lt;" : `\\${character}`));
}
