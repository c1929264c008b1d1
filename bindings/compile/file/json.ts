import { isPlainObject } from "../../core/tree.js";

// Trees of plain data as JSON, which has no infinities, no -0 and no undefined. What `special` knows is written as it says.

/** A tree as JSON that `fromJson` takes back; undefined where something in it is no plain data. */
export function toJson(x: unknown, special: (x: unknown) => unknown = () => undefined): unknown {
  const known = special(x);
  if (known !== undefined) return known;
  if (x === null || typeof x === "boolean" || typeof x === "string") return x;
  if (x === undefined) return { undefined: true };
  if (typeof x === "number")
    return Number.isFinite(x) && !Object.is(x, -0) ? x : { number: Object.is(x, -0) ? "-0" : String(x) };
  const list = Array.isArray(x);
  if (!list && !isPlainObject(x)) return undefined;
  const keys = Object.keys(x);
  const parts = keys.map((key) => toJson((x as Record<string, unknown>)[key], special));
  if (parts.includes(undefined)) return undefined;
  return list ? { list: parts } : { record: parts.map((part, i) => [keys[i], part]) };
}

/** The tree. Throws for what `toJson` never writes. */
export function fromJson(
  json: unknown,
  special: (json: Record<string, unknown>) => unknown = () => undefined,
): unknown {
  if (json === null || typeof json === "boolean" || typeof json === "string" || typeof json === "number") return json;
  if (!isPlainObject(json)) throw new TypeError("no tree");
  const known = special(json);
  if (known !== undefined) return known;
  if ("undefined" in json) return undefined;
  if ("number" in json) return Number(json["number"]);
  if (Array.isArray(json["list"])) return json["list"].map((part) => fromJson(part, special));
  if (!Array.isArray(json["record"])) throw new TypeError("no tree");
  return Object.fromEntries(
    (json["record"] as [string, unknown][]).map(([key, part]) => [String(key), fromJson(part, special)]),
  );
}
