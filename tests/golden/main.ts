// npm run golden -- FILE [--level core|extended] [--dtype f32|f64] [--op NAME] [--json]
// Compares the library with references of another system. Exits with 1 if anything disagrees, with 2 if it could not run.
import { parseArgs } from "node:util";
import * as wengert from "wengert";
import { readGolden } from "./file.js";
import type { Library, Namespace } from "./library.js";
import { count, jsonOf, textOf } from "./report.js";
import { runGolden, type Selection } from "./run.js";

const USAGE = "npm run golden -- FILE [--level core|extended] [--dtype f32|f64] [--op NAME] [--json]";

interface Arguments {
  readonly path: string;
  readonly selection: Selection;
  readonly json: boolean;
}

function argumentsOf(args: readonly string[]): Arguments {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { level: text, dtype: text, op: text, json: { type: "boolean", default: false } },
  });
  const [path] = positionals;
  const { level, dtype, op, json } = values;
  if (path === undefined || positionals.length > 1) throw new Error("expected one FILE");
  if (dtype !== undefined && dtype !== "f32" && dtype !== "f64")
    throw new Error(`expected --dtype f32 or f64, got ${dtype}`);
  return { path, json, selection: { ...(level && { level }), ...(dtype && { dtype }), ...(op && { op }) } };
}

/** An entry point of the package, or nothing where it has no such. */
async function room(load: () => Promise<unknown>): Promise<Namespace | undefined> {
  try {
    return (await load()) as Namespace;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined;
    throw error;
  }
}

async function main(): Promise<void> {
  const { path, selection, json } = argumentsOf(process.argv.slice(2));
  const file = readGolden(path);
  const nn = await room(() => import("wengert/nn"));
  const optim = await room(() => import("wengert/optim"));
  const library: Library = { core: wengert, ...(nn && { nn }), ...(optim && { optim }) };
  const outcomes = runGolden(library, file, selection);
  if (outcomes.length === 0) throw new Error(`nothing in ${path} is of that level and name`);
  console.log(json ? jsonOf(path, outcomes) : textOf(outcomes));
  process.exitCode = count(outcomes, "failed") > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(USAGE);
  process.exitCode = 2;
}
