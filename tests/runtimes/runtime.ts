// Where programs run: something that has a command line, or pages of a browser.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser } from "playwright";
import type { ConfigureOptions } from "wengert";
import { chromiumLaunchOptions } from "../../scripts/lib/chromium.mjs";
import { ROOT, run } from "../../scripts/lib/run.mjs";
import { ISOLATED, serve } from "../../scripts/lib/serve.mjs";

export interface Runtime {
  readonly name: string;
  /** What the default export of a module gives for some options; each time in a process or a page of its own. */
  run(program: string, options?: object): Promise<unknown>;
  /** Under which name a program there finds a file of the repository. */
  placeOf(path: string): string;
  close(): Promise<void>;
}

const INSTALLED = join(ROOT, "tests/runtimes/engines/node_modules");
const SHELL = join(ROOT, "tests/runtimes/portable/shell.mjs");

/** Seconds for one program. */
const LIMIT = 600;

/** All runtimes by name, not started. */
export const runtimes: Readonly<Record<string, () => Runtime | Promise<Runtime>>> = {
  ...Object.fromEntries(
    ["20", "22", "24", "26"].map((version) => [
      `Node ${version}`,
      () => shell(`Node ${version}`, `node-${version}/bin/node`, ["--expose-gc"]),
    ]),
  ),
  "Node 24, wide": () => shell("Node 24, wide", "node-24/bin/node", ["--expose-gc"], { wide: true }),
  Bun: () => shell("Bun", "@oven/bun-linux-x64/bin/bun", []),
  Deno: () => shell("Deno", "@deno/linux-x64-glibc/deno", ["run", "--allow-all", "--v8-flags=--expose-gc"]),
  "Chromium, isolated": () => pages("Chromium, isolated", ISOLATED),
  "Chromium, not isolated": () => pages("Chromium, not isolated", {}),
};

/** @param settings what the library is told first */
function shell(name: string, command: string, flags: string[], settings: ConfigureOptions = {}): Runtime {
  return {
    name,
    placeOf: (path) => join(ROOT, path),
    async run(program, options = {}) {
      const args = [...flags, SHELL, pathToFileURL(join(ROOT, program)).href, JSON.stringify({ settings, ...options })];
      const { code, output } = await run(join(INSTALLED, command), args, { limit: LIMIT });
      if (code !== 0) throw new Error(`${name}, ${program}: exit code ${code}\n${output}`);
      return JSON.parse(output.trimEnd().split("\n").at(-1));
    },
    close: () => Promise.resolve(),
  };
}

async function pages(name: string, headers: Readonly<Record<string, string>>): Promise<Runtime> {
  const server = await serve(ROOT, headers);
  const browser = await chromium.launch(await chromiumLaunchOptions());
  return {
    name,
    placeOf: (path) => `/${path}`,
    run: (program, options = {}) => runInPage(browser, server.url, `/${program}`, options),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function runInPage(browser: Browser, url: string, program: string, options: object): Promise<unknown> {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT * 1000);
  try {
    await page.goto(`${url}/tests/runtimes/portable/page.html`);
    return await page.evaluate(
      async ([path, given]) => {
        const { default: run } = (await import(path)) as { default: (options: object) => unknown };
        return run(given);
      },
      [program, options] as const,
    );
  } finally {
    await page.close();
  }
}
