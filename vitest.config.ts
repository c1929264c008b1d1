import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumLaunchOptions } from "./scripts/lib/chromium.mjs";
import { chunks, NATIVE } from "./scripts/lib/chunks.mjs";
import { SHORT } from "./scripts/lib/run.mjs";
import { ISOLATED } from "./scripts/lib/serve.mjs";

/** The collector within the tests' reach. */
const GC = "--expose-gc";
/**
 * What suits a process of many tests, most of whose code runs a few times: machine code without waiting for it to be hot, and room
 * for what is young, so that less of it is moved about. A tenth of its time; short processes would only take longer to start.
 */
const LONG = ["--always-sparkplug", "--min-semi-space-size=64", "--max-semi-space-size=64"];
const launchOptions = await chromiumLaunchOptions([GC, ...LONG]);

/** What is left behind for files that come later, or from earlier ones: options, threads, modules, the high-water mark. */
const LEAVES_TRACES = /\b(?:configure|shutdown|resetModules|limitedLibrary)\(|\b(?:gc|highWater)\b/;
/** Memory counted over some time, in which the collector may find what earlier files left: nothing does while a test runs on. */
const COUNTS_OVER_TIME = /\basync\b[^]*\bmemory\(|\bmemory\([^]*\basync\b/;

const all = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .map((file) => `tests/${file.replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".test.ts"));
const alone = new Set(
  all.filter((file) => {
    const text = readFileSync(file, "utf8");
    return file.includes("/threads/") || LEAVES_TRACES.test(text) || COUNTS_OVER_TIME.test(text);
  }),
);
/** Most files share what has been imported, which takes half of the time; those that leave traces have it to themselves. */
const shared = { isolate: false, include: all.filter((file) => !alone.has(file)) };
const isolated = { isolate: true, include: [...alone] };

const node = {
  exclude: ["tests/**/*.browser.test.ts"],
  pool: "forks" as const,
  server: { deps: { external: NATIVE } },
};
/** Made anew for each project, since vitest writes into it. */
const chromium = () => ({
  exclude: ["tests/**/*.node.test.ts"],
  browser: {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    provider: playwright({ launchOptions }),
    instances: [{ browser: "chromium" as const }],
  },
});

/** The same tests twice: `*.node.test.ts` only in Node, `*.browser.test.ts` only in Chromium. */
export default defineConfig({
  // Node 20 has Symbol.dispose but no `using`.
  oxc: { target: "es2022" },
  // While it watches, vitest has to see which source has changed.
  plugins: process.argv.includes("run") ? [await chunks()] : [],
  test: {
    testTimeout: 60_000,
    // In two-core machines too: much of the time goes to examples, which are processes of their own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: "node", ...node, ...shared, execArgv: [GC, ...LONG, ...SHORT] } },
      { extends: true, test: { name: "node-alone", ...node, ...isolated, execArgv: [GC, ...SHORT] } },
      { extends: true, server: { headers: ISOLATED }, test: { name: "chromium", ...chromium(), ...shared } },
      { extends: true, server: { headers: ISOLATED }, test: { name: "chromium-alone", ...chromium(), ...isolated } },
    ],
  },
});
