// The tests of assembly/ as as-pect runs them, but compiled once and not again for each subject of as-pect.config.js.
//   node scripts/specs.mjs compile FILE   the tests
//   node scripts/specs.mjs source FILE    the kernels with checks on, for WENGERT_SOURCE
//   node scripts/specs.mjs run FILE       the compiled tests, against WENGERT_SUBJECT
import { SummaryReporter, TestContext } from "@as-pect/core";
import { instantiate } from "@assemblyscript/loader";
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import config, { compile as compileSource } from "../as-pect.config.js";

const TESTS = "assembly/__tests__";

const [command, file = ""] = process.argv.slice(2);
if (command === "compile") await writeFile(file, await compileTests());
else if (command === "source") await writeFile(file, await compileSource());
else process.exitCode = (await run(await readFile(file))) ? 0 : 1;

/** As as-pect's own command compiles them. @returns {Promise<Uint8Array>} */
async function compileTests() {
  const { main: asc } = await import("assemblyscript/asc");
  const specs = readdirSync(TESTS).filter((name) => name.endsWith(".spec.ts"));
  const entries = [...config.entries, ...specs.map((name) => `${TESTS}/${name}`)];
  /** @type {unknown} */
  let wasm;
  const { error } = await asc([...entries, "--config", "as-pect.asconfig.json", "--target", "noCoverage"], {
    writeFile: (name, contents) => void (name.endsWith(".wasm") && (wasm = contents)),
    stdout: process.stdout,
    stderr: process.stderr,
  });
  if (error || !(wasm instanceof Uint8Array)) throw error ?? new Error("asc wrote no tests");
  return wasm;
}

/**
 * Runs the tests and prints what came of them; returns whether all passed.
 * @param {Uint8Array<ArrayBuffer>} binary
 */
async function run(binary) {
  const reporter = Object.assign(new SummaryReporter(), { stdout: process.stdout, stderr: process.stderr });
  const context = new TestContext({ reporter, binary, fileName: TESTS });
  // Every expectation would ask for its own, which takes a fifth of the time; that of a failure is asked for elsewhere.
  Object.assign(context, { getLogStackTrace: () => "" });
  const imports = (/** @type {object} */ more) => context.createImports(more);
  const module = await config.instantiate(undefined, imports, instantiate, binary);
  context.run(/** @type {Parameters<typeof context.run>[0]} */ (/** @type {unknown} */ (module)));
  console.log(`[Tests]: ${context.testPassCount} / ${context.testCount}`);
  return context.pass;
}
