// A small app, out of every bundler that people use.
import { build as esbuild } from "esbuild";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright";
import { rollup, type Plugin } from "rollup";
import { build as vite } from "vite";
import { chromiumLaunchOptions } from "../../scripts/lib/chromium.mjs";
import { ROOT, runNode } from "../../scripts/lib/run.mjs";
import { ISOLATED, serve } from "../../scripts/lib/serve.mjs";
import { installPackage, makeProject } from "../pack/project.js";

/** What the app gives where all is well. */
const HEALTHY = { learnt: true, slope: 12, errorName: "ShapeError", doubled: [2, 4] };

/** The parts of the app, each of which must be a file: the page's, Node's, and the worker's. */
const PARTS = ["page", "main", "tasks"];

/** Each makes of the app's sources index.html with what it loads, and main.js for Node. */
const BUNDLERS: Readonly<Record<string, (app: string, out: string) => Promise<void>>> = {
  async Vite(app, out) {
    const common = { root: app, base: "./", configFile: false, logLevel: "error" } as const;
    await vite({ ...common, build: { outDir: out } });
    const input = ["main", "tasks"].map((name) => join(app, `${name}.js`));
    await vite({
      ...common,
      ssr: { noExternal: true },
      build: { outDir: out, emptyOutDir: false, ssr: true, rollupOptions: { input } },
    });
  },
  async esbuild(app, out) {
    const entryPoints = PARTS.map((name) => join(app, `${name}.js`));
    await esbuild({ entryPoints, outdir: out, bundle: true, splitting: true, format: "esm", logLevel: "error" });
    cpSync(join(app, "index.html"), join(out, "index.html"));
  },
  async rollup(app, out) {
    const input = PARTS.map((name) => join(app, `${name}.js`));
    // Packages that only some function asks for are not there, of which it warns.
    const graph = await rollup({ input, plugins: [resolvePackages()], onwarn: () => {} });
    await graph.write({ dir: out, format: "es" });
    await graph.close();
    cpSync(join(app, "index.html"), join(out, "index.html"));
  },
};

/** What the app of one bundler did in one place. */
export interface Bundled {
  readonly bundler: string;
  readonly where: string;
  /** Empty if all is well. */
  readonly problem: string;
}

/** Bundles the app with each, and runs it in Node and in pages. */
export async function runBundled(): Promise<Bundled[]> {
  const project = makeProject();
  try {
    await installPackage(project);
    const found: Bundled[] = [];
    for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
      const out = join(project, `out-${bundler}`);
      const version = versionOf(bundler.toLowerCase());
      const runs = { Node: inNode, "a page": inPage, "an isolated page": inIsolatedPage };
      const built = problemOf(bundle(join(project, "app"), out));
      for (const [where, run] of Object.entries(runs)) {
        const problem = (await built) || (await problemOf(run(out)));
        found.push({ bundler: `${bundler} ${version}`, where, problem });
      }
    }
    return found;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    const result = JSON.stringify((await work) ?? HEALTHY);
    return result === JSON.stringify(HEALTHY) ? "" : result;
  } catch (error) {
    return String(error);
  }
}

async function inNode(out: string): Promise<unknown> {
  const { code, output } = await runNode([join(out, "main.js")]);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output);
}

const inPage = (out: string): Promise<unknown> => inPageWith(out, {});
const inIsolatedPage = (out: string): Promise<unknown> => inPageWith(out, ISOLATED);

async function inPageWith(out: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
  const server = await serve(out, headers);
  const browser = await chromium.launch(await chromiumLaunchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/index.html`);
    return await page.evaluate(() => (globalThis as { result?: unknown }).result);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Rollup's own plugin, from where this command installs it. */
function resolvePackages(): Plugin {
  const require = createRequire(join(ROOT, "tests/runtimes/engines/package.json"));
  const { nodeResolve } = require("@rollup/plugin-node-resolve") as { nodeResolve(): Plugin };
  return nodeResolve();
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, `node_modules/${name}/package.json`), "utf8")) as {
    version: string;
  };
  return version;
}
