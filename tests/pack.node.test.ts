// The package as users get it: packed, installed into an empty project, type-checked, run in Node and in a page.
import { chromium } from "playwright";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumLaunchOptions } from "../scripts/lib/chromium.mjs";
import { ROOT, runNode } from "../scripts/lib/run.mjs";
import { serve } from "./pack/server.js";

/** What everything that `import "wengert"` loads may weigh, gzipped: a page waits for it. */
const BUDGET = 60_000;

const project = mkdtempSync(join(tmpdir(), "wengert-pack-"));
const installed = join(project, "node_modules/wengert");
const inProject = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd: project,
    encoding: "utf8",
    timeout: 120_000,
    stdio: ["ignore", "pipe", "inherit"],
  });

beforeAll(async () => {
  const { code, output } = await runNode(["scripts/build.mjs", "--if-stale"]);
  expect(code, output).toBe(0);
  cpSync(join(ROOT, "tests/pack"), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const [tarball] = JSON.parse(inProject("npm", "pack", ROOT, "--ignore-scripts", "--json")) as { filename: string }[];
  inProject(
    "npm",
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    `./${tarball?.filename ?? ""}`,
  );
}, 180_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));
