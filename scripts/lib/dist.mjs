// bindings/ -> dist: the bundles and, beside them, the declarations.
import { mkdirSync, readFileSync, renameSync, rmSync, existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.mjs";
import { ownFolder } from "./folder.mjs";
import { ROOT, runNode } from "./run.mjs";

/** Writes dist; returns what `import "wengert"` costs to download, and what each other entry point costs after it. */
export async function buildDist() {
  const [, types] = await Promise.all([bundle(), declarations()]);
  if (types) throw new Error(types);
  const [core, ...rest] = [["index", "core", "kernels"], ...SUBPATHS.map((name) => [name])].map(kibibytes);
  const others = SUBPATHS.map((name, i) => `${name} ${rest[i]}`);
  return `import "wengert" loads ${core} KiB gzipped; then ${others.join(", ")}, and shared ${kibibytes(["shared"])}`;
}

/** The entry points beside the main one; what several of them load is `shared`. */
const SUBPATHS = ["nn", "optim", "data", "io", "viz", "worker"];

/**
 * What bundles weigh, as servers compress them.
 * @param {string[]} names
 */
function kibibytes(names) {
  const sizes = names.map((name) => gzipSync(readFileSync(join(ROOT, `dist/${name}.js`)), { level: 9 }).length);
  return (sizes.reduce((a, b) => a + b) / 1024).toFixed(1);
}

/** Writes dist/types whole; returns what tsc complains of. Types are checked by `npm run check`, which takes twice as long again. */
async function declarations() {
  const draft = ownFolder("types");
  const { code, output } = await runNode([
    "node_modules/typescript/bin/tsc",
    "-p",
    "tsconfig.build.json",
    "--noCheck",
    "--outDir",
    draft,
  ]);
  if (code === 0) {
    const old = `${draft}_old`;
    const types = join(ROOT, "dist/types");
    mkdirSync(join(ROOT, "dist"), { recursive: true });
    if (existsSync(types)) renameSync(types, old);
    renameSync(draft, types);
    rmSync(old, { recursive: true, force: true });
  }
  rmSync(draft, { recursive: true, force: true });
  return code === 0 ? "" : output;
}
