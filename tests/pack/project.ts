// An empty project of somebody who uses the package.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, runNode } from "../../scripts/lib/run.mjs";

/** A new folder; remove it in the end. */
export function makeProject(): string {
  return mkdtempSync(join(tmpdir(), "wengert-pack-"));
}

/** Packs the package, installs it into a project as npm would, and compiles the files of this folder there. */
export async function installPackage(project: string): Promise<void> {
  const { code, output } = await runNode(["scripts/build.mjs", "--if-stale"]);
  if (code !== 0) throw new Error(output);
  cpSync(join(ROOT, "tests/pack"), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const [packed] = JSON.parse(inProject(project, "npm", "pack", ROOT, "--ignore-scripts", "--json")) as {
    filename: string;
  }[];
  inProject(
    project,
    "npm",
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    `./${packed?.filename ?? ""}`,
  );
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  inProject(project, process.execPath, tsc, "-p", "tsconfig.user.json");
  const types = join(ROOT, "node_modules/@types");
  inProject(project, process.execPath, tsc, "-p", "tsconfig.server.json", "--typeRoots", types);
}

/** What a command prints that runs there. */
export function inProject(project: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 120_000 });
}
