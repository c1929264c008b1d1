// A file of golden references: its types, and the reading of it. Everything is checked here, so that no other file of the
// runner meets a field that is missing or of another kind.
import { readFileSync } from "node:fs";

/** A tensor of the file: numbers in row-major order, truth values as 0 and 1. */
export interface GoldenTensor {
  readonly dtype: "f64" | "i64" | "bool";
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One operation on a tensor that makes a view of it: its name, then its arguments. */
export type ViewStep = readonly [name: string, ...args: readonly unknown[]];

export interface GoldenInput extends GoldenTensor {
  readonly name: string;
  readonly diff: boolean;
  /** Applied to the base tensor before the operation. */
  readonly view: readonly ViewStep[];
}

/** Keyword arguments, under PyTorch's names. */
export type Keywords = Readonly<Record<string, unknown>>;
export type Named = Readonly<Record<string, GoldenTensor>>;

export interface GoldenCase {
  readonly id: string;
  readonly op: string;
  readonly level: string;
  readonly tags: readonly string[];
  readonly inputs: readonly GoldenInput[];
  readonly args: Keywords;
  readonly outputs: readonly GoldenTensor[];
  readonly cotangents: readonly (GoldenTensor | null)[];
  readonly tangents: Named | null;
  readonly vjp: Named | null;
  readonly jvp: readonly (GoldenTensor | null)[] | null;
  readonly hvp: Named | null;
  readonly tol: unknown;
}

/** An entry of any other section. Its section reads the fields that it needs with the functions below. */
export type Entry = Readonly<Record<string, unknown>>;

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

export interface GoldenFile {
  readonly split: string;
  readonly tolerance: { readonly f64: Tolerance; readonly f32: Tolerance };
  readonly cases: readonly GoldenCase[];
  /** The other sections by name, each a list of entries; `gains`, which is an object, is one entry. */
  readonly sections: Readonly<Record<string, readonly Entry[]>>;
}

/** Something that is not of the schema, and where in the file it stands. */
export class SchemaError extends Error {}

function expected(where: string, what: string, got: unknown): SchemaError {
  const text = JSON.stringify(got) ?? "nothing";
  return new SchemaError(`${where}: expected ${what}, got ${text.length > 60 ? `${text.slice(0, 60)}..` : text}`);
}

const DEFAULT_TOLERANCE = { f64: { rtol: 1e-9, atol: 1e-10 }, f32: { rtol: 2e-4, atol: 1e-5 } };

/** Reads a file; throws a SchemaError that names the place where it is not of the schema. */
export function readGolden(path: string): GoldenFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new SchemaError(`${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  return parseGolden(text, path);
}

/** A file from its text; `path` is its name in errors. */
export function parseGolden(text: string, path = "file"): GoldenFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new SchemaError(`${path}: expected JSON, ${error instanceof Error ? error.message : String(error)}`);
  }
  const root = entryAt(parsed, path);
  const meta = entryAt(root["meta"], "meta");
  if (meta["schema"] !== undefined && meta["schema"] !== 1) throw expected("meta.schema", "1", meta["schema"]);
  const { cases, meta: _, ...others } = root;
  const sections = Object.entries(others).map(([name, value]): [string, Entry[]] => [
    name,
    (Array.isArray(value) ? value : [value]).map((entry, i) => entryAt(entry, `${name}[${i}]`)),
  ]);
  return {
    split: typeof meta["split"] === "string" ? meta["split"] : path,
    tolerance: { ...DEFAULT_TOLERANCE, ...(meta["recommended_tolerance"] as object | undefined) },
    cases: listAt(cases, "cases").map((value, i) => caseAt(value, `cases[${i}]`)),
    sections: Object.fromEntries(sections),
  };
}

function caseAt(value: unknown, where: string): GoldenCase {
  const c = entryAt(value, where);
  const id = textAt(c["id"], `${where}.id`);
  const place = `${where} (${id})`;
  return {
    id,
    op: textAt(c["op"], `${place}.op`),
    level: textAt(c["level"] ?? "core", `${place}.level`),
    tags: listAt(c["tags"] ?? [], `${place}.tags`).map((tag, i) => textAt(tag, `${place}.tags[${i}]`)),
    inputs: listAt(c["inputs"], `${place}.inputs`).map((input, i) => inputAt(input, `${place}.inputs[${i}]`)),
    args: entryAt(c["args"] ?? {}, `${place}.args`),
    outputs: listAt(c["outputs"], `${place}.outputs`).map((x, i) => tensorAt(x, `${place}.outputs[${i}]`)),
    cotangents: tensorsAt(c["cotangents"], `${place}.cotangents`) ?? [],
    tangents: namedAt(c["tangents"], `${place}.tangents`),
    vjp: namedAt(c["vjp"], `${place}.vjp`),
    jvp: tensorsAt(c["jvp"], `${place}.jvp`),
    hvp: namedAt(c["hvp"], `${place}.hvp`),
    tol: c["tol"] ?? null,
  };
}

function inputAt(value: unknown, where: string): GoldenInput {
  const input = entryAt(value, where);
  const steps = listAt(input["view"] ?? [], `${where}.view`).map((step, i) => {
    const at = `${where}.view[${i}]`;
    const [name, ...args] = listAt(step, at);
    return [textAt(name, `${at}[0]`), ...args] as ViewStep;
  });
  return {
    ...tensorAt(value, where),
    name: textAt(input["name"], `${where}.name`),
    diff: input["diff"] === true,
    view: steps,
  };
}

/** A tensor: as many numbers as its shape says. */
export function tensorAt(value: unknown, where: string): GoldenTensor {
  const x = entryAt(value, where);
  const { dtype } = x;
  if (dtype !== "f64" && dtype !== "i64" && dtype !== "bool")
    throw expected(`${where}.dtype`, "f64, i64 or bool", dtype);
  const shape = numbersAt(x["shape"], `${where}.shape`);
  if (!shape.every((length) => Number.isInteger(length) && length >= 0)) {
    throw expected(`${where}.shape`, "whole lengths", shape);
  }
  const data = numbersAt(x["data"], `${where}.data`);
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size)
    throw expected(`${where}.data`, `${size} numbers for the shape [${shape.join(", ")}]`, data.length);
  return { dtype, shape, data };
}

function tensorsAt(value: unknown, where: string): (GoldenTensor | null)[] | null {
  if (value === null || value === undefined) return null;
  return listAt(value, where).map((x, i) => (x === null ? null : tensorAt(x, `${where}[${i}]`)));
}

/** Tensors under names; those that are null are left out. */
export function namedAt(value: unknown, where: string): Named | null {
  if (value === null || value === undefined) return null;
  const found = Object.entries(entryAt(value, where)).filter(([, x]) => x !== null);
  return Object.fromEntries(found.map(([name, x]) => [name, tensorAt(x, `${where}.${name}`)]));
}

export function entryAt(value: unknown, where: string): Entry {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw expected(where, "an object", value);
  return value as Entry;
}

export function listAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw expected(where, "a list", value);
  return value;
}

export function textAt(value: unknown, where: string): string {
  if (typeof value !== "string") throw expected(where, "a text", value);
  return value;
}

/** A number, or the name of one that JSON cannot write. */
export function numberAt(value: unknown, where: string): number {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "number") throw expected(where, 'a number, "NaN", "Infinity" or "-Infinity"', value);
  return value;
}

export function numbersAt(value: unknown, where: string): number[] {
  return listAt(value, where).map((x, i) => numberAt(x, `${where}[${i}]`));
}
