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
  writeFileSync(join(project, "every.ts"), await everyName());
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  inProject(project, process.execPath, tsc, "-p", "tsconfig.user.json");
  const types = join(ROOT, "node_modules/@types");
  inProject(project, process.execPath, tsc, "-p", "tsconfig.server.json", "--typeRoots", types);
}

/**
 * A module that exports each value of the library's under another name, what functions of functions give, and what optimisers'
 * groups are told. A compiler that writes its declarations has to name their types.
 */
async function everyName(): Promise<string> {
  const entries = ["index", "nn", "optim", "data", "io", "viz", "worker"];
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const path = entry === "index" ? "wengert" : `wengert/${entry}`;
      const names = Object.keys((await import(join(ROOT, "dist", `${entry}.js`))) as object);
      return [
        `import * as ${entry} from "${path}";`,
        ...names.map((name) => `export const ${entry}_${name} = ${entry}.${name};`),
      ];
    }),
  );
  const optimizers = ["Adam", "LBFGS", "NAdam", "SGD"];
  const groups = optimizers.map((name) => `export const groups${name} = (of: optim.${name}) => of.groups;`);
  const made = ["grad", "valueAndGrad", "hessian", "vmap", "compile", "checkpoint", "numericalGradient"].map(
    (name) => `export const made_${name} = index.${name}((x: index.Tensor) => x.sum());`,
  );
  return [...lines.flat(), ...groups, ...made].join("\n");
}

/** What a command prints that runs there. */
export function inProject(project: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 120_000 });
}
