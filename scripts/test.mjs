// npm test: the kernels alone (as-pect), then the library in Node and in a real Chromium (vitest).
//   npm test -- node            only a part: as-pect, node, chromium
//   npm test -- node laws       and of vitest's files only those whose names hold a word
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT, runNode } from "./lib/run.mjs";

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, seconds: number, trouble?: string }} Result */

/** The kernels compiled with checks on, and as shipped. */
const SUBJECTS = ["source", "baseline", "relaxed", "wide"];
const SPECS = "scripts/specs.mjs";

const PARTS = ["as-pect", "node", "chromium"];

const asked = process.argv.slice(2);
const words = asked.filter((word) => !PARTS.includes(word));
const chosen = PARTS.filter((part) => asked.includes(part) || words.length === asked.length);
const option = words.find((word) => word.startsWith("-"));
if (option !== undefined) {
  console.error(`npm test -- [${PARTS.join("] [")}] [words of file names]: there is no option ${option}`);
  process.exit(1);
}

const start = performance.now();
const build = await runNode(["scripts/build.mjs", "--if-stale"], { show: true });
if (build.code !== 0) process.exit(1);

/** @type {Result[]} */
const results = [];
if (chosen.includes("as-pect")) results.push(...(await aspect()));
// One after the other: each has two workers and what these start, and on two cores both at once took half as long again.
for (const project of chosen.filter((part) => part !== "as-pect")) results.push(await vitest(project));
report(results);

/** @returns {Promise<Result[]>} of each subject, all by the same compiled tests */
async function aspect() {
  const folder = mkdtempSync(join(ROOT, "build", "as-pect-"));
  const [tests, source] = [join(folder, "tests.wasm"), join(folder, "source.wasm")];
  const compiled = await Promise.all([runNode([SPECS, "compile", tests]), runNode([SPECS, "source", source])]);
  const trouble = compiled.filter(({ code }) => code !== 0).map(({ output }) => output);
  const results = await Promise.all(
    trouble.length > 0
      ? [{ name: "as-pect", passed: 0, failed: 1, skipped: 0, seconds: 0, trouble: trouble.join("\n") }]
      : SUBJECTS.map((subject) => specs(subject, tests, source)),
  );
  rmSync(folder, { recursive: true, force: true });
  return results;
}

/**
 * @param {string} subject
 * @param {string} tests where they are, compiled
 * @param {string} source where the kernels with checks on are
 * @returns {Promise<Result>}
 */
async function specs(subject, tests, source) {
  const env = { WENGERT_SUBJECT: subject, WENGERT_SOURCE: source, FORCE_COLOR: "0" };
  const { code, output, seconds } = await runNode([SPECS, "run", tests], { env });
  const [, passed, total] = /\[Tests\]:\s*(\d+) \/ (\d+)/.exec(stripVTControlCharacters(output)) ?? [];
  const failed = Number(total) - Number(passed) || Number(code !== 0 || !Number(total));
  return {
    name: `as-pect (${subject})`,
    passed: Number(passed ?? 0),
    failed,
    skipped: 0,
    seconds,
    ...(failed > 0 && { trouble: output }),
  };
}

/**
 * @param {string} project of vitest.config.ts, and what of it runs file by file
 * @returns {Promise<Result>}
 */
async function vitest(project) {
  const name = project[0]?.toUpperCase() + project.slice(1);
  const file = join(ROOT, "build", `vitest.${project}.${process.pid}.json`);
  const { code, seconds, timedOut } = await runNode(
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project",
      project,
      "--project",
      `${project}-alone`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...words,
    ],
    { show: true, limit: 900 },
  );
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  rmSync(file, { force: true });
  const passed = counts.numPassedTests ?? 0;
  // A file that does not load, and a run without any test, count as one failure.
  const failed = counts.numFailedTests || Number(code !== 0 || passed === 0);
  const skipped = (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0);
  const trouble = [...(timedOut ? [`${name} was stopped: it took too long`] : []), ...failures(counts)].join("\n\n");
  return { name, passed, failed, skipped, seconds, ...(trouble && { trouble }) };
}

/**
 * What failed, said again at the end: above it may stand thousands of lines.
 * @param {{ testResults?: { name: string, message: string, assertionResults: Assertion[] }[] }} counts
 * @typedef {{ fullName: string, status: string, failureMessages: string[] }} Assertion
 */
function failures({ testResults = [] }) {
  return testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message ? [`${relative(ROOT, name)}\n${message}`] : []),
    ...assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${relative(ROOT, name)}: ${fullName}\n${failureMessages.join("\n")}`),
  ]);
}

/** @param {Result[]} results */
function report(results) {
  const sum = (/** @type {(result: Result) => number} */ of) =>
    results.reduce((total, result) => total + of(result), 0);
  const failed = sum((result) => result.failed);
  for (const { trouble } of results) if (trouble) console.log(trouble);
  console.log();
  for (const { name, passed, failed, skipped, seconds } of results) {
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    console.log(
      `${name.padEnd(20)} ${String(passed).padStart(5)} passed, ${failed} failed${skips}  ${seconds.toFixed(1)} s`,
    );
  }
  console.log(`${"in all".padEnd(20)} ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  console.log(`${sum((result) => result.passed)} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
